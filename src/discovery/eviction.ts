import { isPenalised } from './book-peer.js'
import type { BookPeer } from './book-peer.js'

/** The least useful of those that may go: a stale stranger rather than a fresh one, a stranger rather than a member. */
export function chooseVictim (peers: Iterable<BookPeer>, isKept: (peer: BookPeer) => boolean, now: number): BookPeer | undefined {
  let victim: BookPeer | undefined

  for (const peer of peers) {
    if (!isKept(peer) && (victim == null || isWorse(peer, victim, now))) {
      victim = peer
    }
  }

  return victim
}

function isWorse (a: BookPeer, b: BookPeer, now: number): boolean {
  const difference = rank(a, now) - rank(b, now)

  return difference < 0 || (difference === 0 && lastHeard(a) < lastHeard(b))
}

function rank (peer: BookPeer, now: number): number {
  if (peer.topics.size > 0) {
    return 3
  }

  // to be forgotten is not a way out of a penalty
  if (isPenalised(peer, now)) {
    return 2
  }

  return peer.staleness.failures > 0 ? 0 : 1
}

function lastHeard (peer: BookPeer): number {
  return Math.max(peer.addedAt, peer.seenAt)
}
