import { ChannelClosedError, QueueFullError } from './errors.js'
import type { ChannelContext } from './context.js'
import type { SendOptions } from './types.js'

/** Calls that may wait for room. */
const MAX_WAITING = 10_000

/** A call that waits for a place in the queue. */
interface Waiting {
  bytes: number
  resolve (): void
  reject (err: unknown): void
}

/**
 * The bounds of the queue: so many requests and bytes are pending or being staged. Calls that
 * wait for room are let in one by one, in their order.
 */
export class Admission {
  private readonly context: ChannelContext
  private readonly waiting: Waiting[] = []
  /** let in, and not among the requests yet */
  private count = 0
  private bytes = 0
  private closed = false

  constructor (context: ChannelContext) {
    this.context = context
  }

  /** Takes a place if there is one, and nobody has waited longer. It is held until `release()`. */
  enter (bytes: number): boolean {
    if (this.waiting.length > 0 || !this.hasRoom(bytes)) {
      return false
    }

    this.take(bytes)

    return true
  }

  /**
   * Waits for a place, or throws.
   *
   * @throws {QueueFullError} `whenFull` is not 'wait', or 10 000 wait already
   */
  async wait (bytes: number, { whenFull, signal }: SendOptions): Promise<void> {
    const { requests, options: { channelId, sending: { maxQueued, maxQueuedBytes } } } = this.context

    if (whenFull !== 'wait') {
      throw new QueueFullError(`${requests.pendingCount + this.count} requests with ${requests.pendingBytes + this.bytes} bytes are queued; sending.maxQueued is ${maxQueued}, sending.maxQueuedBytes ${maxQueuedBytes}`)
    }

    if (this.waiting.length >= MAX_WAITING) {
      throw new QueueFullError(`${MAX_WAITING} calls wait for room in the queue already`)
    }

    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { bytes, resolve, reject }
    const onAbort = (): void => {
      const index = this.waiting.indexOf(waiting)

      if (index >= 0) {
        this.waiting.splice(index, 1)
        reject(signal?.reason)
        this.admit()
      }
    }

    signal?.addEventListener('abort', onAbort, { once: true })
    this.waiting.push(waiting)

    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }

    if (this.closed) {
      this.release(bytes)

      throw new ChannelClosedError(`channel ${channelId} is closed`)
    }
  }

  /** The place is free again, or taken by a request that is known now. */
  release (bytes: number): void {
    this.count--
    this.bytes -= bytes
  }

  /** Lets in those who wait, as far as there is room. */
  admit (): void {
    for (let next = this.waiting.at(0); next != null && this.hasRoom(next.bytes); next = this.waiting.at(0)) {
      this.waiting.shift()
      this.take(next.bytes)
      next.resolve()
    }
  }

  /** Rejects those who wait. */
  close (error: Error): void {
    this.closed = true
    this.waiting.splice(0).forEach(waiting => { waiting.reject(error) })
  }

  private take (bytes: number): void {
    this.count++
    this.bytes += bytes
  }

  private hasRoom (bytes: number): boolean {
    const { requests, options: { sending } } = this.context
    const queued = requests.pendingCount + this.count

    // one payload always fits, however large
    return queued < sending.maxQueued && (queued === 0 || requests.pendingBytes + this.bytes + bytes <= sending.maxQueuedBytes)
  }
}
