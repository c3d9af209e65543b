import { InvalidParametersError } from '@libp2p/interface'
import { sha256 } from '../sha256.js'

/**
 * The gossipsub topic of a content topic by the autosharding of 51/WAKU2-RELAY-SHARDING: sha256 of
 * application and version, its last 8 bytes as a big-endian number, modulo the number of shards.
 *
 * @param contentTopic - `/application/version/name/encoding`, or that after `/0`
 */
export function shardTopic (contentTopic: string, cluster: number, shards: number): string {
  const [application, version] = applicationOf(contentTopic)
  const digest = sha256(new TextEncoder().encode(application + version))
  const number = new DataView(digest.buffer, digest.byteOffset + 24).getBigUint64(0)

  return `/waku/2/rs/${cluster}/${number % BigInt(shards)}`
}

function applicationOf (contentTopic: string): [application: string, version: string] {
  const [start, ...fields] = contentTopic.split('/')

  if (fields.length === 5 && fields.shift() !== '0') {
    throw new InvalidParametersError(`${contentTopic} is of a generation that autosharding does not know: only 0 is defined`)
  }

  if (start !== '' || fields.length !== 4 || fields.includes('')) {
    throw new InvalidParametersError(`the waku profile needs a content topic like /application/version/name/encoding, got ${JSON.stringify(contentTopic)}`)
  }

  return [fields[0], fields[1]]
}
