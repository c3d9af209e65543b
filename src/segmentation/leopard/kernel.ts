/**
 * The inner loops, over rows of work memory. `x` and `y` are offsets of rows, `n` their length,
 * a multiple of 64; `log` is the logarithm of the factor c.
 */
export interface Kernel {
  /** the work memory; at least as large as was asked for, and not cleared */
  memory: Uint8Array
  /** x ^= y */
  xor (x: number, y: number, n: number): void
  /** x *= c */
  multiply (x: number, log: number, n: number): void
  /** x ^= y * c */
  multiplyAdd (x: number, y: number, log: number, n: number): void
  /** a butterfly of the inverse transform: y ^= x, x ^= y * c */
  inverse (x: number, y: number, log: number, n: number): void
  /** a butterfly of the transform: x ^= y * c, y ^= x */
  forward (x: number, y: number, log: number, n: number): void
}
