import { MAX_SEGMENTS, SHARD_ALIGNMENT } from './config.js'
import { InvalidSegmentError } from './errors.js'
import { SegmentMessage } from './pb/segment-message.js'

/** Keccak-256 */
const HASH_BYTES = 32

/** What every segment of a set says about the whole. */
export interface SetShape {
  /** Keccak-256 of the payload, 32 bytes */
  hash: Uint8Array
  /** of the payload, in bytes */
  length: number
  dataCount: number
  parityCount: number
  /** payload bytes in every data segment but the last, and in every parity segment; a set of one data segment has 0 */
  chunkBytes: number
}

/** A received segment that is valid by itself. */
export interface Segment extends SetShape {
  /** its place in the set: data from 0, then parity */
  slot: number
  /** a view of the content it was parsed from */
  chunk: Uint8Array
}

/** A set whose header bytes can be written. */
export type SetHeader = Pick<SetShape, 'hash' | 'length' | 'dataCount' | 'parityCount'>

/**
 * Decodes a segment and checks all that can be checked without the rest of its set.
 *
 * @throws {InvalidSegmentError} it is no segment of LIP 243, or one that no sender can have cut
 */
export function parseSegment (content: Uint8Array): Segment {
  let message: SegmentMessage

  try {
    message = SegmentMessage.decode(content)
  } catch (err) {
    throw new InvalidSegmentError('the content is no segment message', { cause: err })
  }

  const { originalPayloadHash: hash, originalPayloadLength: length, index, dataSegmentCount: dataCount, isParity, segmentPayload: chunk } = message
  const parityCount = message.paritySegmentCount ?? 0

  if (hash.byteLength !== HASH_BYTES) {
    throw new InvalidSegmentError(`the payload hash has ${hash.byteLength} bytes, not ${HASH_BYTES}`)
  }

  if (length >= 2 ** 32) {
    throw new InvalidSegmentError(`the payload length ${length} is no uint32`)
  }

  if (dataCount < 1 || dataCount + parityCount > MAX_SEGMENTS || parityCount > dataCount) {
    throw new InvalidSegmentError(`a set of ${dataCount} data and ${parityCount} parity segments cannot be: 1 to ${MAX_SEGMENTS} in all, no more parity than data`)
  }

  if (index >= (isParity ? parityCount : dataCount)) {
    throw new InvalidSegmentError(`index ${index} is not below the number of ${isParity ? 'parity' : 'data'} segments`)
  }

  return {
    hash,
    length,
    dataCount,
    parityCount,
    chunkBytes: inferChunkBytes(length, dataCount, parityCount, isParity || index < dataCount - 1, chunk.byteLength),
    slot: isParity ? dataCount + index : index,
    chunk
  }
}

/**
 * One segment tells how the whole payload was cut: all chunks but the last are as long as it
 * is, or, when it is the last one, share evenly what it leaves.
 */
function inferChunkBytes (length: number, dataCount: number, parityCount: number, full: boolean, byteLength: number): number {
  if (dataCount === 1) {
    if (full ? (byteLength < length || byteLength % SHARD_ALIGNMENT !== 0 || byteLength === 0) : byteLength !== length) {
      throw new InvalidSegmentError(`a chunk of ${byteLength} bytes cannot be the whole payload of ${length} bytes`)
    }

    return 0
  }

  const bytes = full ? byteLength : (length - byteLength) / (dataCount - 1)
  const last = length - bytes * (dataCount - 1)

  if (!Number.isInteger(bytes) || last < 1 || last > bytes || (parityCount > 0 && bytes % SHARD_ALIGNMENT !== 0)) {
    throw new InvalidSegmentError(`a chunk of ${byteLength} bytes cannot be one of ${dataCount} of a payload of ${length} bytes`)
  }

  return bytes
}

/** Payload bytes in data segment `index`. */
export function dataChunkBytes (shape: Omit<SetShape, 'hash'>, index: number): number {
  return index < shape.dataCount - 1 ? shape.chunkBytes : shape.length - shape.chunkBytes * (shape.dataCount - 1)
}

/**
 * Everything of a serialised segment that precedes its chunk. Followed by the chunk it is the
 * protobuf encoding of a SegmentMessage, fields in order and defaults left out.
 */
export function segmentHeader (set: SetHeader, slot: number, byteLength: number): Uint8Array<ArrayBuffer> {
  const isParity = slot >= set.dataCount
  const header = new Uint8Array(2 + HASH_BYTES + 6 + 3 + 3 + 3 + 2 + 6)
  let at = 2

  header[0] = 0x0a
  header[1] = HASH_BYTES
  header.set(set.hash, at)
  at += HASH_BYTES
  at = writeField(header, at, 0x10, set.length)
  at = writeField(header, at, 0x18, isParity ? slot - set.dataCount : slot)
  at = writeField(header, at, 0x20, set.dataCount)
  at = writeField(header, at, 0x28, set.parityCount)
  at = writeField(header, at, 0x30, isParity ? 1 : 0)
  at = writeField(header, at, 0x3a, byteLength)

  return header.subarray(0, at)
}

/** A varint field, or nothing when it has its default. */
function writeField (out: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) {
    return at
  }

  out[at++] = tag

  for (; value > 0x7f; value = Math.floor(value / 128)) {
    out[at++] = (value % 128) | 0x80
  }

  out[at++] = value

  return at
}

/** Whether its sets have a single segment, so that nothing else can come for them. */
export function isAlone (shape: Pick<SetShape, 'dataCount' | 'parityCount'>): boolean {
  return shape.dataCount === 1 && shape.parityCount === 0
}
