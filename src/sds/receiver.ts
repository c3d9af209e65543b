import { decodeFilter } from './bloom/index.js'
import { Claims } from './claims.js'
import { decodeMessage } from './codec.js'
import { packHint } from './delivery.js'
import { distinct } from './distinct.js'
import { RejectedMessageError } from './errors.js'
import { isMessageIdOf, isShiftedSalt } from './ids.js'
import { createParked } from './parked.js'
import type { Acknowledgements } from './acknowledgements.js'
import type { Core } from './core.js'
import type { Delivery } from './delivery.js'
import type { Dependencies } from './dependencies.js'
import type { Ephemerals } from './ephemerals.js'
import type { RecentIds } from './recent-ids.js'
import type { RepairRequests, RepairResponses } from './repair.js'
import type { Sender } from './senders.js'
import type { Sync } from './sync.js'
import type { HistoryEntry, MessageId, ReceiveContext, RejectReason, SdsMessage } from './types.js'

/** Ephemeral salts are recorded this far ahead, so that not every message writes one, ns. */
const EPHEMERAL_RESERVE = 10_000_000_000n

/** The parts that a message from the network passes through. */
export interface Parts {
  core: Core
  acknowledgements: Acknowledgements
  delivery: Delivery
  dependencies: Dependencies
  ephemerals: Ephemerals
  recent: RecentIds
  requests: RepairRequests
  responses: RepairResponses
  sync: Sync
}

/** The slot of each entry of a message's causal history, -1 where that is not known. */
type CitedSlots = readonly number[]

/** Everything that happens to one message from the network. */
export class Receiver {
  readonly rejected: Partial<Record<RejectReason, number>> = {}
  private readonly claims = new Claims()

  constructor (private readonly parts: Parts) {}

  receive (bytes: Uint8Array, context: ReceiveContext): void {
    let message: SdsMessage

    try {
      message = decodeMessage(bytes)
    } catch (err) {
      this.reject('malformed', 'not an SDS message', {}, err)

      return
    }

    const hasContent = message.content != null && message.content.byteLength > 0

    if (!this.isForUs(message, context) || !this.isInTime(message) || (hasContent && !this.isGenuine(message))) {
      return
    }

    if (message.lamportTimestamp != null) {
      const { seen, senders } = this.parts.core
      const sender = senders.get(message.senderId)
      const cited = message.causalHistory.map(entry => seen.find(entry.messageId))

      if (hasContent) {
        this.content(message, message.lamportTimestamp, sender, cited, context)
      } else {
        this.syncMessage(message, message.lamportTimestamp, sender, cited, context)
      }
    } else if (hasContent) {
      this.ephemeral(message)
    } else {
      this.reject('malformed', 'neither a Lamport timestamp nor content', message)
    }
  }

  /** A message that we may hold came again; `fetched`: we asked for it. */
  duplicate (messageId: MessageId, senderId: string, fetched = false): void {
    const { core, recent, responses, sync } = this.parts
    const slot = core.seen.find(messageId)

    if (slot < 0) {
      return
    }

    if (senderId !== core.senderId && !fetched) {
      recent.refresh(slot)
      sync.duplicate(messageId)
    }

    responses.cancel(messageId)
    core.emit({ type: 'duplicate', messageId })
  }

