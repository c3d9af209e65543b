import type { Bytes, Random } from '../clock.js'
import type { StoreOp } from '../storage/index.js'

/** SDS message ID: 64 lower-case hex digits from us, any string from others. */
export type MessageId = string

/** Settings of one channel's SDS. Times in milliseconds. */
export interface SdsConfig {
  /** `waku` sets T_min 30 s, T_max 120 s and `lostAfterMs` 300 s, as Waku clusters have them. @default 'default' */
  profile: 'default' | 'waku'
  /** the filter that we send; both are read. @default 'compact' */
  bloom: 'compact' | 'waku'
  /** T_min of SDS-R: the least wait before a repair is asked for. @default 2_000 */
  repairMinMs: number
  /** T_max of SDS-R. @default 20_000 */
  repairMaxMs: number
  /** how long a message waits for its dependencies; more than `2 * repairMaxMs`. @default 60_000 */
  lostAfterMs: number
  /** how far over the wall clock a Lamport timestamp may be. @default 86_400_000 */
  maxAheadMs: number
  /** entries of causal history in one message. @default 32 */
  maxCausalHistory: number
  /** until the first resend of a message that nobody acknowledged. @default 5_000 */
  acknowledgementTimeoutMs: number
  /** resends before `delivery-error`. @default 5 */
  maxRetransmissions: number
  /** other senders that must hold a message before it counts as acknowledged. @default 1 */
  deliveredAt: number
  /** remembered message IDs, with those in the log; beyond that, and beyond half as many that are not in it, the oldest go and the Lamport floor rises. @default 1_000_000 */
  maxSeen: number
}

/** What an `Sds` is made with. */
export interface SdsInit {
  channelId: string
  senderId: string
  config?: Partial<SdsConfig>
  random: Random
  /** wall clock, ms; of a new channel: its join mark */
  now: number
  /** whether `takeOps()` is called after every call; without it nothing is recorded. @default true */
  persistent?: boolean
}

/** Options of `stage()`. */
export interface StageOptions {
  /** no Lamport timestamp, history or filter; neither logged nor resent */
  ephemeral?: boolean
  /** the first of the consecutive salts, from `reserveSalts()`; default: the next ones */
  saltBase?: bigint
  /** the contents are one set with parity, any part of which may be missing: each message cites what the first does */
  parity?: boolean
}

/** A part of the log. */
export interface LogRange {
  /** exclusive */
  after?: LogPlace
  /** exclusive */
  before?: LogPlace
  limit: number
  /** newest first */
  reverse?: boolean
}

export type Acknowledgement = 'unacknowledged' | 'possibly-acknowledged' | 'acknowledged'

/** An entry of causal history or of a repair request, as on the wire. */
export interface HistoryEntry {
  messageId: MessageId
  /** where its bytes can be had: sha256 of the ciphertext, or a Waku message hash */
  retrievalHint?: Uint8Array
  senderId?: string
  /** Lamport timestamp in ms */
  lamportTimestamp?: number
}

/** A place in the order of the log, which need not be taken. */
export interface LogPlace {
  /** ms */
  lamportTimestamp: number
  messageId: MessageId
}

/** A message in the log. */
export interface LogEntry extends LogPlace {
  senderId: string
  retrievalHint?: Uint8Array
}

/** A decoded SDS message. */
export interface SdsMessage {
  senderId: string
  messageId: MessageId
  channelId: string
  /** ms; absent on ephemeral messages */
  lamportTimestamp?: number
  causalHistory: HistoryEntry[]
  bloomFilter?: Uint8Array
  repairRequest: HistoryEntry[]
  /** absent on sync messages */
  content?: Uint8Array
  /** unix time in ns that the message ID was made with */
  idSalt?: bigint
}

/** A message that was wrapped and is not yet part of the state: see {@link Staged}. */
export interface StagedMessage {
  messageId: MessageId
  idSalt: bigint
  /** ms; 0 when ephemeral */
  lamportTimestamp: number
  /** the serialised SDS message */
  bytes: Bytes
}

