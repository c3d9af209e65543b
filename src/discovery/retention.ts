import type { BookPeer, Sighting } from './book-peer.js'

/** A location that nobody has confirmed for so long is not passed on, and dropped once the peer was asked in vain. */
export const SIGHTING_MS = 24 * 60 * 60 * 1000

const SILENT_MS = 7 * 24 * 60 * 60 * 1000

/** Whether it is new enough to be told to others, or taken from them. */
export function isRecent (at: number, now: number): boolean {
  return now - at <= SIGHTING_MS
}

/** Whether the peer had its chance to confirm the sighting. Time alone does not count: we may have been offline all day. */
export function isOutdated (peer: BookPeer, { at }: Sighting, now: number): boolean {
  return !isRecent(at, now) && (wasInVain(peer) || !isRecent(at, peer.seenAt))
}

/** Whether the peer was silent for a week, and tried within it. */
export function isForgettable (peer: BookPeer, now: number): boolean {
  return now - Math.max(peer.addedAt, peer.seenAt) > SILENT_MS && wasInVain(peer)
}

function wasInVain ({ staleness, unsupportedUntil }: BookPeer): boolean {
  return staleness.failures > 0 || unsupportedUntil > 0
}
