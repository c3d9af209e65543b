import { sha256 } from '@noble/hashes/sha2.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { chunkBytes, EmptyPayloadError, maxSetBytes, parityCount, PayloadTooLargeError, segmentPayload, segmentPayloadAsync, verifySegmentationConfig } from '../../src/segmentation/index.js'
import { SegmentMessage } from '../../src/segmentation/pb/segment-message.js'
import vectors from '../vectors/segmentation-nim.json' with { type: 'json' }
import { concat, config, fromHex, pattern, segmentsOf, toHex } from './helpers.js'

describe('cutting', () => {
  beforeAll(loadFastKeccak)

  it.each(vectors.segment.filter(({ payloadLen, segmentSizeBytes }) => payloadLen > 0 && segmentSizeBytes >= 256))(
    'makes the segments of nim-segmentation: $payloadLen bytes at $segmentSizeBytes, parity $parityRate', (vector) => {
      const settings = verifySegmentationConfig({ segmentSizeBytes: vector.segmentSizeBytes, parityRate: vector.parityRate, streamSegments: 1 })
      const hex = segmentsOf(pattern(vector.payloadLen), settings).map(content => toHex(content))

      expect(chunkBytes(settings)).toBe(vector.chunkSize)
      expect(hex).toEqual(vector.segments)
    })

  it.each(vectors.segment.filter(({ payloadLen, segmentSizeBytes }) => payloadLen > 0 && segmentSizeBytes < 256))(
    'makes them below the smallest size that can be configured: $payloadLen bytes at $segmentSizeBytes, parity $parityRate', (vector) => {
      const settings = { ...config(), segmentSizeBytes: vector.segmentSizeBytes, parityRate: vector.parityRate }

      expect(segmentsOf(pattern(vector.payloadLen), settings).map(content => toHex(content))).toEqual(vector.segments)
    })

  it.each(vectors.segmentDigests)('makes the segments of nim-segmentation: $payloadLen bytes, parity $parityRate', (vector) => {
    const contents = segmentsOf(pattern(vector.payloadLen), config({ segmentSizeBytes: vector.segmentSizeBytes, parityRate: vector.parityRate }))

    expect(contents.map(content => ({
      length: content.byteLength,
      sha256: toHex(sha256(content)),
      head: toHex(content.subarray(0, 60))
    }))).toEqual(vector.segments.map(({ length, sha256, head }) => ({ length, sha256, head })))
  })

  it.each(vectors.upstreamGoldenWireVectors)('reads the upstream vector: $name', ({ hex, segment }) => {
    const message = SegmentMessage.decode(fromHex(hex))

    expect({ ...message, paritySegmentCount: message.paritySegmentCount ?? 0, originalPayloadHash: toHex(message.originalPayloadHash), segmentPayload: undefined })
      .toEqual({ ...segment, payload: undefined })
    expect(toHex(message.segmentPayload)).toBe(segment.payload)
  })

  it.each(vectors.parityCount)('counts $count parity segments for $dataCount at $parityRate', ({ dataCount, parityRate, count }) => {
    expect(parityCount(dataCount, parityRate)).toBe(count)
  })

  it('writes the header as the protobuf encoder does, and views of the payload behind it', () => {
    const payload = pattern(1_000)
    const { contents, hash, length, dataCount, parityCount } = segmentPayload(payload, config({ segmentSizeBytes: 320 }))

    contents.forEach((parts, index) => {
      expect(parts[1].buffer).toBe(payload.buffer)
      expect(concat(parts)).toEqual(SegmentMessage.encode({
        originalPayloadHash: hash,
        originalPayloadLength: length,
        index,
        dataSegmentCount: dataCount,
        paritySegmentCount: parityCount === 0 ? undefined : parityCount,
        isParity: false,
        segmentPayload: new Uint8Array(parts[1])
      }))
    })
  })

  it('refuses an empty payload', () => {
    expect(() => segmentPayload(new Uint8Array(0), config())).toThrow(EmptyPayloadError)
  })

  it('refuses what exceeds one set, and says what a stream could carry', () => {
    const small = config({ segmentSizeBytes: 256 })

    expect(maxSetBytes(small)).toBe(256 * 128)
    expect(segmentPayload(new Uint8Array(256 * 128), small).contents).toHaveLength(256)
    expect(() => segmentPayload(new Uint8Array(256 * 128 + 1), small)).toThrow(/32768 can be sent at once, and up to 67108864 as a stream/)
    expect(() => segmentPayload(new Uint8Array(101), config({ maxPayloadBytes: 100 }))).toThrow(PayloadTooLargeError)
  })

  it('never keeps the loop longer than a slice: hashing and parity pause', async () => {
    const payload = pattern(3_000_000)
    const settings = config({ parityRate: 0.125 })
    let pauses = 0
    const sliced = await segmentPayloadAsync(payload, settings, async () => { pauses++ })

    expect(pauses).toBeGreaterThanOrEqual(Math.floor(3_000_000 / (256 * 1024)))
    expect(sliced).toEqual(segmentPayload(payload, settings))
  })

  it('rejects before the first slice', async () => {
    await expect(segmentPayloadAsync(new Uint8Array(0), config(), async () => {})).rejects.toThrow(EmptyPayloadError)
  })
})
