import { hashSteps } from './cut.js'
import { decodeData } from './leopard/index.js'
import { sameBytes } from './held-segment.js'
import { dataChunkBytes } from './segment.js'
import { dataChunk, segmentId } from './segment-ids.js'
import { SLICE_BYTES } from './slices.js'
import type { HeldSegment } from './held-segment.js'
import type { PartialSet } from './partial-set.js'
import type { Complete } from './reassembly-types.js'
import type { Steps } from './slices.js'

/**
 * Tries what came until the payload has the right hash, what comes meanwhile included; ends with
 * nothing when that was in vain.
 */
export function * assemble (set: PartialSet): Steps<Complete | undefined> {
  let buffer: Uint8Array | undefined
  let tried = 0

  while (set.fresh.length > 0) {
    let trials = maxTrials(set.shape.length)

    for (const selection of set.selections(set.fresh.shift())) {
      if (trials-- === 0) {
        break
      }

      const payload = set.shape.dataCount === 1
        ? (selection.find(segment => segment != null) as HeldSegment).chunk.subarray(0, set.shape.length)
        : buffer ??= new Uint8Array(set.shape.length)

      if (set.shape.dataCount > 1) {
        yield * join(set, selection, payload)
      }

      if (sameBytes(yield * hashSteps(payload), set.shape.hash)) {
        return yield * describe(set, selection, payload)
      }

      tried += payload.byteLength

      if (tried > SLICE_BYTES) {
        tried = 0
        yield
      }
    }
  }

  return undefined
}

/** Bounds the hashing that one forged segment can cost: 64 selections, fewer of large payloads. */
function maxTrials (length: number): number {
  return Math.min(64, Math.max(4, Math.floor(16 * 1024 * 1024 / Math.max(length, 1))))
}

/** Writes the data of `selection` into `payload`, and what parity makes of the rest. */
function * join (set: PartialSet, selection: ReadonlyArray<HeldSegment | undefined>, payload: Uint8Array): Steps<void> {
  const { dataCount, parityCount, chunkBytes } = set.shape
  const data = Array.from({ length: dataCount }, (_, i) => selection[i]?.chunk)
  let copied = 0

  for (let i = 0; i < dataCount; i++) {
    payload.set(data[i] ?? [], i * chunkBytes)
    copied += data[i]?.byteLength ?? 0

    // copying is ten times as fast as hashing
    if (copied > SLICE_BYTES * 8) {
      copied = 0
      yield
    }
  }

  if (data.some(chunk => chunk == null)) {
    yield * decodeData({
      data,
      parity: Array.from({ length: parityCount }, (_, i) => selection[dataCount + i]?.chunk),
      shardBytes: chunkBytes,
      into: data.map((chunk, i) => chunk == null ? dataChunk(set.shape, payload, i) : undefined)
    })
  }
}

/** What the channel needs to know of a set whose payload is right. */
function * describe (set: PartialSet, selection: ReadonlyArray<HeldSegment | undefined>, payload: Uint8Array): Steps<Complete> {
  const { key, senderId, saltBase, shape } = set
  const dataMessageIds: string[] = []
  const absent: string[] = []

  for (let i = 0; i < shape.dataCount; i++) {
    const held = selection[i]

    if (held != null) {
      dataMessageIds.push(held.messageId)
    } else if (saltBase != null) {
      const id = segmentId({ ...shape, senderId, saltBase }, i, dataChunk(shape, payload, i))

      dataMessageIds.push(id)
      absent.push(id)

      if (absent.length * dataChunkBytes(shape, i) > SLICE_BYTES) {
        yield
      }
    }
  }

  const anchor = selection.find(segment => segment != null) as HeldSegment
  const messageId = dataMessageIds[0] ?? anchor.messageId

  return { state: 'complete', setKey: key, senderId, messageId, anchor: { messageId: anchor.messageId, slot: anchor.slot }, hash: shape.hash, payload, saltBase, dataMessageIds, absent }
}
