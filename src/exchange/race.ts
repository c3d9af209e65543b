import { AbortError } from '@libp2p/interface'

/** Settles as `promise` does, or rejects with an AbortError when the signal fires first. */
export async function race<T> (promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal == null) {
    return await promise
  }

  if (signal.aborted) {
    promise.catch(() => {})
    throw new AbortError()
  }

  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => { reject(new AbortError()) }

    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', onAbort) })
  })
}
