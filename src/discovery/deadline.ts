import { AbortError, TimeoutError } from '@libp2p/interface'
import type { Clock } from '../clock.js'

/**
 * Runs `fn` with a signal that fires after `ms`, or with `parent`. Settles by then even if `fn`
 * does not listen to it.
 */
export async function withDeadline<T> (clock: Clock, ms: number, parent: AbortSignal, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (err: Error): void => {
    reject(err)
    controller.abort(err)
  }
  const onAbort = (): void => { abort(new AbortError()) }

  if (parent.aborted) {
    throw new AbortError()
  }

  parent.addEventListener('abort', onAbort)
  const cancel = clock.setTimer(() => { abort(new TimeoutError(`not done after ${ms} ms`)) }, ms)

  try {
    return await Promise.race([fn(controller.signal), aborted])
  } finally {
    cancel()
    parent.removeEventListener('abort', onAbort)
  }
}
