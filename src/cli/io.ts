import type { Readable, Writable } from 'node:stream'

/** A stream that may be a terminal. */
export interface Output extends Writable {
  isTTY?: boolean
  columns?: number
  rows?: number
}

/** What a command reads and writes, so that tests run it in process. */
export interface CliIo {
  stdin: Readable & { isTTY?: boolean }
  stdout: Output
  stderr: Output
  env: Record<string, string | undefined>
  /** aborted when the process is asked to end */
  signal: AbortSignal
}

/** Whether a person sits at both ends. */
export function isInteractive ({ stdin, stdout }: CliIo): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}
