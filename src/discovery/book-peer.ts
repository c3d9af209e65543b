import { FRESH, isStale } from './staleness.js'
import type { SignedRecord } from './signed-record.js'
import type { Staleness } from './staleness.js'
import type { PeerId } from '@libp2p/interface'

/** What is known of a peer's membership in one of our topics. */
export interface Sighting {
  /** Unix ms of the newest first-hand knowledge, ours or another's */
  at: number
  /** it showed that it knows the topic's key, to us */
  proven: boolean
}

/** One entry of the address book. Only the address book changes it. */
export interface BookPeer {
  readonly id: PeerId
  readonly key: string
  record?: SignedRecord
  /** configured by the application; never told to others, never evicted */
  bootstrap: boolean
  /** it lets itself be named to peers that it shares no topic with */
  introducer: boolean
  /** where we heard of it: the first few */
  sources: string[]
  /** by topic ID; only topics that are ours */
  topics: Map<string, Sighting>
  addedAt: number
  /** Unix ms of the last sign of life; 0: none yet */
  seenAt: number
  staleness: Staleness
  /** it misbehaved; Unix ms */
  penaltyUntil: number
  /** it does not speak the protocol; Unix ms */
  unsupportedUntil: number
  /** it was busy, or had a session with us a moment ago; Unix ms */
  restingUntil: number
}

export function createBookPeer (id: PeerId, now: number): BookPeer {
  return {
    id,
    key: id.toString(),
    bootstrap: false,
    introducer: false,
    sources: [],
    topics: new Map(),
    addedAt: now,
    seenAt: 0,
    staleness: FRESH,
    penaltyUntil: 0,
    unsupportedUntil: 0,
    restingUntil: 0
  }
}

/** Worth a connection now. */
export function isDialable (peer: BookPeer, now: number): boolean {
  return peer.penaltyUntil <= now && !isStale(peer.staleness, now)
}

/** Worth a session now. */
export function isVisitable (peer: BookPeer, now: number): boolean {
  return isDialable(peer, now) && peer.unsupportedUntil <= now && peer.restingUntil <= now
}
