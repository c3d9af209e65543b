import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ChannelManager } from '../../dist/src/channel/index.js'
import { signed, symmetric } from '../../dist/src/encryption/index.js'
import { encodeEnvelope } from '../../dist/src/messaging/index.js'
import { createBus } from './bus.ts'
import { heldBytes, median } from './measure.ts'
import { createMembers, KEY } from './ours.ts'
import { createWakuMembers } from './waku.ts'
import type { Datastore } from 'interface-datastore'

const MEMBERS = 3
const WARM_UP_TURNS = 30
const TURNS = 60

const IDLE_CHANNELS = 200

export const LOG_MESSAGES = 10_000
export const LOG_MESSAGE_BYTES = 100

/** Largest and median bytes of the envelope of two bytes, among three who talk in turn. */
export async function envelopeBytes (kind: 'symmetric' | 'signed'): Promise<{ most: number, usual: number }> {
  const keys = await Promise.all(Array.from({ length: MEMBERS }, async () => await generateKeyPair('Ed25519')))
  const members = await createMembers({
    count: MEMBERS,
    size: 100,
    senderIds: keys.map(key => peerIdFromPrivateKey(key).toString()),
    encryption: i => kind === 'signed' ? signed(symmetric({ key: KEY }), { privateKey: keys[i] }) : symmetric({ key: KEY })
  })
  const sizes: number[] = []

  for (let i = 0; i < WARM_UP_TURNS; i++) {
    await members.run(1)
  }

  members.resize(2)
  // sync messages are no answer to the question
  members.bus.onEnvelope = envelope => {
    if (!envelope.ephemeral) {
      sizes.push(encodeEnvelope(envelope, BigInt(Date.now()) * 1_000_000n).byteLength)
    }
  }

  for (let i = 0; i < TURNS; i++) {
    await members.run(1)
  }

  await members.close()

  return { most: Math.max(...sizes), usual: median(sizes) }
}

export async function wakuEnvelopeBytes (): Promise<number> {
  const members = await createWakuMembers({ count: MEMBERS, size: 8 })

  for (let i = 0; i < WARM_UP_TURNS; i++) {
    await members.run(1)
  }

  members.close()

  // 8 bytes, no two alike, where ours had 2: its message ID is a hash of them
  return members.envelopeBytes - 6
}

/** Bytes of memory that one more open channel takes while nothing is said in it. */
export async function idleChannelBytes (): Promise<number> {
  const manager = new ChannelManager({ messaging: createBus(2).members[0] })
  const open = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      await manager.createChannel(`idle-${i}`, { encryption: symmetric({ key: KEY }), senderId: 'member' })
    }

    // past the first look at status
    await new Promise(resolve => { setTimeout(resolve, 300) })
  }

  await manager.start()
  await open(0, 50)
  const before = await heldBytes()

  await open(50, 50 + IDLE_CHANNELS)
  const bytes = (await heldBytes() - before) / IDLE_CHANNELS

  await manager.stop()

  return bytes
}

/** Bytes of memory of one member whose log has grown by 10 000 messages of 100 B, half of them its own. */
export async function logBytes (datastores?: Datastore[]): Promise<number> {
  const members = await createMembers({ size: LOG_MESSAGE_BYTES, datastores })

  for (let i = 0; i < 20; i++) {
    await members.run(50)
  }

  const before = await heldBytes()

  for (let i = 0; i < LOG_MESSAGES / 50; i++) {
    await members.run(50)
  }

  // until all of it is acknowledged: what is not yet takes more
  const deadline = performance.now() + 15_000

  while (members.channels.some(channel => channel.status().unacknowledged > 1) && performance.now() < deadline) {
    await new Promise(resolve => { setTimeout(resolve, 250) })
  }

  const bytes = (await heldBytes() - before) / members.channels.length

  await members.close()

  return bytes
}
