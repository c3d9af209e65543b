import { PassThrough } from 'node:stream'
import type { CliIo, Output } from '../../src/cli/io.js'

export interface FakeIo extends CliIo {
  stdin: PassThrough & { isTTY?: boolean }
  /** all that was written so far */
  out (): string
  err (): string
  /** resolves once what was written to stdout matches */
  until (pattern: RegExp): Promise<RegExpMatchArray>
  /** asks the command to end */
  interrupt (): void
}

/** What a command reads and writes, in memory. */
export function fakeIo (env: Record<string, string> = {}): FakeIo {
  const controller = new AbortController()
  const stdout = new PassThrough() as PassThrough & Output
  const stderr = new PassThrough() as PassThrough & Output
  let out = ''
  let err = ''

  stdout.setEncoding('utf8').on('data', chunk => { out += chunk })
  stderr.setEncoding('utf8').on('data', chunk => { err += chunk })

  return {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env,
    signal: controller.signal,
    out: () => out,
    err: () => err,
    until: async pattern => {
      for (;;) {
        const match = pattern.exec(out)

        if (match != null) {
          return match
        }

        await new Promise(resolve => { stdout.once('data', resolve) })
      }
    },
    interrupt: () => { controller.abort() }
  }
}
