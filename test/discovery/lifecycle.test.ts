import { MemoryDatastore } from 'datastore-core'
import { afterEach, describe, expect, it } from 'vitest'
import { publicDiscoveryKey } from '../../src/discovery/index.js'
import { eventually, testKey, World } from './simulated-members.js'
import type { SessionChannel } from '../../src/discovery/index.js'

const CATS = { channelId: 'cats', keys: [publicDiscoveryKey('cats')] }

describe('life of an engine', () => {
  let world: World

  afterEach(async () => { await world.stop() })

  it('a stop that comes during a start leaves nothing running, and a start after it works', async () => {
    world = new World('race')
    const datastore = new MemoryDatastore()
    const query = datastore.query.bind(datastore)
    datastore.query = async function * (...args) {
      await new Promise<void>(resolve => { world.clock.setTimer(resolve, 500) })
      yield * query(...args)
    }
    const [a, b] = await Promise.all([0, 1].map(async () => await world.add()))
    const engine = world.engine(a.host, { datastore })
    await engine.book.addRecord((await b.host.record()).envelope, 'test')
    engine.join(CATS)
    const both = Promise.all([engine.start(), engine.stop()])
    await world.clock.advance(600)
    await both
    expect(world.clock.pending).toBe(0)

    const three = Promise.all([engine.start(), engine.stop(), engine.start()])
    await world.clock.advance(1200)
    await three
    b.engine.join(CATS)
    await b.engine.start()
    await eventually(world.clock, () => a.host.isConnected(b.peer), 10_000)
    await engine.stop()
  })

  it('what a stop cuts off is nobody\'s fault, even when the next start comes at once', async () => {
    world = new World('cut')
    const [a, b] = await Promise.all([0, 1].map(async () => await world.add()))
    await world.introduce(a, b)
    b.host.silent = true
    a.engine.join(CATS)
    await a.engine.start()
    await eventually(world.clock, () => a.engine.gauges().sessions === 1, 1000)
    const failed: string[] = []
    a.engine.events.on('session:fail', ({ reason }) => { failed.push(reason) })
    await Promise.all([a.engine.stop(), a.engine.start()])
    await world.clock.settle()
    expect(failed).toEqual([])
    expect(a.engine.stats).toMatchObject({ sessionsFailed: 0, peersStale: 0 })
  })

  it('the healer is restarted when it fails, and everything else goes on', async () => {
    world = new World('healer')
    const [a, b] = await Promise.all([0, 1].map(async () => await world.add({ walkers: 0 })))
    await world.introduce(a, b)
    const channel = a.engine.join(CATS)
    const entry = a.engine.book.get(b.peer)
    const [{ id }] = a.engine.memberships.topics()

    if (entry != null) {
      a.engine.book.sight(entry, id, world.clock.now(), true)
    }

    const restarts: string[] = []
    a.engine.events.on('walker:restart', ({ walker, error, delayMs }) => { restarts.push(`${walker} ${error.message} ${delayMs}`) })
    const connected = a.host.connected.bind(a.host)
    a.host.connected = () => { throw new Error('a bug') }
    await a.engine.start()
    await world.clock.advance(500)
    expect(restarts).toEqual(['healer a bug 1000'])
    a.host.connected = connected
    await eventually(world.clock, () => channel.members().some(({ connected }) => connected), 5000)
  })

  it('P54: peers that open sessions and fall silent hold the places for 10 s, and no promise beyond the bounds', async () => {
    world = new World('hogs')
    const hub = await world.add({ walkers: 0, targetMembers: 0 })
    await hub.engine.start()
    const aborted: number[] = []
    const refused: number[] = []
    const never = async (): Promise<never> => await new Promise(() => {})
    const hog = (i: number): SessionChannel => ({
      read: never,
      write: async () => {
        refused.push(i)
        await never()
      },
      close: async () => {},
      abort: () => { aborted.push(i) }
    })

    for (let i = 0; i < 50; i++) {
      void hub.engine.accept(hog(i), (await testKey(2000 + i)).peer)
    }

    await world.clock.settle()
    expect(hub.engine.gauges().sessions).toBe(8)
    // 32 are being told to come again, the others are cut off
    expect(refused).toEqual(Array.from({ length: 32 }, (_, i) => 8 + i))
    expect(aborted).toEqual(Array.from({ length: 10 }, (_, i) => 40 + i))

    await world.clock.advance(10_000)
    expect(hub.engine.gauges().sessions).toBe(0)
    expect(new Set(aborted).size).toBe(50)
    expect(hub.engine.stats).toMatchObject({ sessionsStarted: 8, sessionsFailed: 8, sessionsRefused: 42, peersStale: 0 })

    const guest = await world.add()
    await world.introduce(guest, hub)
    await guest.engine.start()
    await eventually(world.clock, () => guest.engine.stats.sessionsSucceeded === 1, 5000)
  })

  it('P48: a stream that never opens and a close that never ends are given up after 10 s', async () => {
    world = new World('stuck')
    const [a, b, c] = await Promise.all([0, 1, 2].map(async () => await world.add({ targetMembers: 0, walkers: 1 })))
    await Promise.all([b, c].map(async other => { await world.introduce(a, other) }))
    const open = a.host.open.bind(a.host)
    a.host.open = async (peer, record, options) => {
      if (peer.equals(b.peer)) {
        return await new Promise(() => {})
      }

      return { ...await open(peer, record, options), close: async () => await new Promise(() => {}) }
    }
    const failed: Array<[string, number]> = []
    a.engine.events.on('session:fail', ({ peer, durationMs }) => { failed.push([peer.toString(), durationMs]) })
    await Promise.all([a, c].map(async ({ engine }) => { await engine.start() }))
    await eventually(world.clock, () => new Set(failed.map(([peer]) => peer)).size === 2, 30_000)
    expect(failed.every(([, durationMs]) => durationMs === 10_000)).toBe(true)
    expect(a.engine.gauges().sessions).toBe(0)
  })
})
