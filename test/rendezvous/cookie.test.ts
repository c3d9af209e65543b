import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_EPOCH, decodeCookie, encodeCookie } from '../../src/rendezvous/cookie.js'
import { utf8 } from './fixtures.js'

describe('cookie', () => {
  it('round-trips', () => {
    fc.assert(fc.property(fc.nat(MAX_EPOCH), fc.nat(2 ** 40 - 1), fc.string({ unit: 'grapheme' }), (epoch, sequence, namespace) => {
      expect(decodeCookie(encodeCookie(epoch, sequence, utf8(namespace)))).toEqual({ epoch, sequence, namespace })
    }))
  })

  it('keeps every character of the namespace', () => {
    const cookie = { epoch: 1, sequence: 2, namespace: '\ufefffoo' }

    expect(decodeCookie(encodeCookie(1, 2, utf8(cookie.namespace)))).toEqual(cookie)
  })

  it('is a big-endian u64 and the namespace, as rust parses it', () => {
    expect([...encodeCookie(0x010203, 0x0405060708, utf8('ab'))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 97, 98])
  })

  it('is none below eight bytes, and anything else from there on', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      expect(decodeCookie(bytes) == null).toBe(bytes.byteLength < 8)
    }))
  })
})