/**
 * What `stage()` made. Nothing of it is in the log, in a history or in a filter until `apply()`,
 * which the caller calls once `ops` are durable. Only counters (Lamport clock, salts) have moved
 * before, and a gap in them harms nobody.
 */
export interface Staged {
  messages: StagedMessage[]
  ops: StoreOp[]
  apply (now: number): void
}

/** Why something from the network was dropped. */
export type RejectReason =
  | 'malformed' | 'wrong-channel' | 'own-id' | 'id-mismatch' | 'lamport-ahead' | 'below-floor'
  | 'stale-ephemeral' | 'full' | 'wrong-sender'
  /** the filter alone was ignored, all else in the message was taken in */
  | 'bad-filter'

/** A dependency that is not here. */
export interface MissingEntry extends HistoryEntry {
  /** the message that cites it, and who sent that */
  citedBy: MessageId
  citer: string
  /** how often it was reported, this time included */
  attempt: number
}

/**
 * What the caller has to do, in order, once the operations of `takeOps()` are durable.
 */
export type SdsEffect =
  /** first sight of a message with content: reassembly may have it; it is not yet released */
  | { type: 'received', message: SdsMessage }
  /**
   * everything before it is released (or lost): the application may have it now. `late`: it had
   * been reported lost. `history`: it was fetched, and is from before our joining or from below
   * the floor, so it belongs into the log but is no news
   */
  | { type: 'released', messageId: MessageId, senderId: string, lamportTimestamp: number, late: boolean, history: boolean }
  /** deliver at once, keep nothing */
  | { type: 'ephemeral', message: SdsMessage }
  /** seen before; the state is unchanged but for acknowledgements that it carries */
  | { type: 'duplicate', messageId: MessageId }
  /** publish the kept bytes of this message again */
  | { type: 'transmit', reason: 'resend' | 'repair', messageId: MessageId }
  /** publish a sync message */
  | { type: 'sync', bytes: Bytes }
  /** `senderId` is now known to hold this message of ours */
  | { type: 'receipt', messageId: MessageId, senderId: string }
  /** `deliveredAt` other senders hold this message of ours; it is not resent any more */
  | { type: 'acknowledged', messageId: MessageId }
  /** resends are used up; receipts may still come */
  | { type: 'not-acknowledged', messageId: MessageId, attempts: number }
  /** fetch these, if there is a way; reported at once and again with backoff until met or lost */
  | { type: 'missing', entries: MissingEntry[] }
  /** no longer needed: it came, or it is lost, or it turned out to be history */
  | { type: 'found', messageId: MessageId }
  /** given up; what waited for it is released */
  | { type: 'lost', messageId: MessageId, senderId?: string, citedBy: MessageId }
  | { type: 'rejected', reason: RejectReason, messageId?: MessageId, senderId?: string, error: Error }

/** What `receive()` knows about the bytes beyond themselves. */
export interface ReceiveContext {
  /** sha256 of the ciphertext, or the Waku message hash: cited as retrieval hint later */
  retrievalHint?: Uint8Array
  /** sender ID that the encryption proved; a message with another one is dropped */
  verifiedSenderId?: string
  /** fetched on request rather than heard: does not count as live traffic, nor as a sign of joining */
  fetched?: boolean
  /** when this copy left, as whoever sent it claims, ms: a retransmission is older than that */
  transmittedAt?: number
}

/** Counters for status and tests. */
export interface SdsStatus {
  /** messages of ours that fewer than `deliveredAt` senders hold and that are still resent */
  unacknowledged: number
  /** received, waiting for dependencies */
  parked: number
  /** dependencies that are waited for */
  missing: number
  /** dependencies given up so far */
  lost: number
  /** entries of the log */
  log: number
  /** remembered message IDs */
  seen: number
  lamportTimestamp: number
  /** bytes of memory that parked messages, filters and buffers hold, as counted against the bounds */
  bytes: number
  /** Lamport timestamp in ms: what is at or below it and unknown is no longer let in */
  floor: number
  /** what was dropped so far, by reason */
  rejected: Readonly<Partial<Record<RejectReason, number>>>
}
