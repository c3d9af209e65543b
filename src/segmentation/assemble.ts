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
 * Tries what came until the payload has the right hash. Resumes with what comes meanwhile; ends
 * with nothing when all of it was tried in vain, or when `set.trials` are used up.
 */
export function * assemble (set: PartialSet): Steps<Complete | undefined> {
  let buffer: Uint8Array | undefined

  while (set.fresh.length > 0) {
    for (const selection of set.selections(set.fresh.shift())) {
      if (set.trials-- <= 0) {
        return undefined
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

      yield
    }
  }

  return undefined
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

  const messageId = dataMessageIds[0] ?? (selection.find(segment => segment != null) as HeldSegment).messageId

  return { state: 'complete', setKey: key, senderId, messageId, hash: shape.hash, payload, saltBase, dataMessageIds, absent }
}
