import { bytesToHex } from '@noble/hashes/utils.js'
import { sha256 } from '../sha256.js'
import { decodeEnvelope, encodeEnvelope } from './envelope.js'
import type { Bytes } from '../clock.js'
import type { MessageEnvelope } from './types.js'

const encoder = new TextEncoder()

/**
 * The hash that names one transmission, in lower hex: sha256 of the serialised envelope in the
 * default profile; in the `waku` profile the deterministic hash of 14/WAKU2-MESSAGE, which covers
 * the pubsub topic as well.
 *
 * @param envelope - with its timestamp
 * @param pubsubTopic - selects the `waku` profile
 */
export function messageHash (envelope: MessageEnvelope, pubsubTopic?: string): string {
  const hash = pubsubTopic == null
    ? sha256(encodeEnvelope(envelope, envelope.timestamp ?? 0n))
    : deterministicHash(pubsubTopic, envelope)

  return bytesToHex(hash)
}

/** sha256 of pubsub topic ‖ payload ‖ content topic ‖ meta ‖ timestamp as 8 bytes, big-endian, if there is one. */
export function deterministicHash (pubsubTopic: string, { payload, contentTopic, meta, timestamp }: MessageEnvelope): Bytes {
  const parts = [encoder.encode(pubsubTopic), payload, encoder.encode(contentTopic), meta]

  // the reference implementations take a zero for an absent one
  if (timestamp != null && timestamp !== 0n) {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, timestamp)
    parts.push(bytes)
  }

  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0

  for (const part of parts) {
    data.set(part, offset)
    offset += part.byteLength
  }

  return sha256(data)
}

/** The gossipsub message ID of serialised envelope `data`, 32 bytes. Never throws. */
export type MessageIdFn = (topic: string, data: Uint8Array) => Bytes

/** sha256 of the data, whatever it holds. */
export const defaultMessageId: MessageIdFn = remembered((_topic, data) => sha256(data))

/** The deterministic hash; of what is not an envelope, sha256 of the data. */
export const wakuMessageId: MessageIdFn = remembered((topic, data) => {
  try {
    return deterministicHash(topic, decodeEnvelope(data, Infinity))
  } catch {
    return sha256(data)
  }
})

/** Gossipsub asks first and we ask again about the same array: hash it once. */
function remembered (fn: MessageIdFn): MessageIdFn {
  const ids = new WeakMap<Uint8Array, { topic: string, id: Bytes }>()

  return (topic, data) => {
    const known = ids.get(data)

    if (known?.topic === topic) {
      return known.id
    }

    const id = fn(topic, data)
    ids.set(data, { topic, id })

    return id
  }
}
