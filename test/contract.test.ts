import { describe, expect, expectTypeOf, test } from 'vitest'
import * as holdfast from '../src/index.js'
import * as testing from '../src/testing/index.js'
import type {
  Bytes, Cancel, Channel, ChannelEvents, ChannelManagerInit, ChannelOptions, ChannelStatus, Clock, Cursor, Decrypted, DiscoveryInit, Encryption,
  EncryptionContext, EventSource, HoldfastNode, Keyring, Member, MessageEnvelope, MessageId, MessagingApi, MessagingEvents, MessagingRequestId,
  NodeInit, Random, ReceivedMessage, RendezvousClient, RendezvousClientInit, RendezvousPointInit, RequestId, RequestInfo, RequestState, SendHandler,
  SendOptions, StoredMessage
} from '../src/index.js'
import type { FakeMessaging, SimulatedMember, Simulation } from '../src/testing/index.js'
import type { AbortOptions, PeerId, PeerInfo } from '@libp2p/interface'

/** Names that other people's programs are written against: they are added to, never renamed. */
const VALUES = [
  'ChannelManager', 'compareMessages', 'createKeyring', 'createNode', 'discovery', 'exchange', 'gossipsubOptions', 'plaintext',
  'reliableChannels', 'rendezvousClient', 'rendezvousPoint', 'signed', 'symmetric'
] as const

/** Applications match on `error.name`. */
const ERRORS = [
  'UnknownChannelError', 'DuplicateChannelError', 'ChannelClosedError', 'EmptyPayloadError', 'PayloadTooLargeError', 'QueueFullError',
  'RateLimitedError', 'SendError', 'SendTimeoutError', 'SendCancelledError', 'DeliveryTimeoutError', 'NotAcknowledgedError',
  'UnknownRequestError', 'SenderMismatchError', 'StoreLockedError', 'StoreCorruptError', 'StoreVersionError', 'GossipsubConfigError',
  'InvalidParametersError', 'NotStartedError', 'AbortError', 'TimeoutError'
] as const

