import type { Bytes, Random } from '../clock.js'

/** A {@link Random} that gives the same values for the same seed, on every platform. */
export interface SeededRandom extends Random {
  /** whole, in [0, bound) */
  integer (bound: number): number
  /** true with this probability */
  chance (probability: number): boolean
  /** one of `items`, which must not be empty */
  pick<T> (items: readonly T[]): T
  /** in a random order; `items` stays as it is */
  shuffle<T> (items: readonly T[]): T[]
}

/**
 * xoshiro128**, seeded through a hash of `seed`. Different seeds give unrelated streams, so
 * `${seed}/network` and `${seed}/member/3` can be used side by side. Not for secrets.
 */
export function seededRandom (seed: number | string): SeededRandom {
  const next = xoshiro128(String(seed))
  const float = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53

  const random: SeededRandom = {
    float,
    bytes: (length) => {
      const bytes: Bytes = new Uint8Array(length)

      for (let i = 0; i < length; i += 4) {
        const word = next()

        for (let j = 0; j < 4 && i + j < length; j++) {
          bytes[i + j] = word >>> (8 * j)
        }
      }

      return bytes
    },
    integer: bound => Math.floor(float() * bound),
    chance: probability => float() < probability,
    pick: items => items[random.integer(items.length)],
    shuffle: (items) => {
      const out = [...items]

      for (let i = out.length - 1; i > 0; i--) {
        const j = random.integer(i + 1)
        const swap = out[i]

        out[i] = out[j]
        out[j] = swap
      }

      return out
    }
  }

  return random
}

/** https://prng.di.unimi.it/xoshiro128starstar.c */
function xoshiro128 (seed: string): () => number {
  const mix = splitmix32(seed)
  let [a, b, c, d] = [mix(), mix(), mix(), mix()]

  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9

    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotateLeft(d, 11)

    return result
  }
}

/** Spreads a string over as many 32-bit words as are asked for. */
function splitmix32 (seed: string): () => number {
  // FNV-1a
  let state = 0x811c9dc5

  for (let i = 0; i < seed.length; i++) {
    state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193)
  }

  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state

    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)

    return (z ^ (z >>> 15)) >>> 0
  }
}

function rotateLeft (value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
