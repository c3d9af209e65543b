/** Processes that do not outlive us, whatever happens to us. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'

export class Children {
  private readonly running = new Set<ChildProcess>()

  /** A module of ours, with a line to talk over. */
  fork (module: URL, args: string[]): ChildProcess {
    return this.keep(fork(module, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
  }

  /**
   * The command line of the package.
   *
   * @returns with the first line that it prints
   */
  async command (args: string[]): Promise<{ child: ChildProcess, line: string }> {
    const main = new URL('cli/main.js', import.meta.resolve('holdfast'))
    const child = this.keep(spawn(process.execPath, [main.pathname, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }))

    for await (const line of createInterface({ input: child.stdout! })) {
      return { child, line }
    }

    throw new Error(`holdfast ${args[0]} has ended`)
  }

  /** Tells all that were forked. */
  send (message: object): void {
    this.running.forEach(child => {
      if (child.connected) {
        child.send(message)
      }
    })
  }

  /** Asks nobody: at once. */
  killAll (): void {
    this.running.forEach(child => { child.kill('SIGKILL') })
  }

  /** Waits until all have ended by themselves. */
  async ended (): Promise<void> {
    await Promise.all([...this.running].map(async child => { await once(child, 'exit') }))
  }

  private keep (child: ChildProcess): ChildProcess {
    this.running.add(child)
    child.once('exit', () => { this.running.delete(child) })

    return child
  }
}
