import type { HashedId } from './bloom/index.js'
import type { Deadline } from './deadlines.js'
import type { LogRow } from './log.js'

export interface OutgoingHooks {
  /** nobody told in time that it arrived */
  resend (outgoing: Outgoing): void
}

/** A message of ours whose holders are still being found out, and its one deadline: to send it again. */
export class Outgoing implements Deadline {
  at = Infinity
  index = -1
  order = 0
  dispatched = false
  /** sender to the rate at which its filters would err about this message */
  evidence?: Map<string, number> = undefined

  /** `settled`: acknowledged, or its resends are used up */
  constructor (
    readonly slot: number,
    readonly row: LogRow,
    readonly hashed: HashedId,
    public settled: boolean,
    public attempts: number,
    private readonly hooks: OutgoingHooks
  ) {}

  fire (): void {
    this.hooks.resend(this)
  }
}
