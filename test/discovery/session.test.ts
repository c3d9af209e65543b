import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTopic, publicDiscoveryKey } from '../../src/discovery/namespace.js'
import { Frame } from '../../src/discovery/pb/session.js'
import { answerSession, initiateSession, MAX_FRAME_BYTES, refuseSession } from '../../src/discovery/session.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { framePair } from './frame-pair.js'
import { testKey } from './simulated-members.js'
import type { Topic } from '../../src/discovery/namespace.js'
import type { SessionInit, SessionResult, SharedRecord } from '../../src/discovery/session.js'
import type { FramePair } from './frame-pair.js'

const NOW = 1_000_000_000

const topic = (name: string): Topic => createTopic(publicDiscoveryKey(name))

interface Side {
  n?: number
  topics?: Topic[]
  introducer?: boolean
  share?: (topics: Topic[]) => SharedRecord[]
  /** who it believes to talk to */
  remote?: number
  signal?: AbortSignal
  /** of its nonce, padding and order @default `n` */
  seed?: string
  pause?: () => Promise<void>
}

async function side (pair: FramePair, end: 'a' | 'b', { n = end === 'a' ? 1 : 2, topics = [], introducer = false, share = () => [], remote = end === 'a' ? 2 : 1, signal, seed = `${n}`, pause = async () => {} }: Side): Promise<SessionInit> {
  return {
    channel: pair[end],
    self: (await testKey(n)).peer,
    remote: (await testKey(remote)).peer,
    topics,
    introducer,
    random: seededRandom(seed),
    now: () => NOW,
    pause,
    share,
    signal: signal ?? new AbortController().signal
  }
}

async function talk (a: Side, b: Side, pair = framePair()): Promise<[SessionResult, SessionResult]> {
  return await Promise.all([side(pair, 'a', a).then(initiateSession), side(pair, 'b', b).then(answerSession)])
}

/** A talk that one side gives up: the other would wait for ever, so it is ended then. */
async function broken (a: Side, b: Side, pair: FramePair): Promise<Error> {
  const controller = new AbortController()
  const { signal } = controller

  return await Promise.any([
    side(pair, 'a', { ...a, signal }).then(initiateSession),
    side(pair, 'b', { ...b, signal }).then(answerSession)
  ].map(async session => await session.then(
    () => { throw new Error('it went well') },
    (err: Error) => err
  ))).finally(() => { controller.abort() })
}

function sharedNames (result: SessionResult, names: string[]): string[] {
  const ids = 'shared' in result ? result.shared.map(({ id }) => id) : []

  return names.filter(name => ids.includes(topic(name).id))
}

