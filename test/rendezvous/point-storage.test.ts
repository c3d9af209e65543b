import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { ResponseStatus, wakuRecord, wakuRendezvous } from '../../src/rendezvous/index.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { PointHarness, collect, createPeer } from './fixtures.js'
import type { Datastore } from 'interface-datastore'

const { OK, INTERNAL_ERROR } = ResponseStatus
const PREFIX = '/holdfast/rendezvous/point/%2Frendezvous%2F1.0.0'

describe('a point with a datastore', () => {
  it('P44: a restart keeps registrations, and cookies stay valid', async () => {
    const [alice, bob, eve] = await Promise.all([1, 2, 3].map(createPeer))
    const datastore = new MemoryDatastore()
    const clock = new SimulatedClock()
    const before = await PointHarness.start({ clock, random: seededRandom(1) }, { datastore })
    await before.register(alice, 'foo', 7_200)
    await before.register(bob, 'foo', 14_400)
    await before.register(bob, 'foo', 14_400)
    await before.unregister(bob, 'foo')
    await before.register(bob, 'bar', 14_400)
    const { cookie } = await before.discover(eve, 'foo')
    await before.point.stop()

    const after = await PointHarness.start({ clock, random: seededRandom(2) }, { datastore })
    expect([after.point.registrations, after.point.namespaces]).toEqual([2, 2])
    expect((await after.discover(eve, 'foo')).registrations).toHaveLength(1)
    expect((await after.discover(eve, 'foo', { cookie })).registrations).toHaveLength(0)

    await after.register(bob, 'foo')
    expect((await after.discover(eve, 'foo', { cookie })).registrations).toHaveLength(1)
  })

  it('P44: a store that was lost is another one: cookies from before give the full list', async () => {
    const [alice, bob, eve] = await Promise.all([1, 2, 3].map(createPeer))
    const before = await PointHarness.start({ random: seededRandom(1) }, { datastore: new MemoryDatastore() })
    await before.register(alice, 'foo')
    const { cookie } = await before.discover(eve, 'foo')
    await before.point.stop()

    const after = await PointHarness.start({ random: seededRandom(2) }, { datastore: new MemoryDatastore() })
    await after.register(bob, 'foo')
    await after.register(alice, 'foo')
    expect((await after.discover(eve, 'foo', { cookie })).registrations).toHaveLength(2)
  })

  it('P44: never gives a sequence number twice: a cookie from before misses nothing', async () => {
    const [alice, bob, eve] = await Promise.all([1, 2, 3].map(createPeer))
    const datastore = new MemoryDatastore()
    const before = await PointHarness.start({}, { datastore })
    await before.register(alice, 'foo')
    const { cookie } = await before.discover(eve, 'foo')
    await before.unregister(alice, 'foo')
    await before.point.stop()

    const after = await PointHarness.start({}, { datastore })
    await after.register(bob, 'foo')
    expect((await after.discover(eve, 'foo', { cookie })).registrations).toHaveLength(1)
  })

  it('survives a crash after the answer', async () => {
    const alice = await createPeer(1)
    const datastore = new MemoryDatastore()
    await (await PointHarness.start({}, { datastore })).register(alice, 'foo')

    // never stopped
    expect((await PointHarness.start({}, { datastore })).point.registrations).toBe(1)
  })

  it('forgets on disk what expired, also while it was down', async () => {
    const [alice, bob] = await Promise.all([1, 2].map(createPeer))
    const datastore = new MemoryDatastore()
    const clock = new SimulatedClock()
    const before = await PointHarness.start({ clock }, { datastore })
    await before.register(alice, 'foo', 7_200)
    await before.register(bob, 'foo', 259_200)
    await clock.advance(7_201_000)
    expect(before.point.registrations).toBe(1)
    await before.point.stop()
    await clock.advance(259_200_000)

    const after = await PointHarness.start({ clock }, { datastore })
    await clock.advance(2_000)
    expect(after.point.registrations).toBe(0)
    await after.point.stop()

    const keys: string[] = []

    for await (const key of datastore.queryKeys({ prefix: `${PREFIX}/data/registration` })) {
      keys.push(key.toString())
    }

    expect(keys).toEqual([])
  })

  it('does not promise what could not be stored', async () => {
    const alice = await createPeer(1)
    const datastore = new MemoryDatastore()
    const harness = await PointHarness.start({}, { datastore })
    const put = datastore.put.bind(datastore)
    datastore.put = () => { throw new Error('disk full') }

    expect((await harness.register(alice, 'foo')).status).toBe(INTERNAL_ERROR)
    expect(harness.point.registrations).toBe(0)

    datastore.put = put
    expect((await harness.register(alice, 'foo')).status).toBe(OK)
  })

  it('keeps what it had promised when a refresh cannot be stored', async () => {
    const [alice, eve] = await Promise.all([1, 2].map(createPeer))
    const datastore = new MemoryDatastore()
    const harness = await PointHarness.start({}, { datastore })
    await harness.register(alice, 'foo', 7_200)
    const put = datastore.put.bind(datastore)
    datastore.put = () => { throw new Error('disk full') }
    expect((await harness.register(alice, 'foo', 14_400)).status).toBe(INTERNAL_ERROR)
    datastore.put = put

    expect((await harness.discover(eve, 'foo')).registrations.map(({ ttl }) => ttl)).toEqual([7_200n])
    await harness.clock.advance(7_200_000)
    expect((await harness.discover(eve, 'foo')).registrations).toEqual([])
  })

  it('refuses to start on what it cannot read', async () => {
    const datastore: Datastore = new MemoryDatastore()
    const harness = await PointHarness.start({}, { datastore })
    await harness.register(await createPeer(1), 'foo')
    await harness.point.stop()

    for await (const key of datastore.queryKeys({ prefix: `${PREFIX}/data/registration` })) {
      await datastore.put(new Key(key.toString()), Uint8Array.of(0xff, 0xff))
    }

    await expect(harness.point.start()).rejects.toMatchObject({ name: 'StoreCorruptError' })
    expect(harness.isServing).toBe(false)
  })

  it('points of two variants in one node share nothing', async () => {
    const [alice, datastore] = [await createPeer(1), new MemoryDatastore()]
    const standard = await PointHarness.start({}, { datastore })
    const waku = await PointHarness.start(wakuRendezvous, { datastore })
    await standard.register(alice, 'foo')
    expect((await waku.register(alice, 'bar', 60, await alice.seal({ codec: wakuRecord }))).status).toBe(OK)
    await Promise.all([standard.point.stop(), waku.point.stop()])
    await Promise.all([standard.point.start(), waku.point.start()])

    expect((await standard.discover(alice)).registrations).toHaveLength(1)
    expect((await waku.discover(alice)).registrations).toHaveLength(1)
  })

  it('prefers the one that it was given', async () => {
    const [own, node] = [new MemoryDatastore(), new MemoryDatastore()]
    const harness = await PointHarness.start({ datastore: own }, { datastore: node })
    await harness.register(await createPeer(1), 'foo')

    expect(await collect(node.queryKeys({}))).toHaveLength(0)
    expect((await collect(own.queryKeys({}))).length).toBeGreaterThan(0)
  })
})
