import { extended } from '../interned.js'
import { RateLimitedError } from '../ratelimit/index.js'
import { ChannelClosedError, DeliveryTimeoutError, NotAcknowledgedError, SendCancelledError, SendTimeoutError, StreamInterruptedError, UnknownRequestError } from './errors.js'
import { ENVELOPE_OVERHEAD_BYTES } from './publisher.js'
import { RequestWaiters } from './request-waiters.js'
import { isPending } from './requests.js'
import type { ChannelContext } from './context.js'
import type { Dispatcher } from './dispatcher.js'
import type { ProgressReports } from './progress.js'
import type { Publisher } from './publisher.js'
import type { Request, SentSet } from './requests.js'
import type { SendOutcome } from './send-state.js'
import type { OfRequest, RequestId, RequestState } from './types.js'
import type { StoreOp } from '../storage/index.js'
import type { AbortOptions } from '@libp2p/interface'

/** A request of many segments writes down every so many confirmations; a crash repeats the rest. */
const SAVE_EVERY = 16

/**
 * Takes requests from staged to their end: dispatches their segments, keeps account of outcomes,
 * of acknowledgements and of time, and tells the application once of each.
 */
export class Outbox {
  private readonly context: ChannelContext
  private readonly dispatcher: Dispatcher
  private readonly publisher: Publisher
  private readonly waiters = new RequestWaiters()
  /** sets that the dispatcher has */
  private readonly enqueued = new Set<SentSet>()
  /** streams whose source waits */
  private readonly pacing = new Map<Request, () => void>()
  private readonly progress: ProgressReports
  /** called when a request has ended and there is room for another */
  onRoom: () => void = () => {}

  constructor (context: ChannelContext, dispatcher: Dispatcher, publisher: Publisher, progress: ProgressReports) {
    this.context = context
    this.progress = progress
    this.dispatcher = dispatcher
    this.publisher = publisher
  }

  /** Hands what is left of requests from before a start to the dispatcher. */
  resume (pending: readonly Request[]): void {
    for (const request of pending.filter(isPending)) {
      if (!request.complete) {
        this.abort(request, new StreamInterruptedError('the process ended before the source of the stream did'))
      } else if (request.sending.outcome != null) {
        this.end(request, request.sending.outcome)
      } else {
        request.sets.forEach(set => { this.enqueue(request, set) })
      }
    }
  }

  /** The dispatcher has dropped what it had. What is ephemeral is not sent later. */
  stop (): void {
    this.enqueued.clear()

    for (const request of this.context.requests.pending()) {
      if (request.ephemeral) {
        this.abort(request, new ChannelClosedError('the channel was stopped before it was sent'))
      }
    }
  }

  /** Hands the segments of a set to the dispatcher, once, but for those that are known to have arrived. */
  enqueue (request: Request, set: SentSet): void {
    if (this.enqueued.has(set)) {
      return
    }

    this.enqueued.add(set)
    set.messageIds.forEach((messageId, i) => {
      const index = set.first + i

      if (request.sending.state(index) === 'confirmed') {
        return
      }

      if (this.context.sds.acknowledgement(messageId) === 'acknowledged') {
        this.end(request, request.sending.confirm(index))

        return
      }

      this.dispatcher.add({
        kind: 'content',
        ephemeral: false,
        lane: request.number,
        size: Math.ceil(request.size / request.sending.total) + ENVELOPE_OVERHEAD_BYTES,
        payload: async () => isPending(request) ? await this.publisher.payload(messageId) : undefined,
        onDispatch: () => { this.dispatched(request, index) },
        onLeft: () => { this.left(messageId) },
        onRetry: () => { request.sending.retry(index) },
        onEnd: error => { this.segmentEnded(request, index, error) }
      })
    })
  }