describe('discovery session', () => {
  it('finds what both have', async () => {
    const [a, b] = await talk({ topics: ['cats', 'dogs', 'eels'].map(topic) }, { topics: ['eels', 'cats', 'foxes'].map(topic) })

    for (const result of [a, b]) {
      expect(sharedNames(result, ['cats', 'dogs', 'eels', 'foxes'])).toEqual(['cats', 'eels'])
      expect(result).toMatchObject({ complete: true, introducer: false, records: [] })
    }
  })

  it('reveals nothing else: the bytes hold neither keys, IDs nor names, and do not grow with the number of topics', async () => {
    const sizes: number[][] = []

    for (const count of [1, 15]) {
      const secret = Array.from({ length: count }, (_, i) => topic(`secret ${i}`))
      const pair = framePair()
      await talk({ topics: [topic('cats'), ...secret] }, { topics: [topic('cats')] }, pair)
      const wire = Buffer.concat(pair.frames.map(({ bytes }) => bytes))

      for (const { id, key } of [topic('cats'), ...secret]) {
        expect(wire.includes(Buffer.from(key))).toBe(false)
        expect(wire.includes(Buffer.from(id, 'hex'))).toBe(false)
        expect(wire.includes(id)).toBe(false)
      }

      expect(wire.includes('secret')).toBe(false)
      sizes.push(pair.frames.map(({ bytes }) => bytes.byteLength))
    }

    expect(sizes[0]).toEqual(sizes[1])
  })

  it('P55: what a peer is told does not depend on the topics that it does not share', async () => {
    const own = new Uint8Array([1, 2, 3])
    const share = (topics: Topic[]): SharedRecord[] => [{ envelope: own, sightings: topics.map(({ id }) => ({ topic: id, at: NOW })) }]
    const told: unknown[] = []

    for (const secrets of [[], ['one'], Array.from({ length: 15 }, (_, i) => `many ${i}`)]) {
      for (const reversed of [false, true]) {
        const pair = framePair()
        const open = { topics: [topic('cats')], share }
        const hiding = { topics: [...secrets, 'cats'].map(topic), share }
        await (reversed ? talk(open, hiding, pair) : talk(hiding, open, pair))
        const frames = pair.frames.filter(({ from }) => from === (reversed ? 'b' : 'a')).map(({ bytes }) => Frame.decode(bytes))
        const tags = frames.flatMap(frame => frame.tags?.tags ?? [])

        // all tags differ, and nothing but their random bytes and the place of the shared one is left to differ
        expect(new Set(tags.map(tag => Buffer.from(tag).toString('hex'))).size).toBe(16)
        told.push(frames.map(({ hello, tags, records, busy }) => ({ hello, tags: tags?.tags.map(({ length }) => length), records: records?.records, busy })))
      }
    }

    expect(told.slice(2)).toEqual([...told.slice(0, 2), ...told.slice(0, 2)])
  })

  it('P55: frames that were recorded prove nothing to either side of a later session', async () => {
    const topics = [topic('cats')]
    const recorded = framePair()
    expect((await talk({ topics }, { topics }, recorded)).map(result => sharedNames(result, ['cats']))).toEqual([['cats'], ['cats']])

    const replay = async (pair: FramePair, end: 'a' | 'b'): Promise<void> => {
      for (const { from, bytes } of recorded.frames) {
        if (from === end) {
          await pair[end].write(bytes, { signal: new AbortController().signal })
        }
      }
    }

    // the attacker even passes for the very peer that it recorded
    const [toInitiator, toResponder] = [framePair(), framePair()]
    const results = await Promise.all([
      side(toInitiator, 'a', { topics, seed: 'later' }).then(initiateSession),
      side(toResponder, 'b', { topics, seed: 'later' }).then(answerSession),
      replay(toInitiator, 'b'),
      replay(toResponder, 'a')
    ])

    expect(results.slice(0, 2).map(result => result == null ? [] : sharedNames(result, ['cats']))).toEqual([[], []])
  })

  it('P55: a relay that changes the nonces to its own shares nothing either', async () => {
    const theirs = new Uint8Array(32).fill(5)
    const pair = framePair(bytes => {
      const frame = Frame.decode(bytes)

      return frame.hello == null ? bytes : Frame.encode({ ...frame, hello: { ...frame.hello, nonce: theirs } })
    })

    expect((await talk({ topics: [topic('cats')], remote: 9 }, { topics: [topic('cats')], remote: 9 }, pair)).map(result => sharedNames(result, ['cats']))).toEqual([[], []])
  })

  it('compares thousands of topics in slices', async () => {
    const topics = [...Array(1000).keys()].map(i => topic(`${i}`))
    let pauses = 0
    const [, b] = await talk({ topics: [topic('999')] }, { topics, pause: async () => { pauses++ } })

    expect(sharedNames(b, ['998', '999'])).toEqual(['999'])
    expect(pauses).toBe(3)
  })

  it('takes the age of hearsay as it is told', async () => {
    const share = (): SharedRecord[] => [{ envelope: new Uint8Array(1), sightings: [{ topic: topic('cats').id, at: NOW - 90_000_000 }] }]
    const [a] = await talk({ topics: [topic('cats')] }, { topics: [topic('cats')], share })

    expect(a).toHaveProperty('records', [{ envelope: new Uint8Array(1), sightings: [{ topic: topic('cats').id, at: NOW - 90_000_000 }] }])
  })

  it('sends different tags each time, so that sessions cannot be compared', async () => {
    const tags: string[] = []

    for (const n of [1, 3]) {
      const pair = framePair()
      await talk({ n, remote: n + 1, topics: [topic('cats')] }, { n: n + 1, remote: n, topics: [topic('cats')] }, pair)
      tags.push(...pair.frames.flatMap(({ bytes }) => Frame.decode(bytes).tags?.tags ?? []).map(tag => Buffer.from(tag).toString('hex')))
    }

    expect(new Set(tags).size).toBe(tags.length)
  })

  it('P55: a relay between two members shares nothing with either', async () => {
    // Mallory (9) opens a session with Bob, and answers Alice with what Bob says
    const alice = await talk({ topics: [topic('cats')], remote: 9 }, { topics: [topic('cats')], remote: 9 })

    expect(alice.map(result => sharedNames(result, ['cats']))).toEqual([[], []])
    // without a relay the same two do share it
    expect((await talk({ topics: [topic('cats')] }, { topics: [topic('cats')] })).map(result => sharedNames(result, ['cats']))).toEqual([['cats'], ['cats']])
  })

  it('P55: echoing our own tags back proves nothing', async () => {
    const pair = framePair()
    const echo = async (): Promise<void> => {
      const { signal } = new AbortController()
      const hello = Frame.decode(await pair.b.read({ signal }))
      await pair.b.write(Frame.encode({ hello: hello.hello }), { signal })
      const tags = Frame.decode(await pair.b.read({ signal }))
      await pair.b.write(Frame.encode({ tags: tags.tags, records: { records: [] } }), { signal })
    }
    const [result] = await Promise.all([side(pair, 'a', { topics: [topic('cats')] }).then(initiateSession), echo()])

    expect(sharedNames(result, ['cats'])).toEqual([])
  })

  it('passes records on with the shared topics of their peers, and only those', async () => {
    const envelope = new Uint8Array([1, 2, 3])
    const share = (): SharedRecord[] => [{
      envelope,
      sightings: [{ topic: topic('cats').id, at: NOW - 5000 }, { topic: topic('dogs').id, at: NOW }]
    }]
    const [a, b] = await talk({ topics: [topic('cats')], share }, { topics: [topic('cats'), topic('dogs')], share })

    for (const result of [a, b]) {
      expect(result).toHaveProperty('records', [{ envelope, sightings: [{ topic: topic('cats').id, at: NOW - 5000 }] }])
    }
  })

  it('sends at most 64 records, within the frame', async () => {
    const pair = framePair()
    const share = (): SharedRecord[] => Array.from({ length: 500 }, () => ({ envelope: new Uint8Array(2048), sightings: [] }))
    const [a] = await talk({ share }, { share }, pair)

    expect('records' in a ? a.records.length : 0).toBeGreaterThan(50)
    expect('records' in a ? a.records.length : 100).toBeLessThanOrEqual(64)
    expect(Math.max(...pair.frames.map(({ bytes }) => bytes.byteLength))).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  })

  it('can be refused for a while, of at most 5 minutes', async () => {
    for (const [asked, told] of [[7000, 7000], [4_000_000_000, 300_000]]) {
      const pair = framePair()
      const [result] = await Promise.all([side(pair, 'a', {}).then(initiateSession), refuseSession(pair.b, asked, new AbortController().signal)])

      expect(result).toEqual({ busyMs: told })
    }
  })

  it('does not take absence from a full list as a sign', async () => {
    const many = Array.from({ length: 200 }, (_, i) => topic(`${i}`))
    const [a, b] = await talk({ topics: many }, { topics: [topic('1')] })

    expect([a, b].map(result => 'complete' in result && result.complete)).toEqual([true, false])
  })

  it.each<[string, (frame: Frame) => void, number]>([
    ['no hello', (frame) => { frame.hello = undefined }, 0],
    ['an unknown version', (frame) => { if (frame.hello != null) { frame.hello.versions = [2, 3] } }, 0],
    ['a short nonce', (frame) => { if (frame.hello != null) { frame.hello.nonce = new Uint8Array(31) } }, 1],
    ['an odd number of tags', (frame) => { frame.tags?.tags.pop() }, 2],
    ['a short tag', (frame) => { frame.tags?.tags.splice(0, 1, new Uint8Array(15)) }, 2],
    ['too many tags', (frame) => { frame.tags?.tags.push(...new Array<Uint8Array<ArrayBuffer>>(128).fill(new Uint8Array(16))) }, 2],
    ['no records', (frame) => { frame.records = undefined }, 3],
    ['too many records', (frame) => { frame.records?.records.push(...new Array(129).fill({ envelope: new Uint8Array(1), sightings: [] })) }, 3],
    ['a record of 3 KB', (frame) => { frame.records?.records.push({ envelope: new Uint8Array(3000), sightings: [] }) }, 4]
  ])('ends with a typed error at %s', async (_, change, index) => {
    const pair = framePair((bytes, from, i) => {
      const frame = Frame.decode(bytes)

      if (i === index) {
        change(frame)
      }

      return Frame.encode(frame)
    })

    expect(await broken({ topics: [topic('cats')] }, { topics: [topic('cats')] }, pair)).toHaveProperty('name', 'DiscoveryProtocolError')
  })

  it('survives any bytes with a typed error, or none', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 300 }), async (index, garbage) => {
      const pair = framePair((bytes, from, i) => i === index ? garbage : bytes)
      const err = await broken({ topics: [topic('cats')] }, { topics: [topic('cats')] }, pair)

      expect(['DiscoveryProtocolError', 'Error']).toContain(err.name)
      expect(err.name === 'DiscoveryProtocolError' || err.message === 'it went well').toBe(true)
    }), { numRuns: 100 })
  })

  it('ignores sightings that point to padding, to topics that were not proven, or beyond the list', async () => {
    const pair = framePair((bytes, from, i) => {
      const frame = Frame.decode(bytes)

      if (i === 4 && frame.records != null) {
        frame.records.records = [{ envelope: new Uint8Array(1), sightings: [...Array(20).keys(), 4_000_000_000].map(tag => ({ tag, ageSeconds: 0 })) }]
      }

      return Frame.encode(frame)
    })
    const [, b] = await talk({ topics: [topic('cats')] }, { topics: [topic('cats'), topic('dogs')] }, pair)

    expect(b).toHaveProperty('records', [{ envelope: new Uint8Array(1), sightings: [{ topic: topic('cats').id, at: NOW }] }])
  })
})
