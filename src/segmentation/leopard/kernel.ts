import { PortableKernel } from './portable-kernel.js'
import { WasmKernel } from './wasm-kernel.js'
import type { Bits } from './field.js'

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
  /** a butterfly of the inverse transform: y ^= x, x ^= y * c */
  inverse (x: number, y: number, log: number, n: number): void
  /** a butterfly of the transform: x ^= y * c, y ^= x */
  forward (x: number, y: number, log: number, n: number): void
}

/** `auto`: wasm SIMD where there is one. */
export type KernelChoice = 'auto' | 'wasm' | 'portable'

/** A kernel with `bytes` of work memory, shared by all who ask: it keeps nothing from one strip to the next. */
export function kernel (bits: Bits, bytes: number, choice: KernelChoice = 'auto'): Kernel {
  const wasm = choice === 'portable' ? undefined : WasmKernel.get(bits)

  if (choice === 'wasm' && wasm == null) {
    throw new Error('WebAssembly with SIMD is not available')
  }

  const kernel = wasm ?? PortableKernel.get(bits)
  kernel.reserve(bytes)

  return kernel
}
