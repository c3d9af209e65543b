import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { cutStream, escapePayload, frameBytes, FRAME_PREFIX, parseStreamFrame, Reassembly, StreamAssembly, StreamSizeError } from '../../src/segmentation/index.js'
import { StoreCorruptError } from '../../src/storage/index.js'
import { apply, complete, concat, config, entries, input, pattern, shuffle } from './helpers.js'
import type { CompleteStream, DroppedStream, SegmentationConfig, StreamFrame, StreamFrameInput, StreamSet } from '../../src/segmentation/index.js'

const settings = config({ segmentSizeBytes: 320, streamSegments: 4, parityRate: 0.25, maxPayloadBytes: 100_000 })
const STREAM_ID = Uint8Array.from({ length: 16 }, (_, i) => i)
const MAGIC = new TextEncoder().encode('holdfast-stream\x01')

async function * pieces (bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += length) {
    yield bytes.slice(at, at + length)
    yield new Uint8Array(0)
  }
}

function cut (source: AsyncIterable<Uint8Array>, size: number, streamId = STREAM_ID, config: SegmentationConfig = settings): AsyncGenerator<StreamSet> {
  return cutStream(source, { config, streamId, size, pause: async () => {} })
}

async function collect (sets: AsyncIterable<StreamSet>): Promise<StreamSet[]> {
  const all: StreamSet[] = []

  for await (const set of sets) {
    all.push(set)
  }

  return all
}

/** The frames of a stream of `pattern(size)`, as reassembly would hand them over. */
async function frames (size: number, streamId = STREAM_ID, senderId = 'alice', bytes = pattern(size)): Promise<StreamFrameInput[]> {
  const sets = await collect(cut(pieces(bytes, 1_000), size, streamId))

  return sets.map((set) => {
    const parsed = parseStreamFrame(set.payload)

    return { frame: (parsed as { frame: StreamFrame }).frame, senderId, messageId: `${senderId}-${streamId[0]}-${set.index}`, hash: set.hash }
  })
}

function contentOf (stream: CompleteStream, store: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return concat(stream.frames.map(({ contentKey }) => store.get(contentKey) ?? new Uint8Array(0)))
}

