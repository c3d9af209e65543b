import type { Cancel, Clock } from '../clock.js'

/** One timer for everything that a channel has to do later. */
export class WakeTimer {
  private readonly clock: Clock
  private readonly next: () => number | undefined
  private readonly wake: (now: number) => void
  private due = Infinity
  private cancel?: Cancel
  private scheduled = false
  private running = false

  /**
   * @param next when something is to be done, in ms
   * @param wake does what is due
   */
  constructor (clock: Clock, next: () => number | undefined, wake: (now: number) => void) {
    this.clock = clock
    this.next = next
    this.wake = wake
  }

  start (): void {
    this.running = true
    this.touch()
  }

  stop (): void {
    this.running = false
    this.cancel?.()
    this.cancel = undefined
    this.due = Infinity
  }

  /** Deadlines may have changed. Looked at once for all changes of this turn. */
  touch (): void {
    if (this.running && !this.scheduled) {
      this.scheduled = true
      void Promise.resolve().then(() => {
        this.scheduled = false
        this.arm()
      })
    }
  }

  private arm (): void {
    const next = this.next() ?? Infinity

    // a timer that is too early is cheaper than one set anew for every message
    if (!this.running || next >= this.due) {
      return
    }

    this.cancel?.()
    this.due = next
    this.cancel = this.clock.setTimer(() => {
      const now = this.clock.now()

      this.cancel = undefined
      this.due = Infinity

      // too early does no harm, and when the wall clock was set back, nothing else tells what waits for it
      this.wake(now)
      this.touch()
    }, Math.max(1, next - this.clock.now()))
  }
}
