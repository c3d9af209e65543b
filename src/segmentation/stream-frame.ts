import { StreamHeader } from './pb/stream-header.js'
import type { Bytes } from '../clock.js'

/** `holdfast-stream` and the version of the layout, in ASCII. */
const MAGIC = new TextEncoder().encode('holdfast-stream\x01')

export const STREAM_ID_BYTES = 16

/** Keccak-256 */
const HASH_BYTES = 32

/** One set's part of a stream. */
export interface StreamFrame {
  /** chosen at random by the sender, in hex */
  streamId: string
  /** from 0 */
  index: number
  /** frames in the stream */
  count: number
  /** of the whole stream, in bytes */
  size: number
  /** bytes in every frame but the last */
  frameSize: number
  /** hash of the set that carried the frame before this one; absent on the first */
  previous?: Uint8Array
  /** this frame's bytes, a view of what was parsed */
  content: Uint8Array
}

/** What the payload of a set is: as it was sent, or a frame of a stream. */
export type ParsedPayload =
  | { type: 'payload', payload: Uint8Array }
  | { type: 'frame', frame: StreamFrame }

/**
 * Tells frames of streams from ordinary payloads. What starts with the magic and is no valid
 * frame is an ordinary payload of somebody who does not know about streams.
 */
export function parseStreamFrame (payload: Uint8Array): ParsedPayload {
  const plain = { type: 'payload', payload } as const
  const at = MAGIC.byteLength + 1

  if (!startsWithMagic(payload) || payload.byteLength < at) {
    return plain
  }

  // the header is shorter than 128 bytes, so its length is one
  const end = at + payload[at - 1]

  if (end > payload.byteLength) {
    return plain
  }

  const content = payload.subarray(end)

  if (end === at) {
    return { type: 'payload', payload: content }
  }

  try {
    const frame = checkFrame(StreamHeader.decode(payload.subarray(at, end)), content)

    return frame == null ? plain : { type: 'frame', frame }
  } catch {
    return plain
  }
}

/** The payload to send for an ordinary one: itself, unless it could be taken for a frame. */
export function escapePayload (payload: Uint8Array): Uint8Array {
  if (!startsWithMagic(payload)) {
    return payload
  }

  const out = new Uint8Array(MAGIC.byteLength + 1 + payload.byteLength)

  out.set(MAGIC)
  out.set(payload, MAGIC.byteLength + 1)

  return out
}

/** What precedes a frame's content. */
export function frameHeader (frame: Omit<StreamFrame, 'content' | 'count' | 'streamId'> & { streamId: Bytes }): Bytes {
  const header = StreamHeader.encode({ ...frame, previous: frame.previous as Bytes | undefined })
  const out = new Uint8Array(MAGIC.byteLength + 1 + header.byteLength)

  out.set(MAGIC)
  out[MAGIC.byteLength] = header.byteLength
  out.set(header, MAGIC.byteLength + 1)

  return out
}

/** The longest that {@link frameHeader} gets. */
export const MAX_FRAME_HEADER_BYTES = MAGIC.byteLength + 1 + (2 + STREAM_ID_BYTES) + 3 * 9 + (2 + HASH_BYTES)

function checkFrame (header: StreamHeader, content: Uint8Array): StreamFrame | undefined {
  const { streamId, index, size, frameSize, previous } = header
  const count = Math.ceil(size / frameSize)

  if (streamId.byteLength !== STREAM_ID_BYTES || frameSize < 1 || size < 1 || index >= count ||
    (previous == null) !== (index === 0) || (previous != null && previous.byteLength !== HASH_BYTES) ||
    content.byteLength !== Math.min(frameSize, size - index * frameSize)) {
    return undefined
  }

  const id = Array.from(streamId, byte => byte.toString(16).padStart(2, '0')).join('')

  return { streamId: id, index, count, size, frameSize, previous, content }
}

function startsWithMagic (payload: Uint8Array): boolean {
  return MAGIC.every((byte, i) => payload[i] === byte)
}
