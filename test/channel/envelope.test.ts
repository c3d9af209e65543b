import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { signed, symmetric } from '../../src/encryption/index.js'
import { encodeEnvelope } from '../../src/messaging/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { connect, device, utf8 } from './harness.js'
import type { Encryption } from '../../src/encryption/index.js'
import type { PrivateKey } from '@libp2p/interface'

/** Bytes of the largest envelope of "hi" in a running conversation of three, by turns. */
async function largestHi (encryptionOf: (privateKey: PrivateKey) => Encryption): Promise<number> {
  const clock = new SimulatedClock()
  const keys = await Promise.all([1, 2, 3].map(async () => await generateKeyPair('Ed25519')))
  const members = await Promise.all(keys.map(async key => await device({ name: peerIdFromPrivateKey(key).toString(), clock })))

  connect(members)
  await Promise.all(members.map(async (member, i) => await member.open('/tea/1/room/proto', { encryption: encryptionOf(keys[i]) })))

  let largest = 0

  for (let i = 0; i < 60; i++) {
    const { channels, messaging } = members[i % 3]
    const before = messaging.sent.length
    const channel = channels.getChannel('/tea/1/room/proto')

    await clock.track(channel.settled(await channel.send(utf8('hi')), 'sent'))
    largest = Math.max(largest, ...messaging.sent.slice(before).map(({ envelope }) => encodeEnvelope(envelope, 1_763_668_800_000_000_000n).byteLength))
    await clock.advance(300)
  }

  await clock.settle()
  expect(members.map(member => member.heard().length)).toEqual([40, 40, 40])

  return largest
}

test('P26: "hi" in a running conversation of three is at most 700 bytes with symmetric(), 800 with signed()', async () => {
  const encryption = symmetric({ key: new Uint8Array(32).fill(1) })

  expect(await largestHi(() => encryption)).toBeLessThanOrEqual(700)
  expect(await largestHi(privateKey => signed(encryption, { privateKey }))).toBeLessThanOrEqual(800)
})
