import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atOnce, Reassembly, SEGMENT_PREFIX } from '../../src/segmentation/index.js'
import { StoreCorruptError } from '../../src/storage/index.js'
import { addWhole, apply, complete, config, entries, inputs, pattern, shuffle } from './helpers.js'
import type { SegmentInput } from '../../src/segmentation/index.js'

const settings = config({ segmentSizeBytes: 320, parityRate: 0.5 })

function restore (store: ReadonlyMap<string, Uint8Array>, now = 0): Reassembly {
  return Reassembly.restore({ config: settings }, entries(store, SEGMENT_PREFIX), now)
}

describe('persistence of reassembly', () => {
  it('stores what waits, and nothing of what came and went', () => {
    const reassembly = new Reassembly({ config: settings })
    const segments = inputs(pattern(500), settings)

    reassembly.add(segments[0], 0)
    reassembly.add(segments[1], 0)

    const ops = reassembly.takeOps()

    expect(ops.map(({ key }) => key)).toEqual(['seg/s/0', 'seg/s/1'])
    expect(reassembly.takeOps()).toEqual([])

    const done = complete(reassembly, [segments[2]])

    expect(reassembly.takeOps()).toHaveLength(1)
    reassembly.remove(done?.setKey ?? '')
    expect(reassembly.takeOps()).toEqual([{ key: 'seg/s/0' }, { key: 'seg/s/1' }, { key: 'seg/s/2' }])
  })

  it('stores a message of one segment that waits for its release, and not one that does not', () => {
    const reassembly = new Reassembly({ config: settings })
    const alone = config({ segmentSizeBytes: 320 })
    const [first] = inputs(pattern(10), alone, 'alice', 1n)
    const [second] = inputs(pattern(20), alone, 'alice', 2n)

    reassembly.add(first, 0)
    reassembly.add(second, 0)
    expect(reassembly.add(second, 0)).toEqual({ state: 'duplicate' })
    reassembly.remove(first.messageId)

    const store = apply(new Map(), reassembly.takeOps())

    expect(store.size).toBe(1)
    expect(reassembly.add(second, 0)).toEqual({ state: 'duplicate' })
    expect(reassembly.setOf(second.messageId)).toBe(second.messageId)
    expect(reassembly.complete(second.messageId)?.payload).toEqual(pattern(20))

    const after = restore(store)

    expect(after.ready().map(key => atOnce(after.assemble(key)))).toMatchObject([{ state: 'complete', messageId: second.messageId, saltBase: 2n, payload: pattern(20) }])
    reassembly.remove(second.messageId)
    expect(apply(store, reassembly.takeOps()).size).toBe(0)
  })

  it('stores nothing of ephemeral messages', () => {
    const reassembly = new Reassembly({ config: settings })
    const done = complete(reassembly, inputs(pattern(500), settings).map(segment => ({ ...segment, ephemeral: true })))

    expect(done?.payload).toEqual(pattern(500))
    expect(reassembly.takeOps()).toEqual([])
  })

  it('continues an incomplete set after a crash, with its whole time before it', () => {
    const segments = inputs(pattern(500), settings)
    const before = new Reassembly({ config: settings })

    before.add(segments[4], 1_000)
    before.add(segments[0], 2_000)

    const store = apply(new Map(), before.takeOps())
    const after = restore(store, 900_000)

    expect(after.takeOps()).toEqual([])
    expect(after.nextDeadline()).toBe(1_200_000)
    expect(after.setOf(segments[0].messageId)).toBeDefined()
    expect(after.add(segments[0], 900_000)).toEqual({ state: 'duplicate' })

    const done = complete(after, [segments[1]])

    expect(done).toMatchObject({ messageId: segments[0].messageId, absent: [segments[2].messageId] })
    after.remove(done?.setKey ?? '')
    expect(apply(store, after.takeOps()).size).toBe(0)
  })

  it('reports a set that was complete but not removed again', () => {
    const segments = inputs(pattern(500), settings)
    const before = new Reassembly({ config: settings })

    complete(before, segments)

    const after = restore(apply(new Map(), before.takeOps()))
    const results = after.ready().map(key => atOnce(after.assemble(key)))

    expect(results).toMatchObject([{ state: 'complete', messageId: segments[0].messageId, payload: pattern(500) }])
    expect(after.ready()).toEqual([])
  })

  it('deletes what lower bounds leave no room for', () => {
    const before = new Reassembly({ config: settings })

    for (let n = 1; n <= 5; n++) {
      before.add(inputs(pattern(500), settings, 'alice', BigInt(n * 100))[0], 0)
    }

    const store = apply(new Map(), before.takeOps())
    const after = Reassembly.restore({ config: { ...settings, maxSetsPerSender: 2 } }, entries(store, SEGMENT_PREFIX), 0)

    expect(after.status().sets).toBe(2)
    expect(apply(store, after.takeOps()).size).toBe(2)
  })

  it('refuses what cannot be read', () => {
    expect(() => restore(new Map([['seg/s/0', new Uint8Array([0xff, 0xff])]]))).toThrow(StoreCorruptError)
    expect(() => restore(new Map([['seg/s/0', new Uint8Array(0)]]))).toThrow(StoreCorruptError)
  })

  it('survives a crash after any commit: every message once, and storage ends empty', () => {
    const run = fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 4 }),
      seed: fc.nat(),
      commits: fc.array(fc.constantFrom('keep', 'crash', 'lose'), { minLength: 1, maxLength: 20 })
    })

    fc.assert(fc.property(run, ({ lengths, seed, commits }) => {
      const arrivals = shuffle(lengths.flatMap((length, i) => inputs(pattern(length), settings, 'alice', BigInt((i + 1) * 1_000))), seed)
      const store = new Map<string, Uint8Array>()
      const delivered: string[] = []
      let reassembly = restore(store)

      const take = (segment: SegmentInput): void => {
        const result = addWhole(reassembly, segment)

        // released in a later transaction for every other message
        if (result?.state === 'complete' && result.payload.byteLength % 2 === 0) {
          delivered.push(result.messageId)
          reassembly.remove(result.setKey)
        }
      }

      const recover = (): void => {
        for (const key of reassembly.ready()) {
          const result = atOnce(reassembly.assemble(key))

          if (result?.state === 'complete') {
            delivered.push(result.messageId)
            reassembly.remove(key)
          }
        }
      }

      arrivals.forEach((segment, i) => {
        const done = delivered.length

        take(segment)

        const fate = commits[i % commits.length]

        if (fate === 'lose') {
          // the transaction was not durable: SDS does not know the segment, and it comes again
          reassembly = restore(store)
          delivered.length = done
          recover()
          apply(store, reassembly.takeOps())
          take(segment)
        }

        apply(store, reassembly.takeOps())

        if (fate === 'crash') {
          reassembly = restore(store)
          recover()
          apply(store, reassembly.takeOps())
        }
      })

      reassembly = restore(store)
      recover()
      // parity that came after its message, when a restart had forgotten it
      reassembly.expire(10 ** 9)
      apply(store, reassembly.takeOps())

      const first = lengths.map((length, i) => inputs(pattern(length), settings, 'alice', BigInt((i + 1) * 1_000))[0].messageId)

      expect([...new Set(delivered)].sort()).toEqual(first.sort())
      expect(store.size).toBe(0)
    }), { numRuns: 150 })
  })
})
