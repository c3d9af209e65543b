import type { Request } from './requests.js'
import type { RequestId } from './types.js'

interface Waiter {
  stage: 'sent' | 'delivered'
  resolve (): void
  reject (err: Error): void
}

/** Those who wait in `settled()`. */
export class RequestWaiters {
  private readonly waiting = new Map<RequestId, Set<Waiter>>()
  private closed?: Error

  async wait (request: Request, stage: 'sent' | 'delivered', signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()

    await new Promise<void>((resolve, reject) => {
      const waiters = this.waiting.get(request.requestId) ?? new Set()
      const onAbort = (): void => {
        this.remove(request.requestId, waiter)
        reject(signal?.reason)
      }
      const waiter: Waiter = {
        stage,
        resolve: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        reject: err => {
          signal?.removeEventListener('abort', onAbort)
          reject(err)
        }
      }

      signal?.addEventListener('abort', onAbort, { once: true })
      waiters.add(waiter)
      this.waiting.set(request.requestId, waiters)
      this.wake(request)

      if (this.closed != null && this.remove(request.requestId, waiter)) {
        waiter.reject(this.closed)
      }
    })
  }

  /** The request has come to another state. */
  wake (request: Request): void {
    const { told: state, error, requestId } = request

    for (const waiter of this.waiting.get(requestId) ?? []) {
      if (state === 'send-error' || (state === 'delivery-error' && waiter.stage === 'delivered')) {
        this.remove(requestId, waiter)
        waiter.reject(error ?? new Error(state))
      } else if (state === 'delivered' || (waiter.stage === 'sent' && (state === 'sent' || state === 'delivery-error'))) {
        this.remove(requestId, waiter)
        waiter.resolve()
      }
    }
  }

  /** Rejects everybody who waits, or will: nothing changes any more. */
  close (error: Error): void {
    this.closed = error

    for (const [requestId, waiters] of this.waiting) {
      this.waiting.delete(requestId)
      waiters.forEach(waiter => { waiter.reject(error) })
    }
  }

  private remove (requestId: RequestId, waiter: Waiter): boolean {
    const waiters = this.waiting.get(requestId)
    const removed = waiters?.delete(waiter) === true

    if (waiters?.size === 0) {
      this.waiting.delete(requestId)
    }

    return removed
  }
}
