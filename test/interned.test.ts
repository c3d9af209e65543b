import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extended, packBytes, unpackBytes } from '../src/interned.js'

describe('interned', () => {
  it('packed bytes are read back, whatever was packed before', () => {
    // some meet in one place, and some are one and the same
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32, max: 2 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 64 })
    )

    fc.assert(fc.property(fc.array(bytes, { minLength: 1, maxLength: 40 }), (list) => {
      for (const array of [...list, ...list]) {
        const packed = packBytes(Uint8Array.from(array))

        expect(packed.length).toBe(array.byteLength)
        expect([...unpackBytes(packed)]).toEqual([...array])
      }
    }), { seed: 1 })
  })

  it('a list grows by one name, and the one that it was does not', () => {
    const none: readonly string[] = []
    const one = extended(none, 'alice')
    const two = extended(one, 'bob')

    expect([none, one, two]).toEqual([[], ['alice'], ['alice', 'bob']])
    expect(Object.isFrozen(one)).toBe(true)
  })

  it('lists of one and the same name are one object', () => {
    expect(extended([], 'alice')).toBe(extended([], 'alice'))
    expect(extended([], 'bob')).toEqual(['bob'])
  })

  it('no more than 1 024 such lists are held on to', () => {
    const first = extended([], 'first')

    for (let i = 0; i < 1_024; i++) {
      extended([], `member ${i}`)
    }

    expect(extended([], 'first')).not.toBe(first)
    expect(extended([], 'first')).toEqual(['first'])
  })
})
