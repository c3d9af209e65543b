import type { AbortOptions, PeerId } from '@libp2p/interface'

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
}

/**
 * What became of a delivered payload:
 * `accepted` it was new; `duplicate` known already; `mismatch` it decrypts, but to another
 * message than the one asked for; `invalid` it does not decrypt or decode.
 */
export type DeliveryVerdict = { result: 'accepted' | 'duplicate' | 'mismatch' | 'invalid', messageId?: string }

/** What a channel lets the exchange do: look up what it holds, hand in what was fetched. */
export interface ExchangeChannel {
  readonly channelId: string
  /** 32-byte discovery keys, current first: whoever proves one is a member or a holder */
  keys (): Uint8Array[]
  /** the payload exactly as published, by message ID or by its sha256 */
  payload (want: { messageId: string } | { hash: Uint8Array }, options?: AbortOptions): Promise<Uint8Array | undefined>
  /** whether `payload()` would find it */
  has (want: { messageId: string } | { hash: Uint8Array }): boolean
  /** whether the message was here and retention has removed it */
  gone (messageId: string): boolean
  /** log entries in causal order between two places, exclusive of `after` and `before`; newest first when `reverse` */
  entries (range: { after?: LogPosition, before?: LogPosition, limit: number, reverse?: boolean }): LogEntry[]
  /** decrypts, checks and takes in a payload */
  accept (payload: Uint8Array, from: PeerId, wanted?: string): Promise<DeliveryVerdict>
  /** peers that are likely to have it, best first: who relayed the message that cites it, its author, whose filter shows it */
  holders (messageId: string): PeerId[]
  /** peers of the channel, connected ones first */
  peers (): PeerId[]
}

/** A channel's place in the exchange, from `join()` until `leave()`. */
export interface ExchangeMembership {
  /** asks for these; repeated calls for the same ID raise `attempt` */
  want (messages: WantedMessage[]): void
  /** they came by another way, or are given up */
  cancel (messageIds: string[]): void
  /** a payload came by gossip: sessions that wait for it are served */
  arrived (messageId: string): void
  leave (options?: AbortOptions): Promise<void>
}

/** The part of the exchange that `ChannelManager` uses. */
export interface MessageExchange {
  join (channel: ExchangeChannel): ExchangeMembership
}
