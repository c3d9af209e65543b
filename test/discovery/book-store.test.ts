import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { beforeEach, describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/discovery/address-book.js'
import { BookStore, decodeEntry, encodeEntry } from '../../src/discovery/book-store.js'
import { sealRecord } from '../../src/discovery/signed-record.js'
import { createStats } from '../../src/discovery/stats.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { testKey } from './simulated-members.js'
import type { DiscoveryStats } from '../../src/discovery/stats.js'
import type { Datastore } from 'interface-datastore'

interface Life {
  book: AddressBook
  store: BookStore
  stats: DiscoveryStats
}

describe('stored address book', () => {
  let clock: SimulatedClock
  let datastore: Datastore

  beforeEach(() => {
    clock = new SimulatedClock()
    datastore = new MemoryDatastore()
  })

  async function live (over: Datastore = datastore, maxPeers = 5000): Promise<Life> {
    const stats = createStats()
    const book = new AddressBook({ self: (await testKey(1000)).peer, clock, stats, isConnected: () => false, maxPeers, maxNewPerSource: 1000 })
    const store = new BookStore({ book, datastore: over, clock, stats, log: defaultLogger().forComponent('test') })
    const opening = store.open()
    await clock.advance(0)
    await opening

    return { book, store, stats }
  }

  async function fill (book: AddressBook, count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const { peer, key } = await testKey(n)
      await book.addRecord((await sealRecord(peer, key, [multiaddr('/ip4/10.0.0.1/tcp/1')], 7n)).envelope, 'friend')
    }
  }

  it('comes back whole, but for what is local to one life', async () => {
    const { peer } = await testKey(0)
    const before = await live()
    await fill(before.book, 1)
    const entry = before.book.meet(peer, 'bootstrap', { bootstrap: true })
    expect(entry).toBeDefined()

    if (entry != null) {
      before.book.sight(entry, 'topic', clock.now(), true)
      before.book.setIntroducer(entry, true)
      before.book.failed(entry)
      before.book.rest(entry, 1000)
    }

    await before.store.close()
    const after = await live()
    expect(after.book.get(peer)).toEqual({ ...entry, bootstrap: false, restingUntil: 0 })
    expect(after.book.members(['topic'])).toHaveLength(1)
    expect(after.stats).toMatchObject({ entriesCorrupt: 0, recordsLearned: 0 })
  })

  it('is written a second after a change, without waiting for the end', async () => {
    const { book } = await live()
    await fill(book, 3)
    expect(await keys()).toHaveLength(0)
    await clock.advance(1000)
    expect(await keys()).toHaveLength(3)
    expect((await live()).book.size).toBe(3)
  })

  it('drops corrupt entries, counts them, and keeps the others', async () => {
    const { book, store } = await live()
    await fill(book, 5)
    await store.close()
    const [first, second, third] = await keys()
    const value = await datastore.get(first)
    await datastore.put(first, value.map((byte, i) => i === 60 ? byte ^ 1 : byte))
    await datastore.put(second, new Uint8Array(3))
    await datastore.put(new Key('/holdfast/discovery/peers/nobody'), await datastore.get(third))

    const after = await live()
    expect(after.book.size).toBe(3)
    expect(after.stats.entriesCorrupt).toBe(3)
    await clock.advance(1000)
    expect(await keys()).toHaveLength(3)
  })

  it('no single changed byte goes unnoticed', async () => {
    const { book } = await live()
    await fill(book, 1)
    const [entry] = [...book.peers()]
    const value = encodeEntry(entry)

    expect(decodeEntry(entry.key, value)).toEqual(entry)

    for (let i = 0; i < value.length; i++) {
      expect(decodeEntry(entry.key, value.map((byte, j) => i === j ? byte ^ 64 : byte))).toBeUndefined()
    }
  })

  it('takes away what the book forgot', async () => {
    const { book } = await live()
    await fill(book, 2)
    await clock.advance(1000)
    await clock.advance(8 * 24 * 60 * 60 * 1000)
    ;[...book.peers()].forEach(peer => { book.failed(peer) })
    book.prune()
    await clock.advance(1000)
    expect(await keys()).toEqual([])
  })

  it('deletes what has no place any more, so that the store is as bounded as the book', async () => {
    const { book, store } = await live()
    await fill(book, 5)
    await store.close()
    const smaller = await live(datastore, 3)
    await clock.advance(1000)
    expect(smaller.book.size).toBe(3)
    expect((await keys()).map(key => key.name()).sort()).toEqual([...smaller.book.peers()].map(({ key }) => key).sort())
    expect(smaller.stats.entriesCorrupt).toBe(0)
  })

  it('goes on in memory when the datastore fails, and counts what it could not write', async () => {
    const broken = new MemoryDatastore()
    broken.put = () => { throw new Error('disk full') }
    const { book, store, stats } = await live(broken)
    await fill(book, 2)
    await store.close()
    expect(book.size).toBe(2)
    expect(stats.entriesUnsaved).toBe(2)
  })

  it('reads many entries in slices', async () => {
    const { book, store } = await live()
    await fill(book, 200)
    await store.close()
    expect((await live()).book.size).toBe(200)
  })

  async function keys (): Promise<Key[]> {
    const found: Key[] = []

    for await (const key of datastore.queryKeys({ prefix: '/holdfast/discovery/peers' })) {
      found.push(key)
    }

    return found
  }
})
