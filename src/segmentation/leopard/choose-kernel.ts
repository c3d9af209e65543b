import { PortableKernel } from './portable-kernel.js'
import { WasmKernel } from './wasm-kernel.js'
import type { Bits } from './field.js'
import type { Kernel } from './kernel.js'

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
