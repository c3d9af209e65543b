import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, DecryptionError, NotMemberError, plaintext, signed, SignatureError, symmetric, SYMMETRIC_OVERHEAD_BYTES } from '../../src/encryption/index.js'
import { decodeSigned, encodeSigned } from '../../src/encryption/signed-content.js'
import { bytes, context, toHex } from './fixtures.js'
import type { PrivateKey, PublicKey } from '@libp2p/interface'

const inner = symmetric({ key: bytes(32) })
const alice = await generateKeyPairFromSeed('Ed25519', bytes(32, 7))
const bob = await generateKeyPairFromSeed('Ed25519', bytes(32, 8))
const alicePeer = peerIdFromPrivateKey(alice)
const bobPeer = peerIdFromPrivateKey(bob)
const asPeer = { ...context, senderId: alicePeer.toString() }
const hi = new TextEncoder().encode('hi')

async function rejection (promise: PromiseLike<unknown> | unknown): Promise<unknown> {
  return Promise.resolve(promise).then(() => { throw new Error('must reject') }, (err: unknown) => err)
}

describe('signed', () => {
  it.each<[string, () => Promise<PrivateKey>]>([
    ['Ed25519', async () => alice],
    ['secp256k1', async () => generateKeyPair('secp256k1')],
    ['RSA', async () => generateKeyPair('RSA', 2048)]
  ])('proves a sender with %s', async (_, key) => {
    const privateKey = await key()
    const payload = await signed(inner, { privateKey }).encrypt(hi, context)
    const decrypted = await signed(inner, { privateKey: bob }).decrypt(payload, { ...context, senderId: 'bob' })

    expect(decrypted).to.deep.include({ content: hi, senderId: 'alice' })
    expect(decrypted).to.have.property('sender').that.has.property('publicKey').that.satisfies((key: PublicKey) => key.equals(privateKey.publicKey))
  })

  it('adds 107 bytes to what the inner encryption adds, when the sender ID is the peer ID', async () => {
    const payload = await signed(inner, { privateKey: alice }).encrypt(hi, asPeer)

    expect(payload.byteLength).to.equal(hi.byteLength + SYMMETRIC_OVERHEAD_BYTES + 107)
    expect(await signed(inner, { privateKey: bob }).decrypt(payload, context)).to.deep.include({ senderId: alicePeer.toString() })
  })

  it('keeps the pinned layout and signature', async () => {
    const content = await signed(plaintext(), { privateKey: alice }).encrypt(hi, context)

    expect(toHex(content)).to.equal('010024080112204c1293e8305bc051a94e50cf5391ff595a4ff405882e071894424ee1132354130005616c69636500401384d8fb991205cc61bd6158c290f989a6aed0bc3fa013804ef423d3d89ca636a5259d4c6efd987c46c1317f2310c2dfde23d2c352094c5bdbc71045a1554e046869')
  })

  it('passes null and the errors of the inner encryption through', async () => {
    const encryption = signed(inner, { privateKey: alice })
    const payload = await encryption.encrypt(hi, context)
    const altered = payload.slice()
    altered[payload.byteLength - 1] ^= 1

    expect(await signed(symmetric({ key: bytes(32, 9) }), { privateKey: bob }).decrypt(payload, context)).to.equal(null)
    expect(await rejection(encryption.decrypt(altered, context))).to.be.instanceOf(DecryptionError)
  })

  it('refuses a signature made for another channel, topic, sender or content', async () => {
    const encryption = signed(plaintext(), { privateKey: alice })
    const payload = await encryption.encrypt(hi, context)
    const parts = decodeSigned(payload)

    expect(await rejection(encryption.decrypt(payload, { ...context, channelId: 'other' }))).to.be.instanceOf(SignatureError)
    expect(await rejection(encryption.decrypt(payload, { ...context, contentTopic: 'other' }))).to.be.instanceOf(SignatureError)
    expect(await rejection(encryption.decrypt(encodeSigned({ ...parts, senderId: 'mallory' }), context))).to.be.instanceOf(SignatureError)
    expect(await rejection(encryption.decrypt(encodeSigned({ ...parts, content: bytes(2) }), context))).to.be.instanceOf(SignatureError)
    expect(await rejection(encryption.decrypt(encodeSigned({ ...parts, signature: bytes(3) }), context))).to.be.instanceOf(SignatureError)
  })

  it('refuses a sender ID that is another\'s peer ID', async () => {
    const payload = await signed(inner, { privateKey: bob }).encrypt(hi, asPeer)

    expect(await rejection(signed(inner, { privateKey: alice }).decrypt(payload, context))).to.be.instanceOf(SignatureError)
      .with.property('message').that.contains('peer ID of another')
  })

  it('lets only members write, by list', async () => {
    const members = new Set([alicePeer])
    const reader = signed(inner, { privateKey: bob, members })
    members.add(bobPeer)

    expect(await reader.decrypt(await signed(inner, { privateKey: alice }).encrypt(hi, context), context)).to.have.property('senderId', 'alice')
    expect(await rejection(reader.decrypt(await signed(inner, { privateKey: bob }).encrypt(hi, context), context))).to.be.instanceOf(NotMemberError)
  })

  it('lets only members write, by function, which sees the sender ID too', async () => {
    const reader = signed(inner, { privateKey: bob, members: (peer, senderId) => peer.equals(alicePeer) && senderId === 'alice' })
    const writer = signed(inner, { privateKey: alice })

    expect(await reader.decrypt(await writer.encrypt(hi, context), context)).to.have.property('senderId', 'alice')
    expect(await rejection(reader.decrypt(await writer.encrypt(hi, { ...context, senderId: 'eve' }), context))).to.be.instanceOf(NotMemberError)
  })

  it('never lets noise past, and fails by a typed error', async () => {
    const encryption = signed(plaintext(), { privateKey: alice })
    const payload = await encryption.encrypt(hi, context)

    await fc.assert(fc.asyncProperty(fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(payload.byteLength * 8 - 1).map(bit => {
        const altered = payload.slice()
        altered[bit >> 3] ^= 1 << (bit & 7)
        return altered
      }),
      fc.nat(payload.byteLength - 1).map(length => payload.slice(0, length))
    ), async noise => {
      expect(await rejection(encryption.decrypt(noise, context))).to.be.instanceOf(SignatureError)
    }), { numRuns: 300 })
  })

  it('passes the discovery secrets through', () => {
    expect(signed(inner, { privateKey: alice }).discoverySecrets?.(context)).to.deep.equal(inner.discoverySecrets?.(context))
    expect(signed(plaintext(), { privateKey: alice }).discoverySecrets).to.equal(undefined)
    expect(signed(plaintext(), { privateKey: alice }).onSecrets).to.equal(undefined)
  })

  it('passes on that they have changed', () => {
    const keyring = createKeyring(bytes(32, 1))
    let told = 0
    const cancel = signed(symmetric({ keyring }), { privateKey: alice }).onSecrets?.(() => { told++ })

    keyring.rotate(bytes(32, 2))
    expect(told).to.equal(1)
    cancel?.()
    keyring.rotate(bytes(32, 3))
    expect(told).to.equal(1)
  })

  it('refuses bad options and an oversized sender ID', async () => {
    const ecdsa = await generateKeyPair('ECDSA')

    expect(() => signed(inner, { privateKey: ecdsa })).to.throw().with.property('name', 'InvalidParametersError')
    expect(() => signed(inner, {} as { privateKey: PrivateKey })).to.throw().with.property('name', 'InvalidParametersError')
    expect(() => signed(undefined as unknown as typeof inner, { privateKey: alice })).to.throw().with.property('name', 'InvalidParametersError')
    expect(await rejection(signed(inner, { privateKey: alice }).encrypt(hi, { ...context, senderId: 'x'.repeat(1201) }))).to.have.property('name', 'InvalidParametersError')
  })
})
