import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { atOnce, Reassembly, segmentPayload } from '../../src/segmentation/index.js'
import vectors from '../vectors/segmentation-nim.json' with { type: 'json' }
import { addWhole, complete, concat, config, fromHex, input, inputs, messageIdOf, pattern, segmentsOf, shuffle, toHex } from './helpers.js'
import type { DroppedSet, SegmentInput } from '../../src/segmentation/index.js'

const small = config({ segmentSizeBytes: 320 })
const withParity = config({ segmentSizeBytes: 320, parityRate: 0.5 })

/** The last byte of the content, which is one of the chunk's, is another. */
function forge (segment: SegmentInput, by = 1): SegmentInput {
  const content = segment.content.slice()
  content[content.byteLength - 1] ^= by

  return input(content, segment.senderId, segment.idSalt ?? 0n)
}

function unsalted (segments: readonly SegmentInput[], send: string): SegmentInput[] {
  return segments.map((segment, i) => ({ ...segment, idSalt: undefined, messageId: `${send}-${i}` }))
}

describe('reassembly', () => {
  beforeAll(loadFastKeccak)

  it('completes a payload of one segment at once, as a view, and leaves nothing behind', () => {
    const reassembly = new Reassembly({ config: small })
    const payload = pattern(100)
    const [segment] = inputs(payload, small)
    const result = reassembly.add(segment, 0)

    expect(result).toMatchObject({ state: 'complete', messageId: segment.messageId, senderId: 'alice', payload, dataMessageIds: [segment.messageId], absent: [] })
    expect(result.state === 'complete' && result.payload.buffer).toBe(segment.content.buffer)

    reassembly.remove(result.state === 'complete' ? result.setKey : '')

    expect(reassembly.takeOps()).toEqual([])
    expect(reassembly.status()).toMatchObject({ sets: 0, bytes: 0, completed: 1 })
  })

  it('tells how far it is', () => {
    const reassembly = new Reassembly({ config: small })
    const [first, second, third] = inputs(pattern(500), small)

    expect(reassembly.add(third, 0)).toMatchObject({ state: 'partial', have: 1, total: 3, bytes: 116, totalBytes: 500 })
    expect(reassembly.add(first, 0)).toMatchObject({ state: 'partial', have: 2, total: 3, bytes: 308 })
    expect(reassembly.add(first, 0)).toEqual({ state: 'duplicate' })
    expect(reassembly.add(second, 0)).toMatchObject({ state: 'complete', payload: pattern(500), messageId: first.messageId, dataMessageIds: [first, second, third].map(({ messageId }) => messageId) })
    expect(reassembly.status()).toMatchObject({ completed: 1, duplicates: 1 })
  })

  it('says which segments are missing, with their salts', () => {
    const reassembly = new Reassembly({ config: withParity })
    const segments = inputs(pattern(500), withParity)
    const result = reassembly.add(segments[1], 0)
    const key = result.state === 'partial' ? result.setKey : ''

    expect(reassembly.setOf(segments[1].messageId)).toBe(key)
    expect(reassembly.setOf(segments[0].messageId)).toBeUndefined()
    expect(reassembly.missing(key)).toEqual([
      { index: 0, isParity: false, idSalt: 1_000n },
      { index: 2, isParity: false, idSalt: 1_002n },
      { index: 0, isParity: true, idSalt: 1_003n },
      { index: 1, isParity: true, idSalt: 1_004n }
    ])
    expect(reassembly.missing('unknown')).toEqual([])
  })

  it.each(vectors.reassemble)('ends as nim-segmentation does: $name', ({ name, result }) => {
    const settings = config({ segmentSizeBytes: 320, parityRate: name === 'parity only 100%' ? 1 : 0.5 })
    const segments = inputs(pattern(1_000), settings)
    const kept: Record<string, number[]> = {
      'all data': [0, 1, 2, 3, 4, 5],
      'lost 1': [0, 1, 2, 4, 5, 6, 7, 8],
      'lost 3, all parity used': [0, 3, 5, 6, 7, 8],
      'lost 4 of 9: incomplete': [0, 3, 6, 7, 8],
      'parity only 100%': [6, 7, 8, 9, 10, 11]
    }
    const done = complete(new Reassembly({ config: settings }), kept[name].map(i => segments[i]))

    expect(done?.payload.byteLength).toBe(result.incomplete === true ? undefined : result.payloadLen)
    expect(done == null || toHex(done.payload) === toHex(pattern(1_000))).toBe(true)
  })

  it('completes what foreign segments make: the vectors, in reverse', () => {
    for (const { payloadLen, segments } of vectors.segment) {
      const done = complete(new Reassembly({ config: small }), segments.map((hex, i) => input(fromHex(hex), 'nim', 77n + BigInt(i))).reverse())

      expect(done?.payload).toEqual(pattern(payloadLen))
    }
  })

  it('P31: cuts a recovered last segment to its true length', () => {
    const segments = inputs(pattern(500), withParity)
    const done = complete(new Reassembly({ config: withParity }), [segments[0], segments[1], segments[3]])

    expect(done?.payload).toEqual(pattern(500))
    expect(done?.absent).toEqual([segments[2].messageId])
  })

  it('computes the IDs of what did not come, that of the message among them', () => {
    const segments = inputs(pattern(1_000), withParity)
    const done = complete(new Reassembly({ config: withParity }), shuffle(segments.slice(3), 5))

    expect(done).toMatchObject({ messageId: segments[0].messageId, saltBase: 1_000n })
    expect(done?.dataMessageIds).toEqual(segments.slice(0, 6).map(({ messageId }) => messageId))
    expect(done?.absent).toEqual(segments.slice(0, 3).map(({ messageId }) => messageId))
  })

  it('computes the IDs of parity that did not come when asked, also after the set is gone', () => {
    const reassembly = new Reassembly({ config: withParity })
    const segments = inputs(pattern(1_000), withParity)
    const done = complete(reassembly, segments.slice(0, 6))

    reassembly.remove(done?.setKey ?? '')
    expect(reassembly.add(segments[7], 0)).toEqual({ state: 'duplicate' })

    const lacking = reassembly.lackingParity('alice')

    expect(lacking).toEqual([{ setKey: done?.setKey, messageId: segments[0].messageId }])
    expect(atOnce(reassembly.absentParity(lacking[0].setKey, pattern(1_000)))).toEqual([segments[6].messageId, segments[8].messageId])

    expect(reassembly.add(segments[6], 0)).toEqual({ state: 'duplicate' })
    expect(reassembly.add(segments[8], 0)).toEqual({ state: 'duplicate' })
    expect(reassembly.lackingParity('alice')).toEqual([])
  })

  it('P32: delivers a payload that is sent twice twice, and late segments of the first as duplicates', () => {
    const reassembly = new Reassembly({ config: withParity })
    const first = inputs(pattern(500), withParity, 'alice', 1_000n)
    const second = inputs(pattern(500), withParity, 'alice', 2_000n)
    const one = complete(reassembly, first.slice(0, 3))

    reassembly.remove(one?.setKey ?? '')

    const two = complete(reassembly, [first[3], ...second.slice(0, 3), first[4]])

    expect([one?.messageId, two?.messageId]).toEqual([first[0].messageId, second[0].messageId])
    expect(reassembly.status()).toMatchObject({ completed: 2, duplicates: 2 })
  })

  it('P32: keeps two senders of one payload apart', () => {
    const reassembly = new Reassembly({ config: small })
    const alice = inputs(pattern(500), small, 'alice')
    const bob = inputs(pattern(500), small, 'bob')

    expect(complete(reassembly, [alice[0], bob[1], alice[2]])).toBeUndefined()
    expect(complete(reassembly, [alice[1]])?.messageId).toBe(alice[0].messageId)
    expect(complete(reassembly, [bob[0], bob[2]])?.messageId).toBe(bob[0].messageId)
  })

  it('P32: without salts, tells sends of one payload apart by the slot that comes again', () => {
    const reassembly = new Reassembly({ config: small })
    const segments = inputs(pattern(500), small)
    const messages: Array<string | undefined> = []

    for (const send of ['first', 'second', 'third']) {
      const done = complete(reassembly, unsalted(segments, send))

      messages.push(done?.messageId)
      reassembly.remove(done?.setKey ?? '')
    }

    // interleaved as well
    const [a, b] = ['fourth', 'fifth'].map(send => unsalted(segments, send))

    messages.push(complete(reassembly, [a[0], b[0], a[1], b[1], a[2]])?.messageId, complete(reassembly, [b[2]])?.messageId)

    expect(messages).toEqual(['first-0', 'second-0', 'third-0', 'fourth-0', 'fifth-0'])
  })

  it('P32: without salts, takes late parity for what it is', () => {
    const reassembly = new Reassembly({ config: withParity })
    const segments = unsalted(inputs(pattern(500), withParity), 'first')
    const done = complete(reassembly, segments.slice(0, 3))

    reassembly.remove(done?.setKey ?? '')

    expect(segments.slice(3).map(segment => reassembly.add(segment, 0).state)).toEqual(['duplicate', 'duplicate'])
    expect(reassembly.status().sets).toBe(0)
  })

  it.each([[0], [1], [2]])('P32: a forged segment %i does not poison its set, whichever comes first', (forged) => {
    for (const order of [0, 1]) {
      const segments = inputs(pattern(500), small)
      const pair = [forge(segments[forged]), segments[forged]]
      const others = segments.filter((_, i) => i !== forged)
      const done = complete(new Reassembly({ config: small }), [pair[order], ...others, pair[1 - order]])

      expect(done?.payload).toEqual(pattern(500))
      expect(done?.dataMessageIds).toEqual(segments.map(({ messageId }) => messageId))
    }
  })

  it('P32: parity repairs what was forged as it repairs what is lost', () => {
    const segments = inputs(pattern(500), withParity)
    const done = complete(new Reassembly({ config: withParity }), [segments[0], forge(segments[1]), segments[2], segments[3]])

    expect(done?.payload).toEqual(pattern(500))
    expect(done?.dataMessageIds[1]).toBe(segments[1].messageId)
    expect(done?.absent).toEqual([segments[1].messageId])
  })

  it('P34: counts that differ make another set, not a broken one', () => {
    const segments = inputs(pattern(500), small)
    const other = inputs(pattern(500), withParity)
    const done = complete(new Reassembly({ config: small }), [segments[0], other[1], segments[2], other[0], segments[1]])

    expect(done?.payload).toEqual(pattern(500))
    expect(done?.dataMessageIds).toEqual(segments.map(({ messageId }) => messageId))
  })

  it('keeps a bounded number of alternatives, and of trials', () => {
    const dropped: DroppedSet[] = []
    const reassembly = new Reassembly({ config: small, onDrop: set => { dropped.push(set) } })
    const segments = inputs(pattern(1_000), small)

    for (const segment of segments.slice(0, 5)) {
      for (let by = 1; by <= 6; by++) {
        addWhole(reassembly, forge(segment, by))
      }
    }

    expect(reassembly.status()).toMatchObject({ sets: 1, rejected: { contradicting: 10 } })

    // 4 ^ 5 selections, none of them right: it ends, and the set waits for its time
    expect(addWhole(reassembly, segments[5])).toMatchObject({ state: 'partial', have: 6, total: 6 })
    expect(reassembly.nextDeadline()).toBe(small.reconstructionTimeoutMs)

    reassembly.expire(small.reconstructionTimeoutMs)

    expect(dropped).toMatchObject([{ reason: 'expired', senderId: 'alice', complete: false }])
    expect(dropped[0].messageIds).toHaveLength(21)
    expect(reassembly.status()).toMatchObject({ sets: 0, bytes: 0 })
    expect(reassembly.takeOps()).toEqual([])
  })

  it('P34: alternatives in every slot, and parity behind them, do not keep it busy', () => {
    const settings = config({ segmentSizeBytes: 320, parityRate: 0.25 })
    const reassembly = new Reassembly({ config: settings })
    const segments = inputs(pattern(8_000), settings)
    const [data, parity] = [segments.slice(0, 42), segments.slice(42)]

    expect(parity.length).toBe(11)

    for (const segment of data) {
      for (let by = 1; by <= 4; by++) {
        addWhole(reassembly, forge(segment, by))
      }
    }

    // 4 ^ 42 selections: one that so much as counts them does not come back
    for (const segment of parity) {
      expect(addWhole(reassembly, segment)).toMatchObject({ state: 'partial', have: 42, total: 42 })
    }
  })

  it('refuses one segment whose hash is wrong', () => {
    const reassembly = new Reassembly({ config: small })
    const [segment] = inputs(pattern(100), small)

    expect(reassembly.add(forge(segment), 0)).toMatchObject({ state: 'rejected', reason: 'malformed' })
    expect(reassembly.status()).toMatchObject({ sets: 0, bytes: 0 })
    expect(reassembly.takeOps()).toEqual([])
    expect(addWhole(reassembly, segment)).toMatchObject({ state: 'complete' })
  })

  it('assembles a large payload in slices, once, while more comes', () => {
    const large = config({ parityRate: 0.125 })
    const reassembly = new Reassembly({ config: large })
    const payload = pattern(3_000_000)
    const segments = inputs(payload, large)
    const results = segments.slice(1, 31).map(segment => reassembly.add(segment, 0).state)

    expect(results.slice(0, 29).every(state => state === 'partial')).toBe(true)
    expect(results[29]).toBe('ready')

    const [key] = reassembly.ready()
    const steps = reassembly.assemble(key)
    let count = 0
    let step = steps.next()

    while (step.done !== true) {
      // the segment that was late comes in the middle
      if (count++ === 3) {
        expect(reassembly.add(segments[0], 0).state).toBe('partial')
      }

      step = steps.next()
    }

    expect(count).toBeGreaterThanOrEqual(11)
    expect(step.value).toMatchObject({ state: 'complete', messageId: segments[0].messageId })
    expect(step.value?.state === 'complete' && concat([step.value.payload])).toEqual(payload)
    expect(reassembly.ready()).toEqual([])
    expect(atOnce(reassembly.assemble('unknown'))).toBeUndefined()
  })

  it('does not keep a large buffer alive for a small segment', () => {
    const reassembly = new Reassembly({ config: small })
    const [first, second, third] = inputs(pattern(500), small)
    const buffer = new Uint8Array(10_000)

    buffer.set(first.content, 5_000)
    reassembly.add({ ...first, content: buffer.subarray(5_000, 5_000 + first.content.byteLength) }, 0)
    buffer.fill(0)

    expect(complete(reassembly, [second, third])?.payload).toEqual(pattern(500))
  })

  it('rejects a salt from which no base can be counted', () => {
    const content = segmentsOf(pattern(500), small)[2]

    expect(new Reassembly({ config: small }).add({ content, senderId: 'alice', messageId: messageIdOf('alice', 1n, content), idSalt: 1n }, 0))
      .toMatchObject({ state: 'rejected', reason: 'malformed' })
  })

  it('rejects a payload that would be larger than what is allowed', () => {
    const reassembly = new Reassembly({ config: config({ segmentSizeBytes: 320, maxPayloadBytes: 400 }) })

    expect(reassembly.add(inputs(pattern(500), small)[0], 0)).toMatchObject({ state: 'rejected', reason: 'too-large', error: { name: 'InvalidSegmentError' } })
    expect(reassembly.status().rejected['too-large']).toBe(1)
  })

  it('gets the payload from any k segments in any order, whatever else comes', () => {
    const send = fc.record({
      length: fc.integer({ min: 1, max: 4_000 }),
      rate: fc.constantFrom(0, 0.125, 0.5, 1),
      seed: fc.nat(),
      forged: fc.array(fc.record({ slot: fc.nat(), by: fc.integer({ min: 1, max: 255 }), at: fc.nat() }), { maxLength: 3 })
    })

    fc.assert(fc.property(send, ({ length, rate, seed, forged }) => {
      const settings = config({ segmentSizeBytes: 320, parityRate: rate })
      const segments = inputs(pattern(length), settings)
      const { dataCount } = segmentPayload(pattern(length), settings)
      const order = shuffle(segments, seed).slice(0, forged.length === 0 ? dataCount : segments.length)

      for (const { slot, by, at } of forged) {
        order.splice(at % (order.length + 1), 0, forge(segments[slot % segments.length], by))
      }

      const done = complete(new Reassembly({ config: settings }), order)

      expect(done?.payload).toEqual(pattern(length))
      expect(done?.messageId).toBe(segments[0].messageId)
    }), { numRuns: 150 })
  })
})
