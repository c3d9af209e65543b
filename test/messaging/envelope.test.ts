import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, EnvelopeFormatError, isMarked, MARKER } from '../../src/messaging/index.js'

const hi = { contentTopic: 'room', payload: new TextEncoder().encode('hi'), meta: MARKER, ephemeral: true }

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('envelope', () => {
  it('has the bytes of 14/WAKU2-MESSAGE', () => {
    expect(hex(encodeEnvelope(hi, 1_700_000_000_000_000_001n))).to.equal([
      '0a02' + '6869', // 1: payload
      '1204' + '726f6f6d', // 2: content topic
      '50' + '8280d0e2c6bfce972f', // 10: timestamp, zigzag
      '5a16' + hex(MARKER), // 11: meta
      'f80101' // 31: ephemeral
    ].join(''))
  })

  it('has a marker of 22 ASCII bytes', () => {
    expect(new TextDecoder().decode(MARKER)).to.equal('RELIABLE-CHANNEL-API/1')
    expect(MARKER).to.have.lengthOf(22)
    expect(isMarked(MARKER.slice())).to.equal(true)
    expect(isMarked(MARKER.subarray(0, 21))).to.equal(false)
    expect(isMarked(new TextEncoder().encode('RELIABLE-CHANNEL-API/2'))).to.equal(false)
    expect(isMarked(new Uint8Array(0))).to.equal(false)
  })

  it('gives back what it took', () => {
    fc.assert(fc.property(
      fc.uint8Array(), fc.string({ minLength: 1, unit: 'grapheme' }), fc.uint8Array(), fc.boolean(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      (payload, contentTopic, meta, ephemeral, timestamp) => {
        const envelope = { payload, contentTopic, meta, ephemeral }

        expect(decodeEnvelope(encodeEnvelope(envelope, timestamp))).to.deep.equal({ ...envelope, timestamp })
      }
    ))
  })

  it('skips fields that it does not know, and fills in those that are missing', () => {
    // version, a rate limit proof, and a field 100
    const data = Buffer.from('1204726f6f6d' + '1801' + 'aa0103010203' + 'a20603616263', 'hex')

    expect(decodeEnvelope(data)).to.deep.equal({ contentTopic: 'room', payload: new Uint8Array(0), meta: new Uint8Array(0), ephemeral: false })
  })

  it('refuses noise by a typed error, and by no other', () => {
    const intact = encodeEnvelope(hi, 1n)

    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.nat(intact.byteLength).map(length => intact.slice(0, length))), data => {
      try {
        expect(decodeEnvelope(data).contentTopic).to.not.equal('')
      } catch (err) {
        expect(err).to.be.instanceOf(EnvelopeFormatError)
      }
    }), { numRuns: 500 })
  })

  it('refuses what is too large before it reads it, and what has no topic', () => {
    expect(() => decodeEnvelope(encodeEnvelope(hi, 1n), 30)).to.throw(EnvelopeFormatError, /at most 30/)
    expect(() => decodeEnvelope(encodeEnvelope({ ...hi, contentTopic: '' }, 1n))).to.throw(EnvelopeFormatError)
  })
})
