import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, encodeCompact, hashId, WakuFilter } from '../../src/sds/bloom/index.js'
import { encodeMessage } from '../../src/sds/codec.js'
import { compareIds, computeMessageId, decodeMessage, Sds } from '../../src/sds/index.js'
import { SdsMessagePb } from '../../src/sds/pb/sds.js'
import { Member, ofType, START, types } from './support/member.js'
import { Network } from './support/network.js'
import { seededRandom } from './support/random.js'
import type { MessageFields } from '../../src/sds/codec.js'
import type { MemberInit } from './support/member.js'

beforeAll(loadFastKeccak)

let counter = 0n

/** A message with content as some other implementation would make it, with whatever is to be wrong about it. */
function craft (fields: Partial<MessageFields> = {}): { messageId: string, bytes: Uint8Array } {
  const senderId = fields.senderId ?? 'mallory'
  const content = fields.content ?? [new TextEncoder().encode(`content ${counter}`)]
  const idSalt = fields.idSalt ?? BigInt(START) * 1_000_000n + counter++
  const messageId = fields.messageId ?? computeMessageId(senderId, idSalt, ...content)

  return {
    messageId,
    bytes: encodeMessage({ senderId, messageId, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [], repairRequest: [], content, idSalt, ...fields })
  }
}

function craftSync (fields: Partial<MessageFields> = {}): Uint8Array {
  return encodeMessage({ senderId: 'mallory', messageId: `sync-${counter++}`, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [], repairRequest: [], ...fields })
}

function member (init: Partial<MemberInit> = {}): Member {
  return new Member({ senderId: 'alice', ...init })
}

