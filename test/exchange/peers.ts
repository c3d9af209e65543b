import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId, PrivateKey } from '@libp2p/interface'

/** The same peers in every run. */
export async function testKeys (count: number): Promise<PrivateKey[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i + 1))))
}

export async function testPeers (count: number): Promise<PeerId[]> {
  return (await testKeys(count)).map(peerIdFromPrivateKey)
}
