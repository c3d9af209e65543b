import type { Random } from '../clock.js'

/** Sessions that teach less than this share of new records are not worth repeating at once. */
const MIN_RATE = 0.02

const STEP_MIN_MS = 1000
const STEP_SPREAD_MS = 4000

/** The pause between two steps of a walk: grows while nothing is learned, gone when something is. */
export class WalkBackoff {
  private readonly random: Random
  private readonly maxMs: number
  private current = 0

  constructor (random: Random, maxMs: number) {
    this.random = random
    this.maxMs = maxMs
  }

  /** ms */
  get delay (): number {
    return this.current
  }

  /** Takes note of a session in which `fresh` of `received` records were new. */
  learned (received: number, fresh: number): void {
    // an empty answer is a rate of 0, not of 0/0
    if (received > 0 && fresh / received >= MIN_RATE) {
      this.reset()
    } else {
      this.grow()
    }
  }

  grow (): void {
    this.current = Math.min(this.maxMs, this.current + STEP_MIN_MS + this.random.float() * STEP_SPREAD_MS)
  }

  reset (): void {
    this.current = 0
  }
}
