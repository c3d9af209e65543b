import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { Sender } from './senders.js'
import type { HistoryEntry, MessageId, MissingEntry } from './types.js'

/** Messages that wait for dependencies, in all and of one sender. */
const MAX_PARKED = 32_768
const MAX_PARKED_PER_SENDER = 16_384
/** Dependencies that are waited for. */
const MAX_MISSING = 65_536
/** Bytes that parked messages and missing dependencies may hold, as estimated by `weigh`. */
const MAX_BYTES = 48 * 1_024 * 1_024
/** Citations of one missing message that are kept: they may differ in their hints. */
const MAX_CITATIONS = 4
/** Senders that are remembered to cite a missing message. */
const MAX_CITERS = 16
/** IDs that were given up and are recognised when they arrive late. */
const MAX_LOST = 10_000
/** Between two reports of a missing message: doubles from the first to the second, ms. */
const FIRST_REPORT_MS = 1_000
const LAST_REPORT_MS = 15_000
/** A message waits for no more than this many times `lostAfterMs`, however its dependencies arrive. */
const MAX_WAITS = 10

/** A message that is here and waits for others. */
export interface Parked {
  readonly slot: number
  readonly messageId: MessageId
  readonly lamport: number
  readonly sender: Sender
  readonly hint?: string
  /** everything that it cites */
  readonly cites: readonly MessageId[]
  readonly late: boolean
  readonly fetched: boolean
  /** dependencies that are neither delivered nor given up */
  unmet: number
  readonly needs: readonly MessageId[]
  readonly since: number
  readonly weight: number
}

/** That somebody cites a message. */
interface Citation extends HistoryEntry {
  citedBy: MessageId
  citer: string
}

/** A message that is cited and not here. */
export interface Missing {
  readonly messageId: MessageId
  readonly citations: Citation[]
  /** senders that cite it, and so hold it */
  readonly citers: Set<string>
  readonly since: number
  attempt: number
  reportAt: number
  lostAt: number
  /** when SDS-R may ask for it next; at first T_min after it was found missing */
  requestAt: number
  /** whether `requestAt` is T_req */
  planned: boolean
  /** requests of ours, and how often those of others delayed them */
  requests: number
  delays: number
  readonly deadline: Deadline
}

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
  private reports: MissingEntry[] = []
  private missingCount = 0
  private bytes = 0

  constructor (private readonly core: Core, private readonly hooks: DependencyHooks) {
    this.longest = core.timer(now => { this.expire(now) })
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
      this.missingCount + unmet <= MAX_MISSING && this.bytes + weigh(cites) + unmet * weigh(1) <= MAX_BYTES
  }

  /** Whether `messageId` is here, waiting, and older than `lamport`: so it can be waited for. */
  isWaitable (slot: number, lamport: number): boolean {
    const parked = this.parked.get(slot)

    return parked != null && parked.lamport < lamport
  }

  park (message: Omit<Parked, 'unmet' | 'since' | 'needs' | 'weight'>, unmet: readonly HistoryEntry[]): Parked {
    const parked: Parked = {
      ...message,
      unmet: unmet.length,
      needs: unmet.map(entry => entry.messageId),
      since: this.core.timeline.now,
      weight: weigh(message.cites.length)
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
      this.want(entry, parked.messageId, parked.sender.senderId).waiters.push(parked)
    }

    return parked
  }

  /** Waits for what a message cites that does not wait itself: a sync message. */
  cited (entry: HistoryEntry, citedBy: MessageId, citer: string): void {
    if (this.nodes.has(entry.messageId) || this.hasRoom(this.core.senders.get(citer), 0, 1)) {
      this.want(entry, citedBy, citer)
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

  private want (entry: HistoryEntry, citedBy: MessageId, citer: string): Node {
    const node = this.node(entry.messageId)

    if (node.parked != null) {
      return node
    }

    const citation = { ...entry, retrievalHint: entry.retrievalHint == null ? undefined : new Uint8Array(entry.retrievalHint), citedBy, citer }

    if (node.missing == null) {
      node.missing = this.createMissing(citation)
      this.missingCount++
      this.bytes += weigh(1)
      this.report(node.missing)
    } else {
      this.corroborate(node.missing, citation)
    }

    return node
  }

  private createMissing (citation: Citation): Missing {
    const { now } = this.core.timeline
    const missing: Missing = {
      messageId: citation.messageId,
      citations: [citation],
      citers: new Set([citation.citer]),
      since: now,
      attempt: 0,
      reportAt: now,
      lostAt: now + this.core.config.lostAfterMs,
      requestAt: now + this.core.config.repairMinMs,
      planned: false,
      requests: 0,
      delays: 0,
      deadline: this.core.timer(at => { this.due(missing, at) })
    }

    return missing
  }

  /** Another message cites what is missing: with another hint it is worth another try at once. */
  private corroborate (missing: Missing, citation: Citation): void {
    const { citations, citers } = missing

    if (citers.size < MAX_CITERS) {
      citers.add(citation.citer)
    }

    const known = citations.find(other => sameBytes(other.retrievalHint, citation.retrievalHint))

    if (known != null) {
      known.senderId ??= citation.senderId
      known.lamportTimestamp ??= citation.lamportTimestamp
    } else if (citations.length < MAX_CITATIONS) {
      citations.push(citation)
      this.report(missing, citation)
    }
  }

  private due (missing: Missing, now: number): void {
    if (now >= missing.lostAt) {
      this.giveUp(missing)

      return
    }

    if (now >= missing.requestAt) {
      missing.requestAt = Infinity
      this.hooks.requestDue(missing, now)
    }

    if (now >= missing.reportAt) {
      this.report(missing)
    } else {
      this.reschedule(missing)
    }
  }

  private report (missing: Missing, citation = missing.citations[missing.attempt % missing.citations.length]): void {
    missing.attempt++
    missing.reportAt = this.core.timeline.now + Math.min(FIRST_REPORT_MS * 2 ** (missing.attempt - 1), LAST_REPORT_MS)
    this.reports.push({ ...citation, attempt: missing.attempt })
    this.reschedule(missing)
  }

  /** Moves the deadline to the next thing that is due for a missing message. */
  reschedule (missing: Missing): void {
    this.core.schedule(missing.deadline, Math.min(missing.reportAt, missing.requestAt, missing.lostAt))
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
    for (const parked of this.parked.values()) {
      if (parked.since + this.maxWait > now) {
        this.core.schedule(this.longest, parked.since + this.maxWait)
        break
      }

      const open = [parked]

      for (let i = 0; i < open.length; i++) {
        for (const messageId of open[i].needs) {
          const node = this.nodes.get(messageId)

          if (node?.missing != null) {
            this.giveUp(node.missing)
          } else if (node?.parked != null && !open.includes(node.parked)) {
            open.push(node.parked)
          }
        }
      }
    }
  }

  private endMissing (node: Node): void {
    if (node.missing != null) {
      this.core.deadlines.cancel(node.missing.deadline)
      this.hooks.gone(node.missing)
      node.missing = undefined
      this.missingCount--
      this.bytes -= weigh(1)
    }
  }
}

/** Estimated bytes of a parked message with so many citations. */
function weigh (cites: number): number {
  return 400 + cites * 100
}

function sameBytes (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a != null && b != null && a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]))
}
