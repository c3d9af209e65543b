import { MemoryDatastore } from 'datastore-core'
import { afterEach, describe, expect, it } from 'vitest'
import { publicDiscoveryKey } from '../../src/discovery/index.js'
import { eventually, testKey, World } from './simulated-members.js'
import { SimulatedPoints } from './simulated-network.js'
import type { ChannelMembership } from '../../src/discovery/index.js'
import type { Member } from './simulated-members.js'

const CATS = { channelId: 'cats', keys: [publicDiscoveryKey('cats')] }
const DOGS = { channelId: 'dogs', keys: [publicDiscoveryKey('dogs')] }

const names = (membership: ChannelMembership): string[] => membership.peers().map(String)

describe('discovery engine', () => {
  let world: World

  afterEach(async () => { await world.stop() })

  async function create (seed: string, count: number, options: Parameters<World['add']>[0] = {}): Promise<Member[]> {
    world = new World(seed)

    for (let i = 0; i < count; i++) {
      await world.add(options)
    }

    return world.members
  }

  async function start (members: Member[] = world.members): Promise<void> {
    await Promise.all(members.map(async ({ engine }) => { await engine.start() }))
  }

  describe('learning', () => {
    it('lets 10 nodes in a chain learn all of each other, in 10 runs', async () => {
      for (let run = 0; run < 10; run++) {
        const members = await create(`chain/${run}`, 10, { walkers: 4, targetMembers: 3 })

        for (let i = 0; i < 9; i++) {
          await world.introduce(members[i], members[i + 1])
        }

        const channels = members.map(({ engine }) => engine.join(CATS))
        await start()
        await eventually(world.clock, () => channels.every(channel => channel.peers().length === 9), 120_000)
        await world.stop()
      }
    })

    it('Alice learns Charlie, who shares a channel with her, but not Daphne, who does not', async () => {
      const [alice, bob, charlie, daphne] = await create('alice', 4)
      await Promise.all([[alice, bob], [bob, charlie], [bob, daphne]].map(async ([a, b]) => { await world.introduce(a, b) }))
      const channel = alice.engine.join(CATS)
      bob.engine.join(CATS)
      bob.engine.join(DOGS)
      charlie.engine.join(CATS)
      const ofDaphne = daphne.engine.join(DOGS)
      const learned: string[] = []
      const joined: string[] = []
      alice.engine.events.on('peer:learned', ({ peer, source }) => { learned.push(`${peer.toString()} from ${source}`) })
      alice.engine.events.on('member:join', ({ channelId, peer }) => { joined.push(`${channelId} ${peer.toString()}`) })
      await start()
      await world.clock.advance(300_000)

      expect(names(channel).sort()).toEqual([bob, charlie].map(({ peer }) => peer.toString()).sort())
      expect(alice.engine.book.get(daphne.peer)).toBeUndefined()
      expect(learned).toEqual([`${charlie.peer.toString()} from ${bob.peer.toString()}`])
      expect(joined.sort()).toEqual([bob, charlie].map(({ peer }) => `cats ${peer.toString()}`).sort())
      expect(names(ofDaphne)).toEqual([bob.peer.toString()])
      expect(daphne.engine.book.get(alice.peer)).toBeUndefined()
      expect(daphne.engine.book.get(charlie.peer)).toBeUndefined()
    })

    it('names those to strangers that agreed to it', async () => {
      const [alice, bob] = await create('introducer', 2)
      const helper = await world.add({ introducer: true })
      await world.introduce(bob, helper)
      await world.introduce(alice, bob)
      await start()
      await world.clock.advance(120_000)
      expect(alice.engine.book.get(helper.peer)?.record).toBeDefined()
    })

    it('a member that left a channel is dropped at the next session', async () => {
      const [a, b] = await create('left', 2)
      await world.introduce(a, b)
      const channel = a.engine.join(CATS)
      const other = b.engine.join(CATS)
      await start()
      await eventually(world.clock, () => channel.members().some(({ proven }) => proven), 30_000)
      const left: string[] = []
      a.engine.events.on('member:leave', ({ peer }) => { left.push(peer.toString()) })
      await other.leave()
      await eventually(world.clock, () => channel.peers().length === 0, 60_000)
      expect(left).toEqual([b.peer.toString()])
    })

    it('follows a peer to its new address', async () => {
      const [a, b, c] = await create('move', 3)
      await world.introduce(a, b)
      await world.introduce(b, c)
      const channels = [a, b, c].map(({ engine }) => engine.join(CATS))
      await start()
      await eventually(world.clock, () => channels.every(channel => channel.peers().length === 2), 60_000)
      b.host.move()
      const now = (await b.host.record()).seq
      await eventually(world.clock, () => [a, c].every(({ engine, host }) => engine.book.get(b.peer)?.record?.seq === now && host.isConnected(b.peer)), 60_000)
    })

    it('announces a change of our addresses by starting all walks over', async () => {
      const [a] = await create('addresses', 1)
      const reasons: string[] = []
      a.engine.events.on('walker:reset', ({ reason }) => { reasons.push(reason) })
      await start()
      a.engine.join(CATS)
      a.host.move()
      expect(reasons).toEqual(['a channel was opened', 'our addresses changed'])
    })
  })

  describe('what goes wrong', () => {
    it('P48: silent peers are left after 10 s, by all walkers', async () => {
      const [a, ...others] = await create('silent', 5, { walkers: 2, targetMembers: 0 })
      const [one, two, ...good] = others
      one.host.silent = two.host.silent = true

      for (const other of others) {
        await world.introduce(a, other)
      }

      const failed: string[] = []
      a.engine.events.on('session:fail', ({ peer, durationMs, reason }) => {
        expect(durationMs).toBe(10_000)
        expect(reason).toContain('TimeoutError')
        failed.push(peer.toString())
      })
      const channel = a.engine.join(CATS)
      others.forEach(({ engine }) => { engine.join(CATS) })
      await start()
      await eventually(world.clock, () => failed.length === 2 && channel.members().filter(({ proven }) => proven).length === good.length, 60_000)
      expect(failed.sort()).toEqual([one, two].map(({ peer }) => peer.toString()).sort())
      expect(a.engine.gauges().sessions).toBe(0)
    })

    it('P52: with all bootstrap peers down, peers from disk are tried', async () => {
      const datastore = new MemoryDatastore()
      const [a, b, c] = await create('disk', 3)
      const boot = await testKey(500)
      await world.introduce(a, b)
      await world.introduce(b, c)
      ;[b, c].forEach(({ engine }) => { engine.join(CATS) })

      const first = world.engine(a.host, { datastore })
      await first.book.addRecord((await b.host.record()).envelope, 'test')
      const before = first.join(CATS)
      await Promise.all([first.start(), start([b, c])])
      await eventually(world.clock, () => before.peers().length === 2, 60_000)
      await first.stop()

      // a new life, in which nothing is known but what is on disk and a peer that is not there
      a.host.known.clear()
      ;[...a.host.connections.values()].forEach(peer => { a.host.disconnect(peer) })
      const second = world.engine(a.host, { datastore })
      const after = second.join(CATS)
      await second.start(undefined, [boot.peer])
      expect(after.peers()).toHaveLength(2)
      await eventually(world.clock, () => after.members().every(({ connected }) => connected), 30_000)
      await second.stop()
    })

    it('P53: an unreachable peer is tried again, later and later', async () => {
      const [a, b, c] = await create('stale', 3, { targetMembers: 0 })
      await world.introduce(a, b)
      await world.introduce(a, c)
      b.host.up = false
      await start()
      await eventually(world.clock, () => a.host.isConnected(c.peer), 10_000)
      a.host.dials.length = 0
      await world.clock.advance(20 * 60_000)
      const dials = a.host.dials.filter(peer => peer === b.peer.toString()).length
      expect(dials).toBeGreaterThanOrEqual(4)
      expect(dials).toBeLessThanOrEqual(7)
      b.host.up = true
      await eventually(world.clock, () => a.host.isConnected(b.peer), 40 * 60_000, 1000)
      expect(a.engine.book.get(b.peer)?.staleness.failures).toBe(0)
    })

    it('failures while we are offline ourselves are not counted', async () => {
      const [a, b] = await create('offline', 2)
      await world.introduce(a, b)
      world.network.partition([[a.peer], [b.peer]])
      await start()
      await world.clock.advance(10 * 60_000)
      expect(a.engine.stats.sessionsFailed).toBeGreaterThan(3)
      expect(a.engine.stats.peersStale).toBe(0)
      world.network.heal()
      await eventually(world.clock, () => a.host.isConnected(b.peer), 35_000)
    })

    it('a peer without the protocol is not stale, and not asked again for an hour', async () => {
      const [a, b] = await create('unsupported', 2)
      b.host.unsupported = true
      await world.introduce(a, b)
      await start([a])
      await world.clock.advance(50 * 60_000)
      expect(a.engine.stats).toMatchObject({ sessionsStarted: 1, peersStale: 0 })
    })

    it('a forged record is a penalty of 24 h for the one who passed it on', async () => {
      const [a, b] = await create('forged', 2)
      await world.introduce(a, b)
      const { envelope, ...rest } = await b.host.record()
      const forged = envelope.slice()
      forged[forged.length - 1] ^= 1
      const record = b.host.record.bind(b.host)
      const blamed: string[] = []
      a.engine.events.on('peer:misbehaving', ({ peer, reason }) => { blamed.push(`${peer.toString()}: ${reason}`) })
      b.host.record = async () => ({ ...rest, envelope: forged, seq: 2n })
      a.engine.book.get(b.peer)
      a.engine.join(CATS)
      b.engine.join(CATS)
      // so that the record is not simply known already
      const entry = a.engine.book.get(b.peer)

      if (entry?.record != null) {
        entry.record = { ...entry.record, seq: 0n }
      }

      await start([a])
      await world.clock.advance(5000)
      b.host.record = record
      expect(blamed).toEqual([`${b.peer.toString()}: a peer record is forged`])
      await world.clock.advance(60 * 60_000)
      expect(a.engine.stats).toMatchObject({ peersMisbehaving: 1, sessionsStarted: 1 })
    })

    it('P54: accepts 8 sessions at once, refuses the rest as busy, and they come again', async () => {
      const [hub, ...others] = await create('accept', 30, { walkers: 1, targetMembers: 0 })
      let most = 0
      hub.engine.events.on('session:start', () => { most = Math.max(most, hub.engine.gauges().sessions) })

      for (const other of others) {
        await world.introduce(other, hub)
        other.engine.join(CATS)
      }

      const channel = hub.engine.join(CATS)
      await start()
      await eventually(world.clock, () => channel.members().filter(({ proven }) => proven).length === 29, 120_000)
      expect(hub.engine.stats.sessionsRefused).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(8 + 1)
      expect(others.every(({ engine }) => engine.stats.peersStale === 0)).toBe(true)
    })

    it('P54: a flood of records from one source fills 32 places', async () => {
      const [a, b] = await create('flood', 2, { maxNewPerSource: 32 })
      const flood = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
        const { peer, key } = await testKey(1000 + i)

        return { peer, key }
      }))
      await world.introduce(a, b)
      a.engine.join(CATS)
      const channel = b.engine.join(CATS)

      for (const [i, { peer, key }] of flood.entries()) {
        await b.engine.book.addRecord((await world.network.seal(peer, key, [world.network.address()], 1n)).envelope, `source ${i}`)
        const entry = b.engine.book.get(peer)

        if (entry != null) {
          b.engine.book.sight(entry, b.engine.memberships.topics()[0].id, world.clock.now(), false)
        }
      }

      expect(channel.peers()).toHaveLength(60)
      await start([a])
      await world.clock.advance(60_000)
      expect(a.engine.stats.peersOverQuota).toBeGreaterThan(0)
      expect([...a.engine.book.peers()].filter(({ sources }) => sources[0] === b.peer.toString())).toHaveLength(32)
    })

    it('a handler that throws stops nobody', async () => {
      const [a, b] = await create('handler', 2)
      await world.introduce(a, b)
      let heard = 0
      a.engine.events.on('session:end', () => { throw new Error('handler') })
      const controller = new AbortController()
      a.engine.events.on('session:end', () => { heard++ }, { signal: controller.signal })
      await start()
      await eventually(world.clock, () => heard === 1, 10_000)
      controller.abort()
      await world.clock.advance(60_000)
      expect(heard).toBe(1)
      expect(a.engine.stats.walkerRestarts).toBe(0)
    })
  })

  describe('healing', () => {
    it('finds members through points, connects 6 of them, and tags those', async () => {
      const members = await create('points', 12)
      const points = new SimulatedPoints([(await testKey(900)).peer])
      await Promise.all(members.map(async ({ engine, host }) => { await engine.start(points.client(host)) }))
      const channels = members.map(({ engine }) => engine.join(CATS))

      await eventually(world.clock, () => channels.every(channel => channel.members().filter(({ connected, proven }) => connected && proven).length >= 6), 60_000)
      await eventually(world.clock, () => members.every(({ host }) => host.kept.size === 6), 60_000)
      expect([...members[0].host.kept].every(peer => members[0].host.connections.has(peer))).toBe(true)

      await channels[0].leave()
      await world.clock.advance(1000)
      expect(members[0].host.kept.size).toBe(0)
    })

    it('heals a partition of an hour within 30 s of its end, without any point', async () => {
      const members = await create('partition', 10)
      const channels = members.map(({ engine }) => engine.join(CATS))

      for (const member of members.slice(1)) {
        await world.introduce(member, members[0])
      }

      await start()
      await eventually(world.clock, () => channels.every(channel => channel.peers().length === 9), 120_000)
      const sides = [members.slice(0, 5), members.slice(5)]
      world.network.partition(sides.map(side => side.map(({ peer }) => peer)))
      await world.clock.advance(60 * 60_000)
      const crossing = (): number => sides[0].filter(({ host }) => sides[1].some(({ peer }) => host.isConnected(peer))).length
      expect(crossing()).toBe(0)
      expect(members[0].engine.book.get(members[9].peer)?.staleness.failures).toBeGreaterThan(3)
      world.network.heal()
      await eventually(world.clock, () => crossing() > 0, 30_000)
    })

    it('need() runs 3 sessions in parallel for as long as too few members are connected, at most 30 s', async () => {
      const [a, ...others] = await create('need', 12, { walkers: 1, targetMembers: 0 })
      others.forEach(({ host }) => { host.silent = true })

      for (const other of others) {
        await world.introduce(a, other)
      }

      const channel = a.engine.join(CATS)
      await start([a])
      await world.clock.advance(1000)
      expect(a.engine.gauges().sessions).toBe(1)
      channel.need(4)
      await world.clock.advance(1000)
      expect(a.engine.gauges().sessions).toBe(3)
      await world.clock.advance(40_000)
      expect(a.engine.gauges().sessions).toBeLessThanOrEqual(1)
    })

    it('need() that is met costs nothing', async () => {
      const [a, b] = await create('met', 2)
      await world.introduce(a, b)
      const channel = a.engine.join(CATS)
      b.engine.join(CATS)
      await start()
      await eventually(world.clock, () => channel.members().some(({ proven, connected }) => proven && connected), 10_000)
      const { walkerResets } = a.engine.stats
      channel.need(1)
      expect(a.engine.stats.walkerResets).toBe(walkerResets)
      channel.need(2)
      channel.need(2)
      expect(a.engine.stats.walkerResets).toBe(walkerResets + 1)
    })
  })

  describe('life', () => {
    it('stops and starts again, any number of times, and leaves no timer behind', async () => {
      const [a, b] = await create('restart', 2)
      await world.introduce(a, b)
      const channel = a.engine.join(CATS)
      b.engine.join(CATS)

      for (let i = 0; i < 5; i++) {
        await start()
        await start()
        await world.clock.advance(i * 700)
        await world.stop()
        await world.stop()
        await world.clock.advance(1000)
        expect(world.clock.pending).toBe(0)
      }

      await start()
      await eventually(world.clock, () => channel.peers().length === 1, 30_000)
    })

    it('a walker that fails is restarted, and everything else goes on', async () => {
      const [a, b] = await create('supervised', 2, { walkers: 1 })
      await world.introduce(a, b)
      const restarts: string[] = []
      const failures: string[] = []
      a.engine.events.on('walker:restart', ({ walker }) => { restarts.push(walker) })
      a.engine.events.on('walker:error', ({ walker }) => { failures.push(walker) })
      const peers = a.engine.book.peers.bind(a.engine.book)
      a.engine.book.peers = () => { throw new Error('a bug') }
      await start()
      await world.clock.advance(59_000)
      expect(restarts.filter(walker => walker === 'peers/0')).toHaveLength(5)
      expect(failures.filter(walker => walker === 'peers/0')).toHaveLength(1)
      a.engine.book.peers = peers
      await eventually(world.clock, () => a.host.isConnected(b.peer), 10_000)
    })

    it('does the same from the same seed', async () => {
      const traces: string[][] = []

      for (const seed of ['same', 'same', 'other']) {
        const members = await create(seed, 6)
        const trace: string[] = []

        for (const [i, member] of members.entries()) {
          await world.introduce(member, members[(i + 1) % 6])
          member.engine.join(CATS)
          member.engine.events.on('session:start', ({ peer, role }) => { trace.push(`${world.clock.now()} ${i} ${role} ${peer.toString()}`) })
        }

        await start()
        await world.clock.advance(120_000)
        await world.stop()
        traces.push(trace)
      }

      expect(traces[0]).toEqual(traces[1])
      expect(traces[0]).not.toEqual(traces[2])
    })
  })
})
