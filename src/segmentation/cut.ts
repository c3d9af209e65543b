import { createKeccak256 } from '../keccak.js'
import { chunkBytes, maxSetBytes, parityCount } from './config.js'
import { EmptyPayloadError, PayloadTooLargeError } from './errors.js'
import { encodeParity } from './leopard/index.js'
import { segmentHeader } from './segment.js'
import { atOnce, inSlices, SLICE_BYTES } from './slices.js'
import type { SegmentationConfig } from './config.js'
import type { Steps } from './slices.js'

/** A payload, cut. */
export interface SegmentSet {
  /** Keccak-256 of the payload */
  hash: Uint8Array<ArrayBuffer>
  /** of the payload, in bytes */
  length: number
  dataCount: number
  parityCount: number
  /**
   * The serialised segments, data then parity, each in two parts that are to be written one
   * after the other: its header, and its chunk, which for data is a view of the payload.
   */
  contents: Array<readonly [Uint8Array, Uint8Array]>
}

/**
 * Cuts `payload` into the segments of one set. Hashing and parity of a payload past a megabyte
 * keep the event loop for more than a few milliseconds: see {@link segmentPayloadAsync}.
 *
 * @throws {EmptyPayloadError}
 * @throws {PayloadTooLargeError} it is larger than `maxPayloadBytes`, or than one set can carry
 */
export function segmentPayload (payload: Uint8Array, config: SegmentationConfig): SegmentSet {
  return atOnce(cut(payload, config))
}

/** The same in slices; `pause` lets the event loop turn. The payload must not change meanwhile. */
export async function segmentPayloadAsync (payload: Uint8Array, config: SegmentationConfig, pause: () => Promise<void>): Promise<SegmentSet> {
  return await inSlices(cut(payload, config), pause)
}

/** The steps of cutting; `hash` when it is known already. */
export function cut (payload: Uint8Array, config: SegmentationConfig, hash?: Uint8Array<ArrayBuffer>): Steps<SegmentSet> {
  checkPayload(payload, config)

  return cutSteps(payload, config, hash)
}

/**
 * The checks of {@link segmentPayload} alone.
 *
 * @throws {EmptyPayloadError}
 * @throws {PayloadTooLargeError}
 */
export function checkPayload (payload: Uint8Array, config: SegmentationConfig): void {
  if (payload.byteLength === 0) {
    throw new EmptyPayloadError('a payload must have at least one byte')
  }

  const limit = Math.min(config.maxPayloadBytes, maxSetBytes(config))

  if (payload.byteLength > limit) {
    throw new PayloadTooLargeError(`the payload has ${payload.byteLength} bytes; ${limit} can be sent at once` +
      (limit < config.maxPayloadBytes ? `, and up to ${config.maxPayloadBytes} as a stream (sendStream())` : ' (maxPayloadBytes)'))
  }
}

function * cutSteps (payload: Uint8Array, config: SegmentationConfig, known?: Uint8Array<ArrayBuffer>): Steps<SegmentSet> {
  const chunk = chunkBytes(config)
  const dataCount = Math.ceil(payload.byteLength / chunk)
  const set = {
    hash: known ?? (yield * hashSteps(payload)),
    length: payload.byteLength,
    dataCount,
    parityCount: parityCount(dataCount, config.parityRate)
  }
  const chunks: Uint8Array[] = []

  for (let at = 0; at < payload.byteLength; at += chunk) {
    chunks.push(payload.subarray(at, at + chunk))
  }

  if (set.parityCount > 0) {
    chunks.push(...yield * encodeParity(chunks, set.parityCount, chunk))
  }

  return { ...set, contents: chunks.map((chunk, slot) => [segmentHeader(set, slot, chunk.byteLength), chunk] as const) }
}

/** Keccak-256 of `bytes`. */
export function * hashSteps (bytes: Uint8Array): Steps<Uint8Array<ArrayBuffer>> {
  const hash = createKeccak256()

  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) {
    if (at > 0) {
      yield
    }

    hash.update(bytes.subarray(at, at + SLICE_BYTES))
  }

  return hash.digest()
}