describe('cutting streams', () => {
  beforeAll(loadFastKeccak)

  it('cuts any pieces into sets that a receiver puts together, whole and in order', async () => {
    const payload = pattern(3_000)
    const store = new Map<string, Uint8Array>()
    const reassembly = new Reassembly({ config: settings })
    const assembly = new StreamAssembly({ config: settings })
    let done: CompleteStream | undefined
    let salt = 1_000n
    let first: string | undefined

    for await (const set of cut(pieces(payload, 700), 3_000)) {
      // one segment of each set is lost
      const segments = set.contents.map(parts => input(concat(parts), 'alice', salt++)).slice(1)
      const whole = complete(reassembly, segments)

      expect(whole).toBeDefined()

      if (whole != null) {
        const parsed = parseStreamFrame(whole.payload)

        expect(parsed.type).toBe('frame')
        first ??= whole.messageId

        const result = assembly.add({ frame: (parsed as { frame: StreamFrame }).frame, senderId: 'alice', messageId: whole.messageId, hash: whole.hash }, 0)

        reassembly.remove(whole.setKey)
        done = result.state === 'complete' ? result : undefined
      }

      apply(store, [...reassembly.takeOps(), ...assembly.takeOps()])
    }

    expect(done).toMatchObject({ size: 3_000, messageId: first, senderId: 'alice', streamId: '000102030405060708090a0b0c0d0e0f' })
    expect(done?.frames).toHaveLength(Math.ceil(3_000 / frameBytes(settings)))
    expect(done == null ? undefined : contentOf(done, store)).toEqual(payload)
  })

  it.each([[1], [frameBytes(settings) - 1], [frameBytes(settings)], [frameBytes(settings) + 1], [frameBytes(settings) * 3]])('makes frames of %i bytes that say what they are', async (size) => {
    const sets = await collect(cut(pieces(pattern(size), 333), size))

    expect(concat(sets.map(({ content }) => content))).toEqual(pattern(size))
    expect(sets.map(({ index, count }) => [index, count])).toEqual(sets.map((_, i) => [i, sets.length]))
    expect(sets.every(set => set.dataCount <= 4 && set.parityCount <= 1)).toBe(true)
    sets.forEach((set, index) => {
      expect(parseStreamFrame(set.payload)).toEqual({
        type: 'frame',
        frame: { streamId: '000102030405060708090a0b0c0d0e0f', index, count: sets.length, size, frameSize: Math.min(size, frameBytes(settings)), previous: sets[index - 1]?.hash, content: set.content }
      })
    })
  })

  it('reads no further than the set that was asked for', async () => {
    let read = 0

    async function * source (): AsyncGenerator<Uint8Array> {
      for (; read < 10_000; read += 100) {
        yield new Uint8Array(100)
      }
    }

    const sets = cut(source(), 10_000)

    expect(read).toBe(0)
    await sets.next()
    expect(read).toBeLessThanOrEqual(frameBytes(settings) + 100)
    await sets.return(undefined)
  })

  it.each([[2_999, /ended after 2999 bytes; 3000 were announced/], [3_001, /yields more than the 3000 bytes/]])('fails when the source yields %i of 3000 bytes, before the last set', async (length, message) => {
    const sets: StreamSet[] = []
    const failed = (async () => {
      for await (const set of cut(pieces(pattern(length), 500), 3_000)) {
        sets.push(set)
      }
    })()

    await expect(failed).rejects.toThrow(StreamSizeError)
    await expect(failed).rejects.toThrow(message)
    expect(sets).toHaveLength(Math.ceil(3_000 / frameBytes(settings)) - 1)
  })

  it('closes a source that it does not read to its end, and passes its error on', async () => {
    let closed = 0

    async function * endless (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield new Uint8Array(50)
        }
      } finally {
        closed++
      }
    }

    await expect(collect(cut(endless(), 1_000))).rejects.toThrow(StreamSizeError)
    expect(closed).toBe(1)

    const open = cut(endless(), 50_000)
    await open.next()
    await open.return(undefined)
    expect(closed).toBe(2)

    async function * broken (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10)
      throw new RangeError('disk')
    }

    await expect(collect(cut(broken(), 1_000))).rejects.toThrow(new RangeError('disk'))
    await expect(collect(cut((async function * () { yield 'text' as unknown as Uint8Array })(), 5))).rejects.toThrow(/must yield Uint8Arrays/)
  })

  it.each([
    [0, 'EmptyPayloadError'],
    [100_001, 'PayloadTooLargeError'],
    [-1, 'InvalidParametersError'],
    [1.5, 'InvalidParametersError'],
    [NaN, 'InvalidParametersError']
  ])('refuses a size of %d before it reads', (size, name) => {
    expect(() => cut(pieces(pattern(10), 10), size)).toThrow(expect.objectContaining({ name }))
  })

  it('refuses a stream ID of another length', () => {
    expect(() => cut(pieces(pattern(10), 10), 10, new Uint8Array(15))).toThrow(/16 bytes, not 15/)
  })
})

describe('stream frames', () => {
  it('leaves any payload as it was sent', () => {
    const likeFrames = fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 80 })).map(([cut, bytes]) => concat([MAGIC.subarray(0, cut), bytes]))

    fc.assert(fc.property(fc.oneof(likeFrames, fc.uint8Array()), (payload) => {
      expect(parseStreamFrame(escapePayload(payload))).toEqual({ type: 'payload', payload })
    }), { numRuns: 500 })

    expect(escapePayload(MAGIC)).not.toEqual(MAGIC)
  })

  it('takes what starts with the magic and is no frame for a payload of somebody else', async () => {
    const [{ payload }] = await collect(cut(pieces(pattern(100), 100), 100))
    const broken = [MAGIC, payload.subarray(0, 40), payload.subarray(0, -1), concat([payload, new Uint8Array(1)]), concat([MAGIC, Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff, 0xff)])]

    for (const bytes of broken) {
      expect(parseStreamFrame(bytes)).toEqual({ type: 'payload', payload: bytes })
    }
  })
})

