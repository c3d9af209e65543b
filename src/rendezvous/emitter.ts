/** Typed events. A handler that throws is reported to `onError` and stops nobody. */
export class Emitter<E> {
  private readonly handlers = new Map<keyof E, Set<(event: never) => void>>()
  private readonly onError: (err: unknown) => void

  constructor (onError: (err: unknown) => void) {
    this.onError = onError
  }

  /** @returns the way to stop it */
  on<K extends keyof E> (type: K, handler: (event: E[K]) => void): () => void {
    const handlers = this.handlers.get(type) ?? new Set()
    handlers.add(handler)
    this.handlers.set(type, handlers)

    return () => { handlers.delete(handler) }
  }

  emit<K extends keyof E> (type: K, event: E[K]): void {
    for (const handler of this.handlers.get(type) ?? []) {
      try {
        (handler as (event: E[K]) => void)(event)
      } catch (err) {
        this.onError(err)
      }
    }
  }
}
