import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeData, encodeParity } from '../../../src/segmentation/leopard/index.js'
import { fieldBits } from '../../../src/segmentation/leopard/shards.js'
import { atOnce } from '../../../src/segmentation/slices.js'
import vectors from '../../vectors/segmentation-nim.json' with { type: 'json' }
import { shuffle, toHex } from '../helpers.js'
import type { KernelChoice } from '../../../src/segmentation/leopard/index.js'

const KERNELS: KernelChoice[] = ['portable', 'wasm']

/** The shards of the vectors. */
function shards (count: number, shardBytes: number): Uint8Array[] {
  return Array.from({ length: count }, (_, k) => Uint8Array.from({ length: shardBytes }, (_, i) => (k * 131 + i * 29 + 7) & 0xff))
}

/** Decodes with everything lost but `kept`, places of data then parity, and returns all data. */
function recover (data: readonly Uint8Array[], parity: readonly Uint8Array[], kept: readonly number[], shardBytes: number, kernel: KernelChoice): Uint8Array[] {
  const left = [...data, ...parity].map((shard, place) => kept.includes(place) ? shard : undefined)
  const into = data.map((shard, i) => left[i] == null ? new Uint8Array(shard.byteLength).fill(0xaa) : undefined)

  atOnce(decodeData({ data: left.slice(0, data.length), parity: left.slice(data.length), shardBytes, into }, kernel))

  return data.map((_, i) => left[i] ?? into[i] ?? new Uint8Array(0))
}

describe.each(KERNELS)('leopard, %s kernel', (kernel) => {
  it.each(vectors.leopardParity.vectors)('makes the parity of the reference: $k + $m', ({ k, m, shardLen, parity }) => {
    expect(atOnce(encodeParity(shards(k, shardLen), m, shardLen, kernel)).map(toHex)).toEqual(parity)
  })

  it.each(vectors.leopardParity.vectors)('gets the data back when as many shards are lost as there is parity: $k + $m', ({ k, m, shardLen }) => {
    const data = shards(k, shardLen)
    const parity = atOnce(encodeParity(data, m, shardLen, kernel))
    const places = Array.from({ length: k + m }, (_, place) => place)

    // the first and the last data shards are the corners
    for (const kept of [places.slice(m), [...places.slice(0, k - m), ...places.slice(k)], shuffle(places, k + m).slice(0, k)]) {
      expect(recover(data, parity, kept, shardLen, kernel)).toEqual(data)
    }
  })

  // few lost shards are solved for, many are transformed back: the border lies between these
  it.each([[20, 20], [64, 64], [128, 128], [129, 127], [160, 80]])('gets the data back from as little of it as can be: %i + %i', (k, m) => {
    const data = shards(k, 128)
    const parity = atOnce(encodeParity(data, m, 128, kernel))

    for (const lost of [1, 2, 3, m >> 2, m >> 1, m]) {
      // of all that is left, the last shards are lost as well
      const kept = shuffle(Array.from({ length: k + m }, (_, place) => place), lost).filter(place => place >= lost).slice(0, k)

      expect(recover(data, parity, kept, 128, kernel)).toEqual(data)
    }
  })

  it('writes what is asked for, as far as there is room, and nothing else', () => {
    for (const [k, m] of [[9, 3], [64, 64]]) {
      const data = shards(k, 64)
      const parity: Array<Uint8Array | undefined> = atOnce(encodeParity(data, m, 64, kernel))
      const into = data.map((_, i) => i === 1 ? new Uint8Array(10) : undefined)

      atOnce(decodeData({ data: data.map((shard, i) => i < m ? undefined : shard), parity, shardBytes: 64, into }, kernel))

      expect(into[1]).toEqual(data[1].subarray(0, 10))
    }
  })

  it('P62: takes the field of the reference on both sides of its border', () => {
    expect(fieldBits(224, 29)).toBe(8)
    expect(fieldBits(225, 29)).toBe(16)
    expect(fieldBits(240, 16)).toBe(8)
    expect(fieldBits(241, 15)).toBe(16)

    for (const [k, m] of [[224, 29], [225, 29], [240, 16], [241, 15], [128, 128], [129, 127]]) {
      const data = shards(k, 64)
      const parity = atOnce(encodeParity(data, m, 64, kernel))
      const kept = shuffle(Array.from({ length: k + m }, (_, place) => place), k).slice(0, k)

      expect(recover(data, parity, kept, 64, kernel)).toEqual(data)
    }
  })

  it('gets the data back from any k of k + m shards of any length', () => {
    const shape = fc.integer({ min: 1, max: 24 }).chain(k => fc.record({
      k: fc.constant(k),
      m: fc.integer({ min: 1, max: k }),
      shardBytes: fc.constantFrom(64, 128, 8_192, 8_256, 16_448),
      short: fc.integer({ min: 1, max: 64 }),
      seed: fc.nat()
    }))

    fc.assert(fc.property(shape, ({ k, m, shardBytes, short, seed }) => {
      const data = shards(k, shardBytes)
      // the last one is shorter, as in a set
      data[k - 1] = data[k - 1].subarray(0, shardBytes - 64 + short)

      const parity = atOnce(encodeParity(data, m, shardBytes, kernel))
      const kept = shuffle(Array.from({ length: k + m }, (_, place) => place), seed).slice(0, k)

      expect(recover(data, parity, kept, shardBytes, kernel)).toEqual(data)
    }), { numRuns: 60 })
  })

  it('keeps its work apart when two runs take turns', () => {
    const small = shards(5, 20_480)
    const large = shards(200, 20_480).reverse()
    const alone = [atOnce(encodeParity(small, 3, 20_480, kernel)), atOnce(encodeParity(large, 25, 20_480, kernel))]
    const runs = [encodeParity(small, 3, 20_480, kernel), encodeParity(large, 25, 20_480, kernel)]
    const results: Uint8Array[][] = [[], []]
    let turns = 0

    for (let open = new Set([0, 1]); open.size > 0;) {
      for (const i of open) {
        const step = runs[i].next()
        turns++

        if (step.done === true) {
          results[i] = step.value
          open = new Set([...open].filter(other => other !== i))
        }
      }
    }

    expect(turns).toBeGreaterThan(5)
    expect(results).toEqual(alone)
  })
})

describe('leopard', () => {
  it.each([
    [[], 1, 64, /0 data/],
    [shards(2, 64), 3, 64, /no more parity than data/],
    [shards(2, 64), 0, 64, /at least one of each/],
    [shards(2, 64), 1, 65, /multiple of 64 bytes, not 65/],
    [shards(2, 128), 1, 64, /128 bytes is longer than 64/]
  ])('refuses what the code does not have (%#)', (data, parityCount, shardBytes, message) => {
    expect(() => atOnce(encodeParity(data, parityCount, shardBytes))).toThrow(message)
  })

  it('refuses to decode from fewer than k shards', () => {
    const data = [undefined, undefined, ...shards(2, 64)]

    expect(() => { atOnce(decodeData({ data, parity: [shards(1, 64)[0], undefined], shardBytes: 64, into: [] })) })
      .toThrow('2 data and 1 parity shards are not enough for 4')
  })
})
