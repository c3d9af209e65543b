import { MemoryDatastore } from 'datastore-core'
import { afterEach, describe, expect, it } from 'vitest'
import { publicDiscoveryKey } from '../../src/discovery/index.js'
import { eventually, testKey, World } from './simulated-members.js'

const CATS = { channelId: 'cats', keys: [publicDiscoveryKey('cats')] }
const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

describe('while we are offline', () => {
  let world: World

  afterEach(async () => { await world.stop() })

  it('dials seldom, blames nobody, and is back within 30 s', async () => {
    world = new World('phone')
    const members = await Promise.all(Array.from({ length: 8 }, async () => await world.add()))
    const [phone, ...others] = members
    const channels = members.map(({ engine }) => engine.join(CATS))
    await Promise.all(others.map(async other => { await world.introduce(phone, other) }))
    await Promise.all(members.map(async ({ engine }) => { await engine.start() }))
    await eventually(world.clock, () => channels[0].members().filter(({ proven, connected }) => proven && connected).length >= 6, 60_000)

    world.network.partition([[phone.peer], others.map(({ peer }) => peer)])
    const { peersStale } = phone.engine.stats
    await world.clock.advance(5 * 60_000)
    phone.host.dials.length = 0
    await world.clock.advance(20 * 60_000)

    // two walkers with pauses of 30 s, and 3 dials of the healer in as much again, of 15 s at least
    expect(phone.host.dials.length).toBeLessThan(2 * 40 + 3 * 80)
    expect(phone.host.dials.length).toBeGreaterThan(20)
    expect(phone.engine.stats.peersStale).toBe(peersStale)
    expect(phone.engine.book.located(phone.engine.memberships.topics().map(({ id }) => id)).every(({ staleness }) => staleness.failures === 0)).toBe(true)

    world.network.heal()
    await eventually(world.clock, () => channels[0].members().some(({ connected }) => connected), 31_000)
    await eventually(world.clock, () => channels[0].members().filter(({ connected }) => connected).length >= 6, 30_000)
  })

  it('P52: after two weeks in a drawer members are found again from disk, with every point and bootstrap peer gone', async () => {
    world = new World('drawer')
    const [phone, ...others] = await Promise.all(Array.from({ length: 5 }, async () => await world.add()))
    const datastore = new MemoryDatastore()
    others.forEach(({ engine }) => { engine.join(CATS) })
    const first = world.engine(phone.host, { datastore })
    const before = first.join(CATS)
    await Promise.all(others.map(async other => { await first.book.addRecord((await other.host.record()).envelope, 'test') }))
    await Promise.all([first.start(), ...others.map(async ({ engine }) => { await engine.start() })])
    await eventually(world.clock, () => before.members().filter(({ proven }) => proven).length === 4, 60_000)
    await Promise.all([first, ...others.map(({ engine }) => engine)].map(async engine => { await engine.stop() }))
    phone.host.known.clear()
    ;[...phone.host.connections.values()].forEach(peer => { phone.host.disconnect(peer) })
    await world.clock.advance(14 * DAY)
    // one of them is back, and would not call by itself
    others.slice(1).forEach(({ host }) => { host.up = false })
    others[0].engine = world.engine(others[0].host, { walkers: 0, targetMembers: 0 })
    others[0].engine.join(CATS)
    await others[0].engine.start()

    const second = world.engine(phone.host, { datastore })
    const after = second.join(CATS)
    await second.start(undefined, [(await testKey(500)).peer])
    expect(after.peers()).toHaveLength(4)
    await eventually(world.clock, () => after.members().some(({ proven, connected }) => proven && connected), 30_000)
    await second.stop()
  })

  it('does not tell of members that nobody has heard of for a day', async () => {
    world = new World('hearsay')
    const [a, b] = await Promise.all([0, 1].map(async () => await world.add()))
    const { peer, key } = await testKey(700)
    const channels = [a, b].map(({ engine }) => engine.join(CATS))
    const [{ id }] = a.engine.memberships.topics()
    await a.engine.book.addRecord((await world.network.seal(peer, key, [world.network.address()], 1n)).envelope, 'test')
    const gone = a.engine.book.get(peer)
    expect(gone).toBeDefined()

    if (gone != null) {
      a.engine.book.sight(gone, id, world.clock.now(), true)
    }

    await world.clock.advance(25 * HOUR)
    expect(channels[0].peers().map(String)).toEqual([peer.toString()])
    await world.introduce(b, a)
    // it only answers
    await b.engine.start()
    await eventually(world.clock, () => channels[1].members().some(({ proven }) => proven), 10_000)
    expect(channels[1].peers().map(String)).toEqual([a.peer.toString()])
    expect(b.engine.book.get(peer)).toBeUndefined()
  })
})
