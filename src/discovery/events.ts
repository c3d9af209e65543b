import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

export type SessionRole = 'initiated' | 'accepted'

/** What discovery tells about itself. Every event is about something that has happened already. */
export type DiscoveryEvents = {
  'session:start': { peer: PeerId, role: SessionRole }
  'session:end': { peer: PeerId, role: SessionRole, durationMs: number, received: number, fresh: number, shared: number }
  /** it ended early: unreachable, too slow, broken protocol. A busy peer is no failure. */
  'session:fail': { peer: PeerId, role: SessionRole, durationMs: number, reason: string }
  /** the address book has a peer that it did not have before */
  'peer:learned': { peer: PeerId, source: string }
  'member:join': { channelId: string, peer: PeerId }
  'member:leave': { channelId: string, peer: PeerId }
  /** it could not be reached, and is left alone until then (Unix ms) */
  'peer:stale': { peer: PeerId, failures: number, until: number }
  /** it sent something that no honest peer sends, and is left alone until then (Unix ms) */
  'peer:misbehaving': { peer: PeerId, reason: string, until: number }
  /** all walks start over */
  'walker:reset': { reason: string }
  'walker:restart': { walker: string, error: Error, delayMs: number }
  /** a walker failed more often than it may be restarted */
  'walker:error': { walker: string, error: Error }
}

type Handler<T> = (event: T) => void

/** Where to listen. A handler that throws is logged, and stops neither the others nor discovery. */
export interface DiscoveryEventSource {
  on<K extends keyof DiscoveryEvents> (type: K, handler: Handler<DiscoveryEvents[K]>, options?: AbortOptions): () => void
  off<K extends keyof DiscoveryEvents> (type: K, handler: Handler<DiscoveryEvents[K]>): void
}

export class DiscoveryEmitter implements DiscoveryEventSource {
  private readonly handlers = new Map<keyof DiscoveryEvents, Set<Handler<never>>>()
  private readonly log: Logger

  constructor (log: Logger) {
    this.log = log
  }

  on<K extends keyof DiscoveryEvents> (type: K, handler: Handler<DiscoveryEvents[K]>, options: AbortOptions = {}): () => void {
    const off = (): void => {
      this.off(type, handler)
      options.signal?.removeEventListener('abort', off)
    }

    if (options.signal?.aborted !== true) {
      const handlers = this.handlers.get(type) ?? new Set()
      this.handlers.set(type, handlers.add(handler))
      options.signal?.addEventListener('abort', off)
    }

    return off
  }

  off<K extends keyof DiscoveryEvents> (type: K, handler: Handler<DiscoveryEvents[K]>): void {
    this.handlers.get(type)?.delete(handler)
  }

  emit<K extends keyof DiscoveryEvents> (type: K, event: DiscoveryEvents[K]): void {
    const handlers = this.handlers.get(type) as Set<Handler<DiscoveryEvents[K]>> | undefined

    for (const handler of [...handlers ?? []]) {
      try {
        handler(event)
      } catch (err) {
        this.log.error('a handler of %s threw - %e', type, err)
      }
    }
  }
}
