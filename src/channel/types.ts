import type { Bytes, Clock, Random } from '../clock.js'
import type { ChannelDiscovery } from '../discovery/types.js'
import type { Encryption } from '../encryption/index.js'
import type { MessageExchange } from '../exchange/types.js'
import type { MessagingApi, SendHandler } from '../messaging/index.js'
import type { RateLimitConfig } from '../ratelimit/index.js'
import type { MessageId, SdsConfig } from '../sds/index.js'
import type { SegmentationConfig } from '../segmentation/index.js'
import type { AbortOptions, ComponentLogger, Metrics, PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** One `send()` of a channel. */
export type RequestId = string

/** A message's place in both orders of the history: opaque, stable over restarts. */
export type Cursor = string

/** Typed events. A handler that throws is logged and stops nobody. */
export interface EventSource<E> {
  /** Calls `handler` for every event of the type, until the returned function is called or the signal aborts. */
  on<K extends keyof E> (type: K, handler: (event: E[K]) => void, options?: AbortOptions): () => void
  off<K extends keyof E> (type: K, handler: (event: E[K]) => void): void
}

/** What a `ChannelManager` is made of. Only `messaging` is required. */
export interface ChannelManagerComponents {
  messaging: MessagingApi
  /** where channels keep their state; without one it is kept in memory and ends with the process */
  datastore?: Datastore
  discovery?: ChannelDiscovery
  exchange?: MessageExchange
  /** this node's peer ID: the default sender ID of its channels */
  peerId?: PeerId
  clock?: Clock
  random?: Random
  logger?: ComponentLogger
  metrics?: Metrics
}

export interface ChannelManagerInit {
  /** options that channels take when they are created without them */
  defaults?: Omit<Partial<ChannelOptions>, 'encryption' | 'senderId'>
  /** refuse a datastore that does not outlive the process. @default false */
  requireDurable?: boolean
  /** channels open at once. @default 10_000 */
  maxChannels?: number
}

/** How much of a channel is kept, and how much of its past a newcomer fetches. */
export interface HistoryConfig {
  /** messages in the log; beyond that the oldest go. @default 100_000 */
  maxMessages: number
  /** bytes of payloads in the log. @default 268_435_456 (256 MiB) */
  maxBytes: number
  /** age in ms by our own receipt. @default 2_592_000_000 (30 days) */
  maxAgeMs: number
  /** how much of what was said before its own joining a newcomer fetches. @default 'recent' */
  join: 'none' | 'recent' | 'full'
}

/** Bounds and timers of sending. */
export interface SendingConfig {
  /** requests that wait or are being sent. @default 1_000 */
  maxQueued: number
  /** their payload bytes. @default 134_217_728 (128 MiB) */
  maxQueuedBytes: number
  /** envelopes that were handed over and have no outcome yet. @default 1_024 */
  maxInFlight: number
  /** their bytes. @default 2_097_152 (2 MiB) */
  maxInFlightBytes: number
  /** ms that one segment may take from its first attempt to its outcome, while there are peers. @default 30_000 */
  sendTimeoutMs: number
  /** ms before the first retry of an attempt that was refused; doubles up to 16 times that. @default 500 */
  retryMs: number
}

export interface ChannelOptions {
  /** Required. `plaintext()` is a choice, never a default. */
  encryption: Encryption
  /** The topic on the messaging layer. @default the channel ID */
  contentTopic?: string
  /** One per device, and always the same for one stored channel. @default this node's peer ID */
  senderId?: string
  /** Members find each other by it. @default what `encryption` derives, else the channel ID */
  discoverySecret?: Uint8Array
  /** A fixed, public rendezvous namespace instead of the derived ones. */
  namespace?: string
  /** Hands envelopes over. Outcomes come through `messaging.events`. @default messaging.send */
  sendHandler?: SendHandler
  segmentation?: Partial<SegmentationConfig>
  sds?: Partial<SdsConfig>
  rateLimit?: Partial<RateLimitConfig>
  history?: Partial<HistoryConfig>
  sending?: Partial<SendingConfig>
}

/** `signal` works until the message is staged; afterwards use `cancel()`. */
export interface SendOptions extends AbortOptions {
  /** Never stored or acknowledged; ends in sent, or send-error (RateLimitedError when dropped). */
  ephemeral?: boolean
  /** The caller's idempotency key: a second `send()` with it stages nothing. */
  requestId?: RequestId
  /** ms until sent. @default none on a durable store: it waits while offline; `sendTimeoutMs` otherwise */
  timeoutMs?: number
  /** @default 'throw' (QueueFullError) */
  whenFull?: 'throw' | 'wait'
}

export type RequestState = 'queued' | 'sending' | 'sent' | 'delivered' | 'send-error' | 'delivery-error'

/** A frozen snapshot; the same object until it changes. */
export interface RequestInfo {
  requestId: RequestId
  /** absent on ephemerals */
  messageId?: MessageId
  state: RequestState
  /** payload bytes */
  size: number
  /** sender IDs known to hold the whole message */
  receipts: readonly string[]
  error?: Error
  /** ms; when the rate limit is expected to let it through */
  expectedAt?: number
}

export interface ReceivedMessage {
  channelId: string
  messageId: MessageId
  senderId: string
  /** verified by the encryption (`signed()`) */
  sender?: PeerId
  /** empty when streamed */
  payload: Bytes
  /** its bytes are read with `content()` */
  streamed: boolean
  /** payload bytes */
  size: number
  ephemeral: boolean
  own: boolean
  /** had been reported lost */
  late: boolean
  /** ms, the sender's claim, for display */
  timestamp: number
  /** ms, ours */
  receivedAt: number
  /** absent on ephemerals */
  cursor?: Cursor
}

export interface StoredMessage extends ReceivedMessage {
  cursor: Cursor
  /** own ones: how their sending went */
  request?: RequestInfo
}

export interface Member {
  senderId: string
  /** verified by the encryption */
  peerId?: PeerId
  own: boolean
  /** heard of within the last minute, or among the peers that discovery has connected */
  connected: boolean
  /** ms, when something of theirs last came in */
  lastSeen?: number
}

export interface ChannelStatus {
  state: 'stopped' | 'waiting-for-peers' | 'joining' | 'syncing' | 'synced' | 'closed'
  /** who can find the members: those with a secret, those who know the channel ID, or everybody */
  discoverable: 'secret' | 'by-id' | 'by-name'
  /** requests that are not sent yet */
  queued: number
  /** envelopes without an outcome */
  inFlight: number
  /** our messages that are still resent */
  unacknowledged: number
  /** received messages that wait for others */
  parked: number
  /** messages that are waited for */
  missing: number
  /** messages given up */
  lost: number
  /** peers on the topic, or located by discovery */
  peers: number
  rateLimit: { state: 'ok' | 'approaching' | 'exhausted', resumesAt?: number }
}

export type OfRequest = { channelId: string, requestId: RequestId, messageId?: MessageId }

// a type, not an interface: mitt wants an index signature
export type ChannelEvents = {
  /** A message of another member, in causal order, once. Never our own, and not what was said before the channel was first opened here: that is in `history()`. */
  'reliable:message:received': ReceivedMessage
  /** Staged and durable. It says nothing about the network. */
  'reliable:message:queued': OfRequest & { size: number }
  /** Every segment was taken by at least one peer. It does not mean that a member has it. */
  'reliable:message:sent': OfRequest
  /** One more member is known to hold the whole message; also after delivered and delivery-error. */
  'reliable:message:receipt': OfRequest & { senderId: string, receipts: readonly string[] }
  /** `sds.deliveredAt` members hold the whole message. At most once. */
  'reliable:message:delivered': OfRequest & { receipts: readonly string[] }
  /** It is not known to have left. Final; it may still be in the log of others. */
  'reliable:message:send-error': OfRequest & { error: Error }
  /** Resending ended without enough acknowledgements. `delivered` may still follow. */
  'reliable:message:delivery-error': OfRequest & { error: Error }
  /** Given up; what depended on it is released. It is delivered late should it still come. */
  'reliable:message:lost': { channelId: string, messageId: MessageId, senderId?: string, citedBy: MessageId }
  /** How far a message of several segments is; at most ten a second for each, and one at the end. */
  'reliable:message:progress': { channelId: string, direction: 'out' | 'in', id: RequestId | MessageId, segments: number, total: number, bytes: number, totalBytes: number }
  /** How far fetching what was said before our joining is; at most ten a second, and one at the end. */
  'reliable:channel:history': { channelId: string, listed: number, held: number, bytes: number, complete: boolean }
  'reliable:channel:members': { channelId: string, members: readonly Member[] }
  /** On change, debounced. */
  'reliable:channel:status': { channelId: string, status: ChannelStatus }
  /** Something from the network or the store that was not right; counted since the last such event. */
  'reliable:channel:error': { channelId: string, error: Error, count: number }
}

export interface Channel extends AsyncDisposable {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  /** Nothing is emitted before `createChannel()`'s continuation ran. */
  readonly events: EventSource<ChannelEvents>

  /**
   * Resolves once the message is staged: on a durable store it then survives a crash. No outcome
   * event of it comes before the continuation ran.
   *
   * @throws {EmptyPayloadError} {@link PayloadTooLargeError} {@link QueueFullError} {@link ChannelClosedError}
   */
  send (payload: Uint8Array, options?: SendOptions): Promise<RequestId>

  /** Sends `size` bytes as one message, however large, in flat memory. Resolves once the first part is staged. */
  sendStream (source: AsyncIterable<Uint8Array>, options: SendOptions & { size: number }): Promise<RequestId>

  /** false: already sent, or ended; true: it ends in send-error (SendCancelledError). */
  cancel (requestId: RequestId, options?: AbortOptions): Promise<boolean>
  request (requestId: RequestId): RequestInfo | undefined

  /** Requests that are not sent yet, those from before a restart included. */
  pending (): RequestInfo[]

  /** Waits for a stage of a request and rejects with the request's error. The last 10 000 requests are known. */
  settled (requestId: RequestId, stage: 'sent' | 'delivered', options?: AbortOptions): Promise<void>
  ready (stage: 'joined' | 'synced', options?: AbortOptions): Promise<void>

  /**
   * Messages as they come, subscribed at the call. With `after`: from the log, then live, no gap
   * and no repeat. A consumer that is slow is served from the log. `own`: our own ones too.
   */
  messages (options?: { after?: Cursor, own?: boolean } & AbortOptions): AsyncIterable<ReceivedMessage>

  /** The log, own messages included: show it in causal order, catch up in arrival order. @default order 'causal' */
  history (options?: { order?: 'causal' | 'arrival', after?: Cursor, before?: Cursor, limit?: number, reverse?: boolean } & AbortOptions): AsyncIterable<StoredMessage>
  message (messageId: MessageId, options?: AbortOptions): Promise<StoredMessage | undefined>

  /** The bytes of a message in pieces, streamed or not. */
  content (messageId: MessageId, options?: AbortOptions): AsyncIterable<Bytes>

  /** Messages after the cursor in arrival order, for unread counts. */
  count (options?: { after?: Cursor, own?: boolean } & AbortOptions): Promise<number>

  /** Sender IDs known to hold the whole message. */
  receipts (requestId: RequestId): readonly string[]
  members (): readonly Member[]
  status (): ChannelStatus
  close (options?: AbortOptions): Promise<void>
}
