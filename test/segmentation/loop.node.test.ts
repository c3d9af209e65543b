import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { atOnce, chunkBytes, Reassembly, segmentPayloadAsync } from '../../src/segmentation/index.js'
import { decodeData, encodeParity } from '../../src/segmentation/leopard/index.js'
import { config, input, inputs, pattern } from './helpers.js'
import type { SegmentInput } from '../../src/segmentation/index.js'
import type { Steps } from '../../src/segmentation/slices.js'

const ROUNDS = 4
/** G7 */
const LIMIT_MS = 10
const settings = config({ parityRate: 0.125 })

/** Milliseconds from pause to pause. */
function steps (work: Steps<unknown>): number[] {
  const out: number[] = []

  for (let done = false; !done;) {
    const begin = performance.now()
    done = work.next().done === true
    out.push(performance.now() - begin)
  }

  return out
}

/** Every round does the same steps, so the quickest of each is what it takes, without what others do on this machine. */
function longest (round: () => number[]): number {
  round()
  const rounds = Array.from({ length: ROUNDS }, round)

  expect(new Set(rounds.map(({ length }) => length)).size).toBe(1)

  return Math.max(...rounds[0].map((_, i) => Math.min(...rounds.map(durations => durations[i]))))
}

/** Adds segments, and then does what is left to do. */
function reassemble (segments: readonly SegmentInput[]): number[] {
  const reassembly = new Reassembly({ config: settings })
  const durations: number[] = []

  for (const segment of segments) {
    const begin = performance.now()
    const result = reassembly.add(segment, 0)
    durations.push(performance.now() - begin)

    if (result.state === 'ready') {
      durations.push(...steps(reassembly.assemble(result.setKey)))
    }
  }

  return durations
}

describe('G7: nothing keeps the loop for more than 10 ms', () => {
  beforeAll(loadFastKeccak)

  it('cutting 32 + 4 segments', async () => {
    const payload = pattern(32 * chunkBytes(settings))
    const rounds: number[][] = []

    for (let round = 0; round <= ROUNDS; round++) {
      const durations: number[] = []
      let begin = performance.now()
      await segmentPayloadAsync(payload, settings, async () => {
        durations.push(performance.now() - begin)
        await new Promise(resolve => setImmediate(resolve))
        begin = performance.now()
      })
      durations.push(performance.now() - begin)
      rounds.push(durations)
    }

    expect(rounds[0].length).toBeGreaterThan(12)
    expect(Math.max(...rounds[0].map((_, i) => Math.min(...rounds.map(durations => durations[i]))))).toBeLessThan(LIMIT_MS)
  })

  it.each([[64, 8], [128, 16], [227, 28]])('parity of %i + %i shards of 100 KiB', (dataCount, parityCount) => {
    const shardBytes = 102_400
    const shard = pattern(shardBytes)
    const data = Array.from({ length: dataCount }, () => shard)
    const parity = atOnce(encodeParity(data, parityCount, shardBytes))
    const into = data.map((_, i) => i < parityCount ? new Uint8Array(shardBytes) : undefined)

    expect(longest(() => steps(encodeParity(data, parityCount, shardBytes)))).toBeLessThan(LIMIT_MS)
    expect(longest(() => steps(decodeData({ data: data.map((chunk, i) => i < parityCount ? undefined : chunk), parity, shardBytes, into })))).toBeLessThan(LIMIT_MS)
    expect(into[0]).toEqual(shard)
  })

  it('putting a payload together, from data, from parity, and with forged segments among them', () => {
    const segments = inputs(pattern(16 * chunkBytes(settings)), settings)
    const forged = segments.slice(0, 2).map(({ content, senderId, idSalt = 0n }) => input(content.with(content.byteLength - 1, 1), senderId, idSalt))

    expect(longest(() => reassemble(segments.slice(0, 16)))).toBeLessThan(LIMIT_MS)
    expect(longest(() => reassemble(segments.slice(2)))).toBeLessThan(LIMIT_MS)
    expect(longest(() => reassemble([...forged, ...segments]))).toBeLessThan(LIMIT_MS)
  })
})
