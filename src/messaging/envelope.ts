import { EnvelopeFormatError } from './errors.js'
import { WakuMessage } from './pb/waku-message.js'
import type { Bytes } from '../clock.js'
import type { MessageEnvelope } from './types.js'

/** What gossipsub carries at most in one message, envelope included: 1 MiB, as go-libp2p-pubsub has it. */
export const MAX_ENVELOPE_BYTES = 2 ** 20

const MARKER_TEXT = 'RELIABLE-CHANNEL-API/1'

/** The `meta` of every envelope that belongs to a reliable channel. */
export const MARKER: Bytes = new TextEncoder().encode(MARKER_TEXT)

/** Whether `meta` is the marker, and so the payload ours. */
export function isMarked (meta: Uint8Array): boolean {
  return meta.byteLength === MARKER.byteLength && MARKER.every((byte, i) => meta[i] === byte)
}

/**
 * The envelope as 14/WAKU2-MESSAGE.
 *
 * @param timestamp - unix time in ns
 */
export function encodeEnvelope ({ contentTopic, payload, meta, ephemeral }: MessageEnvelope, timestamp: bigint): Bytes {
  return WakuMessage.encode({
    // the generated types want an ArrayBuffer below; the encoder does not
    payload: payload as Bytes,
    contentTopic,
    timestamp,
    ...meta.byteLength > 0 ? { meta: meta as Bytes } : {},
    ...ephemeral ? { ephemeral } : {}
  })
}

/**
 * The envelope in `data`, as views of it. Fields that we do not know are skipped.
 *
 * @throws {EnvelopeFormatError} not an envelope, or one without a content topic, or over `maxBytes`
 */
export function decodeEnvelope (data: Uint8Array, maxBytes = MAX_ENVELOPE_BYTES): MessageEnvelope {
  if (data.byteLength > maxBytes) {
    throw new EnvelopeFormatError(`${data.byteLength} bytes, at most ${maxBytes} are allowed`)
  }

  let message: WakuMessage

  try {
    message = WakuMessage.decode(data)
  } catch (err) {
    throw new EnvelopeFormatError('not a message of 14/WAKU2-MESSAGE', { cause: err })
  }

  if (message.contentTopic === '') {
    throw new EnvelopeFormatError('the content topic is missing')
  }

  return {
    contentTopic: message.contentTopic,
    payload: message.payload,
    meta: message.meta ?? new Uint8Array(0),
    ephemeral: message.ephemeral ?? false,
    ...message.timestamp == null ? {} : { timestamp: message.timestamp }
  }
}
