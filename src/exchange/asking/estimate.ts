/** Until the first answer: a transatlantic round trip, and a slow line. */
const FIRST_RTT_MS = 200
const FIRST_RATE = 250

/** Shorter than this, a sample of bandwidth says little. */
const SAMPLE_MS = 50

/** What a message counts as before any of unknown size has come from the peer. */
const FIRST_BYTES = 16 * 1024

/** A peer is asked for what it can deliver in this time, so that nothing waits in its queue for longer than a deadline. */
const WINDOW_MS = 5_000

/** Deadlines that are missed within this time have one cause. */
const TOGETHER_MS = 1_000

/** Bytes that even the slowest peer is asked for at once. */
const MIN_WINDOW_BYTES = 64 * 1024

/** What was measured with a peer: round trip as TCP smooths it (RFC 6298), and bandwidth. */
export class Estimate {
  /** ms */
  rtt = FIRST_RTT_MS
  /** ms */
  private variance = FIRST_RTT_MS / 2
  /** bytes per ms */
  rate = FIRST_RATE
  /** bytes of a message whose size nobody has told */
  typical = FIRST_BYTES
  private samples = 0
  private missedAt = -Infinity
  private since?: number
  private bytes = 0

  /** An answer took `ms`. */
  answered (ms: number): void {
    if (this.samples++ === 0) {
      this.rtt = ms
      this.variance = ms / 2
    } else {
      this.variance += (Math.abs(ms - this.rtt) - this.variance) / 4
      this.rtt += (ms - this.rtt) / 8
    }
  }

  /** Something was asked of an idle peer. */
  begin (now: number): void {
    this.since = now
    this.bytes = 0
  }

  /** Bytes that were asked for have come. */
  received (bytes: number, now: number): void {
    this.bytes += bytes
    const elapsed = now - (this.since ?? now)

    if (elapsed >= SAMPLE_MS) {
      this.rate = Math.max(this.rate + (this.bytes / elapsed - this.rate) * 0.3, 1)
      this.since = now
      this.bytes = 0
    }
  }

  /** A message of unknown size turned out to be this large. */
  sized (bytes: number): void {
    this.typical += (bytes - this.typical) / 8
  }

  /** Bytes that the peer may owe, `most` at the fastest. */
  window (most: number): number {
    return Math.min(Math.max(this.rate * WINDOW_MS, MIN_WINDOW_BYTES), most)
  }

  /**
   * A deadline was missed: the peer is slower than we think.
   *
   * @returns false when it was missed together with one before, and counts for nothing more
   */
  missed (now: number): boolean {
    if (now - this.missedAt < TOGETHER_MS) {
      return false
    }

    this.missedAt = now
    this.rate = Math.max(this.rate / 2, 1)

    return true
  }

  /** When `bytes` should be here if all goes as usual, in ms from now. */
  expected (bytes: number): number {
    return this.rtt + bytes / this.rate
  }

  /** Later than this is unusual: about the 95th percentile, in ms. */
  unusual (bytes: number): number {
    return this.rtt + 4 * this.variance + 2 * bytes / this.rate
  }
}
