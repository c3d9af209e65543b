import { TypedEventEmitter } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { GossipsubMessaging, gossipsubOptions, MARKER } from '../../src/messaging/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import type { GossipsubMessagingInit, MessageEnvelope, MessagingEvents } from '../../src/messaging/index.js'
import type { GossipSub, GossipSubEvents, PublishResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'

export async function peer (seed: number): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)))
}

export const self = await peer(1)
export const other = await peer(2)

export function envelope (contentTopic: string, text: string): MessageEnvelope {
  return { contentTopic, payload: new TextEncoder().encode(text), meta: MARKER, ephemeral: false }
}

type Stream = { rawStream: { writeBufferLength: number } }

/** As much of gossipsub as messaging uses. */
export class FakePubsub extends TypedEventEmitter<GossipSubEvents> {
  globalSignaturePolicy: GossipSub['globalSignaturePolicy'] = 'StrictNoSign'
  msgIdFn = gossipsubOptions().msgIdFn
  readonly topics = new Set<string>()
  readonly published: Array<{ topic: string, data: Uint8Array }> = []
  readonly streamsOutbound = new Map<string, Stream>()
  readonly #subscribers = new Map<string, PeerId[]>()
  /** who takes what is published; an error is thrown */
  taking: () => PeerId[] = () => [other]

  subscribe (topic: string): void {
    this.topics.add(topic)
  }

  unsubscribe (topic: string): void {
    this.topics.delete(topic)
  }

  getSubscribers (topic: string): PeerId[] {
    return this.#subscribers.get(topic) ?? []
  }

  async publish (topic: string, data: Uint8Array): Promise<PublishResult> {
    const recipients = this.taking()
    this.published.push({ topic, data })

    return { recipients }
  }

  /** The topic's subscribers change, and the event tells. */
  setSubscribers (topic: string, peers: PeerId[]): void {
    this.#subscribers.set(topic, peers)
    this.safeDispatchEvent('subscription-change', { detail: { peerId: other, subscriptions: [{ topic, subscribe: peers.length > 0 }] } })
  }

  /** Without an event, as in gossipsub. */
  disconnectAll (): void {
    this.#subscribers.clear()
  }

  receive (topic: string, data: Uint8Array, from = other): void {
    this.safeDispatchEvent('gossipsub:message', { detail: { propagationSource: from, msgId: '', msg: { type: 'unsigned', topic, data } } })
  }

  get listeners (): number {
    return this.listenerCount('gossipsub:message') + this.listenerCount('subscription-change') + this.listenerCount('gossipsub:heartbeat')
  }
}

export interface Setup {
  clock: SimulatedClock
  pubsub: FakePubsub
  messaging: GossipsubMessaging
  events: Array<{ type: keyof MessagingEvents } & Record<string, unknown>>
}

export function setup (init: GossipsubMessagingInit = {}): Setup {
  const clock = new SimulatedClock()
  const pubsub = new FakePubsub()
  const messaging = new GossipsubMessaging({ pubsub: pubsub as unknown as GossipSub, peerId: self, logger: defaultLogger(), clock }, init)
  const events: Setup['events'] = []

  messaging.events.on('message_sent', event => { events.push({ type: 'message_sent', ...event }) })
  messaging.events.on('message_error', event => { events.push({ type: 'message_error', ...event }) })
  messaging.events.on('message_received', event => { events.push({ type: 'message_received', ...event }) })

  return { clock, pubsub, messaging, events }
}
