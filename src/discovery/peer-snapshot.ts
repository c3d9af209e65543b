import { isPenalised } from './book-peer.js'
import { isStale } from './staleness.js'
import type { DiscoveryEngine } from './engine.js'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the address book has of a peer, at one moment. */
export interface PeerSnapshot {
  id: PeerId
  /** from its newest signed record */
  addresses: readonly Multiaddr[]
  /** of that record */
  seq?: bigint
  bootstrap: boolean
  /** where we heard of it, the first four: `bootstrap`, `rendezvous/…`, or the ID of a peer, which may be its own */
  sources: readonly string[]
  /** IDs of our open channels that it is located in */
  channels: string[]
  /** Unix ms of the last sign of life */
  seenAt?: number
  /** it could not be reached, and is left alone until then (Unix ms) */
  stale?: { failures: number, until: number }
  /** it misbehaved, and is left alone until then (Unix ms) */
  penaltyUntil?: number
}

export function snapshotPeer ({ book, memberships, clock }: Pick<DiscoveryEngine, 'book' | 'memberships' | 'clock'>, peer: PeerId): PeerSnapshot | undefined {
  const entry = book.get(peer)
  const now = clock.now()

  if (entry == null) {
    return undefined
  }

  return {
    id: entry.id,
    addresses: entry.record?.addresses ?? [],
    seq: entry.record?.seq,
    bootstrap: entry.bootstrap,
    sources: [...entry.sources],
    channels: [...memberships].filter(({ topics }) => topics.some(({ id }) => entry.topics.has(id))).map(({ channelId }) => channelId),
    seenAt: entry.seenAt === 0 ? undefined : entry.seenAt,
    stale: isStale(entry.staleness, now) ? { ...entry.staleness } : undefined,
    penaltyUntil: isPenalised(entry, now) ? entry.penaltyUntil : undefined
  }
}
