import type { Violation } from './checker/types.js'

/** A simulation broke a guarantee. The message carries everything that is needed to see it again. */
export class GuaranteeError extends Error {
  static name = 'GuaranteeError'
  name = 'GuaranteeError'
  /** replays the simulation exactly, with the same init */
  readonly seed: number | string
  readonly violations: readonly Violation[]
  /** what happened to the messages and members concerned, one line each */
  readonly trace: readonly string[]

  constructor (seed: number | string, violations: readonly Violation[], trace: readonly string[], options?: ErrorOptions) {
    const [first] = violations
    const others = violations.length > 1 ? ` (and ${violations.length - 1} more)` : ''

    super(`${first.guarantee} broken with seed ${seed}: ${first.message}${others}\n${trace.map(line => `  ${line}`).join('\n')}`, options)
    this.seed = seed
    this.violations = violations
    this.trace = trace
  }
}
