import { TimeoutError } from '@libp2p/interface'
import type { Clock } from '../clock.js'

/**
 * Runs `fn` with a signal that aborts after `ms` of `clock`, or with `parent`. When it has
 * aborted, the promise rejects with the signal's reason, whatever `fn` made of it.
 */
export async function withDeadline<T> (clock: Clock, ms: number, parent: AbortSignal | undefined, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
  parent?.throwIfAborted()

  const controller = new AbortController()
  const onAbort = (): void => { controller.abort(parent?.reason) }
  const cancel = clock.setTimer(() => { controller.abort(new TimeoutError(`no end after ${ms} ms`)) }, ms)
  parent?.addEventListener('abort', onAbort)

  try {
    return await fn(controller.signal)
  } catch (err) {
    controller.signal.throwIfAborted()

    throw err
  } finally {
    cancel()
    parent?.removeEventListener('abort', onAbort)
  }
}
