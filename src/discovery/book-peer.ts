import { FRESH, isPending, isStale } from './staleness.js'
import type { SignedRecord } from './signed-record.js'
import type { Staleness } from './staleness.js'
import type { PeerId } from '@libp2p/interface'

/** How long a peer that misbehaved is left alone. */
export const PENALTY_MS = 24 * 60 * 60 * 1000

/** How long a peer without the protocol is not asked again. */
export const UNSUPPORTED_MS = 60 * 60 * 1000

/** The longest rest of a peer: after a session that it broke. */
export const MAX_REST_MS = 60 * 60 * 1000

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

export function isPenalised (peer: BookPeer, now: number): boolean {
  return isPending(peer.penaltyUntil, now, PENALTY_MS)
}

/** It was asked lately, and does not speak the protocol. */
export function isUnsupported (peer: BookPeer, now: number): boolean {
  return isPending(peer.unsupportedUntil, now, UNSUPPORTED_MS)
}

/** Worth a connection now. */
export function isDialable (peer: BookPeer, now: number): boolean {
  return !isPenalised(peer, now) && !isStale(peer.staleness, now)
}

/** Worth a session now. */
export function isVisitable (peer: BookPeer, now: number): boolean {
  return isDialable(peer, now) && !isUnsupported(peer, now) && !isPending(peer.restingUntil, now, MAX_REST_MS)
}
