import type { RegisteredPeer } from './types.js'
import type { Clock } from '../../clock.js'
import type { PeerInfo } from '@libp2p/interface'

/** Registrations remembered at once; the ones that were seen the longest ago go first. */
const MAX_ENTRIES = 10_000

interface Entry {
  namespace: string
  peer: RegisteredPeer
  /** unix time, ms */
  expiresAt: number
}

/** What discovery found, until it expires. */
export class PeerCache {
  private readonly clock: Clock
  /** in the order of being seen */
  private readonly entries = new Map<string, Entry>()
  private readonly byNamespace = new Map<string, Map<string, Entry>>()

  constructor (clock: Clock) {
    this.clock = clock
  }

  set (peer: RegisteredPeer): void {
    const { namespace } = peer
    const id = peer.id.toString()
    const now = this.clock.now()
    const before = this.byNamespace.get(namespace)?.get(id)
    const entry = { namespace, peer, expiresAt: now + peer.ttl * 1_000 }

    if (before != null && before.expiresAt > now) {
      // the newer addresses, for as long as either says
      entry.expiresAt = Math.max(entry.expiresAt, before.expiresAt)
      entry.peer = before.peer.sequence > peer.sequence ? before.peer : peer
    }

    this.delete(namespace, id)
    this.entries.set(keyOf(namespace, id), entry)
    const peers = this.byNamespace.get(namespace) ?? new Map<string, Entry>()
    peers.set(id, entry)
    this.byNamespace.set(namespace, peers)

    if (this.entries.size > MAX_ENTRIES) {
      for (const oldest of this.entries.values()) {
        this.delete(oldest.namespace, oldest.peer.id.toString())
        break
      }
    }
  }

  /** Each peer once, whatever it is registered under where the empty namespace stands for all. */
  get (namespace: string): PeerInfo[] {
    const now = this.clock.now()
    const entries = namespace === '' ? this.entries.values() : this.byNamespace.get(namespace)?.values() ?? []
    const found = new Map<string, RegisteredPeer>()

    for (const { namespace: name, peer, expiresAt } of entries) {
      const id = peer.id.toString()
      const known = found.get(id)

      if (expiresAt <= now) {
        this.delete(name, id)
      } else if (known == null || known.sequence < peer.sequence) {
        found.set(id, peer)
      }
    }

    return [...found.values()].map(({ id, multiaddrs }) => ({ id, multiaddrs }))
  }

  private delete (namespace: string, id: string): void {
    const peers = this.byNamespace.get(namespace)
    this.entries.delete(keyOf(namespace, id))
    peers?.delete(id)

    if (peers?.size === 0) {
      this.byNamespace.delete(namespace)
    }
  }
}

/** Whether `a` is to be kept when both are about one peer: the newer record, then the longer TTL. */
export function supersedes (a: RegisteredPeer, b: RegisteredPeer): boolean {
  return a.sequence > b.sequence || (a.sequence === b.sequence && a.ttl > b.ttl)
}

function keyOf (namespace: string, id: string): string {
  return `${id}/${namespace}`
}
