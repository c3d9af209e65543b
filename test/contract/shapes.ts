/**
 * The public API, member by member, as other people's programs rely on it: {@link Contract} says
 * it once more, and the compiler holds what the package exports against it. Members may be added,
 * none may be renamed, removed or change its type. Types that stand within others are the
 * package's own, so that each is compared once, in its place.
 *
 * There is nothing to run. It is compiled with the sources, and by `npm run check:consumer`
 * against the packed tarball under every compiler and resolution that is supported.
 */

import type {
  Bytes, Cancel, Channel, ChannelDiscovery, ChannelEvents, ChannelManager, ChannelManagerInit, ChannelOptions, ChannelStatus, Clock, createKeyring,
  createNode, Cursor, compareMessages, Decrypted, discovery, DiscoveryComponents, DiscoveryInit, DiscoveryManager, Encryption, EncryptionContext,
  EventSource, exchange, ExchangeComponents, ExchangeInit, gossipsubOptions, HistoryConfig, HoldfastNode, Keyring, Member, MessageEnvelope,
  MessageExchange, MessageId, MessagingApi, MessagingEvents, MessagingRequestId, NodeInit, OfRequest, plaintext, Random, RateLimitConfig,
  ReceivedMessage, reliableChannels, ReliableChannelsComponents, rendezvousClient, RendezvousClient, RendezvousClientComponents,
  RendezvousClientInit, rendezvousPoint, RendezvousPoint, RendezvousPointComponents, RendezvousPointInit, RequestId, RequestInfo, RequestState,
  SdsConfig, SegmentationConfig, SendHandler, SendOptions, signed, StoredMessage, symmetric
} from 'holdfast'
import type { createFakeMessaging, createSimulation, FakeMessaging, SimulatedMember, Simulation, SimulationInit } from 'holdfast/testing'
import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { AbortOptions, ComponentLogger, Libp2p, Metrics, PeerId, PeerInfo, PrivateKey, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { Libp2pOptions } from 'libp2p'
import type { Emitter } from 'mitt'

/** What is promised. */
interface Contract {
  RequestId: string
  MessagingRequestId: string
  MessageId: string
  Cursor: string
  Bytes: Uint8Array<ArrayBuffer>
  Cancel: () => void
  Clock: { now (): number, setTimer (fn: () => void, ms: number): Cancel }
  Random: { bytes (length: number): Bytes, float (): number }
  EventSource: {
    on<K extends keyof ChannelEvents> (type: K, handler: (event: ChannelEvents[K]) => void, options?: AbortOptions): () => void
    off<K extends keyof ChannelEvents> (type: K, handler: (event: ChannelEvents[K]) => void): void
  }

  MessageEnvelope: { contentTopic: string, payload: Uint8Array, ephemeral: boolean, meta: Uint8Array, timestamp?: bigint }
  SendHandler: (envelope: MessageEnvelope, options?: AbortOptions) => Promise<MessagingRequestId>
  MessagingEvents: {
    message_sent: { requestId: MessagingRequestId, messageHash: string }
    message_propagated: { requestId: MessagingRequestId, messageHash: string }
    message_error: { requestId: MessagingRequestId, messageHash?: string, error: Error, retryable?: boolean }
    message_received: { messageHash: string, message: MessageEnvelope, from?: PeerId }
  }
  MessagingApi: {
    readonly events: Pick<Emitter<MessagingEvents>, 'on' | 'off'>
    send: SendHandler
    subscribe (contentTopic: string, options?: AbortOptions): Promise<void>
    unsubscribe (contentTopic: string, options?: AbortOptions): Promise<void>
    subscribers? (contentTopic: string): number
  }

  ManagerComponents: {
    messaging: MessagingApi
    datastore?: Datastore
    discovery?: ChannelDiscovery
    exchange?: MessageExchange
    clock?: Clock
    random?: Random
    logger?: ComponentLogger
    metrics?: Metrics
  }
  ChannelManager: {
    readonly events: EventSource<ChannelEvents>
    readonly durable: boolean
    createChannel (channelId: string, options: ChannelOptions): Promise<Channel>
    getChannel (channelId: string): Channel
    hasChannel (channelId: string): boolean
    listChannels (): Channel[]
    storedChannels (options?: AbortOptions): Promise<string[]>
    send (channelId: string, payload: Uint8Array, options?: SendOptions): Promise<RequestId>
    closeChannel (channelId: string, options?: AbortOptions): Promise<void>
    deleteChannel (channelId: string, options?: AbortOptions): Promise<void>
    peers (channelId: string): PeerId[]
    start (): Promise<void>
    stop (): Promise<void>
  }
  ChannelManagerInit: { defaults?: Omit<Partial<ChannelOptions>, 'encryption' | 'senderId'>, requireDurable?: boolean, maxChannels?: number }
  ChannelOptions: {
    encryption: Encryption
    contentTopic?: string
    senderId?: string
    discoverySecret?: Uint8Array
    namespace?: string
    sendHandler?: SendHandler
    segmentation?: Partial<SegmentationConfig>
    sds?: Partial<SdsConfig>
    rateLimit?: Partial<RateLimitConfig>
    history?: Partial<HistoryConfig>
  }
  // the options that the design and the guarantees name
  SegmentationConfig: { segmentSizeBytes: number, parityRate: number }
  SdsConfig: {
    bloom: 'compact' | 'waku'
    profile: 'default' | 'waku'
    repairMinMs: number
    repairMaxMs: number
    lostAfterMs: number
    acknowledgementTimeoutMs: number
    deliveredAt: number
    maxCausalHistory: number
    maxAheadMs: number
  }
  HistoryConfig: { join: 'none' | 'recent' | 'full' }
  SendOptions: { signal?: AbortSignal, ephemeral?: boolean, requestId?: RequestId, timeoutMs?: number, whenFull?: 'throw' | 'wait' }
  RequestState: 'queued' | 'sending' | 'sent' | 'delivered' | 'send-error' | 'delivery-error'
  RequestInfo: { requestId: RequestId, messageId?: MessageId, state: RequestState, size: number, receipts: readonly string[], error?: Error, expectedAt?: number }
  ReceivedMessage: {
    channelId: string
    messageId: MessageId
    senderId: string
    sender?: PeerId
    payload: Bytes
    streamed: boolean
    size: number
    ephemeral: boolean
    own: boolean
    late: boolean
    timestamp: number
    receivedAt: number
    cursor?: Cursor
  }
  StoredMessage: Omit<ReceivedMessage, 'cursor'> & { cursor: Cursor, request?: RequestInfo }
  Member: { senderId: string, peerId?: PeerId, own: boolean, connected: boolean, lastSeen?: number }
  ChannelStatus: {
    state: 'stopped' | 'waiting-for-peers' | 'joining' | 'syncing' | 'synced' | 'closed'
    discoverable: 'secret' | 'by-id' | 'by-name'
    queued: number
    inFlight: number
    unacknowledged: number
    parked: number
    missing: number
    lost: number
    peers: number
    rateLimit: { state: 'ok' | 'approaching' | 'exhausted', resumesAt?: number }
  }
  Channel: {
    readonly channelId: string
    readonly contentTopic: string
    readonly senderId: string
    readonly events: EventSource<ChannelEvents>
    send (payload: Uint8Array, options?: SendOptions): Promise<RequestId>
    sendStream (source: AsyncIterable<Uint8Array>, options: SendOptions & { size: number }): Promise<RequestId>
    cancel (requestId: RequestId, options?: AbortOptions): Promise<boolean>
    request (requestId: RequestId): RequestInfo | undefined
    pending (): RequestInfo[]
    settled (requestId: RequestId, stage: 'sent' | 'delivered', options?: AbortOptions): Promise<void>
    ready (stage: 'joined' | 'synced', options?: AbortOptions): Promise<void>
    messages (options?: { after?: Cursor, own?: boolean } & AbortOptions): AsyncIterable<ReceivedMessage>
    history (options?: { order?: 'causal' | 'arrival', after?: Cursor, before?: Cursor, limit?: number, reverse?: boolean } & AbortOptions): AsyncIterable<StoredMessage>
    message (messageId: MessageId, options?: AbortOptions): Promise<StoredMessage | undefined>
    content (messageId: MessageId, options?: AbortOptions): AsyncIterable<Bytes>
    count (options?: { after?: Cursor, own?: boolean } & AbortOptions): Promise<number>
    receipts (requestId: RequestId): readonly string[]
    members (): readonly Member[]
    status (): ChannelStatus
    close (options?: AbortOptions): Promise<void>
    [Symbol.asyncDispose] (): PromiseLike<void>
  }
  OfRequest: { channelId: string, requestId: RequestId, messageId?: MessageId }
  ChannelEvents: {
    'reliable:message:received': ReceivedMessage
    'reliable:message:queued': OfRequest & { size: number }
    'reliable:message:sent': OfRequest
    'reliable:message:receipt': OfRequest & { senderId: string, receipts: readonly string[] }
    'reliable:message:delivered': OfRequest & { receipts: readonly string[] }
    'reliable:message:send-error': OfRequest & { error: Error }
    'reliable:message:delivery-error': OfRequest & { error: Error }
    'reliable:message:lost': { channelId: string, messageId: MessageId, senderId?: string, citedBy: MessageId }
    'reliable:message:progress': { channelId: string, direction: 'out' | 'in', id: RequestId | MessageId, segments: number, total: number, bytes: number, totalBytes: number }
    'reliable:channel:members': { channelId: string, members: readonly Member[] }
    'reliable:channel:status': { channelId: string, status: ChannelStatus }
    'reliable:channel:error': { channelId: string, error: Error, count: number }
  }

  Encryption: {
    encrypt (content: Uint8Array, context: EncryptionContext): Promise<Uint8Array> | Uint8Array
    decrypt (payload: Uint8Array, context: EncryptionContext): Promise<Decrypted> | Decrypted
    discoverySecrets? (context: EncryptionContext): Promise<Uint8Array[]> | Uint8Array[]
  }
  Decrypted: Uint8Array | { content: Uint8Array, sender?: PeerId, senderId?: string } | null
  EncryptionContext: { channelId: string, contentTopic: string, senderId: string }
  Keyring: {
    readonly currentId: string
    rotate (key: Uint8Array, options?: { keepOldMs?: number }): string
    remove (keyId: string): void
    export (): Bytes
  }

  NodeInit: {
    libp2p?: Libp2p | Libp2pOptions
    privateKey?: PrivateKey
    listen?: string[]
    rendezvousPoints?: Array<string | Multiaddr>
    actAsRendezvousPoint?: boolean | RendezvousPointInit
    storage?: string | Datastore
    start?: boolean
    channels?: ChannelManagerInit
    discovery?: DiscoveryInit
    exchange?: ExchangeInit
  }
  HoldfastNode: {
    readonly libp2p: Libp2p
    readonly channels: ChannelManager
    readonly discovery: DiscoveryManager
    readonly exchange: MessageExchange
    readonly rendezvous: RendezvousClient
    readonly rendezvousPoint?: RendezvousPoint
    start (): Promise<void>
    stop (): Promise<void>
    [Symbol.asyncDispose] (): PromiseLike<void>
  }

  RendezvousPointInit: {
    protocol?: string
    minTtl?: number
    maxTtl?: number
    maxRegistrations?: number
    maxRegistrationsPerPeer?: number
    requestsPerSecond?: number
    recordFormat?: 'standard' | 'legacy' | 'auto'
    authorize? (peer: PeerId, namespace: string): boolean | Promise<boolean>
  }
  RendezvousClientInit: { protocol?: string, points?: Array<string | Multiaddr>, ttl?: number, recordFormat?: 'standard' | 'legacy' | 'auto' }
  DiscoveryInit: { bootstrap?: Array<string | Multiaddr>, walkers?: number }

  FakeMessaging: {
    readonly sent: Array<{ requestId: MessagingRequestId, envelope: MessageEnvelope }>
    confirm (requestId: MessagingRequestId): void
    receive (envelope: MessageEnvelope): void
  }
  Simulation: {
    readonly members: readonly SimulatedMember[]
    run (ms: number): Promise<void>
    partition (groups: number[][]): void
    heal (): void
    check (): void
    [Symbol.asyncDispose] (): PromiseLike<void>
  }
  SimulatedMember: {
    readonly index: number
    readonly channels: ChannelManager
    crash (): void
    restart (): Promise<void>
    setOnline (online: boolean): void
  }
}

/** What is exported under those names. */
interface Exported {
  RequestId: RequestId
  MessagingRequestId: MessagingRequestId
  MessageId: MessageId
  Cursor: Cursor
  Bytes: Bytes
  Cancel: Cancel
  Clock: Clock
  Random: Random
  EventSource: EventSource<ChannelEvents>
  MessageEnvelope: MessageEnvelope
  SendHandler: SendHandler
  MessagingEvents: MessagingEvents
  MessagingApi: MessagingApi
  ManagerComponents: ConstructorParameters<typeof ChannelManager>[0]
  ChannelManager: ChannelManager
  ChannelManagerInit: ChannelManagerInit
  ChannelOptions: ChannelOptions
  SegmentationConfig: SegmentationConfig
  SdsConfig: SdsConfig
  HistoryConfig: HistoryConfig
  SendOptions: SendOptions
  RequestState: RequestState
  RequestInfo: RequestInfo
  ReceivedMessage: ReceivedMessage
  StoredMessage: StoredMessage
  Member: Member
  ChannelStatus: ChannelStatus
  Channel: Channel
  OfRequest: OfRequest
  ChannelEvents: ChannelEvents
  Encryption: Encryption
  Decrypted: Decrypted
  EncryptionContext: EncryptionContext
  Keyring: Keyring
  NodeInit: NodeInit
  HoldfastNode: HoldfastNode
  RendezvousPointInit: RendezvousPointInit
  RendezvousClientInit: RendezvousClientInit
  DiscoveryInit: DiscoveryInit
  FakeMessaging: FakeMessaging
  Simulation: Simulation
  SimulatedMember: SimulatedMember
}

type Namespace = string | ((point: PeerId) => string)

/** Where additions are allowed within a signature: what is exported can stand where this is expected. */
interface Usable {
  createNode: (init?: NodeInit) => Promise<HoldfastNode>
  compareMessages: (a: ReceivedMessage, b: ReceivedMessage) => number
  createKeyring: (from: Uint8Array) => Keyring
  plaintext: () => Encryption
  symmetric: (options: { key: Uint8Array } | { passphrase: string } | { keyring: Keyring }) => Encryption
  signed: (inner: Encryption, options: { privateKey: PrivateKey, members?: Iterable<PeerId> | ((sender: PeerId, senderId: string) => boolean) }) => Encryption
  rendezvousPoint: (init?: RendezvousPointInit) => (components: RendezvousPointComponents) => RendezvousPoint
  rendezvousClient: (init?: RendezvousClientInit) => (components: RendezvousClientComponents) => RendezvousClient
  discovery: (init?: DiscoveryInit) => (components: DiscoveryComponents) => DiscoveryManager
  exchange: (init?: ExchangeInit) => (components: ExchangeComponents) => MessageExchange
  reliableChannels: (init?: ChannelManagerInit & { datastore?: Datastore }) => (components: ReliableChannelsComponents) => ChannelManager
  gossipsubOptions: (options?: Partial<GossipsubOpts>) => Partial<GossipsubOpts>
  createFakeMessaging: (init?: { confirm?: 'auto' | 'manual' }) => FakeMessaging
  createSimulation: (init: SimulationInit) => Promise<Simulation>
  ChannelManager: new (components: Contract['ManagerComponents'], init?: ChannelManagerInit) => ChannelManager
  register: (namespace: Namespace, options?: { ttl?: number } & AbortOptions) => Promise<Array<{ point: PeerId, ttl?: number, error?: Error }>>
  unregister: (namespace: Namespace, options?: AbortOptions) => Promise<void>
  discover: (namespace: Namespace, options?: { limit?: number } & AbortOptions) => AsyncIterable<PeerInfo>
  requestLocally: (namespace: string) => PeerInfo[]
  fail: (requestId: MessagingRequestId, error: Error) => void
  // a manager, a client, a node and what is made by the factories can be started and stopped
  startables: Startable
  messaging: MessagingApi
  channelDiscovery: ChannelDiscovery
  nodeInAScope: AsyncDisposable
  clock: Clock
}

interface ExportedForUse {
  createNode: typeof createNode
  compareMessages: typeof compareMessages
  createKeyring: typeof createKeyring
  plaintext: typeof plaintext
  symmetric: typeof symmetric
  signed: typeof signed
  rendezvousPoint: typeof rendezvousPoint
  rendezvousClient: typeof rendezvousClient
  discovery: typeof discovery
  exchange: typeof exchange
  reliableChannels: typeof reliableChannels
  gossipsubOptions: typeof gossipsubOptions
  createFakeMessaging: typeof createFakeMessaging
  createSimulation: typeof createSimulation
  ChannelManager: typeof ChannelManager
  register: RendezvousClient['register']
  unregister: RendezvousClient['unregister']
  discover: RendezvousClient['discover']
  requestLocally: RendezvousClient['requestLocally']
  fail: FakeMessaging['fail']
  startables: ChannelManager | HoldfastNode | RendezvousClient | RendezvousPoint | DiscoveryManager
  messaging: FakeMessaging
  channelDiscovery: DiscoveryManager
  nodeInAScope: HoldfastNode | Channel | Simulation
  clock: Simulation['clock']
}

/** Whether two types are one, optional and read-only members included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Of an object what is promised of it, the rest being additions; and nothing of what is optional may have become required. */
type Promised<Given, Expected> = Given extends (...args: never) => unknown
  ? Given
  : Given extends object ? { [K in keyof Given as K extends keyof Expected ? K : never]: Given[K] } : Given

/** Members of `T` that an object of it cannot do without. */
type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** What programs hand in: a new member that is required would break them. */
type HandedIn = 'MessagingApi' | 'ManagerComponents' | 'ChannelManagerInit' | 'ChannelOptions' | 'SendOptions' | 'Encryption' | 'NodeInit' |
  'RendezvousPointInit' | 'RendezvousClientInit' | 'DiscoveryInit' | 'Clock' | 'Random' | 'MessageEnvelope'

type Changed = {
  [K in keyof Contract]: true extends Same<Exported[K], Contract[K]> | Same<Flat<Promised<Exported[K], Contract[K]>>, Flat<Contract[K]>> ? never : K
}[keyof Contract]
type NowRequired = { [K in HandedIn]: Exclude<RequiredKeys<Exported[K]>, keyof Contract[K]> extends never ? never : K }[HandedIn]
type Unusable = { [K in keyof Usable]: ExportedForUse[K] extends Usable[K] ? never : K }[keyof Usable]

/** An intersection as one object. */
type Flat<T> = T extends (...args: never) => unknown ? T : T extends Uint8Array ? T : T extends object ? { [K in keyof T]: T[K] } : T

type None<Broken extends string> = [Broken] extends [never] ? 'none' : `not ${Broken}`

/** The compiler names what is broken. */
export const changed: None<Changed> = 'none'
export const nowRequired: None<NowRequired> = 'none'
export const unusable: None<Unusable> = 'none'
