import type { HistoryEntry } from './types.js'

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

/** A message stamped this little over what it cites was stamped by counting, not by its sender's wall clock, ms. */
const COUNTED_MS = 2

/**
 * Tells history from gaps: what is older than our joining is not waited for (G8).
 *
 * The mark is the wall clock at which the channel was first created here. Where the channel's
 * Lamport clock runs far ahead of our wall clock, the first live message shows by how much, and
 * the mark moves by as much: it is our joining on its sender's clock. A stamp that only counts on
 * from what the message cites shows nothing of the kind, since the clock may have stood still for
 * long; then all that the message cites is history.
 */
export class JoinMark {
  constructor (readonly state: JoinState) {}

  /**
   * A message that was heard, not fetched. Answers whether the state changed.
   *
   * @param cited - the highest Lamport timestamp that it cites
   */
  live (lamport: number, now: number, cited = -Infinity): boolean {
    if (this.state.firstLiveAt != null) {
      return false
    }

    this.state.firstLiveAt = now

    if (lamport - now > COMMON_AHEAD_MS) {
      this.state.mark = lamport - cited <= COUNTED_MS ? lamport : this.state.createdAt + lamport - now
    }

    return true
  }

  /** Whether a message with this Lamport timestamp is older than our joining. */
  isOlder (lamport: number): boolean {
    return lamport < this.state.mark
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
