import type { AbortOptions, PeerId } from '@libp2p/interface'

/**
 * What a node can do in a channel. A `holder` knows the discovery key but not the encryption key:
 * it keeps payloads, and is served and serves by their hash only.
 */
export type Role = 'member' | 'holder'

/** What is asked for: by message ID, or by the sha256 of the payload. */
export type PayloadKey = { messageId: string } | { hash: Uint8Array }

/** A place in the causal order of a channel's log. */
export interface LogPosition {
  /** ms */
  lamportTimestamp: number
  messageId: string
}

/** A message or segment as the log knows it. */
export interface LogEntry extends LogPosition {
  senderId: string
  /** sha256 of the payload bytes as published; absent while they are unknown */
  hash?: Uint8Array
  /** bytes of the payload as published */
  size: number
}

/** Something that the channel lacks. */
export interface WantedMessage {
  messageId: string
  /** sha256 of the payload as published, from whoever cited it */
  hint?: Uint8Array
  senderId?: string
  lamportTimestamp?: number
  /** sender ID of the member that cites it */
  citer: string
  attempt: number
  /** part of a segment set rather than a gap of its own: asked for after the gaps, of several peers at once */
  bulk?: boolean
}

/** Bytes that matched a hint and turned out to be something else. */
export interface DisprovedHint {
  messageId: string
  hint: Uint8Array
  /** the one to blame: sender ID of the member that cited it, or peer ID of the one that listed it in its history */
  citer: string
}

/**
 * What became of a delivered payload:
 * `accepted` it was new; `duplicate` known already; `mismatch` it decrypts, but to another
 * message than the one asked for; `invalid` it claims to be for us and is not authentic, or does
 * not decode; `unreadable` it is for a key that we do not hold, which is nobody's fault.
 */
export type DeliveryVerdict = { result: 'accepted' | 'duplicate' | 'mismatch' | 'invalid' | 'unreadable', messageId?: string }

/** What a channel lets the exchange do: look up what it holds, hand in what was fetched. */
export interface ExchangeChannel {
  readonly channelId: string
  /** ours in this channel. @default 'member' */
  readonly role?: Role
  /** 32-byte discovery keys, current first: whoever proves one is a member or a holder */
  keys (): Uint8Array[]
  /** the payload exactly as published, by message ID or by its sha256 */
  payload (want: PayloadKey, options?: AbortOptions): Promise<Uint8Array | undefined>
  /** whether `payload()` would find it */
  has (want: PayloadKey): boolean
  /** whether the message was here and retention has removed it */
  gone (messageId: string): boolean
  /**
   * Log entries in the order of (Lamport timestamp, message ID by code unit) between two places,
   * exclusive of `after` and `before`; newest first when `reverse`. Only entries whose payload is
   * here: what is listed is promised.
   */
  entries (range: { after?: LogPosition, before?: LogPosition, limit: number, reverse?: boolean }): LogEntry[]
  /**
   * Decrypts, checks and takes in a payload. With `wanted`, it is believed only when its recomputed
   * message ID is that one. A holder, who cannot tell, is given what matched the hash.
   */
  accept (payload: Uint8Array, from: PeerId, wanted?: string): Promise<DeliveryVerdict>
  /** peers that are likely to have it, best first: who relayed the message that cites it, its author, whose filter shows it */
  holders (messageId: string): PeerId[]
  /** peers of the channel, connected ones first */
  peers (): PeerId[]
  /**
   * Entries at or below it are not wanted: the join mark, or the edge of retention. Reconciliation
   * stops there. Absent: everything is wanted.
   */
  floor? (): LogPosition | undefined
  /** fewer than `count` peers can be asked: whoever finds peers should look harder */
  need? (count: number): void
  /** the exchange has given up for now; other ways of repair go on. It revives when a peer joins or it is wanted again */
  unavailable? (messageId: string): void
  /** a hint lied; it is never used again */
  disproved? (hint: DisprovedHint): void
}

/** How much of the past to fetch. */
export interface HistoryOptions extends AbortOptions {
  /** the newest `limit` messages, or everything that members still have. @default 'full' */
  mode?: 'recent' | 'full'
  /** messages, in mode `recent`. @default 1_000 */
  limit?: number
  /** nothing at or below it: the edge of our own retention */
  after?: LogPosition
  onProgress? (progress: HistoryProgress): void
}

/** How far fetching history has come. */
export interface HistoryProgress {
  /** messages listed by members so far, those that were here already included */
  listed: number
  /** messages that were here already, or have come since */
  held: number
  /** bytes fetched */
  bytes: number
  /** everything above it is listed */
  reached?: LogPosition
}

export interface HistoryResult extends HistoryProgress {
  /** messages that were listed and could not be had from anyone: hidden behind a lie, or retained by nobody */
  unavailable: number
  /** the oldest message that any member that was asked still has */
  horizon?: LogPosition
  /** how many members took part; with one alone, nobody has checked it */
  members: number
  /** nothing that was listed is missing */
  complete: boolean
}

/** What one round of reconciliation with a member found. */
export interface ReconcileResult {
  peer: PeerId
  /** messages that it has and we lacked; they are wanted now */
  missing: number
}

/** A channel's place in the exchange, from `join()` until `leave()`. */
export interface ExchangeMembership {
  /** asks for these; repeated calls for the same ID raise `attempt` */
  want (messages: WantedMessage[]): void
  /** they came by another way, or are given up */
  cancel (messageIds: string[]): void
  /** a payload is here, by gossip or of our own: sessions that wait for it are served. `hash`, its sha256, serves holders */
  arrived (messageId: string, hash?: Uint8Array): void
  /** a peer of the channel was found or came back: what had been given up is asked for again */
  joined (peer: PeerId): void
  /** fetches the past, newest first; resolves when all that could be had is here */
  history (options?: HistoryOptions): Promise<HistoryResult>
  /** compares logs with `peer`, or a random member, and wants what only the other has; also runs by itself every few minutes */
  reconcile (options?: { peer?: PeerId } & AbortOptions): Promise<ReconcileResult | undefined>
  leave (options?: AbortOptions): Promise<void>
}

/** The part of the exchange that `ChannelManager` uses. */
export interface MessageExchange {
  join (channel: ExchangeChannel): ExchangeMembership
}
