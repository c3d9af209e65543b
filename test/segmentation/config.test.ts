import { describe, expect, it } from 'vitest'
import { chunkBytes, frameBytes, maxSetBytes, verifySegmentationConfig } from '../../src/segmentation/index.js'
import type { SegmentationConfig } from '../../src/segmentation/index.js'

describe('segmentation config', () => {
  it('has the defaults of the design', () => {
    const config = verifySegmentationConfig()

    expect(config).toMatchObject({ segmentSizeBytes: 102_400, parityRate: 0, maxPayloadBytes: 64 * 1024 * 1024, reconstructionTimeoutMs: 300_000 })
    expect(chunkBytes(config)).toBe(102_272)
    expect(maxSetBytes(config)).toBe(256 * 102_272)
    expect(frameBytes(config)).toBeLessThan(64 * 102_272)
    expect(verifySegmentationConfig({ parityRate: undefined })).toEqual(config)
  })

  it.each<[Partial<SegmentationConfig>, RegExp]>([
    [{ segmentSizeBytes: 255 }, /segmentSizeBytes must be a whole number from 256 to 1048576, not 255/],
    [{ segmentSizeBytes: 1_000.5 }, /segmentSizeBytes/],
    [{ segmentSizeBytes: NaN }, /segmentSizeBytes/],
    [{ parityRate: -0.1 }, /parityRate must be from 0 to 1, not -0.1/],
    [{ parityRate: 1.01 }, /parityRate/],
    [{ parityRate: NaN }, /parityRate/],
    [{ maxPayloadBytes: 0 }, /maxPayloadBytes/],
    [{ maxPayloadBytes: 2 ** 32 }, /maxPayloadBytes/],
    [{ reconstructionTimeoutMs: 0 }, /reconstructionTimeoutMs/],
    [{ maxSets: -1 }, /maxSets/],
    [{ streamSegments: 257 }, /streamSegments/],
    [{ streamSegments: 200, parityRate: 0.5 }, /streamSegments can be 170 at most with a parityRate of 0.5: 200 data and 100 parity segments are more than 256/],
    [{ maxBytesPerSender: 1_000 }, /maxBytesPerSender \(1000\) must be no less than maxPayloadBytes and than the largest set/],
    [{ maxBytesPerSender: 2_000, maxPayloadBytes: 1_000, segmentSizeBytes: 256 }, /must be no less than .*: 6144/],
    [{ maxBytes: 1_000 }, /maxBytes \(1000\) must be no less than maxBytesPerSender/],
    [{ maxStreamBytes: 1_000 }, /maxStreamBytes \(1000\) must be no less than maxStreamBytesPerSender/],
    [{ maxStreamBytesPerSender: 2 ** 26 }, /maxStreamBytesPerSender .* must be no less than the largest stream/],
    [{ segmentSize: 1 } as Partial<SegmentationConfig>, /segmentation.segmentSize is no setting; there are segmentSizeBytes/]
  ])('refuses %j', (config, message) => {
    expect(() => verifySegmentationConfig(config)).toThrow(expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringMatching(message) as string }))
  })

  it('lets the bounds of bytes grow with the largest payload', () => {
    const config = verifySegmentationConfig({ maxPayloadBytes: 2 ** 30 })

    expect(config.maxBytesPerSender).toBe(2 ** 30)
    expect(config.maxBytes).toBe(2 ** 30)
    expect(config.maxStreamBytesPerSender).toBeGreaterThan(2 ** 30)
  })
})
