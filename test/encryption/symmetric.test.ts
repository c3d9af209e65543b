import { nextTick } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, DecryptionError, plaintext, symmetric, SYMMETRIC_OVERHEAD_BYTES } from '../../src/encryption/index.js'
import { bytes, contentOf, context, countingRandom, manualClock, toHex } from './fixtures.js'
import type { SymmetricOptions } from '../../src/encryption/index.js'

// The pinned payloads below were recomputed from the documented layout by another implementation
// of scrypt, HKDF and XChaCha20-Poly1305 (Python's hashlib, and the cipher written after its RFC).
const key = bytes(32)

describe('plaintext', () => {
  it('returns its input unchanged and has no secrets', () => {
    const content = bytes(5)

    expect(plaintext().encrypt(content, context)).to.equal(content)
    expect(plaintext().decrypt(content, context)).to.equal(content)
    expect(plaintext().discoverySecrets).to.equal(undefined)
  })
})

describe('symmetric', () => {
  it('writes the pinned layout', async () => {
    const payload = await symmetric({ key }, { random: countingRandom }).encrypt(bytes(4), context)

    // version ‖ key tag ‖ nonce ‖ ciphertext and tag
    expect(toHex(payload)).to.equal(
      '01' + 'fa1385f4445109' + '000102030405060708090a0b0c0d0e0f1011121314151617' + '6bbad3823a6a1c251a51297d1e085e85d166103c')
  })

  it('gives back any content, and never the same payload twice', async () => {
    const encryption = symmetric({ key })

    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), fc.string(), fc.string(), async (content, channelId, contentTopic) => {
      const place = { channelId, contentTopic, senderId: 'bob' }
      const payload = await encryption.encrypt(content, place)

      expect(payload.byteLength).to.equal(content.byteLength + SYMMETRIC_OVERHEAD_BYTES)
      expect(await encryption.decrypt(payload, { ...place, senderId: 'carol' })).to.deep.equal(content)
      expect(await encryption.encrypt(content, place)).to.not.deep.equal(payload)
    }), { numRuns: 50 })
  })

  it('reads with either backend what the other wrote', async () => {
    const encryption = symmetric({ key })

    for (const length of [0, 1, 8191, 8192, 8193, 102_400]) {
      const payload = await encryption.encrypt(bytes(length), context)

      expect(await encryption.decrypt(payload, context)).to.deep.equal(bytes(length))
      // at an offset that is not aligned, as out of a protobuf message
      const shifted = new Uint8Array(payload.byteLength + 3).subarray(3)
      shifted.set(payload)
      expect(await encryption.decrypt(shifted, context)).to.deep.equal(bytes(length))
    }
  })

  it('rejects a flip of any bit behind the key tag, and takes a flip within it as a foreign key', () => {
    const encryption = symmetric({ key })
    const payload = encryption.encrypt(bytes(12), context) as Uint8Array

    fc.assert(fc.property(fc.nat(payload.byteLength * 8 - 1), bit => {
      const altered = payload.slice()
      altered[bit >> 3] ^= 1 << (bit & 7)

      if (bit < 64) {
        expect(encryption.decrypt(altered, context)).to.equal(null)
      } else {
        expect(() => encryption.decrypt(altered, context)).to.throw(DecryptionError)
      }
    }), { numRuns: 400 })
  })

  it('throws a DecryptionError for a truncated payload with our tag', () => {
    const encryption = symmetric({ key })
    const payload = encryption.encrypt(bytes(3), context) as Uint8Array

    for (let length = 8; length < payload.byteLength; length++) {
      expect(() => encryption.decrypt(payload.subarray(0, length), context)).to.throw(DecryptionError)
    }

    for (let length = 0; length < 8; length++) {
      expect(encryption.decrypt(payload.subarray(0, length), context)).to.equal(null)
    }
  })

  it('P06: tells cheaply what belongs to another key, another channel of the same key, or another version', () => {
    const payload = symmetric({ key }).encrypt(bytes(3), context) as Uint8Array
    const next = payload.slice()
    next[0] = 2

    expect(symmetric({ key: bytes(32, 2) }).decrypt(payload, context)).to.equal(null)
    expect(symmetric({ key }).decrypt(payload, { ...context, channelId: 'other' })).to.equal(null)
    expect(symmetric({ key }).decrypt(next, context)).to.equal(null)
    expect(symmetric({ key }).decrypt(new TextEncoder().encode('not encrypted at all'), context)).to.equal(null)
  })

  it('binds the content topic', () => {
    const payload = symmetric({ key }).encrypt(bytes(3), context) as Uint8Array

    expect(() => symmetric({ key }).decrypt(payload, { ...context, contentTopic: 'elsewhere' })).to.throw(DecryptionError)
  })

  it('keeps channel ID and topic apart, however they are cut', async () => {
    const encryption = symmetric({ key })
    const payload = await encryption.encrypt(bytes(3), { channelId: 'ab', contentTopic: 'c', senderId: '' })

    expect(await encryption.decrypt(payload, { channelId: 'a', contentTopic: 'bc', senderId: '' })).to.equal(null)
    expect(await encryption.decrypt(payload, { channelId: 'ab', contentTopic: 'c', senderId: '' })).to.deep.equal(bytes(3))
  })

  it('says nothing of key or content in its error', () => {
    const payload = symmetric({ key }).encrypt(bytes(3), context) as Uint8Array

    let thrown: unknown

    try {
      contentOf(symmetric({ key }).decrypt(payload, { ...context, contentTopic: 'elsewhere' }) as Uint8Array)
    } catch (err) {
      thrown = err
    }

    expect(thrown).to.be.instanceOf(DecryptionError).and.not.have.property('cause')
    expect(Object.keys(thrown as object)).to.deep.equal(['name'])
  })

  it('copies the key', () => {
    const mine = key.slice()
    const encryption = symmetric({ key: mine })
    mine.fill(0)
    const payload = encryption.encrypt(bytes(3), context) as Uint8Array

    expect(symmetric({ key }).decrypt(payload, context)).to.deep.equal(bytes(3))
  })

  it('gives a discovery secret that is not the key, another one for each channel', () => {
    const encryption = symmetric({ key })
    const [secret] = encryption.discoverySecrets?.(context) as Uint8Array[]
    const [other] = encryption.discoverySecrets?.({ ...context, channelId: 'other' }) as Uint8Array[]
    const [elsewhere] = encryption.discoverySecrets?.({ ...context, contentTopic: 'elsewhere' }) as Uint8Array[]

    expect(toHex(secret)).to.equal('d14103e1c1ac3270ca99f8535b4d9e9d7f97b6abc25c9adcd6539908442f6179')
    expect(secret).to.not.deep.equal(key)
    expect(other).to.not.deep.equal(secret)
    expect(elsewhere).to.deep.equal(secret)
  })

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no options', undefined],
    ['a short key', { key: bytes(31) }],
    ['a long key', { key: bytes(33) }],
    ['a key as text', { key: 'k'.repeat(32) }],
    ['an empty passphrase', { passphrase: '' }],
    ['a passphrase that is no text', { passphrase: 12 }],
    ['two sources', { key, passphrase: 'x' }]
  ])('refuses %s', (_, options) => {
    expect(() => symmetric(options as SymmetricOptions)).to.throw().with.property('name', 'InvalidParametersError')
  })
})

