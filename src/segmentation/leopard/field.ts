/** GF(2^8) holds sets of up to 256 points; past that, the reference goes to GF(2^16). */
export type Bits = 8 | 16

interface Parameters {
  polynomial: number
  /** the Cantor basis: element i of it, squared and added to itself, gives element i - 1 */
  basis: readonly number[]
}

const PARAMETERS: Record<Bits, Parameters> = {
  8: {
    polynomial: 0x11d,
    basis: [1, 214, 152, 146, 86, 200, 88, 230]
  },
  16: {
    polynomial: 0x1002d,
    basis: [
      0x0001, 0xacca, 0x3c0e, 0x163e, 0xc582, 0xed2e, 0x914c, 0x4012,
      0x6c98, 0x10d8, 0x6a72, 0xb900, 0xfdb8, 0xfb34, 0xff38, 0x991e
    ]
  }
}

const fields: { [bits in Bits]?: Field } = {}

/** The field and its tables, built at the first call: 0.1 ms for GF(2^8), a few for GF(2^16). */
export function field (bits: Bits): Field {
  fields[bits] ??= new Field(bits)

  return fields[bits]
}

/**
 * GF(2^8) or GF(2^16) in the Cantor basis, by logarithms, with what the transforms need.
 *
 * Elements are added by XOR. Logarithms are added modulo `modulus`, where `modulus` itself is
 * another name for 0 in a product, and stands for the logarithm of zero in `skew`.
 */
export class Field {
  readonly bits: Bits
  /** elements */
  readonly order: number
  /** `order - 1`: logarithms count modulo this */
  readonly modulus: number
  /** logarithms of the elements */
  readonly log: Uint16Array
  /** log of the factor of each butterfly, over all places */
  readonly skew: Uint16Array
  private readonly exp: Uint16Array
  /** Walsh-Hadamard transform of `log` */
  private readonly logWalsh: Uint16Array

  constructor (bits: Bits) {
    this.bits = bits
    this.order = 2 ** bits
    this.modulus = this.order - 1
    this.log = new Uint16Array(this.order)
    this.exp = new Uint16Array(this.order)
    this.fillLogarithms(PARAMETERS[bits])
    this.skew = this.makeSkew()
    this.logWalsh = this.log.slice()
    this.logWalsh[0] = 0
    this.walsh(this.logWalsh)
  }

  /** `a` times the element with logarithm `log`. */
  multiply (a: number, log: number): number {
    return a === 0 ? 0 : this.exp[this.sum(this.log[a], log)]
  }

  /**
   * Logarithms of the error locator polynomial at every place; `erased` holds 1 at each lost
   * one and becomes the result. Where nothing is lost it is the polynomial itself, at the lost
   * places its derivative: what the values are multiplied, and later divided by.
   */
  locate (erased: Uint16Array): void {
    this.walsh(erased)

    for (let i = 0; i < this.order; i++) {
      erased[i] = (erased[i] * this.logWalsh[i]) % this.modulus
    }

    this.walsh(erased)
  }

  private sum (a: number, b: number): number {
    const sum = a + b

    return sum > this.modulus ? sum - this.modulus : sum
  }

  private fillLogarithms ({ polynomial, basis }: Parameters): void {
    const { log, exp, order, modulus } = this

    for (let i = 0, state = 1; i < modulus; i++) {
      exp[state] = i
      state <<= 1

      if (state >= order) {
        state ^= polynomial
      }
    }

    exp[0] = modulus

    for (let i = 0; i < this.bits; i++) {
      for (let j = 0; j < 1 << i; j++) {
        log[j + (1 << i)] = log[j] ^ basis[i]
      }
    }

    for (let i = 0; i < order; i++) {
      log[i] = exp[log[i]]
    }

    for (let i = 0; i < order; i++) {
      exp[log[i]] = i
    }

    exp[modulus] = exp[0]
  }

  /** The subspace polynomials of the basis at every place, normalised (equation 3 of the paper), by recursion. */
  private makeSkew (): Uint16Array {
    const { bits, modulus, log } = this
    const skew = new Uint16Array(modulus)
    const points = Array.from({ length: bits - 1 }, (_, i) => 2 << i)

    for (let m = 0; m < bits - 1; m++) {
      const step = 2 << m

      skew[(1 << m) - 1] = 0

      for (let i = m; i < bits - 1; i++) {
        const span = 2 << i

        for (let j = (1 << m) - 1; j < span; j += step) {
          skew[j + span] = skew[j] ^ points[i]
        }
      }

      points[m] = modulus - log[this.multiply(points[m], log[points[m] ^ 1])]

      for (let i = m + 1; i < bits - 1; i++) {
        points[i] = this.multiply(points[i], this.sum(log[points[i] ^ 1], points[m]))
      }
    }

    return skew.map(point => log[point])
  }

  /** Fast Walsh-Hadamard transform modulo `modulus`, in place. */
  private walsh (values: Uint16Array): void {
    const { order, modulus } = this

    for (let half = 1; half < order; half *= 2) {
      for (let start = 0; start < order; start += 2 * half) {
        for (let i = start; i < start + half; i++) {
          const sum = values[i] + values[i + half]
          const difference = values[i] - values[i + half]

          values[i] = sum > modulus ? sum - modulus : sum
          values[i + half] = difference < 0 ? difference + modulus : difference
        }
      }
    }
  }
}
