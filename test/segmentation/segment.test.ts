import { describe, expect, it } from 'vitest'
import { InvalidSegmentError } from '../../src/segmentation/index.js'
import { SegmentMessage } from '../../src/segmentation/pb/segment-message.js'
import { parseSegment } from '../../src/segmentation/segment.js'
import vectors from '../vectors/segmentation-nim.json' with { type: 'json' }
import { fromHex } from './helpers.js'

function segment (partial: Partial<SegmentMessage>): Uint8Array {
  return SegmentMessage.encode({
    originalPayloadHash: new Uint8Array(32),
    originalPayloadLength: 300,
    index: 0,
    dataSegmentCount: 3,
    isParity: false,
    segmentPayload: new Uint8Array(128),
    ...partial
  })
}

describe('segments', () => {
  it.each(vectors.decodeEdgeCases)('judges as nim-segmentation does: $name', ({ hex, result }) => {
    // an empty parity segment is well-formed there, but no parity has a length of zero
    const valid = result.isValid256 === true && !(result.isParity === true && result.payload === '')

    if (valid) {
      expect(parseSegment(fromHex(hex))).toMatchObject({ dataCount: result.dataSegmentCount, slot: result.index, length: Number(result.originalPayloadLength) })
    } else {
      expect(() => parseSegment(fromHex(hex))).toThrow(InvalidSegmentError)
    }
  })

  it.each<[string, Partial<SegmentMessage>]>([
    ['no data segments', { dataSegmentCount: 0 }],
    ['an index at the count', { index: 3 }],
    ['a parity index at the count', { isParity: true, paritySegmentCount: 1, index: 1 }],
    ['parity that was not announced', { isParity: true }],
    ['more than 256 in all', { dataSegmentCount: 250, paritySegmentCount: 7 }],
    ['a count beyond 32 bits', { dataSegmentCount: 2 ** 32 + 3 }],
    ['an index beyond 32 bits', { index: 2 ** 32 }],
    ['more parity than data', { paritySegmentCount: 4 }],
    ['a length beyond 32 bits', { originalPayloadLength: 2 ** 32 + 300 }],
    ['a hash that is short', { originalPayloadHash: new Uint8Array(31) }],
    ['a hash that is long', { originalPayloadHash: new Uint8Array(33) }]
  ])('P34: refuses %s', (_, partial) => {
    expect(() => parseSegment(segment(partial))).toThrow(InvalidSegmentError)
  })

  it.each<[string, Partial<SegmentMessage>]>([
    ['chunks too short for the length', { segmentPayload: new Uint8Array(64) }],
    ['chunks so long that the last one would be empty', { segmentPayload: new Uint8Array(192) }],
    ['an empty chunk', { segmentPayload: new Uint8Array(0) }],
    ['a last chunk that the others cannot go with', { index: 2, segmentPayload: new Uint8Array(43) }],
    ['a last chunk longer than the others', { index: 2, segmentPayload: new Uint8Array(102) }],
    ['a single chunk of another length', { dataSegmentCount: 1, segmentPayload: new Uint8Array(299) }],
    ['a single parity shorter than the payload', { dataSegmentCount: 1, paritySegmentCount: 1, isParity: true, segmentPayload: new Uint8Array(256) }],
    ['a parity that is no multiple of 64', { paritySegmentCount: 1, isParity: true, segmentPayload: new Uint8Array(130) }]
  ])('P34: refuses a length that the chunks cannot make: %s', (_, partial) => {
    expect(() => parseSegment(segment(partial))).toThrow(InvalidSegmentError)
  })

  it('infers from any segment how the payload was cut', () => {
    expect(parseSegment(segment({})).chunkBytes).toBe(128)
    expect(parseSegment(segment({ index: 2, segmentPayload: new Uint8Array(44) })).chunkBytes).toBe(128)
    expect(parseSegment(segment({ isParity: true, paritySegmentCount: 1 })).chunkBytes).toBe(128)
  })
})
