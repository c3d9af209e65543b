import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/discovery/address-book.js'
import { isDialable, isVisitable, PENALTY_MS } from '../../src/discovery/book-peer.js'
import { sealRecord } from '../../src/discovery/signed-record.js'
import { createStats } from '../../src/discovery/stats.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { testKey } from './simulated-members.js'
import type { AddressBookInit, BookChange } from '../../src/discovery/address-book.js'
import type { BookPeer } from '../../src/discovery/book-peer.js'
import type { PeerId } from '@libp2p/interface'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

async function record (n: number, seq = 1, port = 4001): Promise<Uint8Array> {
  const { peer, key } = await testKey(n)

  return (await sealRecord(peer, key, [multiaddr(`/ip4/10.0.0.${n}/tcp/${port}`)], BigInt(seq))).envelope
}

describe('address book', () => {
  let clock: SimulatedClock
  let stats: ReturnType<typeof createStats>
  let connected: Set<string>
  let book: AddressBook
  let changes: BookChange[]

  async function create (init: Partial<AddressBookInit> = {}): Promise<void> {
    clock = new SimulatedClock()
    stats = createStats()
    connected = new Set()
    changes = []
    book = new AddressBook({
      self: (await testKey(100)).peer,
      clock,
      stats,
      isConnected: peer => connected.has(peer.toString()),
      maxPeers: 5000,
      maxNewPerSource: 32,
      ...init
    })
    book.onChange(change => { changes.push(change) })
  }

  async function met (n: number, source = 'test'): Promise<BookPeer> {
    const entry = book.meet((await testKey(n)).peer, source)

    if (entry == null) {
      throw new Error('not met')
    }

    return entry
  }

  const port = (peer: PeerId): string | undefined => book.get(peer)?.record?.addresses[0].toString().split('/').at(-1)

  beforeEach(async () => { await create() })

  describe('signed records', () => {
    it('keeps the newest and tells the others apart', async () => {
      const { peer } = await testKey(1)

      expect(await book.addRecord(await record(1, 5, 1), 'a')).toMatchObject({ verdict: 'new' })
      expect(await book.addRecord(await record(1, 5, 1), 'b')).toMatchObject({ verdict: 'known' })
      expect(await book.addRecord(await record(1, 4, 2), 'b')).toMatchObject({ verdict: 'older' })
      expect(port(peer)).toBe('1')
      expect(await book.addRecord(await record(1, 6, 3), 'b')).toMatchObject({ verdict: 'updated' })
      expect(port(peer)).toBe('3')
      expect(stats).toMatchObject({ recordsLearned: 2, recordsOlder: 1, recordsForged: 0 })
    })

    it('refuses forged, foreign and unreadable ones, each counted as what it is', async () => {
      const { key } = await testKey(2)
      const { peer } = await testKey(1)
      const tampered = await record(1)
      tampered[tampered.length - 1] ^= 1
      const foreign = await RecordEnvelope.seal(new PeerRecord({ peerId: peer, multiaddrs: [], seqNumber: 1n }), key)

      expect(await book.addRecord(tampered, 'a')).toMatchObject({ verdict: 'forged' })
      expect(await book.addRecord(foreign.marshal(), 'a')).toEqual({ verdict: 'foreign' })
      expect(await book.addRecord(new Uint8Array([1, 2, 3]), 'a')).toEqual({ verdict: 'malformed' })
      expect(await book.addRecord(new Uint8Array(3000), 'a')).toEqual({ verdict: 'malformed' })
      expect(stats).toMatchObject({ recordsForged: 1, recordsForeign: 1, recordsMalformed: 2, recordsLearned: 0 })
      expect(book.size).toBe(0)
    })

    it('never holds ourselves', async () => {
      expect(await book.addRecord(await record(100), 'a')).toMatchObject({ verdict: 'known' })
      expect(book.meet((await testKey(100)).peer, 'a')).toBeUndefined()
      expect(book.size).toBe(0)
    })

    it('a newer record gives a stale peer another chance', async () => {
      await book.addRecord(await record(1, 1), 'a')
      const entry = await met(1)
      book.failed(entry)
      expect(isDialable(entry, clock.now())).toBe(false)
      await book.addRecord(await record(1, 2), 'a')
      expect(isDialable(entry, clock.now())).toBe(true)
    })
  })

  describe('bounds', () => {
    it('P54: one source brings at most 32 new peers an hour; others and known peers are not affected', async () => {
      for (let n = 0; n < 50; n++) {
        await book.addRecord(await record(n), 'flood')
      }

      expect(book.size).toBe(32)
      expect(stats.peersOverQuota).toBe(18)
      expect(await book.addRecord(await record(0, 2), 'flood')).toMatchObject({ verdict: 'updated' })
      expect(await book.addRecord(await record(40), 'other')).toMatchObject({ verdict: 'new' })
      expect(await book.addRecord(await record(41), 'flood')).toMatchObject({ verdict: 'refused' })
      await clock.advance(HOUR)
      expect(await book.addRecord(await record(41), 'flood')).toMatchObject({ verdict: 'new' })
    })

    it('makes room by dropping stale strangers first, members last, and connected and bootstrap peers never', async () => {
      await create({ maxPeers: 5 })
      const [bootstrap, linked, member, stranger, stale] = await Promise.all([0, 1, 2, 3, 4].map(async n => await met(n)))
      book.meet(bootstrap.id, 'bootstrap', { bootstrap: true })
      connected.add(linked.key)
      book.sight(member, 'topic', clock.now(), true)
      book.failed(stale)

      const has = (): boolean[] => [bootstrap, linked, member, stranger, stale].map(({ id }) => book.get(id) != null)
      const fill = async (n: number): Promise<void> => {
        // what came before must not look better than what is asked about
        connected.add((await met(n)).key)
      }

      await fill(10)
      expect(has()).toEqual([true, true, true, true, false])
      await fill(11)
      expect(has()).toEqual([true, true, true, false, false])
      await fill(12)
      expect(has()).toEqual([true, true, false, false, false])
      expect(book.members(['topic'])).toEqual([])
      expect(stats.peersEvicted).toBe(3)
      expect(book.meet((await testKey(13)).peer, 'test')).toBeUndefined()
      expect(stats.peersRefused).toBe(1)
      expect(book.size).toBe(5)
    })

    it('forgets sightings after a day and silent peers after a week where asking was in vain, unless they are connected or configured', async () => {
      const [silent, linked, bootstrap] = await Promise.all([0, 1, 2].map(async n => await met(n)))
      book.meet(bootstrap.id, 'bootstrap', { bootstrap: true })
      connected.add(linked.key)
      ;[silent, linked].forEach(peer => { book.sight(peer, 'topic', clock.now(), true) })
      ;[silent, linked, bootstrap].forEach(peer => { book.failed(peer) })

      await clock.advance(DAY + 1)
      book.prune()
      expect(book.members(['topic'])).toEqual([linked])
      expect(book.size).toBe(3)
      await clock.advance(6 * DAY)
      book.prune()
      expect([...book.peers()]).toEqual([linked, bootstrap])
    })

    it('forgets nobody for a time in which nobody was asked: a phone that comes back after two weeks knows where to begin', async () => {
      const [untried, gone, silent] = await Promise.all([0, 1, 2].map(async n => await met(n)))
      ;[untried, gone, silent].forEach(peer => { book.sight(peer, 'topic', clock.now(), true) })

      await clock.advance(14 * DAY)
      book.prune()
      expect(book.members(['topic'])).toHaveLength(3)
      // one cannot be reached, one does not speak the protocol any more
      book.failed(gone)
      book.unsupported(silent)
      book.prune()
      expect([...book.peers()]).toEqual([untried])
      expect(book.members(['topic'])).toEqual([untried])
      // it is there, and its list of topics said nothing of this one
      book.succeeded(untried)
      book.prune()
      expect([...book.peers()]).toEqual([untried])
      expect(book.members(['topic'])).toEqual([])
    })

    it('leaves nobody alone for longer than it was meant when the clock steps back', async () => {
      const entry = await met(1)
      book.rest(entry, 1000)
      book.unsupported(entry)
      book.penalise(entry)
      book.failed(entry)
      expect(isDialable(entry, clock.now())).toBe(false)
      expect(isVisitable(entry, clock.now() - 30 * DAY)).toBe(true)
    })

    it('keeps at most 4 sources of a peer', async () => {
      for (let i = 0; i < 10; i++) {
        await met(1, `source ${i}`)
      }

      expect((await met(1)).sources).toEqual(['source 0', 'source 1', 'source 2', 'source 3'])
    })
  })

  describe('topics', () => {
    it('lists members freshest first', async () => {
      const [a, b, c] = await Promise.all([0, 1, 2].map(async n => await met(n)))
      book.sight(a, 'topic', clock.now() - 2000, false)
      book.sight(b, 'topic', clock.now() - 1000, false)
      book.sight(c, 'other', clock.now(), false)
      book.sight(a, 'second', clock.now(), false)

      expect(book.members(['topic'])).toEqual([b, a])
      expect(book.members(['topic', 'second'])).toEqual([a, b])
    })

    it('hearsay neither makes a sighting older nor takes back a proof, nor comes from the future', async () => {
      const entry = await met(1)
      const now = clock.now()
      book.sight(entry, 'topic', now - 1000, true)
      book.sight(entry, 'topic', now - 5000, false)
      expect(entry.topics.get('topic')).toEqual({ at: now - 1000, proven: true })
      book.sight(entry, 'topic', now + DAY, false)
      expect(entry.topics.get('topic')).toEqual({ at: now, proven: true })
      book.sight(entry, 'old', now - DAY - 1, false)
      expect(entry.topics.has('old')).toBe(false)
    })

    it('tells of every change of a topic, once', async () => {
      const entry = await met(1)
      changes = []
      book.sight(entry, 'topic', clock.now(), false)
      book.sight(entry, 'topic', clock.now(), true)
      book.unsight(entry, 'topic')
      book.unsight(entry, 'topic')
      expect(changes.filter(({ kind }) => kind === 'topics')).toHaveLength(2)
    })
  })

  describe('judgement', () => {
    it('P53: a failed dial is for 30 s, and success clears it', async () => {
      const entry = await met(1)
      book.failed(entry)
      expect(isVisitable(entry, clock.now())).toBe(false)
      await clock.advance(30_000)
      expect(isVisitable(entry, clock.now())).toBe(true)
      book.failed(entry)
      expect(entry.staleness.until).toBe(clock.now() + 60_000)
      book.succeeded(entry)
      expect(entry.staleness).toEqual({ failures: 0, until: 0 })
    })

    it('a peer without the protocol is not stale', async () => {
      const entry = await met(1)
      book.unsupported(entry)
      expect([isDialable(entry, clock.now()), isVisitable(entry, clock.now())]).toEqual([true, false])
    })

    it('a penalty lasts 24 h and takes the peer out of its channels', async () => {
      const entry = await met(1)
      book.sight(entry, 'topic', clock.now(), true)
      book.penalise(entry)
      expect(book.members(['topic'])).toEqual([])
      expect(entry.penaltyUntil).toBe(clock.now() + PENALTY_MS)
      await clock.advance(PENALTY_MS - 1)
      expect(isDialable(entry, clock.now())).toBe(false)
      await clock.advance(1)
      expect(isDialable(entry, clock.now())).toBe(true)
    })
  })
})
