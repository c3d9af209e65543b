import type { HistoryEntry, SdsMessage } from './types.js'

/** Unknown dependencies without a Lamport stamp are history for this long after the first live message, ms. */
const SETTLING_MS = 60_000

/**
 * Lamport clocks run ahead of wall clocks this much by nothing but bursts and common skew, ms.
 * Taking that for a sign of history would hide gaps in the first seconds of a new channel.
 */
const COMMON_AHEAD_MS = 30_000

/** What of the join mark is stored. Times are wall clock, ms. */
export interface JoinState {
  createdAt: number
  /** Lamport timestamp; what is below it was there before us */
  mark: number
  firstLiveAt?: number
}

/** A stamp that its sender's wall clock gave is no later than the message left, but for what staging rounds off, ms. */
const COUNTED_MS = 20

/** A burst drives the Lamport clock this far ahead of its sender's wall clock at the most, ms. */
const BURST_MS = 5_000

/** Resending of a message that nobody had is over after this long, ms. */
const RESENT_MS = 300_000

const NS_PER_MS = 1_000_000n

/** What a message that was heard shows about the clocks of others. */
export interface Sighting extends Pick<SdsMessage, 'idSalt'> {
  lamport: number
  /** when this copy left, as whoever sent it claims, ms */
  transmittedAt?: number
}

/**
 * Tells history from gaps: what is older than our joining is not waited for (G8).
 *
 * The mark is the wall clock at which the channel was first created here. The first live message
 * shows how far its sender's wall clock is ahead of ours. Where that is far, the mark moves by as
 * much: it is our joining on that clock. Where the message is stamped beyond that clock, its stamp
 * was counted on from others, which says nothing of when they were given: the Lamport clock may
 * have stood still for long. Then all that the message cites is history.
 */
export class JoinMark {
  constructor (readonly state: JoinState) {}

  /** A message that was heard, not fetched. Answers whether the state changed. */
  live (message: Sighting, now: number): boolean {
    if (this.state.firstLiveAt != null) {
      return false
    }

    const { lamport } = message
    const leftAt = timeOfLeaving(message)

    this.state.firstLiveAt = now

    if (leftAt - now > COMMON_AHEAD_MS) {
      this.state.mark = this.state.createdAt + leftAt - now
    }

    if (lamport - now > COMMON_AHEAD_MS && lamport - leftAt > COUNTED_MS) {
      this.state.mark = Math.max(this.state.mark, lamport)
    }

    return true
  }

  /** Whether a message with this Lamport timestamp is older than our joining. */
  isOlder (lamport: number): boolean {
    return lamport < this.state.mark
  }

  /**
   * Whether a message that was fetched is from before our joining: by its stamp or, where a burst
   * drove the Lamport clock ahead of its sender's wall clock, by its salt.
   */
  isPast (lamport: number, idSalt: bigint | undefined): boolean {
    return this.isOlder(lamport) || (idSalt != null && toMs(idSalt) < this.state.createdAt && lamport - toMs(idSalt) <= BURST_MS)
  }

  /** Whether a citation of something unknown is of before our joining. */
  isHistory (entry: HistoryEntry, now: number): boolean {
    if (entry.lamportTimestamp != null) {
      return this.isOlder(entry.lamportTimestamp)
    }

    // a wall clock that stepped back does not begin the joining anew
    return this.state.firstLiveAt == null || Math.abs(now - this.state.firstLiveAt) < SETTLING_MS
  }
}

/**
 * By its sender's wall clock, as far as it is known, ms. The claim is bounded: it stands outside
 * of what is encrypted.
 */
function timeOfLeaving ({ lamport, idSalt, transmittedAt }: Sighting): number {
  const stagedAt = idSalt == null ? lamport : toMs(idSalt)

  return transmittedAt == null ? stagedAt : Math.min(transmittedAt, Math.max(lamport, stagedAt) + RESENT_MS)
}

/** The wall clock that a salt was taken from, ms. */
function toMs (idSalt: bigint): number {
  return Number(idSalt / NS_PER_MS)
}
