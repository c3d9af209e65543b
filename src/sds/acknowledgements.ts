import { extended } from '../interned.js'
import { Outgoing } from './outgoing.js'
import type { ReceivedFilter } from './bloom/index.js'
import type { Core } from './core.js'
import type { OutgoingHooks } from './outgoing.js'
import type { Acknowledgement } from './types.js'

/** A filter's word counts as proof when it is wrong less often than this. */
const PROOF_RATE = 1e-6
/** Fuller filters say nothing. */
const MAX_FILL = 0.6
/** Own messages that need no resending any more, but are still looked up in filters for receipts. */
const MAX_SETTLED = 1_024
/** Senders that one message's receipts and evidence name. */
const MAX_RECEIPTS = 1_024
/** The longest wait between two resends, ms. */
const MAX_RESEND_MS = 600_000
/** A possibly acknowledged message waits this many times as long as one that is not. */
const POSSIBLY_FACTOR = 2
/** Jitter: up to this share of the wait comes on top. */
const JITTER = 0.25

/** Who holds our messages, and resending while too few do. */
export class Acknowledgements implements OutgoingHooks {
  private readonly outgoing = new Map<number, Outgoing>()
  /** in the order in which they settled: a map that loses its first entries again and again is slow to begin */
  private readonly settled: Outgoing[] = []
  private pending = 0

  constructor (private readonly core: Core) {}

  get unacknowledged (): number {
    return this.pending
  }

  /** A message of ours is in the log. `settled`: it is never resent. */
  track (slot: number, settled = false, attempts = 0): void {
    const row = this.core.log.get(slot)

    if (row == null || this.outgoing.has(slot)) {
      return
    }

    const outgoing = new Outgoing(slot, row, this.core.seen.hashed(slot), settled, attempts, this)
    this.outgoing.set(slot, outgoing)

    if (settled) {
      this.retire(outgoing)
    } else {
      this.pending++
    }
  }

  untrack (slot: number): void {
    const outgoing = this.outgoing.get(slot)

    if (outgoing == null) {
      return
    }

    this.outgoing.delete(slot)
    this.core.deadlines.cancel(outgoing)

    if (outgoing.settled) {
      // the oldest are forgotten, and they are at its beginning
      this.settled.splice(this.settled.indexOf(outgoing), 1)
    } else {
      this.pending--
    }
  }

  /** The message left for the first time: the wait for an acknowledgement begins. */
  dispatched (slot: number): boolean {
    const outgoing = this.outgoing.get(slot)

    if (outgoing == null || outgoing.dispatched || outgoing.settled) {
      return false
    }

    outgoing.dispatched = true
    this.scheduleResend(outgoing)

    return true
  }

  /** `senderId` is known to hold the message in `slot`, if that is one of ours. */
  receipt (slot: number, senderId: string): void {
    const { core } = this
    const row = core.log.get(slot)

    if (row == null || row.senderId !== core.senderId || senderId === core.senderId) {
      return
    }

    const { receipts = [] } = row

    if (receipts.length >= MAX_RECEIPTS || receipts.includes(senderId)) {
      return
    }

    const messageId = core.seen.id(slot)
    row.receipts = extended(receipts, senderId)
    core.recorder.receipt(messageId, senderId)
    core.emit({ type: 'receipt', messageId, senderId })

    const outgoing = this.outgoing.get(slot)
    outgoing?.evidence?.delete(senderId)

    if (row.receipts.length === core.config.deliveredAt) {
      core.emit({ type: 'acknowledged', messageId })

      if (outgoing != null) {
        this.settle(outgoing)
      }
    }
  }

  /** Looks our messages up in a filter of `senderId`. */
  review (filter: ReceivedFilter, senderId: string): void {
    if (filter.fill > MAX_FILL || filter.rate >= 1) {
      return
    }

    const proof = filter.rate < PROOF_RATE

    for (const outgoing of this.outgoing.values()) {
      if (outgoing.row.receipts?.includes(senderId) === true || !filter.has(outgoing.hashed)) {
        continue
      }

      if (proof || this.weigh(outgoing, senderId, filter) < PROOF_RATE) {
        this.receipt(outgoing.slot, senderId)
      }
    }
  }

  /** Sends it again, or gives it up. */
  resend (outgoing: Outgoing): void {
    const { core } = this
    const messageId = core.seen.id(outgoing.slot)

    if (outgoing.attempts >= core.config.maxRetransmissions) {
      core.recorder.attempt(messageId, outgoing.attempts, true)
      core.emit({ type: 'not-acknowledged', messageId, attempts: outgoing.attempts })
      this.settle(outgoing)

      return
    }

    outgoing.attempts++
    core.recorder.attempt(messageId, outgoing.attempts, false)
    core.emit({ type: 'transmit', reason: 'resend', messageId })
    this.scheduleResend(outgoing)
  }

  state (slot: number): Acknowledgement | undefined {
    const row = this.core.log.get(slot)

    if (row == null || row.senderId !== this.core.senderId) {
      return undefined
    }

    const receipts = row.receipts?.length ?? 0

    if (receipts >= this.core.config.deliveredAt) {
      return 'acknowledged'
    }

    return receipts > 0 || this.outgoing.get(slot)?.evidence != null ? 'possibly-acknowledged' : 'unacknowledged'
  }

  /** Filters of one sender multiply where each has its own salt; otherwise the best of them counts. */
  private weigh (outgoing: Outgoing, senderId: string, filter: ReceivedFilter): number {
    if (outgoing.evidence == null) {
      outgoing.evidence = new Map()

      // from here on the longer of the two periods applies
      if (outgoing.index >= 0) {
        this.core.schedule(outgoing, outgoing.at + (POSSIBLY_FACTOR - 1) * this.period(outgoing))
      }
    }

    const before = outgoing.evidence.get(senderId) ?? 1
    const rate = filter.salt == null ? Math.min(before, filter.rate) : before * filter.rate

    if (outgoing.evidence.size < MAX_RECEIPTS || outgoing.evidence.has(senderId)) {
      outgoing.evidence.set(senderId, rate)
    }

    return rate
  }

  private scheduleResend (outgoing: Outgoing): void {
    const wait = this.period(outgoing) * (this.isPossible(outgoing) ? POSSIBLY_FACTOR : 1)

    this.core.schedule(outgoing, this.core.timeline.now + wait * (1 + JITTER * this.core.random.float()))
  }

  private period (outgoing: Outgoing): number {
    return Math.min(this.core.config.acknowledgementTimeoutMs * 2 ** outgoing.attempts, MAX_RESEND_MS)
  }

  private isPossible (outgoing: Outgoing): boolean {
    return outgoing.evidence != null || (outgoing.row.receipts?.length ?? 0) > 0
  }

  private settle (outgoing: Outgoing): void {
    if (!outgoing.settled) {
      outgoing.settled = true
      this.pending--
      this.retire(outgoing)
    }

    this.core.deadlines.cancel(outgoing)
  }

  /** Those that settled first are no longer looked up in filters; citations still count for them. */
  private retire (outgoing: Outgoing): void {
    const first = this.settled.push(outgoing) > MAX_SETTLED ? this.settled.shift() : undefined

    if (first != null) {
      this.outgoing.delete(first.slot)
    }
  }
}
