import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aeadFor, NATIVE_FROM_BYTES, nativeAead, portableAead, subkey, TAG_BYTES } from '../../src/encryption/aead.js'
import { bytes, hex, toHex } from './fixtures.js'
import type { Aead } from '../../src/encryption/aead.js'

// missing in a browser
const native = nativeAead()
const backends: Array<[string, Aead]> = [['portable', portableAead], ...native == null ? [] : [['native', native] satisfies [string, Aead]]]

// draft-irtf-cfrg-xchacha-03, A.3.1
const draft = {
  plaintext: new TextEncoder().encode("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."),
  associatedData: hex('50515253c0c1c2c3c4c5c6c7'),
  key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  nonce: hex('404142434445464748494a4b4c4d4e4f5051525354555657'),
  sealed: 'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb' +
    '731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
    '2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
    '21f9664c97637da9768812f615c68b13b52e' + 'c0875924c1c7987947deafd8780acf49'
}

function seal (aead: Aead, key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const out = new Uint8Array(plaintext.byteLength + TAG_BYTES)
  aead.seal(key, nonce, associatedData, plaintext, out)

  return out
}

describe('aead', () => {
  it('derives the subkey of the draft\'s example', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i)
    const nonce = hex('000000090000004a0000000031415927' + '0000000000000000')

    // draft-irtf-cfrg-xchacha-03, 2.2.1
    expect(toHex(subkey(key, nonce))).to.equal('82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc')
  })

  it.each(backends)('%s: gives the draft\'s ciphertext', (_, aead) => {
    const { key, nonce, associatedData, plaintext, sealed } = draft

    expect(toHex(seal(aead, key, nonce, associatedData, plaintext))).to.equal(sealed)
    expect(aead.open(key, nonce, associatedData, hex(sealed))).to.deep.equal(plaintext)
  })

  it('all backends give the same bytes and read each other', () => {
    const array = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })

    fc.assert(fc.property(array(32), array(24), fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 3000 }), fc.nat(3), (key, nonce, associatedData, plaintext, shift) => {
      const sealed = seal(portableAead, key, nonce, associatedData, plaintext)
      // at any alignment
      const shifted = new Uint8Array(sealed.byteLength + shift).subarray(shift)
      shifted.set(sealed)

      for (const [, aead] of backends) {
        expect(seal(aead, key, nonce, associatedData, plaintext)).to.deep.equal(sealed)
        expect(aead.open(key, nonce, associatedData, shifted)).to.deep.equal(plaintext)
      }
    }))
  })

  it('changes the backend at the limit, where there is another', () => {
    expect(aeadFor(NATIVE_FROM_BYTES - 1)).to.equal(portableAead)
    expect(aeadFor(NATIVE_FROM_BYTES)).to.equal(native ?? portableAead)
  })

  it.each(backends)('%s: refuses what was altered', (_, aead) => {
    const [key, nonce, associatedData] = [bytes(32), bytes(24), bytes(9)]
    const sealed = seal(aead, key, nonce, associatedData, bytes(20))

    for (let i = 0; i < sealed.byteLength; i++) {
      const altered = sealed.slice()
      altered[i] ^= 1 << (i % 8)
      expect(() => aead.open(key, nonce, associatedData, altered)).to.throw()
    }

    expect(() => aead.open(key, nonce, bytes(10), sealed)).to.throw()
  })
})
