import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { DiscoverPage } from '../../src/rendezvous/point/discover-page.js'
import { RegistrationStore } from '../../src/rendezvous/point/registration-store.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { utf8 } from './fixtures.js'
import type { PageQuery } from '../../src/rendezvous/point/page-scan.js'

const record = (byte = 0, length = 100): Uint8Array => new Uint8Array(length).fill(byte)

/** The record of a test's peer: it says whose it is. */
const recordOf = (peer: string, length = 100): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(utf8(peer))

  return bytes
}

interface Paged { peers: string[], next: number, visited: number }

function pageOf (store: RegistrationStore, query: Partial<PageQuery> = {}): Paged {
  const page = new DiscoverPage(seededRandom(1))
  const { next, visited } = store.page({ after: 0, now: 0, limit: 1_000, maxBytes: 1e9, formats: ['standard'], ...query }, page)
  const { discoverResponse } = Message.decode(page.encode({ now: 0, cookie: new Uint8Array() }))
  const peers = (discoverResponse?.registrations ?? []).map(({ signedPeerRecord }) => new TextDecoder().decode(signedPeerRecord).replaceAll('\0', ''))

  return { peers: peers.sort(), next, visited }
}

function put (store: RegistrationStore, namespace: string, peer: string, expiresAt = 1, length = 100): void {
  store.put({ namespace, peer, expiresAt, standard: recordOf(peer, length) })
}

