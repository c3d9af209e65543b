import { InvalidParametersError } from '@libp2p/interface'
import { kernel } from './choose-kernel.js'
import { encodeStrip } from './encode.js'
import { field } from './field.js'
import { checkShards, fieldBits, load, nextPowerOfTwo, places, store, stripBytes } from './shards.js'
import { solve } from './solve.js'
import { derive, inverseTransform, transform } from './transform.js'
import type { KernelChoice } from './choose-kernel.js'
import type { Steps } from '../slices.js'

export interface DecodeInit {
  /** every data shard at its place, `undefined` for a lost one; a shorter one counts as padded with zeros */
  data: ReadonlyArray<Uint8Array | undefined>
  /** every parity shard at its place likewise */
  parity: ReadonlyArray<Uint8Array | undefined>
  shardBytes: number
  /** where lost data goes, by place; one that is shorter than a shard takes its beginning */
  into: ReadonlyArray<Uint8Array | undefined>
}

/**
 * Recovers lost data from any `data.length` of all shards.
 *
 * @throws {InvalidParametersError} too few of them, or counts and lengths that Leopard does not have
 */
export function * decodeData (init: DecodeInit, choice?: KernelChoice): Steps<void> {
  const { data, parity, shardBytes } = init
  const count = places(data.length, parity.length)
  const lost = indices(data, shard => shard == null)
  const spare = indices(parity, shard => shard != null)

  checkShards([...data, ...parity], data.length, parity.length, shardBytes)

  if (spare.length < lost.length) {
    throw new InvalidParametersError(`${data.length - lost.length} data and ${spare.length} parity shards are not enough for ${data.length}`)
  }

  if (lost.length > 0) {
    // products of rows here, butterflies there
    yield * lost.length ** 2 <= count * Math.log2(count)
      ? decodeFew(init, lost, spare.slice(0, lost.length), choice)
      : decodeMany(init, choice)
  }
}

/**
 * Encodes what is left: where the parity differs, the lost shards make the difference, each by
 * a known factor, so that they are the solution of a small system of equations.
 */
function * decodeFew ({ data, parity, shardBytes, into }: DecodeInit, lost: number[], used: number[], choice?: KernelChoice): Steps<void> {
  const gf = field(fieldBits(data.length, parity.length))
  const width = nextPowerOfTwo(parity.length)
  const stride = stripBytes(width * 2, shardBytes)
  const factors = solve(gf, width, lost, used)
  const spare = width * stride

  for (let at = 0; at < shardBytes; at += stride) {
    if (at > 0) {
      yield
    }

    // asked for again after each pause: others may have made it larger meanwhile
    const work = kernel(gf.bits, width * 2 * stride, choice)
    const length = Math.min(stride, shardBytes - at)

    encodeStrip(work, gf, data, width, { at, stride, length }, (first, end) => used.some(row => row >= first && row < end))

    for (const row of used) {
      load(work.memory, spare, parity[row], at, length)
      work.xor(row * stride, spare, length)
    }

    lost.forEach((place, i) => {
      const out = into[place]

      if (out != null) {
        work.memory.fill(0, spare, spare + length)
        used.forEach((row, j) => { work.multiplyAdd(spare, row * stride, factors[i][j], length) })
        store(work.memory, spare, out, at, length)
      }
    })
  }
}

/**
 * Paper, section 4: all values times the error locator polynomial are those of a polynomial
 * that is known at every place, since the lost ones are zero. At a lost place its derivative is
 * the lost value times the derivative of the locator.
 */
function * decodeMany ({ data, parity, shardBytes, into }: DecodeInit, choice?: KernelChoice): Steps<void> {
  const gf = field(fieldBits(data.length, parity.length))
  const width = nextPowerOfTwo(parity.length)
  const count = places(data.length, parity.length)
  const used = width + data.length
  const locator = new Uint16Array(gf.order)
  const shards = [...parity, ...new Array<undefined>(width - parity.length).fill(undefined), ...data]
  const stride = stripBytes(count, shardBytes)

  // how many rows before each one are lost data
  const lost = new Uint16Array(count + 1)

  for (let place = 0; place < count; place++) {
    lost[place + 1] = lost[place] + (place >= width && place < used && shards[place] == null ? 1 : 0)
  }

  shards.forEach((shard, place) => { locator[place] = shard == null ? 1 : 0 })
  gf.locate(locator)

  for (let at = 0; at < shardBytes; at += stride) {
    if (at > 0 || gf.bits === 16) {
      yield
    }

    const work = kernel(gf.bits, count * stride, choice)
    const length = Math.min(stride, shardBytes - at)
    const rows = { at: 0, count, stride, length }

    for (let place = 0; place < count; place++) {
      load(work.memory, place * stride, shards[place], at, length)

      if (shards[place] != null) {
        work.multiply(place * stride, locator[place], length)
      }
    }

    inverseTransform(work, gf, rows, used, -1)
    derive(work, rows)
    transform(work, gf, rows, -1, (first, end) => lost[first] < lost[end])

    data.forEach((shard, i) => {
      const out = into[i]

      if (shard == null && out != null) {
        work.multiply((width + i) * stride, gf.modulus - locator[width + i], length)
        store(work.memory, (width + i) * stride, out, at, length)
      }
    })
  }
}

function indices<T> (items: readonly T[], is: (item: T) => boolean): number[] {
  return [...items.keys()].filter(i => is(items[i]))
}
