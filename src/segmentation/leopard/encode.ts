import { kernel } from './choose-kernel.js'
import { field } from './field.js'
import { checkShards, fieldBits, load, nextPowerOfTwo, store, stripBytes } from './shards.js'
import { inverseTransform, transform } from './transform.js'
import type { KernelChoice } from './choose-kernel.js'
import type { Field } from './field.js'
import type { Kernel } from './kernel.js'
import type { Steps } from '../slices.js'

/** A strip of all shards: `length` bytes from `at` on, in rows that are `stride` bytes apart. */
export interface Strip {
  at: number
  length: number
  stride: number
}

/**
 * The parity of `data`. A shard that is shorter than `shardBytes` counts as padded with zeros.
 *
 * @throws {InvalidParametersError} counts or lengths that Leopard does not have
 */
export function * encodeParity (data: readonly Uint8Array[], parityCount: number, shardBytes: number, choice?: KernelChoice): Steps<Array<Uint8Array<ArrayBuffer>>> {
  checkShards(data, data.length, parityCount, shardBytes)

  const parity = Array.from({ length: parityCount }, () => new Uint8Array(shardBytes))
  const gf = field(fieldBits(data.length, parityCount))
  const width = nextPowerOfTwo(parityCount)
  const stride = stripBytes(width * 2, shardBytes)

  for (let at = 0; at < shardBytes; at += stride) {
    if (at > 0) {
      yield
    }

    // asked for again after each pause: others may have made it larger meanwhile
    const work = kernel(gf.bits, width * 2 * stride, choice)
    const strip = { at, stride, length: Math.min(stride, shardBytes - at) }

    encodeStrip(work, gf, data, width, strip, first => first < parityCount)
    parity.forEach((shard, i) => { store(work.memory, i * stride, shard, at, strip.length) })
  }

  return parity
}

/**
 * Paper, section 3: the data are values at the places from `width` on, in groups of `width`.
 * Each group is transformed back by itself, the coefficients added up, and the polynomial of
 * the sum evaluated at the first places, where parity is: the first `width` rows hold what is
 * `wanted` of it. As many rows behind them are used. A shard that is missing counts as zero.
 */
export function encodeStrip (work: Kernel, gf: Field, data: ReadonlyArray<Uint8Array | undefined>, width: number, { at, stride, length }: Strip, wanted: (first: number, end: number) => boolean): void {
  const sum = { at: 0, count: width, stride, length }
  const group = { at: width * stride, count: width, stride, length }

  for (let first = 0; first < data.length; first += width) {
    const rows = first === 0 ? sum : group

    for (let i = 0; i < width; i++) {
      load(work.memory, rows.at + i * stride, data[first + i], at, length)
    }

    inverseTransform(work, gf, rows, Math.min(width, data.length - first), width - 1 + first)

    for (let i = 0; rows !== sum && i < width; i++) {
      work.xor(i * stride, rows.at + i * stride, length)
    }
  }

  transform(work, gf, sum, -1, wanted)
}
