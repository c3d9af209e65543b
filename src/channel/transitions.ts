import { inSlices } from '../segmentation/index.js'
import { toReceived } from './received.js'
import { RecentMap } from './recent-map.js'
import type { ChannelContext } from './context.js'
import type { Opened } from './incoming.js'
import type { Outbox } from './outbox.js'
import type { ProgressReports } from './progress.js'
import type { Roster } from './roster.js'
import type { ReceivedMessage } from './types.js'
import type { DeliveryVerdict } from '../exchange/types.js'
import type { MissingEntry, SdsEffect, SdsMessage } from '../sds/index.js'
import type { Complete, SegmentResult } from '../segmentation/index.js'
import type { StoreOp } from '../storage/index.js'
import type { PeerId } from '@libp2p/interface'

/** Relaying peers that are remembered by message. */
const MAX_RELAYS = 10_000

/** What happens outside of the channel when something is missing or found. */
export interface Retrieval {
  want (entries: MissingEntry[]): void
  cancel (messageIds: string[]): void
  arrived (messageId: string): void
}

/**
 * One transition of the channel: what SDS makes of an input is carried out in order, on the log,
 * on reassembly and on requests; then all of it is committed as one; then it is acted upon.
 */
export class Transitions {
  private readonly context: ChannelContext
  private readonly outbox: Outbox
  private readonly roster: Roster
  private readonly relays = new RecentMap<string, PeerId>(MAX_RELAYS)
  private readonly progress: ProgressReports
  /** sets with a segment that had been reported lost, and sets from before our joining */
  private readonly late = new Set<string>()
  private readonly history = new Set<string>()
  /** sets that are being assembled in slices */
  private readonly assembling = new Set<string>()
  private closed = false
  retrieval?: Retrieval
  /** an ephemeral message came */
  onEphemeral: (message: ReceivedMessage) => void = () => {}

  constructor (context: ChannelContext, outbox: Outbox, roster: Roster, progress: ProgressReports) {
    this.context = context
    this.progress = progress
    this.outbox = outbox
    this.roster = roster
  }

  /** The peer that brought a message. */
  relay (messageId: string): PeerId | undefined {
    return this.relays.get(messageId)
  }

  /** Finishes what a crash left between the last segment and the event. */
  resume (): void {
    for (const setKey of this.context.reassembly.ready()) {
      void this.assemble(setKey)
    }
  }

  /** Carries nothing out any more. */
  close (): void {
    this.closed = true
  }

  receive (opened: Opened): DeliveryVerdict {
    const { sds, clock } = this.context
    const effects = sds.receive(opened.content, clock.now(), {
      retrievalHint: opened.hash,
      verifiedSenderId: opened.senderId,
      fetched: opened.arrival.fetched
    })

    this.run(effects, opened)

    return verdict(effects, opened.arrival.wanted)
  }

  /** The same payload came again. */
  duplicate (messageId: string): void {
    const { sds, clock } = this.context

    // parked messages are not in the log: any name but ours will do
    this.run(sds.duplicate(messageId, sds.entry(messageId)?.senderId ?? '', clock.now()))
  }

  tick (now: number): void {
    const { sds, reassembly } = this.context

    reassembly.expire(now)
    this.run(sds.tick(now))
  }

  /** Carries effects out. */
  run (effects: SdsEffect[], opened?: Opened): void {
    this.perform(new Transition(effects), opened)
  }

  private perform (transition: Transition, opened?: Opened): void {
    if (this.closed) {
      return
    }

    const { sds, reassembly, committer, changed } = this.context

    for (let i = 0; i < transition.effects.length; i++) {
      this.carryOut(transition, transition.effects[i], opened)
    }

    const ops = [...sds.takeOps(), ...reassembly.takeOps(), ...transition.ops]

    if (ops.length > 0 || transition.after.length > 0) {
      committer.push(ops, () => {
        if (!this.closed) {
          transition.after.forEach(act => { act() })
        }
      })
    }

    changed()
  }

