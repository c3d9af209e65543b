import { afterEach, describe, expect, it, vi } from 'vitest'
import { Reassembly, segmentPayload } from '../../src/segmentation/index.js'
import { complete, config, inputs, pattern } from './helpers.js'

// not with the fast Keccak: it copies into its own memory, which is part of hashing
const settings = config({ segmentSizeBytes: 1_024 })
const payload = pattern(20_000)

/** Bytes of chunks that `job` copies: by `set()`, or by making an array of an array. */
function copied (job: () => void): number {
  const set = vi.spyOn(Uint8Array.prototype, 'set')
  const slice = vi.spyOn(Uint8Array.prototype, 'slice')
  const fill = vi.spyOn(globalThis, 'Uint8Array')

  job()

  return [...set.mock.calls, ...slice.mock.contexts.map(context => [context]), ...fill.mock.calls]
    .flatMap(([source]) => source instanceof Object && 'byteLength' in source && !(source instanceof ArrayBuffer) ? [Number(source.byteLength)] : [])
    // hashes and headers are shorter
    .filter(bytes => bytes > 100)
    .reduce((sum, bytes) => sum + bytes, 0)
}

afterEach(() => { vi.restoreAllMocks() })

describe('a payload is copied at most once each way', () => {
  it('not at all while it is cut', () => {
    expect(copied(() => { segmentPayload(payload, settings) })).toBe(0)
  })

  it('once when it is put together', () => {
    const segments = inputs(payload, settings)

    expect(copied(() => { expect(complete(new Reassembly({ config: settings }), segments)?.payload.byteLength).toBe(20_000) })).toBe(20_000)
  })

  it('not at all when it came in one segment', () => {
    const segments = inputs(payload.subarray(0, 500), settings)

    expect(copied(() => { expect(complete(new Reassembly({ config: settings }), segments)?.payload.byteLength).toBe(500) })).toBe(0)
  })
})
