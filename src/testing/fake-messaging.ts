import { createEmitter } from '../mitt.js'
import type { MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId } from '../messaging/types.js'
import type { Emitter } from 'mitt'

export interface FakeMessagingInit {
  /** `auto` reports every envelope as sent, right after `send()` resolved. @default 'manual' */
  confirm?: 'auto' | 'manual'
  /** what `subscribers()` tells at first. @default 1 */
  subscribers?: number
}

/** A messaging layer without a network: the test is the network. */
export interface FakeMessaging extends MessagingApi {
  /** every envelope handed over, oldest first */
  readonly sent: Array<{ requestId: MessagingRequestId, envelope: MessageEnvelope }>
  /** content topics subscribed to now */
  readonly topics: ReadonlySet<string>
  readonly events: Emitter<MessagingEvents>
  /** `message_sent` for this request */
  confirm (requestId: MessagingRequestId): void
  /** `message_error` for this request: final, unless `retryable` */
  fail (requestId: MessagingRequestId, error: Error, retryable?: boolean): void
  /** `message_received`, as if the envelope came from a peer; nothing happens while its topic is not subscribed */
  receive (envelope: MessageEnvelope): void
  /** `send()` rejects with `error` until this is called without one */
  rejectSends (error?: Error): void
  /** what `subscribers()` tells from now on */
  setSubscribers (count: number): void
  subscribers (contentTopic: string): number
}

/**
 * A messaging layer in memory, for tests of what sits on top of it.
 *
 * @example
 *
 * ```ts
 * const messaging = createFakeMessaging({ confirm: 'auto' })
 * const channels = new ChannelManager({ messaging })
 * const channel = await channels.createChannel('cats', { encryption: plaintext() })
 *
 * await channels.start()
 * await channel.send(new TextEncoder().encode('hi'))
 * messaging.sent.length // 1
 * ```
 */
export function createFakeMessaging (init: FakeMessagingInit = {}): FakeMessaging {
  const events = createEmitter<MessagingEvents>()
  const sent: FakeMessaging['sent'] = []
  const topics = new Set<string>()
  let subscribers = init.subscribers ?? 1
  let rejection: Error | undefined
  let received = 0

  const messaging: FakeMessaging = {
    events,
    sent,
    topics,
    send: async (envelope, options) => {
      options?.signal?.throwIfAborted()

      if (rejection != null) {
        throw rejection
      }

      const requestId = `request-${sent.length}`
      sent.push({ requestId, envelope })

      if (init.confirm === 'auto') {
        // two turns of the microtask queue: the caller has seen the ID by then
        void Promise.resolve().then(() => {}).then(() => { messaging.confirm(requestId) })
      }

      return requestId
    },
    subscribe: async (topic) => { topics.add(topic) },
    unsubscribe: async (topic) => { topics.delete(topic) },
    subscribers: () => subscribers,
    setSubscribers: (count) => { subscribers = count },
    rejectSends: (error) => { rejection = error },
    confirm: (requestId) => {
      events.emit('message_sent', { requestId, messageHash: `hash-of-${requestId}` })
    },
    fail: (requestId, error, retryable) => {
      events.emit('message_error', { requestId, error, ...(retryable == null ? {} : { retryable }) })
    },
    receive: (envelope) => {
      if (topics.has(envelope.contentTopic)) {
        events.emit('message_received', { messageHash: `received-${received++}`, message: envelope })
      }
    }
  }

  return messaging
}