describe('the contract', () => {
  test.each(VALUES)('%s is exported', name => {
    expect(typeof holdfast[name]).toBe('function')
  })

  test.each(ERRORS)('%s is exported, an Error, and carries its name', name => {
    const ErrorClass = holdfast[name] as unknown as { name: string, prototype: Error }

    expect(ErrorClass.name).toBe(name)
    expect(ErrorClass.prototype).toBeInstanceOf(Error)
  })

  test('test doubles are in holdfast/testing', () => {
    expect(typeof testing.createFakeMessaging).toBe('function')
    expect(typeof testing.createSimulation).toBe('function')
    expect(testing.GuaranteeError.name).toBe('GuaranteeError')
  })

  test('the shapes are those of the design', () => {
    expectTypeOf<RequestId | MessagingRequestId | MessageId | Cursor>().toEqualTypeOf<string>()
    expectTypeOf<Bytes>().toEqualTypeOf<Uint8Array<ArrayBuffer>>()
    expectTypeOf<Cancel>().toEqualTypeOf<() => void>()
    expectTypeOf<Clock>().toEqualTypeOf<{ now (): number, setTimer (fn: () => void, ms: number): Cancel }>()
    expectTypeOf<Random>().toEqualTypeOf<{ bytes (length: number): Bytes, float (): number }>()
    expectTypeOf<MessageEnvelope>().toEqualTypeOf<{ contentTopic: string, payload: Uint8Array, ephemeral: boolean, meta: Uint8Array, timestamp?: bigint }>()
    expectTypeOf<SendHandler>().toEqualTypeOf<(envelope: MessageEnvelope, options?: AbortOptions) => Promise<MessagingRequestId>>()
    expectTypeOf<MessagingEvents['message_error']>().toEqualTypeOf<{ requestId: string, messageHash?: string, error: Error, retryable?: boolean }>()
    expectTypeOf<MessagingEvents['message_received']>().toEqualTypeOf<{ messageHash: string, message: MessageEnvelope, from?: PeerId }>()
    expectTypeOf<RequestState>().toEqualTypeOf<'queued' | 'sending' | 'sent' | 'delivered' | 'send-error' | 'delivery-error'>()
    expectTypeOf<RequestInfo>().toEqualTypeOf<{ requestId: string, messageId?: string, state: RequestState, size: number, receipts: readonly string[], error?: Error, expectedAt?: number }>()
    expectTypeOf<StoredMessage>().toExtend<ReceivedMessage & { cursor: Cursor, request?: RequestInfo }>()
    expectTypeOf<Member>().toEqualTypeOf<{ senderId: string, peerId?: PeerId, own: boolean, connected: boolean, lastSeen?: number }>()
    expectTypeOf<ChannelStatus['state']>().toEqualTypeOf<'stopped' | 'waiting-for-peers' | 'joining' | 'syncing' | 'synced' | 'closed'>()
    expectTypeOf<ChannelStatus['discoverable']>().toEqualTypeOf<'secret' | 'by-id' | 'by-name'>()
    expectTypeOf<Decrypted>().toEqualTypeOf<Uint8Array | { content: Uint8Array, sender?: PeerId, senderId?: string } | null>()
    expectTypeOf<EncryptionContext>().toEqualTypeOf<{ channelId: string, contentTopic: string, senderId: string }>()
    expectTypeOf<ChannelEvents['reliable:message:lost']>().toEqualTypeOf<{ channelId: string, messageId: string, senderId?: string, citedBy: string }>()
    expectTypeOf<ChannelEvents['reliable:channel:error']>().toEqualTypeOf<{ channelId: string, error: Error, count: number }>()
  })

  test('programs that are written against it type-check', () => {
    // never called: it is the compiler that judges
    const application = async (messaging: MessagingApi, encryption: Encryption, keyring: Keyring, fake: FakeMessaging, simulation: Simulation, member: SimulatedMember): Promise<void> => {
      const init: ChannelManagerInit = { defaults: { history: { join: 'full' } }, requireDurable: true, maxChannels: 10 }
      const manager = new holdfast.ChannelManager({ messaging }, init)
      const options: ChannelOptions = {
        encryption,
        contentTopic: 'topic',
        senderId: 'me',
        discoverySecret: new Uint8Array(32),
        namespace: 'name',
        sendHandler: async envelope => await messaging.send(envelope),
        segmentation: { segmentSizeBytes: 102_400, parityRate: 0.125 },
        sds: { profile: 'waku', bloom: 'waku', repairMinMs: 30_000, repairMaxMs: 120_000, lostAfterMs: 300_000, deliveredAt: 2 },
        rateLimit: { enabled: true, epochPeriodSec: 600, messagesPerEpoch: 100 },
        history: { join: 'none' }
      }
      const channel: Channel = await manager.createChannel('tea', options)
      const sending: SendOptions = { ephemeral: true, requestId: 'mine', timeoutMs: 1, whenFull: 'wait', signal: AbortSignal.timeout(1) }
      const requestId: RequestId = await channel.send(new Uint8Array(1), sending)
      const source: EventSource<ChannelEvents> = channel.events
      const off: () => void = source.on('reliable:message:delivered', ({ receipts }) => receipts.length, { signal: AbortSignal.timeout(1) })

      off()
      await channel.sendStream((async function * () { yield new Uint8Array(1) })(), { size: 1 })
      await channel.settled(requestId, 'delivered', { signal: AbortSignal.timeout(1) })
      await channel.ready('synced')
      await channel.cancel(requestId)

      for await (const message of channel.messages({ own: true })) {
        const { payload, sender, cursor } = message

        expectTypeOf(payload).toEqualTypeOf<Bytes>()
        expectTypeOf(sender).toEqualTypeOf<PeerId | undefined>()

        for await (const stored of channel.history({ order: 'arrival', after: cursor, limit: 1, reverse: true })) {
          expectTypeOf(stored.request).toEqualTypeOf<RequestInfo | undefined>()
        }
      }

      expectTypeOf(channel.content('id')).toEqualTypeOf<AsyncIterable<Bytes>>()
      expectTypeOf(channel.members()).toEqualTypeOf<readonly Member[]>()
      expectTypeOf(manager.peers('tea')).toEqualTypeOf<PeerId[]>()
      expectTypeOf(await manager.storedChannels()).toEqualTypeOf<string[]>()
      expectTypeOf(keyring.rotate(new Uint8Array(32), { keepOldMs: 1 })).toEqualTypeOf<string>()
      expectTypeOf(keyring.export()).toEqualTypeOf<Bytes>()

      const discovery: DiscoveryInit = { bootstrap: [], walkers: 2 }
      const point: RendezvousPointInit = { protocol: '/rendezvous/1.0.0', minTtl: 1, maxTtl: 2, maxRegistrations: 3, maxRegistrationsPerPeer: 4, requestsPerSecond: 5, recordFormat: 'auto', authorize: () => true }
      const client: RendezvousClientInit = { protocol: '/rendezvous/1.0.0', points: [], ttl: 7_200, recordFormat: 'legacy' }
      const nodeInit: NodeInit = { listen: [], rendezvousPoints: [], actAsRendezvousPoint: point, storage: 'folder', start: false, channels: init, discovery }
      const node: HoldfastNode = await holdfast.createNode(nodeInit)
      const rendezvous: RendezvousClient = node.rendezvous

      for await (const peer of rendezvous.discover(id => id.toString(), { limit: 1 })) {
        expectTypeOf(peer).toExtend<PeerInfo>()
      }

      expectTypeOf((await rendezvous.register('name', { ttl: 1 }))[0]).toExtend<{ point: PeerId, ttl?: number, error?: Error }>()
      expectTypeOf(holdfast.rendezvousClient(client)).toBeFunction()
      fake.confirm(fake.sent[0].requestId)
      fake.fail('id', new Error('no'))
      fake.receive(fake.sent[0].envelope)
      await simulation.run(1)
      simulation.partition([[0], [1]])
      simulation.heal()
      simulation.check()
      member.crash()
      await member.restart()
      member.setOnline(false)
    }

    expect(application).toBeInstanceOf(Function)
  })
})
