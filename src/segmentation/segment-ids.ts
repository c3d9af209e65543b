import { keccak256 } from '../keccak.js'
import { encodeParity } from './leopard/index.js'
import { dataChunkBytes, segmentHeader } from './segment.js'
import type { SetShape } from './segment.js'
import type { Steps } from './slices.js'

const encoder = new TextEncoder()

/** A set whose segments have known salts. */
export interface SaltedSet extends SetShape {
  senderId: string
  /** salt of data segment 0; the others count on from it, data then parity */
  saltBase: bigint
}

/** The SDS ID of the segment in `slot`: what its sender's SDS gave to a message with that content. */
export function segmentId (set: SaltedSet, slot: number, chunk: Uint8Array): string {
  const prefix = encoder.encode(set.senderId + (set.saltBase + BigInt(slot)).toString())

  return toHex(keccak256(prefix, segmentHeader(set, slot, chunk.byteLength), chunk))
}

/** The chunk of data segment `index`, as a view of the payload. */
export function dataChunk (shape: SetShape, payload: Uint8Array, index: number): Uint8Array {
  const start = index * shape.chunkBytes

  return payload.subarray(start, start + dataChunkBytes(shape, index))
}

/** The IDs of parity segments of a set that is whole, made again from its payload. */
export function * paritySegmentIds (set: SaltedSet, slots: number[], payload: Uint8Array): Steps<string[]> {
  const data = Array.from({ length: set.dataCount }, (_, i) => dataChunk(set, payload, i))
  // parity of a single chunk is the chunk, padded to whatever the sender's chunks are: not known here
  const parity = set.dataCount === 1 || slots.length === 0 ? [] : yield * encodeParity(data, set.parityCount, set.chunkBytes)
  const ids: string[] = []

  for (const slot of slots.filter(slot => parity[slot - set.dataCount] != null)) {
    ids.push(segmentId(set, slot, parity[slot - set.dataCount]))
    yield
  }

  return ids
}

function toHex (bytes: Uint8Array): string {
  let hex = ''

  for (const byte of bytes) {
    hex += (byte < 16 ? '0' : '') + byte.toString(16)
  }

  return hex
}
