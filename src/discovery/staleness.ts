const FIRST_MS = 30_000
const MAX_MS = 6 * 60 * 60 * 1000

/** How a peer that cannot be reached is left alone for a while, longer each time. */
export interface Staleness {
  failures: number
  /** Unix ms; 0: not stale */
  until: number
}

export const FRESH: Staleness = { failures: 0, until: 0 }

/** One more failure: 30 s, doubling up to 6 h. */
export function failedOnce (state: Staleness, now: number): Staleness {
  const failures = state.failures + 1

  return { failures, until: now + Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1)) }
}

export function isStale (state: Staleness, now: number): boolean {
  return isPending(state.until, now, MAX_MS)
}

/** Whether a time is yet to come. One that is further away than it can have been set is left over from before the clock stepped back. */
export function isPending (until: number, now: number, maxMs: number): boolean {
  return until > now && until - now <= maxMs
}
