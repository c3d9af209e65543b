import { createCitation, Missing, weighMissing } from './missing.js'
import { ParkedList } from './parked.js'
import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { MissingHooks } from './missing.js'
import type { Dependency, Parked, Waiter } from './parked.js'
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
/** What a parked message counts, and each of its citations. */
const PARKED_BYTES = 500
const CITED_BYTES = 150
/** What each character counts that makes an ID longer than ours: two bytes in memory, three in the store. */
const CHARACTER_BYTES = 5
const OUR_ID_LENGTH = 64
/** IDs that were given up and are recognised when they arrive late. */
const MAX_LOST = 10_000
/** A message waits for no more than this many times `lostAfterMs`, however its dependencies arrive. */
const MAX_WAITS = 10

type Weighed = Pick<Parked, 'messageId' | 'cites'>

/** A sync message, which does not wait itself. */
const NOTHING: Weighed = { messageId: '', cites: [] }

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
  private readonly nodes = new Map<MessageId, Dependency>()
  private readonly parked = new ParkedList()
  private readonly lost = new Set<MessageId>()
  private readonly longest: Deadline
  private readonly missingHooks: MissingHooks
  private reports: MissingEntry[] = []
  /** whether something came, or was given up, that the reports may name */
  private isOutdated = false
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

  /** The message of that ID, if it waits. */
  getParked (messageId: MessageId): Parked | undefined {
    return this.nodes.get(messageId)?.parked
  }

  isLost (messageId: MessageId): boolean {
    return this.lost.size > 0 && this.lost.has(messageId)
  }

  getMissing (messageId: MessageId): Missing | undefined {
    return this.nodes.get(messageId)?.missing
  }

  /** Whether a message of `sender` with those unmet dependencies still fits. */
  hasRoom (message: Weighed, sender: Sender, unmet: readonly HistoryEntry[]): boolean {
    return this.parked.size < MAX_PARKED && sender.parked < MAX_PARKED_PER_SENDER &&
      this.missingCount + unmet.length <= MAX_MISSING && sender.missing + unmet.length <= MAX_MISSING_PER_SENDER &&
      unmet.reduce((bytes, entry) => bytes + weighMissing(entry), this.bytes + weigh(message, sender)) <= MAX_BYTES
  }

  /** Whether `messageId` is here, waiting, and older than `lamport`: so it can be waited for. */
  isWaitable (messageId: MessageId, lamport: number): boolean {
    const parked = this.getParked(messageId)

    return parked != null && parked.lamport < lamport
  }

  /** A message comes. Answers whether it was missing; one that is about to be given up is lost, and comes late. */
  arrive (messageId: MessageId): boolean {
    const missing = this.getMissing(messageId)

    if (missing?.abandoned === true) {
      this.giveUp(missing)

      return false
    }

    return missing != null
  }

  /** A message that just came waits for these. */
  park (parked: Parked, unmet: readonly HistoryEntry[]): void {
    const { messageId, lamport, sender } = parked

    this.parked.add(parked)
    sender.parked++
    this.bytes += weigh(parked, sender)

    // it may have been missing itself
    const node = this.node(messageId)
    node.parked = parked

    this.endMissing(node)
    this.meetOlder(node, lamport)

    parked.unmet = unmet.length
    parked.needs = unmet.map(entry => this.want(entry, messageId, sender))
    parked.needs.forEach((needed, place) => { wait(needed, parked, place) })
    parked.since = this.core.timeline.now

    if (this.longest.index < 0) {
      this.core.schedule(this.longest, parked.since + this.maxWait)
    }
  }

  /** Waits for what a message cites that does not wait itself: a sync message. */
  cited (entry: HistoryEntry, citedBy: MessageId, sender: Sender): void {
    if (this.nodes.has(entry.messageId) || this.hasRoom(NOTHING, sender, [entry])) {
      this.want(entry, citedBy, sender)
    }
  }

  /** The message is delivered, given up, or history. Adds to `ready` what waits for nothing else now. */
  resolve (messageId: MessageId, ready: Parked[]): void {
    const node = this.nodes.get(messageId)

    if (node == null) {
      return
    }

    const { first } = node

    this.nodes.delete(messageId)
    this.endMissing(node)
    // those that waited may hold on to it
    node.parked = node.first = node.last = undefined

    for (let waiter = first; waiter != null; waiter = waiter.next) {
      this.meet(waiter, ready)
    }
  }

  /** A message that is about to be released waits no longer. */
  unpark (parked: Parked): void {
    this.parked.remove(parked)
    parked.sender.parked--
    this.bytes -= weigh(parked, parked.sender)
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
    return this.parked
  }

  /** What a message still waits for; nothing when it does not wait. */
  unmetOf (messageId: MessageId): MessageId[] {
    const { needs = [] } = this.getParked(messageId) ?? {}

    return needs.flatMap(({ missing, parked }) => missing?.messageId ?? parked?.messageId ?? [])
  }

  /** Reports of missing messages since the last call, for one effect. */
  takeReports (): MissingEntry[] {
    const { reports, isOutdated } = this

    if (reports.length > 0) {
      this.reports = []
      this.isOutdated = false
    }

    return isOutdated ? reports.filter(entry => this.getMissing(entry.messageId) != null) : reports
  }

  private get maxWait (): number {
    return MAX_WAITS * this.core.config.lostAfterMs
  }

  private node (messageId: MessageId): Dependency {
    let node = this.nodes.get(messageId)

    if (node == null) {
      node = { parked: undefined, missing: undefined, first: undefined, last: undefined }
      this.nodes.set(messageId, node)
    }

    return node
  }

  /** Messages that are no younger than what they wait for wait no longer: that is no causality. */
  private meetOlder (node: Dependency, lamport: number): void {
    const ready: Parked[] = []
    let last: Waiter | undefined

    for (let waiter = node.first; waiter != null; waiter = waiter.next) {
      if (waiter.parked.lamport > lamport) {
        last = waiter
      } else {
        if (last == null) {
          node.first = waiter.next
        } else {
          last.next = waiter.next
        }

        this.meet(waiter, ready)
      }
    }

    node.last = last
    this.hooks.ready(ready)
  }

  /** It waits for one less, and is released with the others when that was the last. */
  private meet ({ parked, place }: Waiter, ready: Parked[]): void {
    this.core.recorder.met(parked, place)

    if (--parked.unmet === 0) {
      ready.push(parked)
    }
  }

  private want (entry: HistoryEntry, citedBy: MessageId, sender: Sender): Dependency {
    const node = this.node(entry.messageId)

    if (node.parked != null) {
      return node
    }

    const { missing } = node

    if (missing == null) {
      node.missing = new Missing(this.core, this.missingHooks, createCitation(entry, citedBy, sender.senderId), sender)
      this.missingCount++
      sender.missing++
      this.bytes += node.missing.byteLength
    } else if (this.bytes + weighMissing(entry) <= MAX_BYTES) {
      const before = missing.byteLength
      missing.corroborate(entry, citedBy, sender.senderId)
      this.bytes += missing.byteLength - before
    }

    return node
  }

  private giveUp (missing: Missing): void {
    const { messageId, senderId, citedBy } = missing.first
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

    for (const parked of this.parked) {
      if (parked.since + this.maxWait > now) {
        this.core.schedule(this.longest, parked.since + this.maxWait)
        break
      }

      open.add(parked)
    }

    // each once, however they hang together; what is added is walked too
    for (const { needs } of open) {
      for (const node of needs) {
        if (node.missing != null) {
          node.missing.abandon()
        } else if (node.parked != null) {
          open.add(node.parked)
        }
      }
    }
  }

  private endMissing (node: Dependency): void {
    const { missing } = node

    if (missing != null) {
      this.core.deadlines.cancel(missing)
      this.hooks.gone(missing)
      missing.owner.missing--
      node.missing = undefined
      this.isOutdated ||= this.reports.length > 0
      this.missingCount--
      this.bytes -= missing.byteLength
    }
  }
}

function wait (node: Dependency, parked: Parked, place: number): void {
  const waiter: Waiter = { parked, place, next: undefined }

  if (node.last == null) {
    node.first = waiter
  } else {
    node.last.next = waiter
  }

  node.last = waiter
}

/** Estimated bytes of a parked message, as it waits and as it is stored. */
function weigh ({ messageId, cites }: Weighed, { senderId }: Sender): number {
  let bytes = PARKED_BYTES + weighText(messageId) + weighText(senderId)

  for (const cited of cites) {
    bytes += CITED_BYTES + weighText(cited)
  }

  return bytes
}

function weighText ({ length }: string): number {
  return Math.max(0, length - OUR_ID_LENGTH) * CHARACTER_BYTES
}
