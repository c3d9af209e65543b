import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, encodeCompact, hashId, WakuFilter } from '../../src/sds/bloom/index.js'
import { computeMessageId } from '../../src/sds/index.js'
import { craft, craftSync, member } from './support/craft.js'
import { ofType, START } from './support/member.js'
import { seededRandom } from './support/random.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

const others = Array.from({ length: 9_000 }, (_, i) => hashId(computeMessageId('other', BigInt(i))))

/** A sync message of `senderId` that cites these. */
function citing (senderId: string, messageIds: readonly string[]): Uint8Array {
  return craftSync({ senderId, causalHistory: messageIds.map(messageId => ({ messageId })) })
}

/** When a message is resent that nobody acknowledges, ms. */
function resends (alice: Member): number[] {
  alice.send('hi')
  const at: number[] = []

  for (let next = alice.sds.nextDeadline(); next != null; next = alice.sds.nextDeadline()) {
    at.push(...ofType(alice.run(next - alice.now), 'transmit').map(() => alice.now - START))
  }

  return at
}

describe('sds: acknowledgements', () => {
  it('a filter that errs more than once in a million is no proof, two of different salts are', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    const weak = (seed: number): Uint8Array => {
      const filter = encodeCompact([hashId(messageId), ...others.slice(0, 100)], seededRandom(seed))
      filter[3] = 10

      return filter
    }

    expect(decodeFilter(weak(1))?.rate).toBeLessThan(1e-3)
    expect(decodeFilter(weak(1))?.rate).toBeGreaterThan(1e-6)
    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(1) }))
    expect(alice.sds.acknowledgement(messageId)).toBe('possibly-acknowledged')
    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(2) }))
    expect(alice.sds.acknowledgement(messageId)).toBe('acknowledged')
  })

  it('full filters of @waku/sds err together, however many there are', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    const filter = new WakuFilter()
    ;[hashId(messageId), ...others].forEach(id => { filter.insert(id) })

    for (let i = 0; i < 5; i++) {
      filter.insert(hashId(`more ${i}`))
      expect(decodeFilter(filter.toBytes())?.rate).toBeGreaterThan(1e-5)
      alice.receive(craftSync({ senderId: 'bob', bloomFilter: filter.toBytes() }))
    }

    expect(alice.sds.acknowledgement(messageId)).toBe('possibly-acknowledged')
  })

  it('citing a message in one of ours acknowledges it, and what is not cited is acknowledged by a sync message', () => {
    const bob = member({ senderId: 'bob', config: { maxCausalHistory: 2 } })

    bob.receive(craft({ lamportTimestamp: START + 1 }).bytes)
    bob.send('answer')
    expect(ofType(bob.run(2_500), 'sync')).toEqual([])

    bob.run(600_000)
    bob.effects.length = 0

    for (let i = 0; i < 5; i++) {
      bob.receive(craft({ lamportTimestamp: START + 10 + i }).bytes)
    }

    bob.send('answer')
    expect(ofType(bob.run(2_500), 'sync').length).toBe(1)
  })

  it('resends come at random within a quarter of the wait, and never further apart than ten minutes and that', () => {
    const first = Array.from({ length: 8 }, (_, seed) => resends(member({ seed }))[0])

    expect(new Set(first).size).toBeGreaterThan(4)
    first.forEach(at => {
      expect(at).toBeGreaterThanOrEqual(5_000)
      expect(at).toBeLessThanOrEqual(6_251)
    })

    const slow = resends(member({ config: { acknowledgementTimeoutMs: 400_000 } }))
    expect(slow.length).toBe(5)
    slow.slice(1).forEach((at, i) => { expect(at - slow[i]).toBeLessThanOrEqual(750_001) })
  })

  it('names at most 1 024 holders of a message', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')

    for (let i = 0; i < 1_030; i++) {
      alice.receive(citing(`m${i}`, [messageId]))
    }

    expect(alice.sds.receipts(messageId).length).toBe(1_024)
  })

  it('looks the last 1 024 that are settled up in filters, and hears of older ones by citation', () => {
    const alice = member()
    const ids = Array.from({ length: 1_100 }, (_, i) => alice.send(`${i}`)[0].messageId)
    alice.receive(citing('bob', ids.slice(0, 600)))
    alice.receive(citing('bob', ids.slice(600)))
    expect(alice.sds.status().unacknowledged).toBe(0)

    alice.receive(craftSync({ senderId: 'carol', bloomFilter: encodeCompact(ids.map(hashId), seededRandom(1)) }))
    expect(ids.map(id => alice.sds.receipts(id).includes('carol'))).toEqual(ids.map((_, i) => i >= 1_100 - 1_024))
    alice.receive(citing('carol', ids.slice(0, 1)))
    expect(alice.sds.receipts(ids[0])).toEqual(['bob', 'carol'])
  })

  it('after a restart, too, the oldest of them are the first that are not looked up any more', () => {
    const alice = member()
    const ids = Array.from({ length: 1_100 }, (_, i) => alice.send(`${i}`)[0].messageId)
    alice.receive(citing('bob', ids.slice(0, 600)))
    alice.receive(citing('bob', ids.slice(600)))
    alice.restart()

    const [{ messageId }] = alice.send('one more')
    alice.receive(citing('bob', [messageId]))

    const all = [...ids, messageId]
    alice.receive(craftSync({ senderId: 'carol', bloomFilter: encodeCompact(all.map(hashId), seededRandom(1)) }))
    expect(all.map(id => alice.sds.receipts(id).includes('carol'))).toEqual(all.map((_, i) => i >= 1_101 - 1_024))
  })

  it('messages that are forgotten, settled or not, take no place among them', () => {
    const alice = member()
    const send = (count: number): string[] => Array.from({ length: count }, (_, i) => alice.send(`${i}`)[0].messageId)
    const ids = send(1_000)
    alice.receive(citing('bob', ids))

    const pending = send(10)
    alice.sds.forget([...ids.slice(500), ...pending.slice(0, 4)])
    expect(alice.sds.status().unacknowledged).toBe(6)

    const more = send(500)
    alice.receive(citing('bob', [...more, ...pending]))
    expect(alice.sds.status().unacknowledged).toBe(0)

    const left = [...ids.slice(0, 500), ...pending.slice(4), ...more]
    alice.receive(craftSync({ senderId: 'carol', bloomFilter: encodeCompact(left.map(hashId), seededRandom(1)) }))
    expect(left.every(id => alice.sds.receipts(id).includes('carol'))).toBe(true)
  })
})