  reject (reason: RejectReason, text: string, { messageId, senderId }: Partial<SdsMessage>, cause?: unknown): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1
    this.parts.core.emit({ type: 'rejected', reason, messageId, senderId, error: new RejectedMessageError(reason, text, { cause }) })
  }

  private isForUs (message: SdsMessage, context: ReceiveContext): boolean {
    const { channelId } = this.parts.core

    if (message.channelId !== channelId) {
      this.reject('wrong-channel', `the message is for another channel than ${channelId}`, message)

      return false
    }

    if (context.verifiedSenderId != null && context.verifiedSenderId !== message.senderId) {
      this.reject('wrong-sender', `the message says it is from ${message.senderId}, and is from ${context.verifiedSenderId}`, message)

      return false
    }

    return true
  }

  private isInTime (message: SdsMessage): boolean {
    const { config, wall } = this.parts.core

    if (message.lamportTimestamp != null && message.lamportTimestamp > wall + config.maxAheadMs) {
      this.reject('lamport-ahead', `a Lamport timestamp of ${message.lamportTimestamp} is more than ${config.maxAheadMs} ms ahead of ${wall}`, message)

      return false
    }

    return true
  }

  /** Recomputes the ID where the message says what it was made with. */
  private isGenuine (message: SdsMessage): boolean {
    const { messageId, senderId, idSalt, content } = message
    const { config, wall } = this.parts.core

    if (idSalt == null || content == null) {
      return true
    }

    if (!isMessageIdOf(messageId, senderId, idSalt, content) || isShiftedSalt(senderId, idSalt, content, wall + config.maxAheadMs)) {
      this.reject('id-mismatch', 'the message ID is not that of its sender, salt and content', message)

      return false
    }

    return true
  }

  private ephemeral (message: SdsMessage): void {
    const { core, ephemerals } = this.parts

    if (message.senderId === core.senderId) {
      this.reject('own-id', 'an ephemeral message of our own sender ID', message)

      return
    }

    switch (ephemerals.check(message.messageId, message.idSalt, core.wall)) {
      case 'stale':
        this.reject('stale-ephemeral', 'an ephemeral message that is not of the last 60 s', message)
        break
      case 'full':
        this.reject('full', 'too many ephemeral messages within 60 s', message)
        break
      case 'duplicate':
        core.emit({ type: 'duplicate', messageId: message.messageId })
        break
      default:
        core.senders.heard(core.senders.get(message.senderId), core.wall)

        if (message.idSalt != null && message.idSalt > core.ephemeralCeiling) {
          core.ephemeralCeiling = message.idSalt + EPHEMERAL_RESERVE
          core.touchState()
        }

        core.emit({ type: 'ephemeral', message })
    }
  }

  private syncMessage (message: SdsMessage, lamport: number, sender: Sender, cited: CitedSlots, context: ReceiveContext): void {
    const { core, dependencies, sync } = this.parts

    if (sender.senderId === core.senderId) {
      this.reject('own-id', 'a sync message of our own sender ID', message)

      return
    }

    this.heard(sender, message, lamport, context)
    this.evidence(message, sender, cited)

    const unknown = this.unmet(message, lamport, cited, false)
    unknown.forEach(entry => { dependencies.cited(entry, message.messageId, sender) })

    if (context.fetched !== true) {
      sync.heard(unknown.length === 0 && this.citesFrontier(cited))
    }
  }

  private content (message: SdsMessage, lamport: number, sender: Sender, cited: CitedSlots, context: ReceiveContext): void {
    const { core } = this.parts
    const { messageId } = message
    const fetched = context.fetched === true
    const own = sender.senderId === core.senderId
    const slot = core.seen.find(messageId)

    if (slot >= 0) {
      this.known(message, slot, sender, cited, context)
    } else if (own && !fetched) {
      this.reject('own-id', 'a message of our own sender ID that we did not send: another device has the same ID, or our state was lost', message)
    } else if (lamport <= core.seen.floor && !fetched) {
      this.reject('below-floor', `a Lamport timestamp of ${lamport}, and what is not above ${core.seen.floor} may have been delivered long ago`, message)
    } else {
      this.fresh(message, lamport, sender, cited, context)
    }
  }

  /** A message that we hold: only what it says about acknowledgements counts. */
  private known (message: SdsMessage, slot: number, sender: Sender, cited: CitedSlots, context: ReceiveContext): void {
    const { core, dependencies } = this.parts
    const author = core.log.get(slot)?.senderId ?? dependencies.getParked(message.messageId)?.sender.senderId

    if ((author != null && author !== sender.senderId) || this.claims.isRefuted(message)) {
      this.reject('id-mismatch', `under this message ID another message of ${author ?? 'somebody'} was taken in`, message)

      return
    }

    if (sender.senderId !== core.senderId) {
      this.heard(sender, message, core.seen.lamports[slot], context)
      this.evidence(message, sender, cited)
    }

    this.duplicate(message.messageId, sender.senderId, context.fetched)
  }

  private fresh (message: SdsMessage, lamport: number, sender: Sender, cited: CitedSlots, context: ReceiveContext): void {
    const { core, delivery, dependencies, recent, sync } = this.parts
    const { messageId } = message
    const fetched = context.fetched === true

    this.heard(sender, message, lamport, context)

    // what is older than our joining has nothing but history before it
    const past = fetched && core.join.isPast(lamport, message.idSalt)
    const unmet = past ? [] : this.unmet(message, lamport, cited, true)
    const cites = message.causalHistory.map(entry => entry.messageId)

    if (unmet.length > 0 && !dependencies.hasRoom({ messageId, cites }, sender, unmet)) {
      this.reject('full', 'too many messages wait for dependencies', message)

      return
    }

    this.evidence(message, sender, cited)

    this.claims.believe(message)

    const wasMissing = dependencies.arrive(messageId)
    const slot = core.seen.add(messageId, lamport)
    const late = dependencies.foundLost(messageId)
    const parked = createParked({ slot, messageId, lamport, sender, hint: packHint(context.retrievalHint), cites, late, fetched })

    recent.insert(slot, sender.senderId === core.senderId)

    if (!fetched && sender.senderId !== core.senderId) {
      sync.owe(messageId)
    }

    sync.changed()

    if (wasMissing) {
      core.emit({ type: 'found', messageId })
    }

    core.emit({ type: 'received', message })

    if (unmet.length === 0) {
      delivery.deliver(parked, past)
    } else {
      dependencies.park(parked, unmet)
      core.recorder.parked(parked, unmet)
    }
  }

  /** Live traffic shows who is there, and begins the joining. */
  private heard (sender: Sender, message: SdsMessage, lamport: number, context: ReceiveContext): void {
    const { core } = this.parts

    if (context.fetched !== true && sender.senderId !== core.senderId) {
      core.senders.heard(sender, core.wall)

      // sync messages hold nothing up, and those of a slow member say nothing of the others' clocks
      if (message.content != null && core.join.live({ lamport, idSalt: message.idSalt, transmittedAt: context.transmittedAt }, core.wall)) {
        core.touchState()
      }
    }
  }

  /** What the message shows about who holds what, and what it asks for. */
  private evidence (message: SdsMessage, sender: Sender, cited: CitedSlots): void {
    const { core, acknowledgements } = this.parts

    if (sender.senderId === core.senderId) {
      return
    }

    for (const slot of cited) {
      if (slot >= 0) {
        acknowledgements.receipt(slot, sender.senderId)
      }
    }

    if (message.bloomFilter != null && message.bloomFilter.byteLength > 0) {
      const filter = decodeFilter(message.bloomFilter)

      if (filter == null) {
        this.reject('bad-filter', 'a bloom filter of no known format', message)
      } else if (core.senders.keepFilter(sender, filter)) {
        acknowledgements.review(filter, sender.senderId)
      }
    }

    this.repairRequests(message.repairRequest, sender)
  }

  private repairRequests (entries: readonly HistoryEntry[], sender: Sender): void {
    const { core, dependencies, requests, responses } = this.parts

    if (entries.length === 0) {
      return
    }

    for (const { messageId } of entries) {
      const missing = dependencies.getMissing(messageId)

      if (missing != null) {
        requests.heard(missing)
      }
    }

    responses.request(entries, sender.senderId, messageId => {
      const slot = core.seen.find(messageId)

      return slot < 0 ? undefined : core.log.get(slot)?.senderId ?? dependencies.getParked(messageId)?.sender.senderId
    })
  }

  /** What the message has to wait for. `waits`: parked messages count. */
  private unmet (message: SdsMessage, lamport: number, cited: CitedSlots, waits: boolean): HistoryEntry[] {
    const { core, dependencies } = this.parts

    if (message.causalHistory.length === 0 || core.join.isOlder(lamport)) {
      return []
    }

    const out: HistoryEntry[] = []

    for (let i = 0; i < cited.length; i++) {
      const slot = cited[i]
      const entry = message.causalHistory[i]

      if (slot >= 0) {
        if (waits && dependencies.isWaitable(entry.messageId, lamport)) {
          out.push(this.checkStamp(entry, lamport))
        }
      } else if (entry.messageId !== message.messageId && !dependencies.isLost(entry.messageId)) {
        const stamped = this.checkStamp(entry, lamport)

        if (!core.join.isHistory(stamped, core.wall) && !(stamped.lamportTimestamp != null && stamped.lamportTimestamp <= core.seen.floor)) {
          out.push(stamped)
        }
      }
    }

    return out.length > 1 ? distinct(out) : out
  }

  /** A citation of something younger than the citing message is no causality: its stamp is a lie. */
  private checkStamp (entry: HistoryEntry, lamport: number): HistoryEntry {
    return entry.lamportTimestamp == null || entry.lamportTimestamp < lamport ? entry : { ...entry, lamportTimestamp: undefined }
  }

  private citesFrontier (cited: CitedSlots): boolean {
    const { log } = this.parts.core
    const slots = new Set(cited)

    for (const slot of log.frontierSlots()) {
      if (!slots.has(slot)) {
        return false
      }
    }

    return true
  }
}