  private carryOut (transition: Transition, effect: SdsEffect, opened?: Opened): void {
    const { events, errors, options: { channelId } } = this.context

    switch (effect.type) {
      case 'received':
        this.received(transition, effect.message, opened)
        break
      case 'released':
        this.released(transition, effect)
        break
      case 'ephemeral':
        this.ephemeral(transition, effect.message, opened)
        break
      case 'transmit':
        transition.after.push(() => { this.outbox.retransmit(effect.messageId, effect.reason) })
        break
      case 'sync':
        transition.after.push(() => { this.outbox.sync(effect.bytes) })
        break
      case 'receipt':
        this.receipt(transition, effect.messageId, effect.senderId)
        break
      case 'not-acknowledged':
        transition.after.push(() => { this.outbox.notAcknowledged(effect.messageId, effect.attempts) })
        break
      case 'missing':
        transition.after.push(() => { this.retrieval?.want(effect.entries) })
        break
      case 'found':
        transition.after.push(() => { this.retrieval?.cancel([effect.messageId]) })
        break
      case 'lost':
        transition.after.push(() => {
          this.retrieval?.cancel([effect.messageId])
          events.emit('reliable:message:lost', { channelId, messageId: effect.messageId, senderId: effect.senderId, citedBy: effect.citedBy })
        })
        break
      case 'rejected':
        // another channel on the same topic is no error, and our own echo neither
        if (effect.reason !== 'wrong-channel') {
          transition.after.push(() => { errors.report(effect.error) })
        }
        break
      case 'acknowledged':
      case 'duplicate':
    }
  }

  private receipt (transition: Transition, messageId: string, senderId: string): void {
    const receipt = this.outbox.receipt(messageId, senderId)

    if (receipt != null) {
      transition.ops.push(receipt.op)
      transition.after.push(receipt.after)
    }
  }

  private received (transition: Transition, message: SdsMessage, opened?: Opened): void {
    const { reassembly, payloads, clock } = this.context
    const { messageId, senderId, idSalt } = message

    if (opened != null) {
      this.heard(message, opened)
      transition.ops.push(...payloads.keep(messageId, opened.payload, opened.hash, clock.now()))
      transition.after.push(() => { this.retrieval?.arrived(messageId) })
    }

    this.segment(transition, reassembly.add({ content: message.content as Uint8Array, senderId, messageId, idSalt }, clock.now()))
  }

  private ephemeral (transition: Transition, message: SdsMessage, opened?: Opened): void {
    const { reassembly, clock, options: { channelId }, events } = this.context
    const { messageId, senderId, idSalt } = message

    if (opened != null) {
      this.heard(message, opened)
    }

    const result = reassembly.add({ content: message.content as Uint8Array, senderId, messageId, idSalt, ephemeral: true }, clock.now())

    if (result.state !== 'complete') {
      return
    }

    reassembly.remove(result.setKey)

    const now = clock.now()
    const received: ReceivedMessage = {
      channelId,
      messageId,
      senderId,
      sender: opened?.sender,
      payload: new Uint8Array(result.payload),
      streamed: false,
      size: result.payload.byteLength,
      ephemeral: true,
      own: false,
      late: false,
      timestamp: idSalt == null ? now : Number(idSalt / 1_000_000n),
      receivedAt: now
    }

    transition.after.push(() => {
      events.emit('reliable:message:received', received)
      this.onEphemeral(received)
    })
  }

  private heard (message: SdsMessage, opened: Opened): void {
    const { from, fetched } = opened.arrival

    this.roster.heard(message.senderId, this.context.clock.now(), opened.sender, fetched === true)

    if (from != null) {
      this.relays.set(message.messageId, from)
    }
  }

  /** Goes on with what reassembly made of a segment. */
  private segment (transition: Transition, result: SegmentResult): void {
    switch (result.state) {
      case 'complete':
        this.completed(transition, result)
        break
      case 'ready':
        transition.after.push(() => { void this.assemble(result.setKey) })
        break
      case 'rejected':
        transition.after.push(() => { this.context.errors.report(result.error) })
        break
      case 'partial':
        transition.after.push(() => { this.tellProgress(result) })
        break
      case 'duplicate':
    }
  }

