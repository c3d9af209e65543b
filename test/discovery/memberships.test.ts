import { beforeEach, describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/discovery/address-book.js'
import { Memberships } from '../../src/discovery/memberships.js'
import { publicDiscoveryKey, rendezvousNamespace } from '../../src/discovery/namespace.js'
import { createStats } from '../../src/discovery/stats.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { testKey } from './simulated-members.js'
import type { BookPeer } from '../../src/discovery/book-peer.js'

const [cats, dogs, eels] = ['cats', 'dogs', 'eels'].map(publicDiscoveryKey)
const HOUR = 60 * 60 * 1000

describe('memberships', () => {
  let clock: SimulatedClock
  let book: AddressBook
  let memberships: Memberships
  let calls: string[]
  let errors: unknown[]

  beforeEach(async () => {
    clock = new SimulatedClock()
    calls = []
    errors = []
    book = new AddressBook({ self: (await testKey(100)).peer, clock, stats: createStats(), isConnected: () => false, maxPeers: 100, maxNewPerSource: 100 })
    memberships = new Memberships({
      book,
      isConnected: () => false,
      onWanted: () => { calls.push('wanted') },
      onNeed: (_, count) => { calls.push(`need ${count}`) },
      onLeft: async () => { calls.push('left') },
      onMember: ({ channelId }, _, joined) => { calls.push(`${channelId} ${joined ? '+' : '-'}`) },
      onError: err => { errors.push(err) }
    })
  })

  async function sighted (n: number, topic: string, proven = false): Promise<BookPeer> {
    const entry = book.meet((await testKey(n)).peer, 'test')

    if (entry == null) {
      throw new Error('not met')
    }

    book.sight(entry, topic, clock.now(), proven)

    return entry
  }

  it('refuses bad topics before anything happens', () => {
    const long = 'ä'.repeat(128)

    for (const topic of [
      { channelId: '', keys: [cats] },
      { channelId: 'a', keys: [] },
      { channelId: 'a', keys: [new Uint8Array(31)] },
      { channelId: 'a', keys: new Array<Uint8Array>(9).fill(cats) },
      { channelId: 'a', keys: [cats], namespace: '' },
      { channelId: 'a', keys: [cats], namespace: long }
    ]) {
      expect(() => memberships.join(topic)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    }

    expect(calls).toEqual([])
    expect(() => memberships.join({ channelId: 'a', keys: [cats] }).need(-1)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('tells of members as they come and go, and survives a listener that throws', async () => {
    const membership = memberships.join({ channelId: 'cats', keys: [cats] })
    const seen: number[] = []
    membership.onChange(() => { throw new Error('listener') })
    const stop = membership.onChange(() => { seen.push(membership.peers().length) })

    const entry = await sighted(1, membership.topics[0].id, true)
    await sighted(2, membership.topics[0].id)
    book.unsight(entry, membership.topics[0].id)
    stop()
    await sighted(3, membership.topics[0].id)

    expect(seen).toEqual([1, 2, 1])
    expect(errors).toHaveLength(4)
    expect(calls).toEqual(['wanted', 'cats +', 'cats +', 'cats -', 'cats +'])
    expect(membership.members().map(({ proven, connected }) => [proven, connected])).toEqual([[false, false], [false, false]])
  })

  it('registers under every key and day in use, different at every point', async () => {
    const { peer } = await testKey(50)
    memberships.join({ channelId: 'cats', keys: [cats, dogs] })
    const names = (now: number): string[] => [...memberships.names(now).values()].map(({ namespace }) => typeof namespace === 'string' ? namespace : namespace(peer))
    const midnight = Date.UTC(2025, 0, 2)
    const day = midnight / (24 * HOUR)

    expect(names(midnight + 12 * HOUR)).toEqual([rendezvousNamespace(cats, peer, day), rendezvousNamespace(dogs, peer, day)])
    expect(names(midnight - HOUR)).toEqual([cats, dogs].flatMap(key => [rendezvousNamespace(key, peer, day - 1), rendezvousNamespace(key, peer, day)]))
  })

  it('uses a fixed name as it is, with or without keys', async () => {
    memberships.join({ channelId: 'a', keys: [], namespace: 'public-cats' })
    memberships.join({ channelId: 'b', keys: [cats], namespace: 'public-dogs' })

    expect([...memberships.names(0).values()].map(({ namespace }) => namespace)).toEqual(['public-cats', 'public-dogs'])
    expect(memberships.topics()).toHaveLength(2)
  })

  it('registers a fixed name once for all channels that share it', async () => {
    const [a, b] = [cats, dogs].map((key, i) => memberships.join({ channelId: `${i}`, keys: [key], namespace: 'app' }))
    const names = (): Array<[string, string[]]> => [...memberships.names(0).values()].map(({ id, topics }) => [id, topics.map(({ id }) => id)])
    const [[id, topics], ...others] = names()

    expect(topics).toEqual([a, b].map(({ topics }) => topics[0].id))
    expect(others).toEqual([])
    await a.leave()
    expect(names()).toEqual([[id, [b.topics[0].id]]])
    b.setKeys([eels])
    expect(names()).toEqual([[id, [b.topics[0].id]]])
    await b.leave()
    expect(names()).toEqual([])
  })

  it('tells who is gone with a key that another channel still has', async () => {
    const [a, b] = [1, 2].map(i => memberships.join({ channelId: `${i}`, keys: [cats] }))
    await sighted(1, a.topics[0].id)
    calls = []
    let heard = 0
    a.onChange(() => { heard++ })
    a.setKeys([dogs])
    expect(calls).toEqual(['wanted', '1 -'])
    expect(heard).toBe(1)
    expect(b.peers()).toHaveLength(1)
  })

  it('says that channels were opened, left or given other keys', async () => {
    let heard = 0
    const stop = memberships.onChange(() => { heard++ })
    const membership = memberships.join({ channelId: 'cats', keys: [cats] })
    expect(heard).toBe(1)
    membership.setKeys([dogs])
    membership.setKeys([dogs])
    expect(heard).toBe(2)
    await membership.leave()
    expect(heard).toBe(3)
    stop()
    memberships.join({ channelId: 'cats', keys: [cats] })
    expect(heard).toBe(3)
  })

  it('during a rotation members are found under every key, and under the new ones only afterwards', async () => {
    const membership = memberships.join({ channelId: 'cats', keys: [cats] })
    const [old] = membership.topics
    await sighted(1, old.id)
    membership.setKeys([dogs, cats])
    const [current] = membership.topics
    await sighted(2, current.id)
    expect(membership.peers()).toHaveLength(2)

    membership.setKeys([dogs])
    expect(membership.peers().map(String)).toEqual([(await testKey(2)).peer.toString()])
    expect(calls).toEqual(['wanted', 'cats +', 'wanted', 'cats +', 'cats -', 'wanted'])

    membership.setKeys([dogs])
    expect(calls).toHaveLength(6)
    expect(() => { membership.setKeys([]) }).toThrow()
    expect(membership.topics).toEqual([current])
  })

  it('forgets a topic only when nobody has it any more', async () => {
    const [a, b] = [1, 2].map(() => memberships.join({ channelId: 'cats', keys: [cats] }))
    await sighted(1, a.topics[0].id)
    await a.leave()
    await a.leave()
    expect(a.peers()).toEqual([])
    expect(b.peers()).toHaveLength(1)
    await b.leave()
    expect(book.members([b.topics[0].id])).toEqual([])
    expect(calls.filter(call => call === 'left')).toHaveLength(2)
    expect(memberships.topics()).toEqual([])
  })

  it('is inert after leave', async () => {
    const membership = memberships.join({ channelId: 'cats', keys: [cats] })
    let heard = 0
    membership.onChange(() => { heard++ })
    const { id } = membership.topics[0]
    await membership.leave()
    const before = calls.length
    membership.need(5)
    membership.setKeys([eels])
    await sighted(1, id)
    expect(calls).toHaveLength(before)
    expect(heard).toBe(0)
  })
})