  /** Hands an ephemeral message to the dispatcher. */
  enqueueEphemeral (request: Request, bytes: Uint8Array): void {
    this.dispatcher.add({
      kind: 'ephemeral',
      ephemeral: true,
      lane: request.number,
      size: bytes.byteLength + ENVELOPE_OVERHEAD_BYTES,
      payload: async () => isPending(request) ? await this.publisher.seal(bytes) : undefined,
      onDispatch: () => { this.dispatched(request, 0) },
      onRefused: () => {
        this.abort(request, new RateLimitedError('the rate limit is used up; an ephemeral message does not wait for the next epoch'))
      },
      onRetry: () => { request.sending.retry(0) },
      onEnd: error => { this.segmentEnded(request, 0, error) }
    })
  }

  /** `senderId` holds the segment. When with it that sender holds all of a request: what to store, and what to do then. */
  receipt (messageId: string, senderId: string): { op: StoreOp, after: () => void } | undefined {
    const request = this.context.requests.ofSegment(messageId)

    if (request == null || request.receipts.includes(senderId) || !this.holdsAll(request, senderId)) {
      return undefined
    }

    request.receipts = extended(request.receipts, senderId)

    const receipts = Object.freeze([...request.receipts])
    const delivered = this.markDelivered(request)

    return {
      op: this.context.requests.save(request),
      after: () => {
        this.context.events.emit('reliable:message:receipt', { ...this.of(request), senderId, receipts })

        if (delivered) {
          this.tellDelivered(request, receipts)
        }
      }
    }
  }

  /** Resends are used up. */
  notAcknowledged (messageId: string, attempts: number): void {
    const request = this.context.requests.ofSegment(messageId)

    if (request == null || request.state !== 'sent' || request.delivered) {
      return
    }

    const error = new DeliveryTimeoutError(`not acknowledged after ${attempts} transmissions`)

    request.state = 'delivery-error'
    request.error = error
    this.commit(request, () => {
      this.context.events.emit('reliable:message:delivery-error', { ...this.of(request), error })
      this.told(request, 'delivery-error')
    })
  }

  /** Ends a request that is not sent yet. */
  abort (request: Request, error: Error): boolean {
    if (!isPending(request)) {
      return false
    }

    this.dispatcher.drop(request.number)
    this.end(request, request.sending.abort(error))

    return true
  }

  cancel (requestId: RequestId): boolean {
    const request = this.find(requestId)

    return this.abort(request, new SendCancelledError(`${requestId} was cancelled`))
  }

  /** @throws {UnknownRequestError} */
  find (requestId: RequestId): Request {
    const request = this.context.requests.get(requestId)

    if (request == null) {
      throw new UnknownRequestError(`no request ${requestId} is known to channel ${this.context.options.channelId}; the last 10 000 are`)
    }

    return request
  }

  async settled (requestId: RequestId, stage: 'sent' | 'delivered', options?: AbortOptions): Promise<void> {
    const request = this.find(requestId)

    if (stage === 'delivered' && request.ephemeral) {
      throw new NotAcknowledgedError('an ephemeral message is never acknowledged')
    }

    await this.waiters.wait(request, stage, options?.signal)
  }

  /** Ends what has run out of time. */
  tick (now: number): void {
    for (const request of this.context.requests.overdue(now)) {
      this.abort(request, new SendTimeoutError(`${request.requestId} was not sent in time`))
    }
  }

  nextDeadline (): number | undefined {
    return this.context.requests.nextDeadline
  }

  /** Rejects whoever waits: the channel is closed. */
  close (): void {
    this.waiters.close(new ChannelClosedError(`channel ${this.context.options.channelId} was closed`))
  }

  /** The last set of a stream was staged. */
  completed (request: Request): void {
    this.end(request, request.sending.close())
  }

  /** Resolves when fewer than `max` sets of a request are still to be sent, or the request has ended. */
  async unsentSets (request: Request, max: number): Promise<void> {
    while (isPending(request) && unsent(request) >= max) {
      await new Promise<void>(resolve => { this.pacing.set(request, resolve) })
    }
  }

  private dispatched (request: Request, index: number): void {
    request.sending.dispatch(index)

    if (request.state === 'queued') {
      request.state = 'sending'
      request.expectedAt = undefined
    }
  }

