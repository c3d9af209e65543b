import type { Field } from './field.js'
import type { Kernel } from './kernel.js'

/** Rows of work memory: `count` of `stride` bytes from offset `at`; `count` is a power of two. */
export interface Rows {
  at: number
  count: number
  stride: number
  /** bytes of each row that are used, a multiple of 64 */
  length: number
}

/**
 * Inverse additive FFT (paper, algorithm 2) of `rows`, in place: values at the places from
 * `place + 1` on become coefficients. Rows from `used` on are zero.
 */
export function inverseTransform (kernel: Kernel, field: Field, rows: Rows, used: number, place: number): void {
  const { at, count, stride, length } = rows
  const { skew, modulus } = field

  for (let half = 1; half < count; half *= 2) {
    for (let start = 0; start < used; start += half * 2) {
      const log = skew[place + start + half]

      for (let x = at + start * stride, end = x + half * stride; x < end; x += stride) {
        if (log === modulus) {
          kernel.xor(x + half * stride, x, length)
        } else {
          kernel.inverse(x, x + half * stride, log, length)
        }
      }
    }
  }
}

/** The transform back (paper, algorithm 1), for the rows that `wanted(first, end)` has any of. */
export function transform (kernel: Kernel, field: Field, rows: Rows, place: number, wanted: (first: number, end: number) => boolean): void {
  const { at, count, stride, length } = rows
  const { skew, modulus } = field

  for (let half = count / 2; half >= 1; half /= 2) {
    for (let start = 0; start < count; start += half * 2) {
      if (!wanted(start, start + half * 2)) {
        continue
      }

      const log = skew[place + start + half]

      for (let x = at + start * stride, end = x + half * stride; x < end; x += stride) {
        if (log === modulus) {
          kernel.xor(x + half * stride, x, length)
        } else {
          kernel.forward(x, x + half * stride, log, length)
        }
      }
    }
  }
}

/** Formal derivative of the polynomial whose coefficients are `rows`; in the Cantor basis it needs no product. */
export function derive (kernel: Kernel, { at, count, stride, length }: Rows): void {
  for (let i = 1; i < count; i++) {
    const width = ((i ^ (i - 1)) + 1) >> 1

    for (let row = i - width; row < i; row++) {
      kernel.xor(at + row * stride, at + (row + width) * stride, length)
    }
  }
}