describe('RegistrationStore', () => {
  it('P38: pages neither skip nor repeat while registrations come and go', () => {
    fc.assert(fc.property(fc.array(fc.record({ peer: fc.nat(30), gone: fc.boolean() }), { maxLength: 200 }), fc.integer({ min: 1, max: 7 }), (steps, limit) => {
      const store = new RegistrationStore()
      let after = 0
      let version = 0
      // what a reader that pages all along holds of those that are there
      const read = new Map<string, string>()
      const present = new Map<string, string>()
      const turn = (): string[] => {
        const { peers, next } = pageOf(store, { namespace: 'n', after, limit })

        for (const entry of peers) {
          const [peer] = entry.split('/')
          expect(read.get(peer)).not.toBe(entry)
          read.set(peer, entry)
        }

        after = next

        return peers
      }

      for (const { peer, gone } of steps) {
        const id = `peer-${peer}`

        if (gone) {
          const registration = store.get('n', id)
          registration != null && store.remove(registration)
          present.delete(id)
        } else {
          const entry = `${id}/${version++}`
          store.put({ namespace: 'n', peer: id, expiresAt: 1, standard: recordOf(entry) })
          present.set(id, entry)
        }

        turn()
      }

      while (turn().length > 0) {
        // to the end
      }

      for (const [peer, entry] of present) {
        expect(read.get(peer)).toBe(entry)
      }
    }), { numRuns: 200 })
  })

  it('P38: a page that is full to the last record hands out each exactly once', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 11; i++) {
      put(store, 'n', `${i}`)
    }

    const first = pageOf(store, { namespace: 'n', limit: 5 })
    const second = pageOf(store, { namespace: 'n', limit: 6, after: first.next })
    const third = pageOf(store, { namespace: 'n', after: second.next })

    expect(first.peers).toHaveLength(5)
    expect(second.peers).toHaveLength(6)
    expect(third.peers).toHaveLength(0)
    expect(new Set([...first.peers, ...second.peers]).size).toBe(11)
  })

  it('P40: counts, gauges and tables are those of what is present, whatever happens', () => {
    const step = fc.record({ kind: fc.constantFrom('put', 'remove', 'expire'), peer: fc.nat(5), namespace: fc.nat(5), ttl: fc.integer({ min: 1, max: 20 }) })

    fc.assert(fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const store = new RegistrationStore()
      const model = new Map<string, { peer: string, namespace: string, expiresAt: number }>()
      let now = 0

      for (const { kind, ttl, ...at } of steps) {
        const peer = `p${at.peer}`
        const namespace = `n${at.namespace}`
        now++

        if (kind === 'put') {
          put(store, namespace, peer, now + ttl)
          model.set(`${peer}/${namespace}`, { peer, namespace, expiresAt: now + ttl })
        } else if (kind === 'remove') {
          const registration = store.get(namespace, peer)
          expect(registration != null && store.remove(registration)).toBe(model.delete(`${peer}/${namespace}`))
          expect(registration != null && store.remove(registration)).toBe(false)
        } else {
          store.expire(now, 1_000)
          model.forEach(({ expiresAt }, key) => { expiresAt <= now && model.delete(key) })
        }

        const values = [...model.values()]
        expect(store.size).toBe(model.size)
        expect(store.namespaceCount).toBe(new Set(values.map(({ namespace }) => namespace)).size)
        expect(store.countOf(peer)).toBe(values.filter(value => value.peer === peer).length)
        expect(pageOf(store, { namespace }).peers).toEqual(values.filter(value => value.namespace === namespace).map(value => value.peer).sort())
        expect(pageOf(store).peers).toHaveLength(model.size)
        expect(store.nextExpiry).toBe(values.length === 0 ? undefined : Math.min(...values.map(({ expiresAt }) => expiresAt)))
      }
    }), { numRuns: 60 })
  })

  it('P40: an emptied store holds nothing', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 100; i++) {
      put(store, `${i}`, `${i % 7}`, i)
    }

    expect(store.expire(1_000, 60)).toHaveLength(60)
    expect(store.expire(1_000, 60)).toHaveLength(40)

    for (const table of ['namespaces', 'peers']) {
      expect((Reflect.get(store, table) as Map<string, unknown>).size).toBe(0)
    }
  })

  it('does not hand out what expired and was not swept yet, and does not stop at it', () => {
    const store = new RegistrationStore()
    put(store, 'n', 'a', 10)
    put(store, 'n', 'b', 20)

    expect(pageOf(store, { namespace: 'n', now: 10, limit: 1 }).peers).toEqual(['b'])
    expect(pageOf(store, { now: 20 })).toEqual({ peers: [], next: 2, visited: 2 })
  })

  it('P43: pages by bytes as well as by count, with at least one record', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 1_000; i++) {
      put(store, 'n', `${i}`, 1, 300)
    }

    const peers: string[] = []

    for (let page = pageOf(store, { maxBytes: 60_000 }); page.peers.length > 0; page = pageOf(store, { maxBytes: 60_000, after: page.next })) {
      expect(page.peers.length).toBeLessThanOrEqual(200)
      peers.push(...page.peers)
    }

    expect(new Set(peers).size).toBe(1_000)
    expect(peers).toHaveLength(1_000)
    expect(pageOf(store, { maxBytes: 10 }).peers).toHaveLength(1)
  })

  it('P40: a page and a refresh take no scan: not among 50 000 in one namespace either', () => {
    const store = new RegistrationStore()
    const size = 50_000
    let reads = 0

    for (let i = 0; i < size; i++) {
      put(store, 'n', `${i}`, i + 1, 8)
    }

    // what is searched tells how often it is looked at
    const counting = <T extends object>(target: T): T => new Proxy(target, {
      get: (target, key) => {
        reads += typeof key === 'string' && /^[0-9]+$/.test(key) ? 1 : 0

        return Reflect.get(target, key) as unknown
      }
    })
    const watch = (owner: object, ...keys: string[]): void => {
      keys.forEach(key => { Reflect.set(owner, key, counting(Reflect.get(owner, key) as object)) })
    }
    const inNamespace = (Reflect.get(store, 'namespaces') as Map<string, object>).get('n') ?? {}
    watch(inNamespace, 'begins', 'earlier')
    watch(Reflect.get(store, 'inOrder') as object, 'begins', 'earlier')
    watch(Reflect.get(store, 'expiry') as object, 'times', 'entries')

    for (let i = 0; i < 500; i++) {
      reads = 0
      const { peers, visited } = pageOf(store, { namespace: 'n', after: (i * 7_919) % (size - 64), now: -1, limit: 64 })
      expect(peers).toHaveLength(64)
      // and what was removed of the chunks it is in
      expect(visited).toBeLessThan(64 + 128)
      expect(reads).toBeLessThan(40)

      reads = 0
      put(store, 'n', `${(i * 97) % size}`, 1e6, 8)
      // log2 of 400 chunks twice, and log4 of 50 000 times a few
      expect(reads).toBeLessThan(120)
    }

    expect(store.size).toBe(size)
  })

  it('P40: a page passes over no more than 100 000 that its reader cannot read, and goes on from there', () => {
    const store = new RegistrationStore()
    const legacy = new Uint8Array(1)

    for (let i = 0; i < 150_000; i++) {
      store.put({ namespace: 'n', peer: `${i}`, expiresAt: 1, legacy })
    }

    put(store, 'n', 'last')

    for (const namespace of ['n', undefined]) {
      const first = pageOf(store, { namespace })
      expect(first).toEqual({ peers: [], next: 100_000, visited: 100_000 })
      expect(pageOf(store, { namespace, after: first.next })).toEqual({ peers: ['last'], next: 150_001, visited: 50_001 })
    }
  })

  it('gives each reader the envelopes that it reads', () => {
    const store = new RegistrationStore()
    store.put({ namespace: 'n', peer: 'standard', expiresAt: 1, standard: utf8('standard') })
    store.put({ namespace: 'n', peer: 'legacy', expiresAt: 1, legacy: utf8('legacy') })
    store.put({ namespace: 'n', peer: 'both', expiresAt: 1, standard: utf8('both, standard'), legacy: utf8('both, legacy') })

    for (const namespace of ['n', undefined]) {
      expect(pageOf(store, { namespace, formats: ['standard'] }).peers).toEqual(['both, standard', 'standard'])
      expect(pageOf(store, { namespace, formats: ['legacy'] }).peers).toEqual(['both, legacy', 'legacy'])
      expect(pageOf(store, { namespace, formats: ['standard', 'legacy'] }).peers).toEqual(['both, standard', 'legacy', 'standard'])
      // those that cannot be read do not count, and are passed over for good
      expect(pageOf(store, { namespace, formats: ['legacy'], limit: 1 })).toMatchObject({ peers: ['legacy'], next: 2 })
    }

    expect(['standard', 'legacy', 'both', 'nobody'].map(peer => store.formatOf(peer))).toEqual(['standard', 'legacy', 'standard', undefined])
  })

  it('knows the record of a peer\'s last registration, in either envelope', () => {
    const store = new RegistrationStore()
    store.put({ namespace: 'a', peer: 'p', expiresAt: 1, standard: record(1), legacy: record(2) })
    const second = store.put({ namespace: 'b', peer: 'p', expiresAt: 1, standard: record(3) })

    expect([1, 2, 3].map(byte => store.knows('p', record(byte)))).toEqual([undefined, undefined, 'standard'])
    expect(store.knows('q', record(3))).toBeUndefined()

    store.put({ namespace: 'a', peer: 'p', expiresAt: 1, standard: record(1), legacy: record(2) })
    expect([1, 2, 3].map(byte => store.knows('p', record(byte)))).toEqual(['standard', 'legacy', undefined])

    store.remove(second)
    expect(store.knows('p', record(1))).toBe('standard')
  })

  it('keeps copies: what it was given and what it gives may change', () => {
    const store = new RegistrationStore()
    const given = record(7)
    const registration = store.put({ namespace: 'n', peer: 'p', expiresAt: 9, standard: given })
    given.fill(0)
    const read = store.read(registration)
    store.put({ namespace: 'n', peer: 'p', expiresAt: 10, legacy: record(8) })

    expect(read).toEqual({ namespace: 'n', peer: 'p', expiresAt: 9, standard: record(7), legacy: undefined })
    expect(store.read(registration)).toEqual({ namespace: 'n', peer: 'p', expiresAt: 10, standard: undefined, legacy: record(8) })
  })

  it('never gives a sequence number twice', () => {
    const store = new RegistrationStore(41)
    const registration = store.put({ namespace: 'n', peer: 'p', expiresAt: 1, standard: record() })
    expect(registration.sequence).toBe(42)
    store.remove(registration)

    expect(store.put({ namespace: 'n', peer: 'p', expiresAt: 1, standard: record() }).sequence).toBe(43)
  })
})
