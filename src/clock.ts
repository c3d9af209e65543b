/**
 * Time and randomness, passed in from outside so that a whole channel can run
 * under a simulated clock.
 */

/** Ends a timer or a subscription. Calling it again does nothing. */
export type Cancel = () => void

/** Bytes that the library hands out; always over a plain `ArrayBuffer`. */
export type Bytes = Uint8Array<ArrayBuffer>

/** Wall-clock time and timers. */
export interface Clock {
  /** Unix time in milliseconds, a whole number. May step backwards with the machine's clock. */
  now (): number
  /** Runs `fn` once after `ms` milliseconds. Negative counts as 0; more than 2^31 - 1 is clamped. */
  setTimer (fn: () => void, ms: number): Cancel
}

/** A source of randomness. The default one is cryptographically strong. */
export interface Random {
  /** `length` random bytes */
  bytes (length: number): Bytes
  /** uniform in [0, 1) */
  float (): number
}

/** Longer timers overflow `setTimeout` and would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (fn, ms) => {
    const timer = setTimeout(fn, Math.min(Math.max(ms, 0), MAX_TIMER_MS))

    return () => { clearTimeout(timer) }
  }
}

/** getRandomValues refuses more at once. */
const MAX_RANDOM_BYTES = 65_536
/** Up to so many bytes come from a pool: a call costs as much as thousands of bytes. */
const POOLED_BYTES = 64

const pool = new Uint8Array(4_096)
/** what is before it was handed out, and erased */
let poolAt = pool.byteLength

/** Where the next `length` bytes of the pool begin. */
function draw (length: number): number {
  if (poolAt + length > pool.byteLength) {
    globalThis.crypto.getRandomValues(pool)
    poolAt = 0
  }

  poolAt += length

  return poolAt - length
}

export const systemRandom: Random = {
  bytes: (length) => {
    if (length <= POOLED_BYTES) {
      const at = draw(length)
      const bytes = pool.slice(at, at + length)
      pool.fill(0, at, at + length)

      return bytes
    }

    const bytes = new Uint8Array(length)

    for (let i = 0; i < length; i += MAX_RANDOM_BYTES) {
      globalThis.crypto.getRandomValues(bytes.subarray(i, i + MAX_RANDOM_BYTES))
    }

    return bytes
  },
  float: () => {
    const at = draw(4)
    const word = pool[at] * 2 ** 24 + pool[at + 1] * 2 ** 16 + pool[at + 2] * 2 ** 8 + pool[at + 3]
    pool.fill(0, at, at + 4)

    return word / 2 ** 32
  }
}
