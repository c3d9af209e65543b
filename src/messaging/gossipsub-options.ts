import { MAX_ENVELOPE_BYTES, encodeEnvelope, MARKER } from './envelope.js'
import { GossipsubConfigError } from './errors.js'
import { createProfile } from './profile.js'
import type { MessagingProfile, Profile } from './profile.js'
import type { GossipSub, GossipsubOpts, Message } from '@libp2p/gossipsub'

/**
 * Settings that a gossipsub instance needs to carry channels. Other options pass through;
 * signature policy and message ID function are fixed.
 *
 * - no author and no signature on the wire: authorship is `signed()`'s job
 * - a message ID by content, so that every transmission has its own and copies of it are one
 * - a publish that reaches nobody is reported by an empty list of recipients
 * - a frame may hold four messages of full size (gossipsub answers IWANT with many in one)
 * - a peer that lets 16 MiB pile up loses its stream
 *
 * @example
 *
 * ```ts
 * const libp2p = await createLibp2p({
 *   services: { identify: identify(), pubsub: gossipsub(gossipsubOptions()) }
 * })
 * ```
 */
export function gossipsubOptions ({ profile, ...options }: Partial<GossipsubOpts> & { profile?: MessagingProfile } = {}): Partial<GossipsubOpts> {
  const { messageId } = createProfile({ profile })

  return {
    allowPublishToZeroTopicPeers: true,
    maxInboundDataLength: 4 * MAX_ENVELOPE_BYTES,
    maxOutboundBufferSize: 16 * MAX_ENVELOPE_BYTES,
    ...options,
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ topic, data }) => messageId(topic, data)
  }
}

/**
 * Checks signature policy and message ID function of a running instance. Returns false where
 * the latter cannot be seen.
 *
 * @throws {GossipsubConfigError}
 */
export async function checkGossipsub (pubsub: Pick<GossipSub, 'globalSignaturePolicy'>, profile: Profile): Promise<boolean> {
  const advice = `: make it with gossipsub(gossipsubOptions(${profile.name === 'default' ? '' : `{ profile: '${profile.name}' }`}))`

  if (pubsub.globalSignaturePolicy !== 'StrictNoSign') {
    throw new GossipsubConfigError(`gossipsub has the signature policy ${pubsub.globalSignaturePolicy}, StrictNoSign is needed${advice}`)
  }

  // private in its types
  const { msgIdFn } = pubsub as { msgIdFn?: (message: Message) => Promise<Uint8Array> | Uint8Array }

  if (typeof msgIdFn !== 'function') {
    return false
  }

  const contentTopic = '/holdfast/1/probe/proto'
  const topic = profile.pubsubTopic(contentTopic)
  const probes = [encodeEnvelope({ contentTopic, payload: MARKER, meta: MARKER, ephemeral: false }, 1n), MARKER, new Uint8Array(0)]

  for (const data of probes) {
    const id = await idOf(msgIdFn, topic, data)
    const expected = profile.messageId(topic, data)

    if (id?.byteLength !== expected.byteLength || !expected.every((byte, i) => byte === id[i])) {
      throw new GossipsubConfigError(`gossipsub's message ID function is not that of the ${profile.name} profile${advice}`)
    }
  }

  return true
}

async function idOf (msgIdFn: (message: Message) => Promise<Uint8Array> | Uint8Array, topic: string, data: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await msgIdFn({ type: 'unsigned', topic, data })
  } catch {
    // one that throws does not fit either
    return undefined
  }
}