describe('assembly of streams', () => {
  it('completes in any order, once', async () => {
    const inputs = await frames(5_000)

    for (const seed of [1, 2, 3]) {
      const assembly = new StreamAssembly({ config: settings })
      const results = shuffle(inputs, seed).map(frame => assembly.add(frame, 0))
      const done = results.filter(result => result.state === 'complete')

      expect(done).toHaveLength(1)
      expect(results[results.length - 1]).toBe(done[0])
      expect(contentOf(done[0], apply(new Map(), assembly.takeOps()))).toEqual(pattern(5_000))
      expect(assembly.add(inputs[0], 0)).toEqual({ state: 'duplicate' })

      assembly.remove((done[0]).streamKey)

      expect(assembly.add(inputs[0], 0)).toEqual({ state: 'duplicate' })
      expect(assembly.status()).toMatchObject({ streams: 0, completed: 1, duplicates: 2 })
    }
  })

  it('tells how far it is, and keeps streams and senders apart', async () => {
    const assembly = new StreamAssembly({ config: settings })
    const inputs = await frames(2_000)
    const other = await frames(2_000, STREAM_ID.slice().fill(9))
    const bob = await frames(2_000, STREAM_ID, 'bob')

    expect(assembly.add(inputs[0], 0)).toMatchObject({ state: 'partial', have: 1, total: inputs.length, bytes: frameBytes(settings), totalBytes: 2_000 })
    expect(assembly.add(other[1], 0)).toMatchObject({ have: 1 })
    expect(assembly.add(bob[1], 0)).toMatchObject({ have: 1 })
    expect(assembly.status().streams).toBe(3)
  })

  it('a forged frame is in no chain', async () => {
    const inputs = await frames(3_000)
    const forged = (await frames(3_000, STREAM_ID, 'alice', pattern(3_000).map(byte => byte ^ 1)))[1]
    const assembly = new StreamAssembly({ config: settings })
    const store = new Map<string, Uint8Array>()
    const results = [inputs[0], forged, ...inputs.slice(2), inputs[1]].map(frame => assembly.add({ ...frame, messageId: `${frame.messageId}-${frame.hash[0]}` }, 0))
    const done = results[results.length - 1] as CompleteStream

    expect(results.slice(0, -1).every(result => result.state === 'partial')).toBe(true)
    expect(done.state).toBe('complete')

    apply(store, assembly.takeOps())
    expect(contentOf(done, store)).toEqual(pattern(3_000))

    // the forged content goes, that of the stream stays
    assembly.remove(done.streamKey)
    apply(store, assembly.takeOps())
    expect([...store.keys()].sort()).toEqual([...done.frames.map(({ contentKey }) => contentKey), 'seg/f/next'].sort())
  })

  it('bounds the alternatives of one place', async () => {
    const assembly = new StreamAssembly({ config: settings })
    const [frame] = await frames(3_000)
    const states = [1, 2, 3, 4, 5].map(n => assembly.add({ ...frame, hash: new Uint8Array(32).fill(n), messageId: `${n}` }, 0).state)

    expect(states).toEqual(['partial', 'partial', 'partial', 'partial', 'rejected'])
    expect(assembly.status().rejected.contradicting).toBe(1)
  })

  it('P33: bounds streams in number, bytes and time, and deletes what goes', async () => {
    const dropped: DroppedStream[] = []
    const bounds = config({ ...settings, maxPayloadBytes: 6_000, maxStreams: 4, maxStreamsPerSender: 2, maxStreamBytesPerSender: 11_000, maxStreamBytes: 12_000, reconstructionTimeoutMs: 1_000 })
    const assembly = new StreamAssembly({ config: bounds, onDrop: stream => { dropped.push(stream) } })
    const store = new Map<string, Uint8Array>()
    const first = async (n: number, sender: string): Promise<StreamFrameInput> => (await frames(5_000, STREAM_ID.slice().fill(n), sender))[0]

    assembly.add(await first(1, 'alice'), 0)
    apply(store, assembly.takeOps())
    assembly.add(await first(2, 'alice'), 1)
    assembly.add(await first(3, 'alice'), 2)
    expect(dropped).toMatchObject([{ senderId: 'alice', reason: 'evicted', messageIds: ['alice-1-0'] }])

    for (let n = 4; n < 8; n++) {
      assembly.add(await first(n, `sender-${n}`), n)
    }

    expect(dropped.map(({ messageIds }) => messageIds[0])).toEqual(['alice-1-0', 'alice-2-0', 'alice-3-0'])
    expect(assembly.status()).toMatchObject({ streams: 4, dropped: { evicted: 3 } })

    expect(assembly.nextDeadline()).toBe(1_004)
    assembly.expire(1_005)
    expect(dropped.slice(3)).toMatchObject([{ reason: 'expired' }, { reason: 'expired' }])

    apply(store, assembly.takeOps())
    expect([...store.keys()].filter(key => key.startsWith('seg/c/'))).toHaveLength(2)

    for (const frame of await frames(6_000, STREAM_ID, 'big')) {
      assembly.add(frame, 1_010)
      expect(assembly.status().bytes).toBeLessThanOrEqual(12_000)
    }

    expect(assembly.status()).toMatchObject({ streams: 2, completed: 1 })
    expect(assembly.add((await frames(6_001))[0], 0)).toMatchObject({ state: 'rejected', reason: 'too-large' })
  })

  it('P33: refuses a stream that is cut so small that keeping account of it costs more than it holds', async () => {
    const assembly = new StreamAssembly({ config: config({ ...settings, maxPayloadBytes: 6_000, maxStreamBytesPerSender: 11_000 }) })
    const [{ frame, ...rest }] = await frames(100)

    for (let index = 0; index < 100; index++) {
      assembly.add({ ...rest, hash: new Uint8Array(32).fill(index), frame: { ...frame, frameSize: 1, count: 100, index, content: new Uint8Array(1) } }, 0)
    }

    expect(assembly.status().rejected.full).toBe(79)
    expect(assembly.status().bytes).toBeLessThanOrEqual(11_000)
  })

  it('continues after a crash at any frame; contents never share a key with those of earlier streams', async () => {
    const store = new Map<string, Uint8Array>()
    const log: CompleteStream[] = []
    let assembly = new StreamAssembly({ config: settings })

    for (const n of [1, 2, 3]) {
      const size = 2_000 + n

      for (const frame of shuffle(await frames(size, STREAM_ID.slice().fill(n)), n)) {
        const result = assembly.add(frame, 0)

        if (result.state === 'complete' && n !== 2) {
          log.push(result)
          assembly.remove(result.streamKey)
        }

        apply(store, assembly.takeOps())
        assembly = StreamAssembly.restore({ config: settings }, entries(store, FRAME_PREFIX), 0)
        expect(assembly.takeOps()).toEqual([])
      }

      for (const stream of assembly.completed()) {
        log.push(stream)
        assembly.remove(stream.streamKey)
      }
    }

    apply(store, assembly.takeOps())

    expect(log.map(({ size }) => size)).toEqual([2_001, 2_002, 2_003])
    log.forEach(stream => { expect(contentOf(stream, store)).toEqual(pattern(stream.size)) })
    expect(entries(store, FRAME_PREFIX).map(({ key }) => key)).toEqual(['seg/f/next'])
  })

  it('refuses what cannot be read', () => {
    const restore = (value: Uint8Array): StreamAssembly => StreamAssembly.restore({ config: settings }, [{ key: 'seg/f/1', value }], 0)

    expect(() => restore(Uint8Array.of(0xff, 0xff))).toThrow(StoreCorruptError)
    expect(() => restore(new Uint8Array(0))).toThrow(StoreCorruptError)
  })
})