describe('symmetric, by passphrase', () => {
  it('stretches once for each channel, without blocking, and reads the pinned payload', async () => {
    const encryption = symmetric({ passphrase: 'correct horse' }, { random: countingRandom })
    const first = encryption.encrypt(bytes(4), context)
    const second = encryption.encrypt(bytes(5), context)
    let tasks = 0
    const done = new AbortController()
    const counting = (async () => {
      for (; !done.signal.aborted; tasks++) {
        await nextTick()
      }
    })()

    expect(first).to.be.instanceOf(Promise)
    const payload = await first
    done.abort()
    await counting
    await second

    expect(tasks).to.be.greaterThan(10)
    expect(toHex(payload)).to.equal('0184efa6e35aca7c000102030405060708090a0b0c0d0e0f101112131415161779d256e49782a569b7cfcf20c2999f7a36b226f4')
    // the derived key is at hand now, and so everything is synchronous
    expect(encryption.decrypt(payload, context)).to.deep.equal(bytes(4))
    expect(await symmetric({ passphrase: 'wrong horse' }).decrypt(payload, context)).to.equal(null)
  })

  it('takes one text in all its Unicode forms', async () => {
    const payload = await symmetric({ passphrase: 'caf\u00e9' }).encrypt(bytes(4), context)

    expect(await symmetric({ passphrase: 'cafe\u0301' }).decrypt(payload, context)).to.deep.equal(bytes(4))
  })
})

describe('symmetric, by keyring', () => {
  it('encrypts with the current key and reads with the old ones until they end', () => {
    const clock = manualClock()
    const keyring = createKeyring(key, clock)
    const encryption = symmetric({ keyring })
    const before = encryption.encrypt(bytes(3), context) as Uint8Array

    keyring.rotate(bytes(32, 2), { keepOldMs: 1000 })
    const after = encryption.encrypt(bytes(4), context) as Uint8Array

    expect(contentOf(encryption.decrypt(before, context) as Uint8Array)).to.deep.equal(bytes(3))
    expect(symmetric({ key: bytes(32, 2) }).decrypt(after, context)).to.deep.equal(bytes(4))
    expect(symmetric({ key }).decrypt(after, context)).to.equal(null)

    clock.advance(1000)
    expect(encryption.decrypt(before, context)).to.equal(null)
    expect(encryption.decrypt(after, context)).to.deep.equal(bytes(4))
  })

  it('is found under each key during a rotation, current first', () => {
    const clock = manualClock()
    const keyring = createKeyring(key, clock)
    const encryption = symmetric({ keyring })
    const [old] = encryption.discoverySecrets?.(context) as Uint8Array[]

    keyring.rotate(bytes(32, 2), { keepOldMs: 1000 })
    const secrets = encryption.discoverySecrets?.(context) as Uint8Array[]

    expect(secrets).to.have.lengthOf(2)
    expect(secrets[1]).to.deep.equal(old)
    clock.advance(1000)
    expect(encryption.discoverySecrets?.(context)).to.deep.equal([secrets[0]])
  })
})
