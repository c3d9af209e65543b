import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { Senders } from '../../src/sds/senders.js'
import { WakuFilter } from '../../src/sds/bloom/index.js'
import { craft, craftSync, member } from './support/craft.js'
import { ofType, START, types } from './support/member.js'

beforeAll(loadFastKeccak)

describe('sds: citations', () => {
  it('say where a message may be had, whose it is, and when it was said', () => {
    const bob = member({ senderId: 'bob' })
    const { messageId, bytes } = craft({ lamportTimestamp: START + 5 })
    bob.receive(bytes, { retrievalHint: new Uint8Array(32).fill(7) })

    expect(decodeMessage(bob.send('hi')[0].bytes).causalHistory).toEqual([
      { messageId, retrievalHint: new Uint8Array(32).fill(7), senderId: 'mallory', lamportTimestamp: START + 5 }
    ])
    bob.restart()
    const sync = decodeMessage(ofType(bob.run(60_000), 'sync')[0].bytes)
    expect(sync.causalHistory.find(entry => entry.messageId === messageId)?.retrievalHint).toEqual(new Uint8Array(32).fill(7))
  })

  it('of what nobody cites yet are kept for 4 096 messages', () => {
    const alice = member({ config: { maxCausalHistory: 1_000 } })

    for (let i = 0; i < 4_200; i++) {
      alice.receive(craft({ senderId: `m${i % 100}`, lamportTimestamp: START + i }).bytes)
    }

    const cited = new Set(Array.from({ length: 6 }, (_, i) => decodeMessage(alice.send(`${i}`)[0].bytes).causalHistory)
      .flatMap(history => history.filter(({ senderId }) => senderId !== 'alice').map(({ messageId }) => messageId)))

    expect(cited.size).toBeGreaterThan(4_000)
    expect(cited.size).toBeLessThanOrEqual(4_096)
  })
})

describe('sds: bounds of what is remembered of others', () => {
  it('a restart does not begin the time anew in which citations without a stamp are history', () => {
    const bob = member({ senderId: 'bob' })
    bob.receive(craft().bytes)
    bob.run(61_000)
    bob.restart()

    expect(types(bob.receive(craft({ lamportTimestamp: START + 61_000, causalHistory: [{ messageId: 'gone' }] }).bytes))).toContain('missing')
  })

  it('of 4 100 senders 4 096 are told apart, those with messages that wait among them', () => {
    const bob = member({ senderId: 'bob' })
    bob.receive(craft({ senderId: 'waits', causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1 }] }).bytes)

    for (let i = 0; i < 4_100; i++) {
      bob.receive(craftSync({ senderId: `m${i}` }))
    }

    const known = [...bob.sds.knownSenders()].map(({ senderId }) => senderId)
    expect(known.length).toBe(4_096)
    expect(known).toContain('waits')
    expect(known).toContain('m4099')
    expect(known).not.toContain('m0')
  })

  it('filters of others take at most 1 MiB', () => {
    const bob = member({ senderId: 'bob' })
    const before = bob.sds.status().bytes

    for (let i = 0; i < 80; i++) {
      bob.receive(craftSync({ senderId: `m${i}`, bloomFilter: new WakuFilter().toBytes() }))
    }

    expect(bob.sds.status().bytes - before).toBeGreaterThan(1_000_000)
    expect(bob.sds.status().bytes - before).toBeLessThanOrEqual(1_048_576)
  })

  it('of one sender the salts of 16 filters are remembered', () => {
    const senders = new Senders()
    const sender = senders.get('bob')
    const keep = (salt: number): boolean => senders.keepFilter(sender, { salt, fill: 0, rate: 0, byteLength: 8, has: () => false })

    for (let salt = 0; salt < 40; salt++) {
      expect(keep(salt)).toBe(true)
    }

    expect(sender.salts).toEqual(Array.from({ length: 16 }, (_, i) => 24 + i))
    expect(keep(30)).toBe(false)
  })

  it('of those who cite what is missing 16 are named', () => {
    const bob = member({ senderId: 'bob' })

    for (let i = 0; i < 20; i++) {
      bob.receive(craftSync({ senderId: `m${i}`, causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1 }] }))
    }

    expect(bob.sds.holders('gone')).toEqual(Array.from({ length: 16 }, (_, i) => `m${i}`))
  })

  it('10 000 lost messages are recognised when they come late', () => {
    const bob = member({ senderId: 'bob' })
    const lost = Array.from({ length: 11_000 }, (_, i) => `gone-${i}`)

    const cite = (messageIds: readonly string[], senderId = 'mallory'): string[] =>
      types(bob.receive(craft({ senderId, causalHistory: messageIds.map(messageId => ({ messageId, lamportTimestamp: START + 1 })) }).bytes))

    cite(lost.slice(0, 1_000))
    bob.run(1)

    for (let i = 1_000; i < lost.length; i += 1_000) {
      cite(lost.slice(i, i + 1_000))
    }

    bob.run(60_000)
    expect(bob.sds.status().lost).toBe(11_000)
    const late = (messageIds: readonly string[]): boolean[] => messageIds.flatMap(messageId =>
      ofType(bob.receive(craft({ messageId, idSalt: undefined, lamportTimestamp: START + 1 }).bytes), 'released').map(released => released.late))

    expect(late(lost.slice(990, 1_010))).toEqual(Array.from({ length: 20 }, (_, i) => i >= 10))

    // what was lost no longer counts against the sender that cited it: there is room for 16 384 again, and for others
    const more = Array.from({ length: 18 }, (_, i) => Array.from({ length: 1_000 }, (_, j) => `more-${i}-${j}`))
    more.slice(0, 16).forEach(messageIds => { expect(cite(messageIds)).toEqual(['received', 'missing']) })
    expect(cite(more[16])).toEqual(['rejected'])
    expect(cite(more[17], 'bob-2')).toEqual(['received', 'missing'])
  })

  it('10 000 ephemeral messages are remembered within two minutes, and more refused', () => {
    const bob = member({ senderId: 'bob' })
    const ephemeral = (): Uint8Array => craft({ lamportTimestamp: undefined }).bytes

    for (let i = 0; i < 10_000; i++) {
      bob.receive(ephemeral())
    }

    expect(bob.sds.status().rejected).toEqual({})
    expect(bob.receive(ephemeral())).toMatchObject([{ type: 'rejected', reason: 'full' }])
    bob.now += 30_000
    expect(bob.receive(ephemeral())).toMatchObject([{ type: 'rejected', reason: 'full' }])
  })

  it('1 000 IDs that were believed without their salt are remembered', () => {
    const bob = member({ senderId: 'bob' })
    const claim = (i: number): string => i.toString(16).padStart(64, '0')

    for (let i = 0; i < 1_001; i++) {
      bob.receive(craft({ messageId: claim(i), idSalt: undefined }).bytes, { fetched: true })
    }

    const alice = member()
    const [{ messageId, bytes }] = alice.send('hi')
    bob.receive(craft({ senderId: 'alice', messageId, idSalt: undefined }).bytes, { fetched: true })
    expect(types(bob.receive(bytes))).toEqual(['rejected'])

    for (let i = 2_000; i < 3_000; i++) {
      bob.receive(craft({ messageId: claim(i), idSalt: undefined }).bytes, { fetched: true })
    }

    expect(types(bob.receive(bytes))).toEqual(['duplicate'])
  })
})
