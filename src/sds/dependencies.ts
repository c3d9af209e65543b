import { Missing } from './missing.js'
import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { MissingHooks } from './missing.js'
import type { Parked } from './parked.js'
import type { Sender } from './senders.js'
import type { HistoryEntry, MessageId, MissingEntry } from './types.js'

/** Messages that wait for dependencies, in all and of one sender. */
const MAX_PARKED = 32_768
const MAX_PARKED_PER_SENDER = 16_384
/** Dependencies that are waited for, in all and for the messages of one sender. */
const MAX_MISSING = 65_536
const MAX_MISSING_PER_SENDER = 16_384
/** Bytes that parked messages and missing dependencies may hold, as estimated by `weigh`. */
const MAX_BYTES = 48 * 1_024 * 1_024
/** What a missing message counts. */
const MISSING_BYTES = 500
/** What each further citation of a missing message counts: it is kept for its other hint. */
const CITATION_BYTES = 600
/** IDs that were given up and are recognised when they arrive late. */
const MAX_LOST = 10_000
/** A message waits for no more than this many times `lostAfterMs`, however its dependencies arrive. */
const MAX_WAITS = 10

const NOT_STORED = new Uint8Array()

/** Something that messages wait for: either here and parked itself, or missing. */
interface Node {
  parked?: Parked
  missing?: Missing
  waiters: Parked[]
}

/** What else takes part in the life of a missing message. */
export interface DependencyHooks {
  /** SDS-R's turn: sets `requestAt` when it is to be asked again */
  requestDue (missing: Missing, now: number): void
  /** no longer missing, or given up */
  gone (missing: Missing): void
  /** became ready without a delivery: release these */
  ready (parked: Parked[]): void
}

/**
 * Parking: which message waits for which, with a counter of unmet dependencies each, so that
 * a delivery costs as much as it has waiters. Along an edge the Lamport timestamp always falls
 * (an edge that does not is no causality, and ignored), so nothing ever waits in a circle.
 */
export class Dependencies {
  private readonly nodes = new Map<MessageId, Node>()
  /** by arrival, so that the first is the one that has waited longest */
  private readonly parked = new Map<number, Parked>()
  private readonly lost = new Set<MessageId>()
  private readonly longest: Deadline
  private readonly missingHooks: MissingHooks
  private reports: MissingEntry[] = []
  private missingCount = 0
  private bytes = 0

  constructor (private readonly core: Core, private readonly hooks: DependencyHooks) {
    this.longest = core.timer(now => { this.expire(now) })
    this.missingHooks = {
      requestDue: (missing, now) => { hooks.requestDue(missing, now) },
      report: entry => { this.reports.push(entry) },
      giveUp: missing => { this.giveUp(missing) }
    }
  }

  get parkedCount (): number {
    return this.parked.size
  }

  get missing (): number {
    return this.missingCount
  }

  get byteLength (): number {
    return this.bytes
  }

  parkedAt (slot: number): Parked | undefined {
    return this.parked.get(slot)
  }

  isLost (messageId: MessageId): boolean {
    return this.lost.has(messageId)
  }

  getMissing (messageId: MessageId): Missing | undefined {
    return this.nodes.get(messageId)?.missing
  }

  /** Whether a message of `sender` with that many unmet dependencies still fits. */
  hasRoom (sender: Sender, cites: number, unmet: number): boolean {
    return this.parked.size < MAX_PARKED && sender.parked < MAX_PARKED_PER_SENDER &&
      this.missingCount + unmet <= MAX_MISSING && sender.missing + unmet <= MAX_MISSING_PER_SENDER && this.bytes + weigh(cites) + unmet * MISSING_BYTES <= MAX_BYTES
  }

  /** Whether `messageId` is here, waiting, and older than `lamport`: so it can be waited for. */
  isWaitable (slot: number, lamport: number): boolean {
    const parked = this.parked.get(slot)

    return parked != null && parked.lamport < lamport
  }

  park (message: Omit<Parked, 'unmet' | 'since' | 'needs' | 'weight' | 'record'>, unmet: readonly HistoryEntry[]): Parked {
    const parked: Parked = {
      ...message,
      unmet: unmet.length,
      needs: unmet.map(entry => entry.messageId),
      since: this.core.timeline.now,
      weight: weigh(message.cites.length),
      record: NOT_STORED
    }

    this.parked.set(parked.slot, parked)
    parked.sender.parked++
    this.bytes += parked.weight

    if (this.longest.index < 0) {
      this.core.schedule(this.longest, parked.since + this.maxWait)
    }

    // it may have been missing itself
    const node = this.node(parked.messageId)
    node.parked = parked
    node.waiters = node.waiters.filter(waiter => waiter.lamport > parked.lamport || this.meet(waiter))
    this.endMissing(node)

    for (const entry of unmet) {
      this.want(entry, parked.messageId, parked.sender).waiters.push(parked)
    }

    return parked
  }

