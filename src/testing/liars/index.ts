/**
 * Members of a channel that break its protocol: they hold the encryption key, and use it to send
 * what no honest implementation would.
 */

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { plaintext } from '../../encryption/index.js'
import { seededRandom } from '../seeded-random.js'
import { joinExchange } from './exchange.js'
import { Liar } from './liar.js'
import { LIES } from './lies.js'
import type { LiarInit } from './types.js'
import type { Member, World } from '../simulated-member.js'

/** @param index - its place in the network, after all members */
export async function createLiar (init: LiarInit, world: World, index: number, members: readonly Member[]): Promise<void> {
  const { init: { seed }, clock, network } = world
  const random = seededRandom(`${seed}/liar/${index}`)
  const privateKey = await generateKeyPairFromSeed('Ed25519', random.bytes(32))
  const peerId = peerIdFromPrivateKey(privateKey)
  const channelId = init.channelId ?? 'simulation'
  const liar = new Liar({
    senderId: peerId.toString(),
    channelId,
    contentTopic: init.contentTopic ?? channelId,
    encryption: init.encryption?.(privateKey) ?? plaintext(),
    messaging: network.connect(index, peerId),
    clock,
    random
  })
  const { kind } = init
  const lie = kind === 'log' || kind === 'server' || kind === 'stream'
    ? await joinExchange(kind, liar, world, { index, peerId, victims: members.map(member => member.peerId) })
    : LIES[kind]
  let left = init.count ?? 200
  const tell = (): void => {
    // a lie that cannot be told, for want of anything to lie about, is no failure
    void lie(liar).catch(() => {})

    if (--left > 0) {
      clock.setTimer(tell, 2 * random.float() * (init.everyMs ?? 2_000))
    }
  }

  await liar.listen()
  clock.setTimer(tell, init.at ?? 30_000)
}