  private completed (transition: Transition, set: Complete): void {
    const { sds, clock } = this.context

    if (set.absent.length > 0) {
      transition.effects.push(...sds.present(set.absent, clock.now()))
    }

    this.emitWhenReleased(transition, set)
  }

  /** Assembles a large set in slices, then goes on with it. */
  private async assemble (setKey: string): Promise<void> {
    if (this.assembling.has(setKey)) {
      return
    }

    this.assembling.add(setKey)

    try {
      const result = await inSlices(this.context.reassembly.assemble(setKey), this.context.pause)

      if (result?.state === 'complete') {
        const transition = new Transition([])

        this.completed(transition, result)
        this.perform(transition)
      }
    } finally {
      this.assembling.delete(setKey)
    }
  }

  private released (transition: Transition, effect: SdsEffect & { type: 'released' }): void {
    const { reassembly } = this.context
    const setKey = reassembly.setOf(effect.messageId)

    if (setKey == null) {
      return
    }

    if (effect.late) {
      this.late.add(setKey)
    }

    if (effect.history) {
      this.history.add(setKey)
    }

    const set = reassembly.complete(setKey)

    if (set != null) {
      this.emitWhenReleased(transition, set)
    }
  }

  /** A message comes out once all of it is here, and SDS has let every segment of it through. */
  private emitWhenReleased (transition: Transition, set: Complete): void {
    const { sds, reassembly, messages, events, clock, options } = this.context

    if (!set.dataMessageIds.every(id => set.absent.includes(id) || sds.entry(id) != null)) {
      return
    }

    const { setKey } = set
    const { messageId, senderId, payload } = set
    const late = this.late.delete(setKey)
    const history = this.history.delete(setKey)
    const lamport = firstLamport(set, id => sds.entry(id)?.lamportTimestamp)

    reassembly.remove(setKey)

    const append = messages.stage({
      messageId,
      lamport,
      senderId,
      sender: this.roster.peerOf(senderId),
      timestamp: set.saltBase == null ? lamport : Number(set.saltBase / 1_000_000n),
      receivedAt: clock.now(),
      size: payload.byteLength,
      own: senderId === options.senderId,
      late,
      history,
      segments: set.dataMessageIds.length === 1 ? undefined : set.dataMessageIds
    }, payload)

    transition.ops.push(...append.ops)
    transition.after.push(() => {
      const { message } = append

      messages.apply(append)

      if (!message.own && !message.history) {
        // the application may do with its bytes what it likes; the store's must not change
        events.emit('reliable:message:received', toReceived(options.channelId, message, new Uint8Array(payload)))
      }

      this.context.appended()
    })
  }

  private tellProgress ({ setKey, have, total, bytes, totalBytes }: SegmentResult & { state: 'partial' }): void {
    this.progress.tell({ direction: 'in', id: setKey, segments: have, total, bytes, totalBytes })
  }
}

/** What one input leads to. */
class Transition {
  readonly effects: SdsEffect[]
  readonly ops: StoreOp[] = []
  readonly after: Array<() => void> = []

  constructor (effects: SdsEffect[]) {
    this.effects = [...effects]
  }
}

/** Lamport timestamps of one send are consecutive, as its salts are, so any of its segments tells that of the first. */
function firstLamport (set: Complete, lamportOf: (messageId: string) => number | undefined): number {
  for (const [index, messageId] of set.dataMessageIds.entries()) {
    const lamport = lamportOf(messageId)

    if (lamport != null) {
      return lamport - index
    }
  }

  return 0
}

function verdict (effects: SdsEffect[], wanted?: string): DeliveryVerdict {
  for (const effect of effects) {
    if (effect.type === 'received' || effect.type === 'ephemeral') {
      const { messageId } = effect.message

      return { result: wanted != null && wanted !== messageId ? 'mismatch' : 'accepted', messageId }
    }

    if (effect.type === 'duplicate') {
      const { messageId } = effect

      return { result: wanted != null && wanted !== messageId ? 'mismatch' : 'duplicate', messageId }
    }

    if (effect.type === 'rejected') {
      return { result: 'invalid', messageId: effect.messageId }
    }
  }

  return { result: 'accepted' }
}
