import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { DiscoverPage } from '../../src/rendezvous/point/discover-page.js'
import { RegistrationStore } from '../../src/rendezvous/point/registration-store.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { utf8 } from './fixtures.js'

describe('DiscoverPage', () => {
  it('writes the bytes that the generated codec writes, and changes no more', () => {
    const registration = fc.record({ namespace: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }), record: fc.uint8Array({ maxLength: 400 }), ttl: fc.integer({ min: 1, max: 2 ** 31 - 1 }) })

    fc.assert(fc.property(fc.array(registration, { maxLength: 60 }), fc.option(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' })), fc.uint8Array({ maxLength: 300 }), (registrations, shared, cookie) => {
      const page = new DiscoverPage(seededRandom(3))
      const store = new RegistrationStore()
      registrations.forEach(({ namespace, record, ttl }, i) => {
        store.put({ namespace: shared ?? namespace, peer: `${i}`, expiresAt: 500 + ttl * 1_000, standard: record })
      })
      store.page({ namespace: shared ?? undefined, after: 0, now: 500, limit: 1_000, maxBytes: 1e9, formats: ['standard'] }, page)
      const answer = page.encode({ namespace: shared == null ? undefined : utf8(shared), now: 500, cookie })
      const before = answer.slice()
      page.clear()
      store.page({ after: 0, now: 500, limit: 1, maxBytes: 1e9, formats: ['standard'] }, page)
      page.encode({ now: 500, cookie })

      const { type, discoverResponse } = Message.decode(answer)
      const plain = registrations.map(({ namespace, record, ttl }) => ({ ns: utf8(shared ?? namespace), signedPeerRecord: record, ttl: BigInt(ttl) }))
      const key = ({ ns, signedPeerRecord, ttl }: typeof plain[0]): string => [ns, signedPeerRecord, ttl].join('/')

      expect(answer).toEqual(before)
      expect(Message.encode({ type, discoverResponse })).toEqual(answer)
      expect(type).toBe(4)
      expect(discoverResponse).toMatchObject({ status: 0, cookie })
      expect(discoverResponse?.registrations.map(it => key(it as typeof plain[0])).sort()).toEqual(plain.map(key).sort())
    }), { numRuns: 200 })
  })
})
