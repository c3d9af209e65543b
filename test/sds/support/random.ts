import type { Random } from '../../../src/clock.js'

/** A reproducible source of randomness (mulberry32). */
export function seededRandom (seed: number): Random {
  let state = seed | 0

  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t

    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    float: next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256))
  }
}
