import { MemoryDatastore } from 'datastore-core'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { PointHarness, collect, createPeer, frame, utf8 } from './fixtures.js'
import type { TestPeer } from './fixtures.js'
import type { Stream } from '@libp2p/interface'

let peers: TestPeer[]
let records: Array<Uint8Array<ArrayBuffer>>

beforeAll(async () => {
  peers = await Promise.all([1, 2, 3].map(createPeer))
  records = await Promise.all(peers.map(async peer => await peer.seal()))
})

const bytes = fc.uint8Array({ maxLength: 300 }).map(bytes => bytes.slice())
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

const namespace = fc.oneof({ weight: 4, arbitrary: fc.nat(40).map(i => utf8(`n${i}`)) }, bytes)
const record = fc.oneof({ weight: 4, arbitrary: fc.nat(2).map(i => records[i]) }, bytes)
const ttl = fc.oneof({ weight: 4, arbitrary: fc.bigInt({ min: 7_200n, max: 259_200n }) }, u64)

/** Requests that are right, or nearly so. */
const message = fc.record({
  type: optional(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 0, 2, 3) }, fc.nat(5), fc.nat())),
  register: fc.option(fc.record({ ns: optional(namespace), signedPeerRecord: optional(record), ttl: optional(ttl), legacySignedPeerRecord: fc.option(bytes, { nil: undefined, freq: 1 }) }), { nil: undefined, freq: 8 }),
  registerResponse: optional(fc.record({ status: optional(fc.nat()), ttl: optional(u64) })),
  unregister: optional(fc.record({ ns: optional(namespace) })),
  discover: optional(fc.record({ ns: optional(namespace), limit: optional(u64), cookie: optional(bytes), readsBoth: optional(fc.boolean()) })),
  discoverResponse: optional(fc.record({ registrations: fc.constant([]), status: optional(fc.nat()) }))
}).map(message => frame(Message.encode(message as Message)))

/** Right frames with bytes changed, cut or added, frames of noise, and noise. */
const input = fc.oneof(
  { weight: 4, arbitrary: message },
  fc.tuple(message, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([frame, changes]) => {
    changes.forEach(([at, value]) => { frame[at % frame.byteLength] = value })

    return frame
  }),
  fc.tuple(message, fc.nat(300)).map(([frame, length]) => frame.subarray(0, length)),
  bytes.map(frame),
  bytes
)

/** How the other side leaves a stream: with a half-close, a reset, or not at all. */
const visit = fc.record({ peer: fc.nat(2), inputs: fc.array(input, { minLength: 1, maxLength: 6 }), end: fc.constantFrom('close', 'reset', 'silence') })

it('no input throws past the handler, every stream is closed, and nothing grows beyond its bound', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown): void => { unhandled.push(err) }
  process.on('unhandledRejection', onUnhandled)
  process.on('uncaughtException', onUnhandled)

  const datastore = new MemoryDatastore()
  const harness = await PointHarness.start({ maxRegistrationsPerPeer: 5 }, { datastore })
  const endings = new Set<string>()
  let most = 0

  try {
    await fc.assert(fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 3 }), async visits => {
      const streams = await Promise.all(visits.map(async ({ peer, inputs, end }) => {
        const stream = await harness.open(peers[peer].id)
        inputs.forEach(input => { trySend(stream, input) })

        if (end === 'close') {
          await stream.close().catch(() => {})
        } else if (end === 'reset') {
          await new Promise(resolve => setImmediate(resolve))
          stream.abort(new Error('gone'))
        }

        return stream
      }))

      const silent = visits.flatMap(({ end }, i) => end === 'silence' ? [streams[i]] : [])
      await ended(streams.filter(stream => !silent.includes(stream)))
      // the request that is awaited on those has 10 s, as long as none of them was cut before
      await harness.clock.advance(10_000)
      await ended(silent)

      streams.forEach(({ status }) => { endings.add(status) })
      most = Math.max(most, harness.point.registrations)
      await expectNoMoreThan(harness, datastore, 3 * 5)
    }), { numRuns: 300 })

    // what is there was reached
    expect([...endings].sort()).toEqual(['aborted', 'closed', 'reset'])
    expect(most).toBeGreaterThan(10)

    // it still works, and is empty again in the end
    expect((await harness.register(await createPeer(9), 'foo')).status).toBe(0)
    await harness.clock.advance(72 * 60 * 60_000 + 1_000)
    await expectNoMoreThan(harness, datastore, 0)
    await harness.point.stop()
    expect(harness.clock.pending).toBe(0)
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', onUnhandled)
    process.off('uncaughtException', onUnhandled)
  }
})

/** With no stream open. */
async function expectNoMoreThan (harness: PointHarness, datastore: MemoryDatastore, registrations: number): Promise<void> {
  const { point } = harness
  const store = Reflect.get(point, 'store')
  const sizeOf = (owner: object, table: string): number => (Reflect.get(owner, table) as { size: number }).size

  expect(point.registrations).toBeLessThanOrEqual(registrations)
  expect(point.namespaces).toBeLessThanOrEqual(point.registrations)
  expect(sizeOf(store, 'peers')).toBeLessThanOrEqual(Math.min(point.registrations, peers.length + 1))
  expect(sizeOf(Reflect.get(point, 'buckets'), 'buckets')).toBeLessThanOrEqual(peers.length + 1)
  expect([sizeOf(point, 'streams'), sizeOf(point, 'open')]).toEqual([0, 0])
  // the sweep
  expect(harness.clock.pending).toBeLessThanOrEqual(1)
  // on disk is what is in memory, and the journal's last entries
  const storage = Reflect.get(point, 'storage')
  expect(await collect(Reflect.get(storage, 'journal').list('registration/'))).toHaveLength(point.registrations)
  expect((await collect(datastore.queryKeys({}))).length).toBeLessThan(registrations + 600)
}

function trySend (stream: Stream, input: Uint8Array): void {
  try {
    stream.send(input)
  } catch {
    // reset meanwhile
  }
}

/** Resolves when the other side has ended them as well. */
async function ended (streams: Stream[]): Promise<void> {
  const deadline = Date.now() + 5_000

  while (streams.some(({ status }) => status === 'open' || status === 'closing')) {
    if (Date.now() > deadline) {
      throw new Error('a stream stays open')
    }

    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
