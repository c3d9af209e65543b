import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { Key } from 'interface-datastore'
import { StoreCorruptError } from '../storage/index.js'
import type { PrivateKey } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const IDENTITY_KEY = new Key('/holdfast/identity')

/**
 * The private key that is kept in the datastore; made the first time.
 *
 * @throws {StoreCorruptError}
 */
export async function storedIdentity (datastore: Datastore): Promise<PrivateKey> {
  if (await datastore.has(IDENTITY_KEY)) {
    try {
      return privateKeyFromProtobuf(await datastore.get(IDENTITY_KEY))
    } catch (err) {
      throw new StoreCorruptError('the stored private key cannot be read', { cause: err })
    }
  }

  const privateKey = await generateKeyPair('Ed25519')

  await datastore.put(IDENTITY_KEY, privateKeyToProtobuf(privateKey))

  return privateKey
}
