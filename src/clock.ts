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

export const systemRandom: Random = {
  bytes: (length) => {
    const bytes = new Uint8Array(length)

    // getRandomValues refuses more than 65 536 bytes at once
    for (let i = 0; i < length; i += 65_536) {
      globalThis.crypto.getRandomValues(bytes.subarray(i, i + 65_536))
    }

    return bytes
  },
  float: () => globalThis.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32
}