describe('sds: pitfalls', () => {
  it('P16: giving up is a delivery error, never an acknowledgement', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    const effects = alice.run(3_600_000)

    expect(ofType(effects, 'not-acknowledged').length).toBe(1)
    expect(ofType(effects, 'acknowledged')).toEqual([])
    expect(alice.sds.acknowledgement(messageId)).toBe('unacknowledged')

    // resending has ended, knowledge has not
    const late = alice.receive(craftSync({ senderId: 'bob', causalHistory: [{ messageId }] }))
    expect(types(late)).toEqual(['receipt', 'acknowledged'])
  })

  it('P17: a parked message survives a restart and is released with its dependency', () => {
    const alice = member()
    const bob = member({ senderId: 'bob', seed: 2 })
    const [first] = alice.send('one')
    const [second] = alice.send('two')
    bob.receive(second.bytes)
    bob.restart()

    expect(bob.sds.status().parked).toBe(1)
    expect(ofType(bob.run(10), 'missing')[0].entries).toMatchObject([{ messageId: first.messageId }])
    expect(ofType(bob.receive(first.bytes), 'released').map(({ messageId }) => messageId)).toEqual([first.messageId, second.messageId])
    expect(types(bob.receive(second.bytes))).toEqual(['duplicate'])
  })

  it('P18: a newcomer gets the first live message at once, whatever came before it', () => {
    const alice = member()
    const old = alice.send('before')[0]
    alice.now += 10_000
    const live = alice.send('after')[0]
    const bob = member({ senderId: 'bob', seed: 2, now: START + 5_000 })
    bob.now = START + 10_000

    expect(types(bob.receive(live.bytes))).toEqual(['received', 'released'])
    // unstamped, as @waku/sds cites: history for 60 s, a gap after that
    const unstamped = craft({ causalHistory: [{ messageId: 'ab'.repeat(32) }], lamportTimestamp: START + 20_000 })
    expect(types(bob.receive(unstamped.bytes))).toEqual(['received', 'released'])
    bob.now += 60_000
    const later = craft({ causalHistory: [{ messageId: old.messageId }], lamportTimestamp: START + 80_000 })
    expect(types(bob.receive(later.bytes))).toEqual(['received', 'missing'])
    // fetched, and older than the joining: releases without `lost`, and is no news
    const fetched = bob.receive(old.bytes, { fetched: true })
    expect(ofType(fetched, 'released').map(({ messageId, history }) => [messageId, history])).toEqual([[old.messageId, true], [later.messageId, false]])
    expect(ofType(bob.effects, 'lost')).toEqual([])
  })

  it('P18: where the Lamport clock is far ahead of everybody who still talks, what the first live message follows is history, and later gaps are gaps', () => {
    const carol = member({ senderId: 'carol', seed: 3, now: START + 3_600_000 })
    const alice = member()
    alice.receive(carol.send('ahead')[0].bytes)
    alice.send('before')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 100 })
    alice.now = bob.now = START + 10_000
    const [live, gap, after] = [alice.send('live')[0], alice.send('gap')[0], alice.send('after')[0]]

    expect(types(bob.receive(live.bytes))).toEqual(['received', 'released'])
    expect(types(bob.receive(after.bytes))).toContain('missing')
    expect(ofType(bob.receive(gap.bytes), 'released').map(({ messageId }) => messageId)).toEqual([gap, after].map(({ messageId }) => messageId))
  })

  it('P18: a copy that left by a clock far ahead shows when we joined on that clock, however old its message is', () => {
    const alice = member({ now: START + 3_600_000 })
    alice.send('before')
    alice.now += 1_000
    const [old] = alice.send('old')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 10_000 })
    alice.now += 44_000
    bob.now = START + 45_000

    // by its stamp alone, it would have been said after we joined
    expect(types(bob.receive(old.bytes, { transmittedAt: alice.now }))).toEqual(['received', 'released'])
    alice.send('gap')
    expect(types(bob.receive(alice.send('after')[0].bytes))).toContain('missing')
  })

  it('P18: what an envelope claims moves the mark no further than resending explains', () => {
    const alice = member({ now: START + 3_600_000 })
    const bob = member({ senderId: 'bob', seed: 2 })

    bob.receive(alice.send('live')[0].bytes, { transmittedAt: Number.MAX_SAFE_INTEGER })
    alice.now += 301_000
    bob.now += 301_000
    alice.send('gap')
    expect(types(bob.receive(alice.send('after')[0].bytes))).toContain('missing')
  })

  it('P18: the end of a burst from before our joining is history when it is fetched, although its stamps are counted beyond the joining', () => {
    const alice = member()
    const burst = alice.send(...Array.from({ length: 1_500 }, (_, i) => `message ${i}`))
    const bob = member({ senderId: 'bob', seed: 2, now: START + 1_000 })

    for (const { bytes } of burst.slice(-600)) {
      expect(ofType(bob.receive(bytes, { fetched: true }), 'released')).toMatchObject([{ history: true }])
    }

    // what is said after the joining is news, also where it is fetched
    alice.now = bob.now = START + 2_000
    const [news] = alice.send('news')
    expect(ofType(bob.receive(news.bytes, { fetched: true }), 'released')).toMatchObject([{ history: false }])
  })

  it('P18: a stamp by a wall clock that is ahead shows when we joined on that clock', () => {
    const alice = member({ now: START + 3_600_000 })
    alice.send('before')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 10_000 })
    alice.now += 20_000
    const [gap] = alice.send('gap')
    alice.now += 20_000
    bob.now = START + 40_000
    const [live] = alice.send('live')

    // the gap was said after we joined, what it cites before
    expect(types(bob.receive(live.bytes))).toContain('missing')
    expect(ofType(bob.receive(gap.bytes), 'released').map(({ messageId }) => messageId)).toEqual([gap, live].map(({ messageId }) => messageId))
  })

  it('P19: a dependency that is only parked is waited for', () => {
    const alice = member()
    const bob = member({ senderId: 'bob', seed: 2 })
    const [one, two, three] = alice.send('one', 'two', 'three')
    bob.receive(two.bytes)

    expect(ofType(bob.receive(three.bytes), 'released')).toEqual([])
    expect(ofType(bob.receive(one.bytes), 'released').map(({ messageId }) => messageId)).toEqual([one, two, three].map(({ messageId }) => messageId))
  })

  it('P20: duplicates and replays from beyond the history are never delivered again', () => {
    const alice = member()
    const bob = member({ senderId: 'bob', seed: 2, config: { maxSeen: 100 } })
    const sent = Array.from({ length: 300 }, () => {
      alice.now += 10
      bob.now += 10
      const [message] = alice.send('same')
      bob.receive(message.bytes)

      return message
    })

    bob.sds.forget(bob.log())
    bob.commit(bob.sds.takeOps())
    expect(bob.sds.status()).toMatchObject({ seen: 100, log: 0, floor: sent[199].lamportTimestamp })

    for (let round = 0; round < 2; round++) {
      const verdicts = sent.map(({ bytes }) => bob.receive(bytes)[0])
      expect(verdicts.slice(0, 200).map(effect => effect.type === 'rejected' && effect.reason)).toEqual(Array(200).fill('below-floor'))
      expect(types(verdicts.slice(200))).toEqual(Array(100).fill('duplicate'))
      bob.restart()
    }

    expect(bob.delivered.length).toBe(300)
    // through history it may come back, as no news
    expect(ofType(bob.receive(sent[5].bytes, { fetched: true }), 'released')).toMatchObject([{ history: true }])
  })

  it('P21: filters of any bytes are ignored, the rest of the message counts', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    const good = encodeCompact([hashId(messageId)], seededRandom(1))
    const filters = [
      new Uint8Array(1), new Uint8Array(19), new Uint8Array(18_751), good.subarray(0, good.length - 1),
      Uint8Array.of(...good, 0), withByte(good, 3, 0), withByte(good, 3, 255), withByte(good, 8, 255), withByte(good, 11, 0)
    ]

    filters.forEach((bloomFilter, i) => {
      expect(decodeFilter(bloomFilter)).toBeUndefined()
      const effects = alice.receive(craft({ senderId: `m${i}`, bloomFilter }).bytes)
      expect(types(effects)).toEqual(['rejected', 'received', 'released'])
      expect(effects[0]).toMatchObject({ reason: 'bad-filter' })
    })
    expect(alice.sds.receipts(messageId)).toEqual([])
    expect(alice.sds.status().rejected).toEqual({ 'bad-filter': filters.length })
  })

  it('P22: Lamport timestamps near 2^63 and 2^64 are dropped, those within a day are merged in full', () => {
    const alice = member()

    for (const lamportTimestamp of [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, BigInt(START + 86_400_001)]) {
      const { messageId } = craft()
      const bytes = SdsMessagePb.encode({ senderId: 'mallory', messageId, channelId: 'tea', lamportTimestamp, content: Uint8Array.of(1) })
      expect(alice.receive(bytes)).toMatchObject([{ type: 'rejected', reason: 'lamport-ahead' }])
    }

    expect(alice.sds.status().lamportTimestamp).toBe(0)
    alice.receive(craft({ lamportTimestamp: START + 86_400_000 }).bytes)
    expect(alice.send('next')[0].lamportTimestamp).toBe(START + 86_400_001)
  })

  it('P23: an all-ones filter acknowledges nothing, and one sender counts once', () => {
    const alice = member({ config: { deliveredAt: 2 } })
    const [{ messageId }] = alice.send('hi')
    const ones = encodeCompact([hashId(messageId)], seededRandom(1)).fill(255, 20)

    alice.receive(craftSync({ bloomFilter: ones }))
    alice.receive(craftSync({ bloomFilter: new Uint8Array(18_752).fill(255) }))
    expect(alice.sds.receipts(messageId)).toEqual([])

    for (let i = 0; i < 5; i++) {
      alice.receive(craftSync({ senderId: 'bob', causalHistory: [{ messageId }], bloomFilter: encodeCompact([hashId(messageId)], seededRandom(i)) }))
    }

    expect(alice.sds.receipts(messageId)).toEqual(['bob'])
    expect(alice.sds.acknowledgement(messageId)).toBe('possibly-acknowledged')
    alice.receive(craftSync({ senderId: 'carol', causalHistory: [{ messageId }] }))
    expect(alice.sds.acknowledgement(messageId)).toBe('acknowledged')
  })

  it('P23: weak filters of one sender add up only when their salts differ', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    // so full that one alone errs too often to be believed
    const others = Array.from({ length: 30 }, (_, i) => hashId(computeMessageId('x', BigInt(i))))
    const weak = (seed: number): Uint8Array => {
      const filter = encodeCompact([hashId(messageId), ...others], seededRandom(seed))
      filter[3] = 5

      return filter
    }

    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(1) }))
    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(1) }))
    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(1) }))
    alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(1) }))
    expect(alice.sds.acknowledgement(messageId)).toBe('possibly-acknowledged')
    ;[2, 3, 4, 5, 6].forEach(seed => { alice.receive(craftSync({ senderId: 'bob', bloomFilter: weak(seed) })) })
    expect(alice.sds.acknowledgement(messageId)).toBe('acknowledged')
  })

  it('P24: a repair is asked for again until met; the requests of others delay ours and never cancel it', () => {
    const bob = member({ senderId: 'bob' })
    const wanted = 'cd'.repeat(32)
    bob.receive(craft({ causalHistory: [{ messageId: wanted, senderId: 'mallory', lamportTimestamp: START + 1 }] }).bytes)
    const asked: number[] = []

    for (let i = 0; i < 59; i++) {
      bob.receive(craftSync({ repairRequest: [{ messageId: wanted }] }))

      for (const { bytes } of ofType(bob.run(1_000), 'sync')) {
        if (decodeMessage(bytes).repairRequest.some(({ messageId }) => messageId === wanted)) {
          asked.push(i)
        }
      }
    }

    expect(asked.length).toBeGreaterThan(1)
    expect(bob.sds.status().missing).toBe(1)
  })

  it('P25, P64: receiving costs the same at 200 and at 20 000 messages in the log', () => {
    const alice = member()
    const bob = new Sds({ channelId: 'tea', senderId: 'bob', random: seededRandom(2), now: START, persistent: false })
    const sent = Array.from({ length: 20_400 }, () => {
      const staged = alice.sds.stage([[Uint8Array.of(1)]], START)
      staged.apply(START)

      return staged.messages[0].bytes
    })
    const cost = (from: number): number => {
      const samples = Array.from({ length: 10 }, (_, i) => {
        const begin = performance.now()
        sent.slice(from + i * 20, from + i * 20 + 20).forEach(bytes => { bob.receive(bytes, START) })

        return performance.now() - begin
      })

      return Math.min(...samples)
    }

    cost(0)
    const small = cost(200)
    sent.slice(400, 20_000).forEach(bytes => { bob.receive(bytes, START) })
    expect(bob.status().log).toBe(20_000)
    // a linear one would be a hundred times as dear
    expect(cost(20_000)).toBeLessThan(small * 10 + 1)
  })

  it('P26: no filter on small messages, and no more history than the frontier', () => {
    const alice = member({ senderId: 'x'.repeat(52) })
    const bytes = Array.from({ length: 50 }, () => alice.send('hi')[0].bytes)
    const { bloomFilter, causalHistory } = decodeMessage(bytes[49])

    expect(bloomFilter).toBeUndefined()
    expect(causalHistory.length).toBe(2)
    expect(bytes[49].byteLength).toBeLessThan(550)
  })

  it('P27: sync messages are sent after a change, less and less, and not at all when nothing changed', () => {
    const alice = member()
    alice.receive(craft().bytes)
    const hours = Array.from({ length: 4 }, () => ofType(alice.run(3_600_000), 'sync').length)

    expect(hours[0]).toBeGreaterThan(3)
    expect(hours[0]).toBeLessThan(12)
    expect(hours.slice(1)).toEqual([0, 0, 0])
    expect(alice.sds.nextDeadline()).toBeUndefined()
    expect(ofType(member().run(3_600_000), 'sync')).toEqual([])
  })

  it('P27: two members that never agree do not talk for ever', () => {
    const network = new Network({ members: 2, seed: 1 })
    const [alice, bob] = network.members
    alice.receive(craft({ senderId: 'm1', lamportTimestamp: START - 5_000 }).bytes)
    bob.receive(craft({ senderId: 'm2', lamportTimestamp: START - 5_000 }).bytes)
    network.run(3_600_000)
    const count = ofType([...alice.effects, ...bob.effects], 'sync').length
    network.run(24 * 3_600_000)

    expect(ofType([...alice.effects, ...bob.effects], 'sync').length).toBe(count)
    expect(count).toBeLessThan(60)
  })

  it('P28: lost messages are not asked for any more, and each is reported once', () => {
    const bob = member({ senderId: 'bob' })
    const wanted = 'cd'.repeat(32)
    const cite = { messageId: wanted, lamportTimestamp: START + 1 }
    bob.receive(craft({ causalHistory: [cite] }).bytes)
    bob.receive(craft({ senderId: 'm2', causalHistory: [cite] }).bytes)
    bob.run(60_000)
    bob.effects.length = 0
    bob.receive(craft({ senderId: 'm3', causalHistory: [cite], lamportTimestamp: START + 60_000 }).bytes)
    bob.run(3_600_000)

    expect(types(bob.effects).filter(type => type === 'lost' || type === 'missing')).toEqual([])
    expect(bob.sds.status()).toMatchObject({ lost: 1, missing: 0, parked: 0 })
    expect(bob.delivered.length).toBe(3)
  })

  it('P29: a possibly acknowledged message is resent later than one that is not', () => {
    const resends = (possibly: boolean): number[] => {
      const alice = member({ config: { deliveredAt: 2 } })
      const [{ messageId }] = alice.send('hi')
      const at: number[] = []

      if (possibly) {
        alice.receive(craftSync({ senderId: 'bob', causalHistory: [{ messageId }] }))
      }

      for (let i = 0; i < 400; i++) {
        ofType(alice.run(1_000), 'transmit').forEach(() => at.push(i))
      }

      return at
    }
    const [plain, possibly] = [resends(false), resends(true)]

    expect(plain.length).toBe(5)
    plain.slice(2).forEach((at, i) => { expect(at - plain[i + 1]).toBeGreaterThan(1.4 * (plain[i + 1] - plain[i])) })
    expect(possibly[1] - possibly[0]).toBeGreaterThan(1.4 * (plain[1] - plain[0]))
  })

  it('P30: the log is ordered by code unit', () => {
    const ids = ['Zebra', 'apple', 'Äpfel', 'a-1', 'a1', 'éclair', 'z', '\u{1f600}', '\uffee']
    const alice = member()
    ids.forEach(messageId => { alice.receive(craft({ messageId, idSalt: undefined, lamportTimestamp: START + 5 }).bytes) })
    const expected = [...ids].sort(compareIds)

    expect(expected[0]).toBe('Zebra')
    expect(alice.log()).toEqual(expected)
    alice.restart()
    expect(alice.log()).toEqual(expected)
  })

  it('P65: a filter rolls over, and holds the newest half of its capacity', () => {
    const filter = new WakuFilter()
    const ids = Array.from({ length: 50_000 }, (_, i) => hashId(computeMessageId('a', BigInt(i))))
    ids.forEach(id => { filter.insert(id) })
    const absent = Array.from({ length: 5_000 }, (_, i) => hashId(computeMessageId('b', BigInt(i))))

    expect(ids.slice(-5_000).every(id => filter.has(id))).toBe(true)
    expect(absent.filter(id => filter.has(id)).length).toBeLessThan(20)
    expect(decodeFilter(filter.toBytes())?.fill).toBeLessThan(0.5)
  })

  it('P66: with three talkers at once the whole frontier is cited, and more than maxCausalHistory with the next message', () => {
    const alice = member({ config: { maxCausalHistory: 4 } })
    const heads = Array.from({ length: 7 }, (_, i) => {
      const head = craft({ senderId: `m${i}`, lamportTimestamp: START + i })
      alice.receive(head.bytes)

      return head.messageId
    })
    const cites = (): string[] => decodeMessage(alice.send('hi')[0].bytes).causalHistory.map(({ messageId }) => messageId)
    const first = cites()
    const second = cites()

    expect(first).toEqual(heads.slice(3).reverse())
    expect(second.slice(1)).toEqual(heads.slice(0, 3).reverse())
    expect(cites().length).toBe(2)
  })
})

