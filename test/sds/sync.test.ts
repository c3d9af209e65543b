import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, hashId } from '../../src/sds/bloom/index.js'
import { computeMessageId, decodeMessage } from '../../src/sds/index.js'
import { craft, craftSync, member } from './support/craft.js'
import { ofType, START } from './support/member.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

/** When sync messages leave within `ms` from now, ms from now. */
function syncs (member: Member, ms: number): number[] {
  const begin = member.now
  const at: number[] = []

  while (member.now < begin + ms) {
    at.push(...ofType(member.run(100), 'sync').map(() => member.now - begin))
  }

  return at
}

describe('sds: sync messages', () => {
  it('are stamped as messages are, above all that came', () => {
    const bob = member({ senderId: 'bob' })
    bob.receive(craft({ lamportTimestamp: START + 50_000 }).bytes)
    const [{ bytes }] = ofType(bob.run(2_500), 'sync')

    expect(decodeMessage(bytes).lamportTimestamp).toBe(START + 50_001)
    expect(bob.send('next')[0].lamportTimestamp).toBe(START + 50_002)
  })

  it('wait the longer the more senders there are, and at random', () => {
    const first = (senders: number, seed: number): number => {
      const bob = member({ senderId: 'bob', seed })

      for (let i = 0; i < senders; i++) {
        bob.receive(craft({ senderId: `m${i}`, lamportTimestamp: START + i }).bytes)
      }

      bob.run(20_000)
      // something new, that leaves nothing to acknowledge
      bob.send('hello')

      return syncs(bob, 60_000)[0]
    }
    const [few, many] = [1, 25].map(senders => Array.from({ length: 6 }, (_, seed) => first(senders, seed)))

    // 10 s times the square root of their number, or half of that
    few.forEach(at => { expect(at >= 5_000 && at <= 10_100, `${at}`).toBe(true) })
    many.forEach(at => { expect(at >= 25_000 && at <= 50_100, `${at}`).toBe(true) })
    expect(new Set(few).size).toBeGreaterThan(3)
  })

  it('tell of what came last, and one message that comes again and again pushes nothing out', () => {
    const bob = member({ senderId: 'bob' })
    const [first, ...others] = Array.from({ length: 600 }, (_, i) => craft({ lamportTimestamp: START + i }))
    const holds = (sent: Array<{ messageId: string }>): number => {
      const filter = decodeFilter(ofType(bob.run(3_000), 'sync').map(({ bytes }) => decodeMessage(bytes).bloomFilter ?? new Uint8Array())[0])

      return sent.filter(({ messageId }) => filter?.has(hashId(messageId)) === true).length
    }

    ;[first, ...others].forEach(({ bytes }) => { bob.receive(bytes) })

    for (let i = 0; i < 5_000; i++) {
      bob.receive(first.bytes)
    }

    expect(holds([first, ...others])).toBe(600)
  })

  it('tell of 1 024 messages, however many came', () => {
    for (const count of [1_024, 2_048, 2_049, 3_000]) {
      const bob = member({ senderId: 'bob' })
      const sent = Array.from({ length: count }, (_, i) => craft({ lamportTimestamp: START + i }))
      sent.forEach(({ bytes }) => { bob.receive(bytes) })
      const [sync] = ofType(bob.run(3_000), 'sync')
      const bytes = decodeMessage(sync.bytes).bloomFilter ?? new Uint8Array()
      const filter = decodeFilter(bytes)

      expect(sent.slice(-1_024).every(({ messageId }) => filter?.has(hashId(messageId))), `${count}`).toBe(true)
      // a header, and 32 bits for each
      expect(bytes.byteLength, `${count}`).toBe(20 + 1_024 * 4)
    }
  })

  it('tell of what came last after a restart too', () => {
    const bob = member({ senderId: 'bob' })
    const sent = Array.from({ length: 3_000 }, (_, i) => craft({ lamportTimestamp: START + i }))
    sent.forEach(({ bytes }) => { bob.receive(bytes) })
    bob.restart()
    sent.push(craft({ lamportTimestamp: START + 3_000 }))
    bob.receive(sent[3_000].bytes)
    const [sync] = ofType(bob.run(3_000), 'sync')
    const filter = decodeFilter(decodeMessage(sync.bytes).bloomFilter ?? new Uint8Array())

    expect(sent.filter(({ messageId }) => filter?.has(hashId(messageId))).length).toBe(1_024)
    expect(sent.slice(-1_024).every(({ messageId }) => filter?.has(hashId(messageId)))).toBe(true)
  })

  it('tell of what came last, though the places of what was forgotten are taken again', () => {
    const bob = member({ senderId: 'bob', config: { maxSeen: 1 } })
    const sent = Array.from({ length: 10 }, (_, i) => craft({ lamportTimestamp: START + i }))
    sent.forEach(({ bytes }) => { bob.receive(bytes) })

    // each takes the place of the one before
    for (let i = 0; i < 2_100; i++) {
      bob.sds.present([computeMessageId('carol', BigInt(i), Uint8Array.of(1))], bob.now)
    }

    const [sync] = ofType(bob.run(3_000), 'sync')
    const filter = decodeFilter(decodeMessage(sync.bytes).bloomFilter ?? new Uint8Array())

    expect(sent.every(({ messageId }) => filter?.has(hashId(messageId)))).toBe(true)
  })

  it('have no message of our own in their filter: nobody needs our word for those', () => {
    const bob = member({ senderId: 'bob' })
    const own = ['a', 'b', 'c', 'd'].map(text => bob.send(text)[0])
    const other = craft({ lamportTimestamp: START + 10 })
    bob.receive(other.bytes)
    const [sync] = ofType(bob.run(3_000), 'sync')
    const filter = decodeFilter(decodeMessage(sync.bytes).bloomFilter ?? new Uint8Array())

    expect([...own, other].map(({ messageId }) => filter?.has(hashId(messageId)))).toEqual([false, false, false, false, true])
  })

  it('of another that cites the same take the place of ours', () => {
    const alone = member()
    const heard = member()
    alone.send('hi')
    const [{ messageId }] = heard.send('hi')

    expect(syncs(alone, 14_000).length).toBeGreaterThan(0)
    heard.run(4_900)
    heard.receive(craftSync({ causalHistory: [{ messageId }] }))
    // the next wait is twice the first, from half of it to all
    expect(syncs(heard, 9_900)).toEqual([])
    expect(syncs(heard, 10_200).length).toBe(1)
  })

  it('of another that differ make a silent member begin again', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    alice.run(3_600_000)

    alice.receive(craftSync({ causalHistory: [{ messageId }] }))
    expect(syncs(alice, 60_000)).toEqual([])
    alice.receive(craftSync({ causalHistory: [] }))
    expect(syncs(alice, 60_000).length).toBeGreaterThan(0)
  })

  it('show what is missing', () => {
    const bob = member({ senderId: 'bob' })
    const effects = bob.receive(craftSync({ causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1, senderId: 'alice' }] }))

    expect(ofType(effects, 'missing')[0].entries).toMatchObject([{ messageId: 'gone', senderId: 'alice', citer: 'mallory' }])
    expect(bob.sds.status()).toMatchObject({ missing: 1, parked: 0 })
  })

  it('of another put off, in a crowd, what we owe; among few they do not', () => {
    const owed = (senders: number, heard: boolean, seed: number): number => {
      const bob = member({ senderId: 'bob', seed })

      for (let i = 0; i < senders; i++) {
        bob.receive(craftSync({ senderId: `m${i}` }))
      }

      const { messageId, bytes } = craft()
      bob.receive(bytes)
      bob.run(50)

      if (heard) {
        bob.receive(craftSync({ senderId: 'm0', causalHistory: [{ messageId }] }))
      }

      return syncs(bob, 30_000)[0]
    }

    for (const seed of [1, 2, 3, 4]) {
      expect(owed(12, true, seed)).toBeGreaterThan(owed(12, false, seed))
      expect(owed(12, true, seed) - owed(12, false, seed)).toBeLessThanOrEqual(2_600)
      expect(owed(3, true, seed)).toBe(owed(3, false, seed))
    }
  })

  it('leave half a second between them, whatever asks for them', () => {
    const bob = member({ senderId: 'bob' })
    const { bytes } = craft()
    bob.receive(bytes)
    let count = 0

    for (let ms = 0; ms < 2_000; ms += 50) {
      bob.receive(bytes)
      count += ofType(bob.run(50), 'sync').length
    }

    expect(count).toBeGreaterThan(1)
    expect(count).toBeLessThanOrEqual(4)
  })
})
