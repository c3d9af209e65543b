import { kernel } from './choose-kernel.js'
import { field } from './field.js'
import { checkShards, fieldBits, load, nextPowerOfTwo, store, stripBytes } from './shards.js'
import { inverseTransform, transform } from './transform.js'
import type { KernelChoice } from './choose-kernel.js'
import type { Steps } from '../slices.js'

/**
 * The parity of `data`. A shard that is shorter than `shardBytes` counts as padded with zeros.
 *
 * @throws {InvalidParametersError} counts or lengths that Leopard does not have
 */
export function * encodeParity (data: readonly Uint8Array[], parityCount: number, shardBytes: number, choice?: KernelChoice): Steps<Array<Uint8Array<ArrayBuffer>>> {
  checkShards(data, data.length, parityCount, shardBytes)

  const parity = Array.from({ length: parityCount }, () => new Uint8Array(shardBytes))

  if (data.length === 1) {
    parity[0].set(data[0])
  } else {
    yield * parityCount === 1 ? xorAll(data, parity[0], shardBytes, choice) : encode(data, parity, shardBytes, choice)
  }

  return parity
}

/** The XOR of `shards`, written to `out` as far as it has room: parity where there is one of it. */
export function * xorAll (shards: ReadonlyArray<Uint8Array | undefined>, out: Uint8Array, shardBytes: number, choice?: KernelChoice): Steps<void> {
  const strip = stripBytes(2, shardBytes)

  for (let at = 0; at < shardBytes; at += strip) {
    if (at > 0) {
      yield
    }

    const work = kernel(8, 2 * strip, choice)
    const length = Math.min(strip, shardBytes - at)

    work.memory.fill(0, 0, length)

    for (const shard of shards) {
      if (shard != null) {
        load(work.memory, strip, shard, at, length)
        work.xor(0, strip, length)
      }
    }

    store(work.memory, 0, out, at, length)
  }
}

/**
 * Paper, section 3: the data are values at the places from `width` on, in groups of `width`.
 * Each group is transformed back by itself, the coefficients added up, and the polynomial of
 * the sum evaluated at the first places, where parity is.
 */
function * encode (data: readonly Uint8Array[], parity: readonly Uint8Array[], shardBytes: number, choice?: KernelChoice): Steps<void> {
  const gf = field(fieldBits(data.length, parity.length))
  const width = nextPowerOfTwo(parity.length)
  const stride = stripBytes(width * 2, shardBytes)

  for (let at = 0; at < shardBytes; at += stride) {
    if (at > 0) {
      yield
    }

    // asked for again after each pause: others may have made it larger meanwhile
    const work = kernel(gf.bits, width * 2 * stride, choice)
    const length = Math.min(stride, shardBytes - at)
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

    transform(work, gf, sum, -1, first => first < parity.length)
    parity.forEach((shard, i) => { store(work.memory, i * stride, shard, at, length) })
  }
}
