import { field } from './field.js'
import { KERNEL_WASM } from './kernel-wasm.js'
import type { Bits } from './field.js'
import type { Kernel } from './kernel.js'

const PAGE_BYTES = 65_536

/** Tables of factors: all 256 logarithms of GF(2^8); over GF(2^16) so many at a time. */
const MAX_TABLES = { 8: 256, 16: 1_024 }

/** Bytes of one factor's tables; see `assembly/kernel.ts`. */
const TABLE_BYTES = { 8: 32, 16: 128 }

type Operation = (x: number, y: number, t: number, n: number) => void

interface KernelExports {
  memory: WebAssembly.Memory
  xor (x: number, y: number, n: number): void
  multiply8 (x: number, t: number, n: number): void
  multiplyAdd8: Operation
  inverse8: Operation
  forward8: Operation
  multiply16 (x: number, t: number, n: number): void
  multiplyAdd16: Operation
  inverse16: Operation
  forward16: Operation
}

/** The kernel in wasm SIMD. Its memory holds the factors' tables, then the rows. */
export class WasmKernel implements Kernel {
  private static readonly kernels: { [bits in Bits]?: WasmKernel } = {}
  private static module?: WebAssembly.Module | null

  memory: Uint8Array
  private readonly bits: Bits
  private readonly exports: KernelExports
  private readonly rows: number
  private readonly tables = new Map<number, number>()
  private readonly multiplyRow: KernelExports['multiply8']
  private readonly multiplyAddRows: Operation
  private readonly inverseRows: Operation
  private readonly forwardRows: Operation

  private constructor (bits: Bits, module: WebAssembly.Module) {
    const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports

    this.bits = bits
    this.exports = exports
    this.multiplyRow = exports[`multiply${bits}`]
    this.multiplyAddRows = exports[`multiplyAdd${bits}`]
    this.inverseRows = exports[`inverse${bits}`]
    this.forwardRows = exports[`forward${bits}`]
    this.rows = MAX_TABLES[bits] * TABLE_BYTES[bits]
    this.memory = new Uint8Array(0)
    this.reserve(0)
  }

  /** Nothing where wasm, or its SIMD, is not there or not allowed. */
  static get (bits: Bits): WasmKernel | undefined {
    if (this.module === undefined) {
      try {
        // 2 KB: compiling it synchronously is allowed everywhere, and takes no time
        this.module = new WebAssembly.Module(Uint8Array.from(atob(KERNEL_WASM), char => char.charCodeAt(0)))
      } catch {
        this.module = null
      }
    }

    if (this.module == null) {
      return undefined
    }

    this.kernels[bits] ??= new WasmKernel(bits, this.module)

    return this.kernels[bits]
  }

  reserve (bytes: number): void {
    const { memory } = this.exports
    const pages = Math.ceil((this.rows + bytes - memory.buffer.byteLength) / PAGE_BYTES)

    if (pages > 0) {
      memory.grow(pages)
    }

    if (this.memory.buffer !== memory.buffer) {
      this.memory = new Uint8Array(memory.buffer, this.rows)
    }
  }

  xor (x: number, y: number, n: number): void {
    this.exports.xor(this.rows + x, this.rows + y, n)
  }

  multiply (x: number, log: number, n: number): void {
    this.multiplyRow(this.rows + x, this.table(log), n)
  }

  multiplyAdd (x: number, y: number, log: number, n: number): void {
    this.multiplyAddRows(this.rows + x, this.rows + y, this.table(log), n)
  }

  inverse (x: number, y: number, log: number, n: number): void {
    this.inverseRows(this.rows + x, this.rows + y, this.table(log), n)
  }

  forward (x: number, y: number, log: number, n: number): void {
    this.forwardRows(this.rows + x, this.rows + y, this.table(log), n)
  }

  /** Address of a factor's tables, written at its first use. */
  private table (log: number): number {
    const known = this.tables.get(log)

    if (known != null) {
      return known
    }

    if (this.tables.size >= MAX_TABLES[this.bits]) {
      this.tables.clear()
    }

    const gf = field(this.bits)
    const address = this.tables.size * TABLE_BYTES[this.bits]
    const out = new Uint8Array(this.exports.memory.buffer, address, TABLE_BYTES[this.bits])
    const nibbles = this.bits / 4

    for (let i = 0; i < nibbles * 16; i++) {
      const product = gf.multiply((i & 15) << ((i >> 4) * 4), log)

      out[i] = product

      if (this.bits === 16) {
        out[nibbles * 16 + i] = product >> 8
      }
    }

    this.tables.set(log, address)

    return address
  }
}
