import { HELD_OVERHEAD_BYTES } from './config.js'
import type { SegmentInput } from './reassembly-types.js'
import type { Segment } from './segment.js'
import type { Bytes } from '../clock.js'

/** A segment that waits in its set. */
export interface HeldSegment {
  /** where it is stored; absent when it is not to be */
  storeKey?: string
  senderId: string
  messageId: string
  idSalt?: bigint
  slot: number
  /** the serialised SegmentMessage */
  content: Bytes
  /** a view of it */
  chunk: Uint8Array
}

/** Content that is a small part of its buffer is copied: what is held must not keep the rest alive. */
export function hold (input: SegmentInput, segment: Segment, storeKey?: string): HeldSegment {
  const { content: given, senderId, messageId, idSalt } = input
  const content = given.byteLength * 2 < given.buffer.byteLength ? new Uint8Array(given) : given as Bytes
  const start = segment.chunk.byteLength === 0 ? 0 : segment.chunk.byteOffset - given.byteOffset

  return { storeKey, senderId, messageId, idSalt, slot: segment.slot, content, chunk: content.subarray(start, start + segment.chunk.byteLength) }
}

/** What a held segment counts against the bounds. */
export function heldBytes (segment: { content: Uint8Array }): number {
  return segment.content.byteLength + HELD_OVERHEAD_BYTES
}

/** Byte for byte. */
export function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}