/** A copy with one byte changed. */
function withByte (bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[index] = value

  return copy
}

describe('sds: what is refused', () => {
  it.each<[string, () => Uint8Array, string, object?]>([
    ['another channel', () => craft({ channelId: 'coffee' }).bytes, 'wrong-channel'],
    ['an ID that is not that of the content', () => craft({ messageId: 'ab'.repeat(32) }).bytes, 'id-mismatch'],
    ['our own sender ID', () => craft({ senderId: 'alice' }).bytes, 'own-id'],
    ['another sender than was proved', () => craft().bytes, 'wrong-sender', { verifiedSenderId: 'bob' }],
    ['an ephemeral message of long ago', () => craft({ lamportTimestamp: undefined, idSalt: BigInt(START - 60_001) * 1_000_000n }).bytes, 'stale-ephemeral'],
    ['neither content nor timestamp', () => craftSync({ lamportTimestamp: undefined }), 'malformed'],
    ['garbage', () => Uint8Array.of(1, 2, 3), 'malformed'],
    ['too much history', () => craft({ causalHistory: Array.from({ length: 1_025 }, (_, i) => ({ messageId: `${i}` })) }).bytes, 'malformed']
  ])('%s', (_, bytes, reason, context) => {
    const alice = member()
    expect(alice.receive(bytes(), context)).toMatchObject([{ type: 'rejected', reason, error: { name: 'RejectedMessageError', reason } }])
    expect(alice.sds.status()).toMatchObject({ log: 0, seen: 0, parked: 0, rejected: { [reason]: 1 } })
  })

  it('takes back its own messages when they are fetched', () => {
    const alice = member()
    const [old] = alice.send('old')
    const again = member({ seed: 9 })

    expect(types(again.receive(old.bytes, { fetched: true }))).toEqual(['received', 'released'])
    expect(again.sds.status()).toMatchObject({ log: 1, unacknowledged: 0 })
    again.restart()
    expect(again.sds.status()).toMatchObject({ log: 1, unacknowledged: 0 })
  })

  it('delivers an ephemeral message once, also across a restart', () => {
    const alice = member()
    const bob = member({ senderId: 'bob', seed: 2 })
    const staged = alice.sds.stage([[Uint8Array.of(1)]], START, { ephemeral: true })
    const [{ bytes }] = staged.messages

    expect(types(bob.receive(bytes))).toEqual(['ephemeral'])
    expect(types(bob.receive(bytes))).toEqual(['duplicate'])
    bob.restart()
    expect(bob.receive(bytes)).toMatchObject([{ type: 'rejected', reason: 'stale-ephemeral' }])
    expect(bob.sds.status()).toMatchObject({ log: 0, seen: 0 })
    expect(decodeMessage(bytes)).toMatchObject({ lamportTimestamp: undefined, causalHistory: [], bloomFilter: undefined })
  })
})
