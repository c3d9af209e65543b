import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Emitter } from 'mitt'

/** One envelope handed to the messaging layer. */
export type MessagingRequestId = string

/** What travels on a content topic: the fields of 14/WAKU2-MESSAGE that an application sees. */
export interface MessageEnvelope {
  contentTopic: string
  payload: Uint8Array
  /** a hint for stores that it need not be kept */
  ephemeral: boolean
  /** the marker of the layer that the payload belongs to */
  meta: Uint8Array
  /** unix time in ns; set on received envelopes */
  timestamp?: bigint
}

/**
 * Hands an envelope over. Resolves with an ID under which `message_sent` or `message_error`
 * will tell the outcome; that event may come before this resolves.
 */
export type SendHandler = (envelope: MessageEnvelope, options?: AbortOptions) => Promise<MessagingRequestId>

// a type, not an interface: mitt wants an index signature
export type MessagingEvents = {
  /** at least one peer took it */
  message_sent: { requestId: MessagingRequestId, messageHash: string }
  /** it was seen to travel on */
  message_propagated: { requestId: MessagingRequestId, messageHash: string }
  /** final, unless `retryable` */
  message_error: { requestId: MessagingRequestId, messageHash?: string, error: Error, retryable?: boolean }
  /** an envelope on a subscribed content topic; `from` is the peer that relayed it */
  message_received: { messageHash: string, message: MessageEnvelope, from?: PeerId }
}

/** The MESSAGING-API of the Logos LIPs, as far as channels need it. Fakes plug in here. */
export interface MessagingApi {
  readonly events: Pick<Emitter<MessagingEvents>, 'on' | 'off'>
  send: SendHandler
  subscribe (contentTopic: string, options?: AbortOptions): Promise<void>
  unsubscribe (contentTopic: string, options?: AbortOptions): Promise<void>
  /** How many peers are subscribed to the topic; one that does not tell counts as having some. */
  subscribers? (contentTopic: string): number
  /** Calls `fn` with a content topic whose number of subscribers may have changed; returns the way to stop it. */
  onSubscribersChange? (fn: (contentTopic: string) => void): () => void
}
