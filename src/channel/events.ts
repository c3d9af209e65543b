import { createEmitter } from '../mitt.js'
import type { EventSource } from './types.js'
import type { AbortOptions, Logger } from '@libp2p/interface'

/**
 * An event source whose handlers cannot hurt: one that throws, or whose promise rejects, is
 * logged and stops neither the emitter nor the other handlers.
 */
export class Events<E extends Record<string, unknown>> implements EventSource<E> {
  private readonly emitter = createEmitter<E>()
  private readonly guarded = new Map<keyof E, Map<unknown, (event: never) => void>>()
  private readonly log?: Logger
  private closed = false
  /** every event goes here too, behind the handlers */
  forward?: <K extends keyof E>(type: K, event: E[K]) => void

  constructor (log?: Logger) {
    this.log = log
  }

  on<K extends keyof E> (type: K, handler: (event: E[K]) => void, options?: AbortOptions): () => void {
    const off = (): void => { this.off(type, handler) }

    if (options?.signal?.aborted === true) {
      return off
    }

    this.off(type, handler)

    const guard = (event: E[K]): void => {
      try {
        const result: unknown = handler(event)

        if (result instanceof Promise) {
          result.catch(err => { this.log?.error('handler of %s failed - %e', type, err) })
        }
      } catch (err) {
        this.log?.error('handler of %s failed - %e', type, err)
      }
    }
    const byHandler = this.guarded.get(type) ?? new Map<unknown, (event: never) => void>()

    byHandler.set(handler, guard)
    this.guarded.set(type, byHandler)
    this.emitter.on(type, guard)
    options?.signal?.addEventListener('abort', off, { once: true })

    return () => {
      options?.signal?.removeEventListener('abort', off)
      off()
    }
  }

  off<K extends keyof E> (type: K, handler: (event: E[K]) => void): void {
    const byHandler = this.guarded.get(type)
    const guard = byHandler?.get(handler)

    if (guard == null) {
      return
    }

    byHandler?.delete(handler)
    this.emitter.off(type, guard as (event: E[K]) => void)
  }

  emit<K extends keyof E> (type: K, event: E[K]): void {
    if (!this.closed) {
      this.emitter.emit(type, event)
      this.forward?.(type, event)
    }
  }

  /** Nothing is emitted any more. */
  close (): void {
    this.closed = true
    this.emitter.all.clear()
    this.guarded.clear()
  }
}
