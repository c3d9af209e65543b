import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCanonical, readText } from '../../src/sds/kept-texts.js'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

function read (bytes: Uint8Array): string {
  // somewhere within a message
  return readText(Uint8Array.of(97, ...bytes, 98), 1, bytes.byteLength + 1)
}

function words (id: string): number[] | undefined {
  const out = new Uint32Array(8)

  return readCanonical(id, out) ? [...out] : undefined
}

function expected (id: string): number[] | undefined {
  return /^[0-9a-f]{64}$/.test(id) ? Array.from({ length: 8 }, (_, i) => parseInt(id.slice(i * 8, i * 8 + 8), 16)) : undefined
}

describe('sds: texts that are kept', () => {
  // few characters, so that they meet in the same place and differ in little
  const hex = fc.string({ unit: fc.constantFrom('0', '1', 'f'), minLength: 64, maxLength: 64 })
  const near = fc.string({ unit: fc.constantFrom('0', 'f', 'F', 'g', 'é', '€', '\u0130', '/'), minLength: 62, maxLength: 64 })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 70 }),
    fc.uint8Array({ minLength: 64, maxLength: 64, min: 0x80 }),
    fc.oneof(hex, near, fc.string({ unit: 'binary', maxLength: 70 })).map(text => encoder.encode(text))
  ).map(array => Uint8Array.from(array))

  it('are what a decoder makes of the bytes, whatever was read before', () => {
    fc.assert(fc.property(fc.array(bytes, { minLength: 1, maxLength: 50 }), (list) => {
      for (const array of [...list, ...list]) {
        expect(read(array)).toBe(decoder.decode(array))
      }
    }), { numRuns: 300, seed: 1 })
  })

  it('are IDs of ours where they are 64 lower-case hex digits, whether the bytes or the text came first', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.oneof(bytes, hex.map(text => encoder.encode(text))), fc.boolean()), { minLength: 1, maxLength: 50 }), (list) => {
      for (const [array, bytesFirst] of [...list, ...list]) {
        const text = bytesFirst ? read(Uint8Array.from(array)) : decoder.decode(array)

        expect(words(text)).toEqual(expected(text))
        expect(read(Uint8Array.from(array))).toBe(text)
      }
    }), { numRuns: 300, seed: 2 })
  })

  it('bytes that are no UTF-8 are no ID, though each is a character', () => {
    // these bytes and their text are looked for in the same place
    const bytes = new Uint8Array(64).fill(0x80).fill(0x8b, 63)
    const text = read(bytes)

    expect(text).toBe('\ufffd'.repeat(64))
    expect(words(text)).toBeUndefined()
    // what was there is not taken for others
    expect(read(new Uint8Array(64).fill(0xfe))).toBe(text)
    expect(words('\ufffd'.repeat(64))).toBeUndefined()
  })

  it('a text of which the low bytes are an ID is not that one, and spoils nothing', () => {
    const [zeros, one] = ['0'.repeat(64), `1${'0'.repeat(63)}`]
    const shifted = String.fromCharCode(...Array.from(zeros, digit => digit.charCodeAt(0) + 512))

    expect(read(encoder.encode(one))).toBe(one)
    expect(words(shifted)).toBeUndefined()
    expect(read(encoder.encode(zeros))).toBe(zeros)
    expect(words(zeros)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(words(one)).toEqual([0x1000_0000, 0, 0, 0, 0, 0, 0, 0])
  })
})
