import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/seeded-random.js'

describe('seededRandom', () => {
  it('gives the same values for the same seed, and others for another', () => {
    const draw = (seed: number | string): unknown[] => {
      const random = seededRandom(seed)

      return [random.float(), random.integer(1_000_000), [...random.bytes(7)], random.shuffle([1, 2, 3, 4, 5])]
    }

    expect(draw(7)).to.deep.equal(draw('7'))
    expect(draw('7/network')).to.not.deep.equal(draw('7/member'))
    expect(new Set(Array.from({ length: 1_000 }, (_, seed) => seededRandom(seed).float())).size).to.equal(1_000)
  })

  it('never changes: seeds are kept as regression tests', () => {
    const random = seededRandom(42)

    expect([random.integer(1 << 30), random.integer(1 << 30), [...random.bytes(5)]]).toMatchInlineSnapshot(`
      [
        611893664,
        362714285,
        [
          102,
          18,
          179,
          230,
          76,
        ],
      ]
    `)
  })

  it('is uniform', () => {
    const random = seededRandom('uniform')
    const counts = new Array(10).fill(0)
    const bits = new Array(8).fill(0)

    for (let i = 0; i < 100_000; i++) {
      counts[random.integer(10)]++
    }

    for (const byte of random.bytes(100_000)) {
      bits.forEach((_, bit) => { bits[bit] += (byte >> bit) & 1 })
    }

    counts.forEach(count => { expect(count).to.be.within(9_500, 10_500) })
    bits.forEach(count => { expect(count).to.be.within(49_000, 51_000) })
  })
})
