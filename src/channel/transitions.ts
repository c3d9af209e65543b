import { parseStreamFrame } from '../segmentation/index.js'
import { RecentMap } from './recent-map.js'
import { Transition } from './transition.js'
import type { Assembler } from './assembler.js'
import type { ChannelContext } from './context.js'
import type { Opened } from './opened.js'
import type { Outbox } from './outbox.js'
import type { Roster } from './roster.js'
import type { ReceivedMessage } from './types.js'
import type { Upkeep } from './upkeep.js'
import type { DeliveryVerdict } from '../exchange/types.js'
import type { MissingEntry, RejectReason, SdsEffect, SdsMessage } from '../sds/index.js'
import type { PeerId } from '@libp2p/interface'

/** Relaying peers that are remembered by message. */
const MAX_RELAYS = 10_000

/** What happens outside of the channel when something is missing or found. */
export interface Retrieval {
  want (entries: MissingEntry[]): void
  cancel (messageIds: string[]): void
  arrived (messageId: string): void
}

export interface TransitionsInit {
  context: ChannelContext
  outbox: Outbox
  upkeep: Upkeep
  roster: Roster
  assembler: Assembler
  /** an ephemeral message came */
  onEphemeral (message: ReceivedMessage): void
}

/**
 * Carries out what SDS makes of an input: on the log, on reassembly and on requests, in order;
 * then all of it is committed as one; then it is acted upon.
 */
export class Transitions {
  private readonly init: TransitionsInit
  private readonly context: ChannelContext
  private readonly relays = new RecentMap<string, PeerId>(MAX_RELAYS)
  private closed = false
  retrieval?: Retrieval

  constructor (init: TransitionsInit) {
    this.init = init
    this.context = init.context
  }

  /** The peer that brought a message. */
  relay (messageId: string): PeerId | undefined {
    return this.relays.get(messageId)
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
      fetched: opened.arrival.fetched,
      transmittedAt: opened.arrival.transmittedAt
    })

    if (opened.senderId != null) {
      this.init.roster.verified(opened.senderId, opened.sender)
    }

    this.perform(new Transition(effects), opened)

    return verdict(effects, opened.arrival.wanted)
  }

  /** The same payload came again. */
  duplicate (messageId: string): void {
    const { sds, clock } = this.context

    // parked messages are not in the log: any name but ours will do
    this.perform(new Transition(sds.duplicate(messageId, sds.entry(messageId)?.senderId ?? '', clock.now())))
  }

  tick (now: number): void {
    const { sds, reassembly, streams } = this.context

    reassembly.expire(now)
    streams.expire(now)
    this.perform(new Transition(sds.tick(now)))
  }

  perform (transition: Transition, opened?: Opened): void {
    if (this.closed) {
      return
    }

    const { sds, reassembly, streams, committer, changed } = this.context

    for (let i = 0; i < transition.effects.length; i++) {
      this.carryOut(transition, transition.effects[i], opened)

      if (i === transition.effects.length - 1) {
        // may add to the effects
        this.init.assembler.recheck(transition)
      }
    }

    const ops = [...sds.takeOps(), ...reassembly.takeOps(), ...streams.takeOps(), ...transition.ops]

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
        this.init.assembler.released(transition, effect)
        break
      case 'ephemeral':
        this.ephemeral(transition, effect.message, opened)
        break
      case 'transmit':
        transition.after.push(() => { this.init.upkeep.retransmit(effect.messageId, effect.reason) })
        break
      case 'sync':
        transition.after.push(() => { this.init.upkeep.sync(effect.bytes) })
        break
      case 'receipt':
        this.receipt(transition, effect.messageId, effect.senderId)
        break
      case 'not-acknowledged':
        transition.after.push(() => { this.init.outbox.notAcknowledged(effect.messageId, effect.attempts) })
        break
      case 'missing':
        transition.after.push(() => { this.missing(effect.entries) })
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
    const receipt = this.init.outbox.receipt(messageId, senderId)

    if (receipt != null) {
      transition.ops.push(receipt.op)
      transition.after.push(receipt.after)
    }
  }

  private received (transition: Transition, message: SdsMessage, opened?: Opened): void {
    const { payloads, clock } = this.context
    const { messageId, senderId, idSalt } = message

    if (opened != null) {
      this.relayed(messageId, opened.arrival.from)
      transition.ops.push(...payloads.keep(messageId, opened.payload, opened.hash, clock.now()))
      transition.after.push(() => { this.retrieval?.arrived(messageId) })
    }

    this.init.assembler.add(transition, { content: message.content as Uint8Array, senderId, messageId, idSalt })
  }

  private ephemeral (transition: Transition, message: SdsMessage, opened?: Opened): void {
    const { reassembly, clock, options: { channelId }, events } = this.context
    const { messageId, senderId, idSalt } = message

    this.relayed(messageId, opened?.arrival.from)

    const result = this.init.assembler.add(transition, { content: message.content as Uint8Array, senderId, messageId, idSalt, ephemeral: true })

    if (result.state !== 'complete') {
      return
    }

    reassembly.remove(result.setKey)

    const now = clock.now()
    const payload = parseStreamFrame(result.payload)
    const received: ReceivedMessage = {
      channelId,
      messageId,
      senderId,
      sender: opened?.sender,
      payload: new Uint8Array(payload.type === 'payload' ? payload.payload : result.payload),
      streamed: false,
      size: 0,
      ephemeral: true,
      own: false,
      late: false,
      timestamp: idSalt == null ? now : Number(idSalt / 1_000_000n),
      receivedAt: now
    }

    received.size = received.payload.byteLength
    transition.after.push(() => {
      events.emit('reliable:message:received', received)
      this.init.onEphemeral(received)
    })
  }

  private relayed (messageId: string, from?: PeerId): void {
    if (from != null) {
      this.relays.set(messageId, from)
    }
  }

  /** What is missing may be parity that nobody needs any more; the rest is fetched. */
  private missing (entries: MissingEntry[]): void {
    const { reassembly } = this.context

    this.retrieval?.want(entries)

    for (const senderId of new Set(entries.map(entry => entry.senderId))) {
      if (senderId != null && reassembly.lackingParity(senderId).length > 0) {
        void this.init.assembler.releaseParity(senderId)
      }
    }
  }
}

/** Rejections that are proof of a lie. The others are bounds of our own, or for somebody else. */
const LIES = new Set<RejectReason>(['malformed', 'id-mismatch', 'wrong-sender', 'wrong-channel'])

/** What became of a payload, for whoever served it. */
function verdict (effects: SdsEffect[], wanted?: string): DeliveryVerdict {
  const known = effects.find(effect => effect.type === 'received' || effect.type === 'ephemeral' || effect.type === 'duplicate')

  if (known != null) {
    const messageId = known.type === 'duplicate' ? known.messageId : known.message.messageId

    if (wanted != null && wanted !== messageId) {
      return { result: 'mismatch', messageId }
    }

    return { result: known.type === 'duplicate' ? 'duplicate' : 'accepted', messageId }
  }

  const rejected = effects.find(effect => effect.type === 'rejected')

  if (rejected != null && rejected.reason !== 'bad-filter') {
    return { result: LIES.has(rejected.reason) ? 'invalid' : 'unreadable', messageId: rejected.messageId }
  }

  return { result: 'accepted' }
}
