/** Until the first answer: a transatlantic round trip, and a slow line. */
const FIRST_RTT_MS = 200
const FIRST_RATE = 250

/** Shorter than this, a sample of bandwidth says little. */
const SAMPLE_MS = 50

/** What was measured with a peer: round trip as TCP smooths it (RFC 6298), and bandwidth. */
export class Estimate {
  /** ms */
  rtt = FIRST_RTT_MS
  /** ms */
  private variance = FIRST_RTT_MS / 2
  /** bytes per ms */
  rate = FIRST_RATE
  private samples = 0
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
      this.rate += (this.bytes / elapsed - this.rate) * 0.3
      this.since = now
      this.bytes = 0
    }
  }

  /** When `bytes` should be here if all goes as usual, in ms from now. */
  expected (bytes: number): number {
    return this.rtt + bytes / Math.max(this.rate, 1)
  }

  /** Later than this is unusual: about the 95th percentile, in ms. */
  unusual (bytes: number): number {
    return this.rtt + 4 * this.variance + 2 * bytes / Math.max(this.rate, 1)
  }
}
