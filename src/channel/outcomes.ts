import type { MessagingApi, MessagingEvents, MessagingRequestId } from '../messaging/index.js'

/** Outcomes that nobody asked for yet. Beyond that the oldest are forgotten. */
const MAX_EARLY = 10_000

/** What the messaging layer said of an envelope. */
export type Outcome = { sent: true } | { sent: false, error: Error, retryable: boolean }

/**
 * Brings the outcomes of the messaging layer to whoever dispatched the envelope. One that comes
 * before the dispatch returned its ID is kept.
 */
export class Outcomes {
  private readonly messaging: MessagingApi
  private readonly expected = new Map<MessagingRequestId, Array<(outcome: Outcome) => void>>()
  private readonly early = new Map<MessagingRequestId, Outcome>()

  constructor (messaging: MessagingApi) {
    this.messaging = messaging
  }

  start (): void {
    this.messaging.events.on('message_sent', this.onSent)
    this.messaging.events.on('message_error', this.onError)
  }

  stop (): void {
    this.messaging.events.off('message_sent', this.onSent)
    this.messaging.events.off('message_error', this.onError)
    this.early.clear()
  }

  /** Calls `fn` once with the outcome. Returns the way to stop waiting. */
  expect (requestId: MessagingRequestId, fn: (outcome: Outcome) => void): () => void {
    const early = this.early.get(requestId)

    if (early != null) {
      this.early.delete(requestId)
      fn(early)

      return () => {}
    }

    const waiting = this.expected.get(requestId)

    if (waiting == null) {
      this.expected.set(requestId, [fn])
    } else {
      waiting.push(fn)
    }

    return () => {
      const rest = this.expected.get(requestId)?.filter(other => other !== fn)

      if (rest == null || rest.length === 0) {
        this.expected.delete(requestId)
      } else {
        this.expected.set(requestId, rest)
      }
    }
  }

  private readonly onSent = (event: MessagingEvents['message_sent']): void => {
    this.settle(event.requestId, { sent: true })
  }

  private readonly onError = (event: MessagingEvents['message_error']): void => {
    this.settle(event.requestId, { sent: false, error: event.error, retryable: event.retryable === true })
  }

  private settle (requestId: MessagingRequestId, outcome: Outcome): void {
    const waiting = this.expected.get(requestId)

    if (waiting == null) {
      if (this.early.size >= MAX_EARLY) {
        this.early.delete(this.early.keys().next().value as MessagingRequestId)
      }

      this.early.set(requestId, outcome)

      return
    }

    this.expected.delete(requestId)
    waiting.forEach(fn => { fn(outcome) })
  }
}
