import type { Clock } from '../clock.js'

/** Peers remembered at once; beyond it those that have been idle the longest start afresh. */
const MAX_PEERS = 10_000

interface Bucket {
  tokens: number
  at: number
}

/** Allows each peer `perSecond` requests a second, and as many at once after a pause. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>()
  private readonly perSecond: number
  private readonly clock: Clock

  constructor (perSecond: number, clock: Clock) {
    this.perSecond = perSecond
    this.clock = clock
  }

  /** Takes one token of the peer's; false when there is none. */
  take (peer: string): boolean {
    const now = this.clock.now()
    const most = Math.max(this.perSecond, 1)
    const bucket = this.buckets.get(peer) ?? { tokens: most, at: now }
    // a clock that was set back gives nothing
    bucket.tokens = Math.min(most, bucket.tokens + Math.max(now - bucket.at, 0) * this.perSecond / 1_000)
    bucket.at = now

    // kept in the order of use
    this.buckets.delete(peer)
    this.buckets.set(peer, bucket)

    if (this.buckets.size > MAX_PEERS) {
      for (const idle of this.buckets.keys()) {
        this.buckets.delete(idle)
        break
      }
    }

    if (bucket.tokens < 1) {
      return false
    }

    bucket.tokens--

    return true
  }
}
