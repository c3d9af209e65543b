import { afterEach, describe, expect, it } from 'vitest'
import { activeDays, publicDiscoveryKey } from '../../src/discovery/index.js'
import { eventually, testKey, World } from './simulated-members.js'
import { SimulatedPoints } from './simulated-network.js'
import type { RendezvousSource } from '../../src/discovery/index.js'

const CATS = { channelId: 'cats', keys: [publicDiscoveryKey('cats')] }
const HOUR = 60 * 60 * 1000

describe('rendezvous points', () => {
  let world: World

  afterEach(async () => { await world.stop() })

  async function create (seed: string, pointCount: number): Promise<SimulatedPoints> {
    world = new World(seed)

    return new SimulatedPoints(await Promise.all(Array.from({ length: pointCount }, async (_, i) => (await testKey(900 + i)).peer)))
  }

  const registered = (points: SimulatedPoints): number[] => points.points.map(({ names }) => [...names.values()].flat().length)

  it('have each channel under a name of their own, and not after it was left', async () => {
    const points = await create('names', 2)
    const { engine, host } = await world.add()
    await engine.start(points.client(host))
    const channels = [CATS, { channelId: 'dogs', keys: [publicDiscoveryKey('dogs')] }].map(topic => engine.join(topic))
    await world.clock.advance(12 * HOUR)
    const names = points.points.map(point => [...point.names].filter(([, hosts]) => hosts.length > 0).map(([name]) => name))

    expect(names.map(({ length }) => length)).toEqual([2, 2])
    expect(new Set(names.flat()).size).toBe(4)
    await channels[0].leave()
    expect(registered(points)).toEqual([1, 1])
  })

  it('get the names of the next day 2 h before it begins, and lose the old ones 2 h after', async () => {
    const points = await create('days', 1)
    const { engine, host } = await world.add()
    await engine.start(points.client(host))
    engine.join(CATS)

    for (let hour = 0; hour < 50; hour++) {
      await world.clock.advance(HOUR)
      // a round comes at least every 30 s while the channel lacks members
      await world.clock.advance(60_000)
      expect(registered(points)).toEqual([activeDays(world.clock.now()).length])
    }
  })

  it('keep a fixed name until the last of the channels that share it is left, under whatever keys', async () => {
    const points = await create('shared', 1)
    const [a, b] = [await world.add(), await world.add()]
    await Promise.all([a, b].map(async ({ engine, host }) => { await engine.start(points.client(host)) }))
    const topics = ['cats', 'dogs'].map(name => ({ channelId: name, keys: [publicDiscoveryKey(name)], namespace: 'app' }))
    const [first, second] = topics.map(topic => a.engine.join(topic))
    await world.clock.advance(60_000)
    expect(registered(points)).toEqual([1])
    await first.leave()
    await world.clock.advance(60_000)
    expect(registered(points)).toEqual([1])
    const other = b.engine.join(topics[1])
    await eventually(world.clock, () => [second, other].every(channel => channel.members().some(({ proven }) => proven)), 60_000)
    await second.leave()
    expect(registered(points)).toEqual([1])
    await other.leave()
    expect(registered(points)).toEqual([0])
  })

  it('P50: hear of a channel that was opened during a round right after it, not after a pause', async () => {
    const points = await create('level', 1)
    const { engine, host } = await world.add()
    const source = points.client(host)
    let isUnderWay = false
    await engine.start({
      ...source,
      register: async (namespace, options) => {
        isUnderWay = true
        await new Promise<void>(resolve => { world.clock.setTimer(resolve, 3000) })

        return await source.register(namespace, options)
      }
    })
    engine.join(CATS)
    await eventually(world.clock, () => isUnderWay, 1000, 1)
    engine.join({ channelId: 'dogs', keys: [publicDiscoveryKey('dogs')] })
    const before = registered(points)[0]
    // the default start is at midnight, when each channel has two names
    expect(before).toBe(0)
    await world.clock.advance(6500)
    expect(registered(points)).toEqual([4])
  })

  it('have their members found again when a channel is left and opened once more', async () => {
    const points = await create('again', 1)
    const members = [await world.add(), await world.add(), await world.add()]
    await Promise.all(members.map(async ({ engine, host }) => { await engine.start(points.client(host)) }))
    const [first] = members.map(({ engine }) => engine.join(CATS))
    await eventually(world.clock, () => first.members().filter(({ proven }) => proven).length === 2, 60_000)
    await first.leave()
    const again = members[0].engine.join(CATS)
    expect(again.peers()).toEqual([])
    await eventually(world.clock, () => again.members().filter(({ proven }) => proven).length === 2, 10_000)
  })

  it('are told when the node stops', async () => {
    const points = await create('withdraw', 1)
    const { engine, host } = await world.add()
    await engine.start(points.client(host))
    engine.join(CATS)
    await world.clock.advance(1000)
    expect(registered(points)[0]).toBeGreaterThan(0)
    await engine.withdraw()
    expect(registered(points)).toEqual([0])
  })

  it('may all be down: members that know each other need none, and newcomers find them when one is back', async () => {
    const points = await create('down', 2)
    const [a, b] = [await world.add(), await world.add()]
    points.points.forEach(point => { point.up = false })
    await Promise.all([a, b].map(async ({ engine, host }) => { await engine.start(points.client(host)) }))
    const channels = [a, b].map(({ engine }) => engine.join(CATS))
    await world.clock.advance(60_000)
    expect(channels.map(channel => channel.peers().length)).toEqual([0, 0])

    points.points[1].up = true
    // the client keeps registering; this one is simulated, so it is told to
    ;[a, b].forEach(({ engine }) => { engine.join({ channelId: 'other', keys: [publicDiscoveryKey('other')] }) })
    await eventually(world.clock, () => channels.every(channel => channel.members().some(({ connected, proven }) => connected && proven)), 60_000)
  })

  it('that never answer do not hold up the others, nor leave()', async () => {
    await create('silent', 0)
    const { engine } = await world.add()
    const source: RendezvousSource = {
      register: async () => await new Promise(() => {}),
      unregister: async () => await new Promise(() => {}),
      discover: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => await new Promise(() => {}) }) })
    }
    await engine.start(source)
    const channel = engine.join(CATS)
    await world.clock.advance(100_000)
    expect(engine.stats.pointErrors).toBeGreaterThan(1)
    const left = channel.leave()
    await world.clock.advance(30_000)
    await left
  })

  it('are asked for more only as fast as their members may enter the address book', async () => {
    const points = await create('quota', 1)
    const others = []

    for (let i = 0; i < 60; i++) {
      others.push(await world.add())
    }

    const me = await world.add({ n: 200, targetMembers: 0, walkers: 0 })
    await Promise.all(others.map(async ({ engine, host }) => {
      engine.join(CATS)
      const source = points.client(host)
      await engine.start({ ...source, discover: async function * () { yield * [] } })
    }))
    await world.clock.advance(1000)
    await Promise.all(others.map(async ({ engine }) => { await engine.stop() }))
    const channel = me.engine.join(CATS)
    await me.engine.start(points.client(me.host))
    await world.clock.advance(50 * 60_000)
    expect(channel.peers()).toHaveLength(32)
    await world.clock.advance(20 * 60_000)
    expect(channel.peers()).toHaveLength(60)
  })

  it('have a walker that is restarted when it fails', async () => {
    const points = await create('supervised', 1)
    const { engine, host } = await world.add()
    const names = engine.memberships.names.bind(engine.memberships)
    engine.memberships.names = () => { throw new Error('a bug') }
    await engine.start(points.client(host))
    await world.clock.advance(500)
    expect(engine.stats.walkerRestarts).toBe(1)
    engine.memberships.names = names
    engine.join(CATS)
    await world.clock.advance(1500)
    expect(registered(points)[0]).toBeGreaterThan(0)
  })

  it('in a failed round are tried again, with the others unharmed', async () => {
    await create('failing', 0)
    const { engine } = await world.add()
    let calls = 0
    await engine.start({
      register: async () => { throw new Error('no address') },
      unregister: async () => {},
      discover: async function * () {
        calls++
        yield * []
      }
    })
    engine.join(CATS)
    await world.clock.advance(60_000)
    expect(calls).toBeGreaterThan(2)
    expect(engine.stats.pointErrors).toBeGreaterThan(2)
  })
})
