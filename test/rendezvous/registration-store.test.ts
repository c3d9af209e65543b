import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegistrationStore } from '../../src/rendezvous/point/registration-store.js'
import type { PageQuery } from '../../src/rendezvous/point/registration-store.js'

const record = (byte = 0, length = 100): Uint8Array => new Uint8Array(length).fill(byte)

function pageOf (store: RegistrationStore, query: Partial<PageQuery> = {}): { peers: string[], next: number } {
  const { registrations, next } = store.page({ after: 0, now: 0, limit: 1_000, maxBytes: 1e9, formats: ['standard'], ...query })

  return { peers: registrations.map(({ registration }) => registration.peer.id), next }
}

describe('RegistrationStore', () => {
  it('P38: pages neither skip nor repeat while registrations come and go', () => {
    fc.assert(fc.property(fc.array(fc.record({ peer: fc.nat(30), gone: fc.boolean() }), { maxLength: 200 }), fc.integer({ min: 1, max: 7 }), (steps, limit) => {
      const store = new RegistrationStore()
      let after = 0
      // what a reader that pages all along holds of those that are there
      const read = new Map<string, number>()

      for (const { peer, gone } of steps) {
        const id = `peer-${peer}`

        if (gone) {
          const registration = store.get('n', id)
          registration != null && store.remove(registration)
        } else {
          store.put({ namespace: 'n', peer: id, expiresAt: 1, standard: record() })
        }

        const { registrations, next } = store.page({ namespace: 'n', after, now: 0, limit, maxBytes: 1e9, formats: ['standard'] })

        for (const { registration } of registrations) {
          expect(read.get(registration.peer.id)).not.toBe(registration.sequence)
          read.set(registration.peer.id, registration.sequence)
        }

        after = next
      }

      for (let page = store.page({ namespace: 'n', after, now: 0, limit, maxBytes: 1e9, formats: ['standard'] }); page.registrations.length > 0;) {
        page.registrations.forEach(({ registration }) => { read.set(registration.peer.id, registration.sequence) })
        page = store.page({ namespace: 'n', after: page.next, now: 0, limit, maxBytes: 1e9, formats: ['standard'] })
      }

      for (let peer = 0; peer <= 30; peer++) {
        const present = store.get('n', `peer-${peer}`)

        if (present != null) {
          expect(read.get(`peer-${peer}`)).toBe(present.sequence)
        }
      }
    }), { numRuns: 200 })
  })

  it('P38: a page that is full to the last record hands out each exactly once', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 11; i++) {
      store.put({ namespace: 'n', peer: `${i}`, expiresAt: 1, standard: record() })
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
          store.put({ namespace, peer, expiresAt: now + ttl, standard: record() })
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
        expect(pageOf(store, { namespace }).peers.sort()).toEqual(values.filter(value => value.namespace === namespace).map(value => value.peer).sort())
        expect(pageOf(store).peers).toHaveLength(model.size)
        expect(store.nextExpiry).toBe(values.length === 0 ? undefined : Math.min(...values.map(({ expiresAt }) => expiresAt)))
      }
    }), { numRuns: 60 })
  })

  it('P40: an emptied store holds nothing', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 100; i++) {
      store.put({ namespace: `${i}`, peer: `${i % 7}`, expiresAt: i, standard: record() })
    }

    expect(store.expire(1_000, 60)).toHaveLength(60)
    expect(store.expire(1_000, 60)).toHaveLength(40)

    for (const table of ['namespaces', 'peers']) {
      expect((Reflect.get(store, table) as Map<string, unknown>).size).toBe(0)
    }
  })

  it('does not hand out what expired and was not swept yet, and does not stop at it', () => {
    const store = new RegistrationStore()
    store.put({ namespace: 'n', peer: 'a', expiresAt: 10, standard: record() })
    store.put({ namespace: 'n', peer: 'b', expiresAt: 20, standard: record() })

    expect(pageOf(store, { namespace: 'n', now: 10, limit: 1 }).peers).toEqual(['b'])
    expect(pageOf(store, { now: 20 })).toEqual({ peers: [], next: 2 })
  })

  it('P43: pages by bytes as well as by count, with at least one record', () => {
    const store = new RegistrationStore()

    for (let i = 0; i < 1_000; i++) {
      store.put({ namespace: 'n', peer: `${i}`, expiresAt: 1, standard: record(0, 300) })
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

  it('P40: a page of 64 takes no scan: not among 50 000 in one namespace either', () => {
    /** the best of many rounds, so that a busy machine does not matter */
    const best = (size: number): number => {
      const store = new RegistrationStore()
      let least = Infinity

      for (let i = 0; i < size; i++) {
        store.put({ namespace: 'n', peer: `${i}`, expiresAt: i, standard: record(0, 1) })
      }

      for (let i = 0; i < 500; i++) {
        const start = performance.now()
        pageOf(store, { namespace: 'n', after: (i * 7_919) % (size - 64), now: -1, limit: 64 })
        store.put({ namespace: 'n', peer: `${(i * 97) % size}`, expiresAt: 1e6, standard: record(0, 1) })
        least = Math.min(least, performance.now() - start)
      }

      expect(store.size).toBe(size)

      return least
    }

    best(500)
    expect(best(50_000)).toBeLessThan(20 * best(500))
  })

  it('gives each reader the envelopes that it reads', () => {
    const store = new RegistrationStore()
    store.put({ namespace: 'n', peer: 'standard', expiresAt: 1, standard: record() })
    store.put({ namespace: 'n', peer: 'legacy', expiresAt: 1, legacy: record() })
    store.put({ namespace: 'n', peer: 'both', expiresAt: 1, standard: record(), legacy: record(1) })

    expect(pageOf(store, { formats: ['standard'] }).peers).toEqual(['standard', 'both'])
    expect(pageOf(store, { formats: ['legacy'] }).peers).toEqual(['legacy', 'both'])
    expect(pageOf(store, { formats: ['standard', 'legacy'] }).peers).toEqual(['standard', 'legacy', 'both'])
    // those that cannot be read do not count, and are passed over for good
    expect(pageOf(store, { formats: ['legacy'], limit: 1 })).toEqual({ peers: ['legacy'], next: 2 })
  })

  it('shares a peer\'s record between its registrations', () => {
    const store = new RegistrationStore()
    const one = store.put({ namespace: 'a', peer: 'p', expiresAt: 1, standard: record(1) })
    const two = store.put({ namespace: 'b', peer: 'p', expiresAt: 1, standard: record(1) })
    const other = store.put({ namespace: 'c', peer: 'p', expiresAt: 1, standard: record(2) })

    expect(two.standard).toBe(one.standard)
    expect(other.standard).not.toBe(one.standard)
    expect(store.recordOf('p')?.standard).toBe(other.standard)
  })

  it('never gives a sequence number twice', () => {
    const store = new RegistrationStore(41)
    const registration = store.put({ namespace: 'n', peer: 'p', expiresAt: 1, standard: record() })
    store.remove(registration)

    expect(registration.sequence).toBe(42)
    expect(store.put({ namespace: 'n', peer: 'p', expiresAt: 1, standard: record() }).sequence).toBe(43)
  })
})