  /** Waits for what a message cites that does not wait itself: a sync message. */
  cited (entry: HistoryEntry, citedBy: MessageId, sender: Sender): void {
    if (this.nodes.has(entry.messageId) || this.hasRoom(sender, 0, 1)) {
      this.want(entry, citedBy, sender)
    }
  }

  /** The message is delivered, given up, or history. Adds to `ready` what waits for nothing else now. */
  resolve (messageId: MessageId, ready: Parked[]): void {
    const node = this.nodes.get(messageId)

    if (node == null) {
      return
    }

    this.nodes.delete(messageId)
    this.endMissing(node)

    for (const waiter of node.waiters) {
      if (--waiter.unmet === 0) {
        ready.push(waiter)
      }
    }
  }

  /** A message that is about to be released waits no longer. */
  unpark (parked: Parked): void {
    if (this.parked.delete(parked.slot)) {
      parked.sender.parked--
      this.bytes -= parked.weight
    }
  }

  /** It arrived after it had been given up. */
  foundLost (messageId: MessageId): boolean {
    return this.lost.delete(messageId)
  }

  addLost (messageId: MessageId): void {
    this.lost.add(messageId)

    if (this.lost.size > MAX_LOST) {
      for (const oldest of this.lost) {
        this.lost.delete(oldest)
        break
      }
    }
  }

  lostIds (): Iterable<MessageId> {
    return this.lost
  }

  parkedMessages (): Iterable<Parked> {
    return this.parked.values()
  }

  /** The unmet dependencies of a parked message, as they were cited. */
  * unmetOf (parked: Parked): Generator<HistoryEntry> {
    for (const messageId of parked.needs) {
      const node = this.nodes.get(messageId)

      if (node != null) {
        yield node.missing?.citations[0] ?? { messageId }
      }
    }
  }

  /** Reports of missing messages since the last call, for one effect. */
  takeReports (): MissingEntry[] {
    const reports = this.reports
    this.reports = []

    return reports.filter(entry => this.getMissing(entry.messageId) != null)
  }

  private get maxWait (): number {
    return MAX_WAITS * this.core.config.lostAfterMs
  }

  private node (messageId: MessageId): Node {
    let node = this.nodes.get(messageId)

    if (node == null) {
      node = { waiters: [] }
      this.nodes.set(messageId, node)
    }

    return node
  }

  /** Answers false, so that it serves as a filter. */
  private meet (waiter: Parked): boolean {
    if (--waiter.unmet === 0) {
      this.hooks.ready([waiter])
    }

    return false
  }

  private want (entry: HistoryEntry, citedBy: MessageId, sender: Sender): Node {
    const node = this.node(entry.messageId)

    if (node.parked != null) {
      return node
    }

    const { messageId, retrievalHint, senderId, lamportTimestamp } = entry
    // a copy of the hint: the buffer of the message is not kept
    const citation = { messageId, retrievalHint: retrievalHint?.slice(), senderId, lamportTimestamp, citedBy, citer: sender.senderId }

    if (node.missing == null) {
      node.missing = new Missing(this.core, this.missingHooks, citation, sender)
      this.missingCount++
      sender.missing++
      this.bytes += MISSING_BYTES
    } else if (this.bytes + CITATION_BYTES <= MAX_BYTES) {
      const before = node.missing.citations.length
      node.missing.corroborate(citation)
      this.bytes += (node.missing.citations.length - before) * CITATION_BYTES
    }

    return node
  }

  private giveUp (missing: Missing): void {
    const { messageId, citations: [{ senderId, citedBy }] } = missing
    const ready: Parked[] = []

    this.core.lostCount++
    this.core.touchState()
    this.addLost(messageId)
    this.core.recorder.lost(messageId)
    this.core.emit({ type: 'found', messageId })
    this.core.emit({ type: 'lost', messageId, senderId, citedBy })
    this.resolve(messageId, ready)
    this.hooks.ready(ready)
  }

  /** Gives up all that the messages which have waited far too long still wait for. */
  private expire (now: number): void {
    const open = new Set<Parked>()

    for (const parked of this.parked.values()) {
      if (parked.since + this.maxWait > now) {
        this.core.schedule(this.longest, parked.since + this.maxWait)
        break
      }

      open.add(parked)
    }

    // each once, however they hang together; what is added is walked too
    for (const { needs } of open) {
      for (const messageId of needs) {
        const node = this.nodes.get(messageId)

        if (node?.missing != null) {
          this.giveUp(node.missing)
        } else if (node?.parked != null) {
          open.add(node.parked)
        }
      }
    }
  }

  private endMissing (node: Node): void {
    const { missing } = node

    if (missing != null) {
      this.core.deadlines.cancel(missing)
      this.hooks.gone(missing)
      missing.owner.missing--
      node.missing = undefined
      this.missingCount--
      this.bytes -= MISSING_BYTES + (missing.citations.length - 1) * CITATION_BYTES
    }
  }
}

/** Estimated bytes of a parked message with so many citations, as it waits and as it is stored. */
function weigh (cites: number): number {
  return 500 + cites * 150
}