  private left (messageId: string): void {
    const { sds, clock, committer, changed } = this.context

    sds.dispatched(messageId, clock.now())

    const ops = sds.takeOps()

    if (ops.length > 0) {
      committer.push(ops, () => {})
    }

    changed()
  }

  private segmentEnded (request: Request, index: number, error?: Error): void {
    const outcome = error == null ? request.sending.confirm(index) : request.sending.fail(index, error)

    if (outcome != null) {
      this.end(request, outcome)
    } else if (isPending(request) && request.sending.confirmed % SAVE_EVERY === 0) {
      this.commit(request, () => {})
    }

    this.pace(request)
    this.tellProgress(request)
  }

  private pace (request: Request): void {
    const resume = this.pacing.get(request)

    this.pacing.delete(request)
    resume?.()
  }

  private end (request: Request, outcome: SendOutcome | undefined): void {
    if (outcome == null || !isPending(request)) {
      return
    }

    request.state = outcome.outcome
    request.expectedAt = undefined
    request.sets.forEach(set => this.enqueued.delete(set))
    this.context.requests.ended(request)

    if (outcome.outcome === 'send-error') {
      request.error = outcome.error
      this.dispatcher.drop(request.number)
    }

    const delivered = this.markDelivered(request)
    const receipts = Object.freeze([...request.receipts])

    this.commit(request, () => {
      if (outcome.outcome === 'sent') {
        this.context.events.emit('reliable:message:sent', this.of(request))
      } else {
        this.context.events.emit('reliable:message:send-error', { ...this.of(request), error: outcome.error })
      }

      this.told(request, outcome.outcome)

      if (delivered) {
        this.tellDelivered(request, receipts)
      }
    })
    this.pace(request)
    this.onRoom()
  }

  /** Whether the request is delivered with this, for the first time: to be stored together with what shows it. */
  private markDelivered (request: Request): boolean {
    const { deliveredAt } = this.context.options.sds

    if (request.delivered || request.receipts.length < deliveredAt || (request.state !== 'sent' && request.state !== 'delivery-error')) {
      return false
    }

    request.delivered = true
    request.state = 'delivered'
    request.error = undefined

    return true
  }

  private tellDelivered (request: Request, receipts: readonly string[]): void {
    this.context.events.emit('reliable:message:delivered', { ...this.of(request), receipts })
    this.told(request, 'delivered')
  }

  private holdsAll (request: Request, senderId: string): boolean {
    const { sds } = this.context

    const lacks = ({ messageIds, dataCount }: SentSet): boolean => {
      // any `dataCount` of the segments give the payload
      let spare = messageIds.length - dataCount

      return messageIds.findLast(messageId => !sds.receipts(messageId).includes(senderId) && spare-- === 0) != null
    }

    // the last segments are acknowledged last: most looks end at the first step
    return request.complete && request.sets.findLast(lacks) == null
  }

  private commit (request: Request, after: () => void): void {
    const { committer, requests, changed } = this.context

    committer.push(request.ephemeral ? [] : [requests.save(request)], after)
    changed()
  }

  private told (request: Request, state: RequestState): void {
    request.told = state
    this.waiters.wake(request)
  }

  private tellProgress (request: Request): void {
    const { sending, size, requestId } = request

    this.progress.tell({
      direction: 'out',
      id: requestId,
      segments: sending.confirmed,
      total: sending.total,
      bytes: Math.floor(size * sending.confirmed / sending.total),
      totalBytes: size
    })
  }

  private of (request: Request): OfRequest {
    return {
      channelId: this.context.options.channelId,
      requestId: request.requestId,
      messageId: request.ephemeral ? undefined : request.sets[0]?.messageIds[0]
    }
  }
}

/** Sets of a request of which not every segment has ended. */
function unsent (request: Request): number {
  return request.sets.filter(set => set.messageIds.some((_, i) => {
    const state = request.sending.state(set.first + i)

    return state !== 'confirmed' && state !== 'failed'
  })).length
}
