import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reassembly } from '../../src/segmentation/index.js'
import { SegmentMessage } from '../../src/segmentation/pb/segment-message.js'
import type { input } from './helpers.js'
import { addWhole, complete, config, inputs, pattern } from './helpers.js'
import type { DroppedSet, SegmentationConfig } from '../../src/segmentation/index.js'

const base = { segmentSizeBytes: 320, maxPayloadBytes: 2_000, maxBytesPerSender: 10_000, maxBytes: 30_000 }

function create (partial: Partial<SegmentationConfig> = {}): { reassembly: Reassembly, dropped: DroppedSet[], settings: SegmentationConfig } {
  const dropped: DroppedSet[] = []
  const settings = config({ ...base, ...partial })

  return { reassembly: new Reassembly({ config: settings, onDrop: set => { dropped.push(set) } }), dropped, settings }
}

/** The first segment of the n-th send of three segments. */
function opening (settings: SegmentationConfig, sender: string, n: number): ReturnType<typeof input> {
  return inputs(pattern(500), settings, sender, BigInt(n * 1_000))[0]
}

describe('bounds of reassembly', () => {
  it('P33: bounds the sets of one sender; the longest without an update goes', () => {
    const { reassembly, dropped, settings } = create({ maxSetsPerSender: 3 })
    const first = inputs(pattern(500), settings, 'alice', 1_000n)

    reassembly.add(first[0], 0)
    reassembly.add(opening(settings, 'alice', 2), 0)
    reassembly.add(opening(settings, 'alice', 3), 0)
    reassembly.add(first[1], 0)
    reassembly.add(opening(settings, 'bob', 9), 0)
    expect(dropped).toEqual([])

    reassembly.add(opening(settings, 'alice', 4), 0)
    expect(dropped).toMatchObject([{ senderId: 'alice', reason: 'evicted', messageIds: [opening(settings, 'alice', 2).messageId] }])
    expect(reassembly.add(first[2], 0).state).toBe('complete')
    expect(reassembly.status()).toMatchObject({ sets: 4, complete: 1, dropped: { evicted: 1 } })
  })

  it('P33: bounds the sets of all', () => {
    const { reassembly, dropped, settings } = create({ maxSets: 5 })

    for (let n = 1; n <= 8; n++) {
      reassembly.add(opening(settings, `sender-${n}`, n), n)
    }

    expect(dropped.map(({ senderId }) => senderId)).toEqual(['sender-1', 'sender-2', 'sender-3'])
    expect(reassembly.status().sets).toBe(5)
  })

  it('P33: bounds the bytes of one sender and of all', () => {
    const { reassembly, dropped, settings } = create()
    let most = 0

    for (let n = 1; n <= 200; n++) {
      const sender = n % 2 === 0 ? 'flood' : `sender-${n}`

      reassembly.add(opening(settings, sender, n), n)
      most = Math.max(most, reassembly.status().bytes)
    }

    expect(most).toBeLessThanOrEqual(30_000)
    expect(most).toBeGreaterThan(29_000)
    expect(dropped.length).toBe(200 - reassembly.status().sets)
    expect(reassembly.takeOps()).toHaveLength(reassembly.status().sets)
  })

  it('P33: gives up what gets nothing new, counted from its last new segment', () => {
    const { reassembly, dropped, settings } = create({ reconstructionTimeoutMs: 1_000 })
    const [one, two, three] = inputs(pattern(500), settings)

    expect(reassembly.nextDeadline()).toBeUndefined()
    reassembly.add(one, 100)
    reassembly.add(opening(settings, 'bob', 5), 200)
    reassembly.add(two, 900)
    // a duplicate keeps nothing alive
    reassembly.add(one, 1_000)

    expect(reassembly.nextDeadline()).toBe(1_200)
    reassembly.expire(1_199)
    expect(dropped).toEqual([])
    reassembly.expire(1_200)
    expect(dropped).toMatchObject([{ senderId: 'bob', reason: 'expired', complete: false }])
    reassembly.expire(1_900)
    expect(dropped).toMatchObject([{}, { senderId: 'alice', reason: 'expired', messageIds: [one.messageId, two.messageId] }])
    expect(reassembly.add(three, 1_900)).toMatchObject({ state: 'partial', have: 1 })
    expect(reassembly.status()).toMatchObject({ sets: 1, dropped: { expired: 2 } })
  })

  it('keeps complete sets past the time, and evicts incomplete ones before them', () => {
    const { reassembly, dropped, settings } = create({ reconstructionTimeoutMs: 1_000 })
    const parked = complete(reassembly, inputs(pattern(1_500), settings, 'alice', 1n), 0)

    for (let n = 1; n <= 12; n++) {
      reassembly.add(opening(settings, 'alice', n), 10 + n)
    }

    reassembly.expire(5_000)

    expect(dropped.length).toBe(12)
    expect(dropped.every(set => !set.complete)).toBe(true)
    expect(reassembly.complete(parked?.setKey ?? '')?.payload).toEqual(pattern(1_500))
    expect(reassembly.nextDeadline()).toBeUndefined()
  })

  it('does not count messages of one segment that wait for their release as sets', () => {
    const { reassembly, dropped, settings } = create({ maxSets: 2, maxSetsPerSender: 2 })

    for (let n = 0; n < 10; n++) {
      expect(reassembly.add(inputs(pattern(10 + n), settings, 'alice', BigInt(n))[0], 0).state).toBe('complete')
    }

    expect(reassembly.takeOps()).toHaveLength(10)
    expect(dropped).toEqual([])
    expect(reassembly.status()).toMatchObject({ sets: 10, complete: 10 })
  })

  it('evicts the oldest that waits for its release when all are complete', () => {
    const { reassembly, dropped, settings } = create()

    for (let n = 0; n < 20; n++) {
      reassembly.add(inputs(pattern(190), settings, 'alice', BigInt(n + 1))[0], 0)
    }

    // whether they wait is known at the end of the transaction
    expect(reassembly.takeOps()).toHaveLength(reassembly.status().sets)
    expect(dropped.length).toBeGreaterThan(0)
    expect(dropped.every(set => set.complete && set.reason === 'evicted')).toBe(true)
    expect(reassembly.status().bytes).toBeLessThanOrEqual(10_000)
  })

  it('bounds what it remembers of completed sets', () => {
    const { reassembly, settings } = create({ parityRate: 0.5, maxCompleted: 3, maxBytesPerSender: 20_000 })
    const sends = [1, 2, 3, 4].map(n => inputs(pattern(500), settings, 'alice', BigInt(n * 100)))

    for (const send of sends) {
      reassembly.remove(complete(reassembly, send.slice(0, 3))?.setKey ?? '')
    }

    expect(reassembly.lackingParity('alice').map(({ messageId }) => messageId)).toEqual(sends.slice(1).map(send => send[0].messageId))
    expect(reassembly.add(sends[3][3], 0).state).toBe('duplicate')
    expect(reassembly.add(sends[0][3], 0).state).toBe('partial')
  })

  it('any bytes: nothing throws, and the bounds hold', () => {
    const { reassembly } = create({ maxSets: 20, maxSetsPerSender: 5 })
    const message = fc.record({
      originalPayloadHash: fc.uint8Array({ minLength: 31, maxLength: 33 }).map(bytes => bytes.fill(bytes[0] & 1)),
      originalPayloadLength: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.nat()),
      index: fc.integer({ min: 0, max: 6 }),
      dataSegmentCount: fc.integer({ min: 0, max: 6 }),
      paritySegmentCount: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      isParity: fc.boolean(),
      segmentPayload: fc.constantFrom(0, 1, 64, 128, 192, 300).map(length => new Uint8Array(length))
    }).map(fields => SegmentMessage.encode(fields as SegmentMessage))
    const mutated = fc.record({ content: message, at: fc.nat(), byte: fc.nat(255) }).map(({ content, at, byte }) => {
      content[at % content.byteLength] = byte

      return content
    })
    const arrival = fc.record({
      content: fc.oneof(fc.uint8Array({ maxLength: 200 }), message, message, mutated),
      sender: fc.constantFrom('alice', 'bob', 'x'.repeat(300)),
      salt: fc.option(fc.bigInt({ min: 0n, max: 3n }), { nil: undefined }),
      id: fc.nat(500)
    })
    let added = 0

    fc.assert(fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
      for (const { content, sender, salt, id } of arrivals) {
        const result = addWhole(reassembly, { content, senderId: sender, idSalt: salt, messageId: `id-${id}` }, added++)

        if (result?.state === 'complete' && id % 3 > 0) {
          reassembly.remove(result.setKey)
        }
      }

      reassembly.takeOps()

      const { bytes, sets, complete } = reassembly.status()

      expect(bytes).toBeLessThanOrEqual(30_000)
      expect(sets - complete).toBeLessThanOrEqual(20)
    }), { numRuns: 200 })

    expect(reassembly.status().rejected.malformed).toBeGreaterThan(100)
  })
})
