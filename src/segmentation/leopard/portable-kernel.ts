import { field } from './field.js'
import type { Bits, Field } from './field.js'
import type { Kernel } from './kernel.js'

/** Tables of factors over GF(2^16) that are kept, 1 KiB each. */
const MAX_TABLES = 1_024

/** The kernel in plain TypeScript: products by table, a byte at a time. */
export abstract class PortableKernel implements Kernel {
  private static readonly kernels: { [bits in Bits]?: PortableKernel } = {}

  memory = new Uint8Array(0)
  protected words = new Uint32Array(0)

  static get (bits: Bits): PortableKernel {
    this.kernels[bits] ??= bits === 8 ? new PortableKernel8() : new PortableKernel16()

    return this.kernels[bits]
  }

  reserve (bytes: number): void {
    if (this.memory.byteLength < bytes) {
      this.memory = new Uint8Array(bytes)
      this.words = new Uint32Array(this.memory.buffer)
    }
  }

  xor (x: number, y: number, n: number): void {
    const { words } = this

    for (let i = x >> 2, j = y >> 2, end = (x + n) >> 2; i < end; i++, j++) {
      words[i] ^= words[j]
    }
  }

  inverse (x: number, y: number, log: number, n: number): void {
    this.xor(y, x, n)
    this.multiplyAdd(x, y, log, n)
  }

  forward (x: number, y: number, log: number, n: number): void {
    this.multiplyAdd(x, y, log, n)
    this.xor(y, x, n)
  }

  abstract multiply (x: number, log: number, n: number): void
  abstract multiplyAdd (x: number, y: number, log: number, n: number): void
}

class PortableKernel8 extends PortableKernel {
  /** a row of 256 products for each factor, by its logarithm */
  private readonly products = new Uint8Array(256 * 256)

  constructor () {
    super()

    const gf = field(8)

    for (let i = 0; i < this.products.length; i++) {
      this.products[i] = gf.multiply(i & 0xff, i >> 8)
    }
  }

  multiply (x: number, log: number, n: number): void {
    const { memory } = this
    const products = this.products.subarray(log << 8, (log + 1) << 8)

    for (let i = x; i < x + n; i++) {
      memory[i] = products[memory[i]]
    }
  }

  multiplyAdd (x: number, y: number, log: number, n: number): void {
    const { words } = this
    const products = this.products.subarray(log << 8, (log + 1) << 8)

    for (let i = x >> 2, j = y >> 2, end = (x + n) >> 2; i < end; i++, j++) {
      words[i] ^= product(products, words[j])
    }
  }

  override inverse (x: number, y: number, log: number, n: number): void {
    const { words } = this
    const products = this.products.subarray(log << 8, (log + 1) << 8)

    for (let i = x >> 2, j = y >> 2, end = (x + n) >> 2; i < end; i++, j++) {
      const sum = words[j] ^ words[i]

      words[j] = sum
      words[i] ^= product(products, sum)
    }
  }

  override forward (x: number, y: number, log: number, n: number): void {
    const { words } = this
    const products = this.products.subarray(log << 8, (log + 1) << 8)

    for (let i = x >> 2, j = y >> 2, end = (x + n) >> 2; i < end; i++, j++) {
      const word = words[j]
      const sum = words[i] ^ product(products, word)

      words[i] = sum
      words[j] = word ^ sum
    }
  }
}

/** Of four elements at once, each looked up in the row of a factor. */
function product (products: Uint8Array, word: number): number {
  return products[word & 0xff] | products[(word >>> 8) & 0xff] << 8 | products[(word >>> 16) & 0xff] << 16 | products[word >>> 24] << 24
}

class PortableKernel16 extends PortableKernel {
  private readonly gf: Field = field(16)
  private readonly tables = new Map<number, Uint16Array>()

  multiply (x: number, log: number, n: number): void {
    const { memory } = this
    const table = this.table(log)

    // of every 64 bytes the first 32 are low bytes, the others the high ones of the same elements
    for (let block = x; block < x + n; block += 64) {
      for (let i = block; i < block + 32; i++) {
        const product = table[memory[i]] ^ table[256 + memory[i + 32]]

        memory[i] = product
        memory[i + 32] = product >> 8
      }
    }
  }

  multiplyAdd (x: number, y: number, log: number, n: number): void {
    const { memory } = this
    const table = this.table(log)

    for (let block = 0; block < n; block += 64) {
      for (let i = x + block, j = y + block, end = i + 32; i < end; i++, j++) {
        const product = table[memory[j]] ^ table[256 + memory[j + 32]]

        memory[i] ^= product
        memory[i + 32] ^= product >> 8
      }
    }
  }

  /** Products by low byte, then by high byte. */
  private table (log: number): Uint16Array {
    let table = this.tables.get(log)

    if (table == null) {
      table = new Uint16Array(512)

      for (let i = 0; i < 256; i++) {
        table[i] = this.gf.multiply(i, log)
        table[256 + i] = this.gf.multiply(i << 8, log)
      }

      if (this.tables.size >= MAX_TABLES) {
        this.tables.clear()
      }

      this.tables.set(log, table)
    }

    return table
  }
}
