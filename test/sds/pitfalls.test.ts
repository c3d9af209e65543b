import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, encodeCompact, hashId, WakuFilter } from '../../src/sds/bloom/index.js'
import { compareIds, computeMessageId, decodeMessage } from '../../src/sds/index.js'
import { requestDelay } from '../../src/sds/repair-hash.js'
import { SdsMessagePb } from '../../src/sds/pb/sds.js'
import { craft, craftSync, member } from './support/craft.js'
import { ofType, START, types } from './support/member.js'
import { Network } from './support/network.js'
import { seededRandom } from './support/random.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

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

  it.each([['as they are', false], ['over a restart', true]])('P19: a dependency that is only parked is waited for, %s', (_, restarts) => {
    const bob = member({ senderId: 'bob' })
    const one = craft({ lamportTimestamp: START + 1 })
    const two = craft({ lamportTimestamp: START + 2, causalHistory: [{ messageId: one.messageId, lamportTimestamp: START + 1 }] })
    const [before, after] = [3, 4].map(i => craft({ lamportTimestamp: START + i, causalHistory: [{ messageId: two.messageId, lamportTimestamp: START + 2 }] }))

    // nothing but the second, which is missing at first and then parked
    for (const { bytes } of [before, two, after]) {
      expect(ofType(bob.receive(bytes), 'released')).toEqual([])

      if (restarts) {
        bob.restart()
        expect(ofType(bob.run(1), 'released')).toEqual([])
      }
    }

    expect(bob.sds.status()).toMatchObject({ parked: 3, missing: 1 })
    expect(ofType(bob.receive(one.bytes), 'released').map(({ messageId }) => messageId)).toEqual([one, two, before, after].map(({ messageId }) => messageId))
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
      good.subarray(0, 3), good.subarray(0, 19), withByte(good.subarray(0, 20), 11, 0), sized(good, 56), sized(good, 524_296),
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

  it('P23: filters of other senders add nothing, and of those more than 60 % full none counts', () => {
    const alice = member()
    const [{ messageId }] = alice.send('hi')
    const others = Array.from({ length: 30 }, (_, i) => hashId(computeMessageId('x', BigInt(i))))
    const filterOf = (seed: number, hashes: number, fill: number): Uint8Array => {
      const filter = encodeCompact([hashId(messageId), ...others], seededRandom(seed))
      filter[3] = hashes

      return filter.map((byte, i) => i < 20 || i >= 20 + fill * (filter.length - 20) ? byte : 255)
    }

    for (let i = 0; i < 10; i++) {
      const weak = filterOf(i, 5, 0)
      expect(decodeFilter(weak)?.rate).toBeGreaterThan(1e-3)
      alice.receive(craftSync({ senderId: `m${i}`, bloomFilter: weak }))
      const full = filterOf(i + 100, 20, 0.35)
      expect(decodeFilter(full)?.fill).toBeGreaterThan(0.6)
      expect(decodeFilter(full)?.rate).toBeLessThan(1e-3)
      alice.receive(craftSync({ senderId: 'full', bloomFilter: full }))
    }

    expect(alice.sds.acknowledgement(messageId)).toBe('possibly-acknowledged')
    expect(alice.sds.receipts(messageId)).toEqual([])
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

  it('P24: the request of another puts ours off, and what came is not asked for any more', () => {
    const wanted = 'cd'.repeat(32)
    const due = requestDelay('bob', wanted, 2_000, 20_000)
    const waiting = (): Member => {
      const bob = member({ senderId: 'bob' })
      bob.receive(craft({ causalHistory: [{ messageId: wanted, senderId: 'mallory', lamportTimestamp: START + 1 }] }).bytes)
      bob.run(due - 500)

      return bob
    }
    const asks = (bob: Member, ms: number): boolean => ofType(bob.run(ms), 'sync').some(({ bytes }) => decodeMessage(bytes).repairRequest.length > 0)
    const [plain, delayed, met] = [waiting(), waiting(), waiting()]

    expect(asks(plain, 2_000)).toBe(true)
    delayed.receive(craftSync({ repairRequest: [{ messageId: wanted }] }))
    expect(asks(delayed, due - 100)).toBe(false)
    expect(asks(delayed, 1_000)).toBe(true)

    // it is due, and only waits for something to travel with
    met.now += 500
    const begun = met.tick()
    expect(begun).toEqual([])
    met.receive(craft({ messageId: wanted, idSalt: undefined, lamportTimestamp: START + 1 }).bytes)
    expect(met.delivered).toContain(wanted)
    expect(asks(met, 60_000)).toBe(false)
  })

  it('P26: no filter on small messages, and no more history than the frontier', () => {
    const alice = member({ senderId: 'x'.repeat(52) })
    const bytes = Array.from({ length: 50 }, () => {
      alice.receive(craft({ causalHistory: alice.log().slice(-2).map(messageId => ({ messageId })), lamportTimestamp: alice.sds.status().lamportTimestamp + 1 }).bytes)

      return alice.send('hi')[0].bytes
    })
    const { bloomFilter, causalHistory } = decodeMessage(bytes[49])

    expect(bloomFilter).toBeUndefined()
    expect(causalHistory.length).toBe(2)
    expect(bytes[49].byteLength).toBeLessThan(550)
  })

  it('P26: the filter of a sync message holds what can still matter, not all that ever came', () => {
    const alice = member()
    const filterBytes = (count: number): number => {
      for (let i = 0; i < count; i++) {
        alice.receive(craft({ lamportTimestamp: alice.sds.status().lamportTimestamp + 1 }).bytes)
      }

      const [sync] = ofType(alice.run(3_000), 'sync')

      return decodeMessage(sync.bytes).bloomFilter?.byteLength ?? 0
    }

    expect(filterBytes(300)).toBe(20 + 300 * 4)
    expect(filterBytes(1_100)).toBe(20 + 1_024 * 4)
    alice.run(600_000)
    expect(filterBytes(1)).toBe(20 + 16 * 4)
  })

  it('P27: sync messages are sent after a change, less and less, and not at all when nothing changed', () => {
    const alice = member()
    alice.receive(craft().bytes)
    // within 5 s of its arrival the message is acknowledged
    expect(ofType(alice.run(5_000), 'sync').length).toBe(1)
    const at: number[] = []

    for (let second = 5; second < 4 * 3_600; second++) {
      ofType(alice.run(1_000), 'sync').forEach(() => at.push(second))
    }

    expect(at.length).toBeGreaterThan(4)
    expect(at.length).toBeLessThan(8)
    // each wait is from half to all of what doubles
    at.forEach((second, i) => { expect(second - (at[i - 1] ?? 0)).toBeGreaterThanOrEqual(5 * 2 ** i - 1) })
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
    const met = craft({ lamportTimestamp: START + 2 })
    bob.receive(craft({ causalHistory: [{ messageId: met.messageId, lamportTimestamp: START + 2 }] }).bytes)
    bob.receive(met.bytes)
    bob.run(60_000)
    expect(ofType(bob.effects, 'lost')).toMatchObject([{ messageId: wanted }])
    bob.restart()
    bob.effects.length = 0
    bob.receive(craft({ senderId: 'm3', causalHistory: [cite], lamportTimestamp: START + 60_000 }).bytes)
    bob.run(3_600_000)

    expect(types(bob.effects).filter(type => type === 'lost' || type === 'missing')).toEqual([])
    expect(bob.sds.status()).toMatchObject({ lost: 1, missing: 0, parked: 0 })
    expect(bob.delivered.length).toBe(5)
  })

  it('P29: a possibly acknowledged message is resent later than one that is not', () => {
    const resends = (sign?: (messageId: string) => Uint8Array): number[] => {
      const alice = member({ config: { deliveredAt: 2 } })
      const [{ messageId }] = alice.send('hi')
      const at: number[] = []

      if (sign != null) {
        alice.receive(sign(messageId))
      }

      for (let i = 0; i < 400; i++) {
        ofType(alice.run(1_000), 'transmit').forEach(() => at.push(i))
      }

      return at
    }
    const weak = (messageId: string): Uint8Array => withByte(encodeCompact([hashId(messageId)], seededRandom(1)), 3, 2)
    const plain = resends()
    const signs = [
      resends(messageId => craftSync({ senderId: 'bob', causalHistory: [{ messageId }] })),
      resends(messageId => craftSync({ senderId: 'bob', bloomFilter: weak(messageId) }))
    ]

    expect(plain.length).toBe(5)
    plain.slice(2).forEach((at, i) => { expect(at - plain[i + 1]).toBeGreaterThan(1.4 * (plain[i + 1] - plain[i])) })
    signs.forEach(possibly => { expect(possibly[1] - possibly[0]).toBeGreaterThan(1.4 * (plain[1] - plain[0])) })
  })

  it('P30: the log is ordered by code unit', () => {
    const ids = ['Zebra', 'apple', 'Äpfel', 'a-1', 'a1', 'éclair', 'z', '\u{1f600}', '\uffee']
    const alice = member()
    ids.forEach(messageId => { alice.receive(craft({ messageId, idSalt: undefined, lamportTimestamp: START + 5 }).bytes) })
    // upper case before lower, hyphen before digits, and halves of a pair before what comes after them alone
    const expected = ['Zebra', 'a-1', 'a1', 'apple', 'z', 'Äpfel', 'éclair', '\u{1f600}', '\uffee']

    expect([...ids].sort(compareIds)).toEqual(expected)
    expect(alice.log()).toEqual(expected)
    alice.restart()
    expect(alice.log()).toEqual(expected)
  })

  it('P65: a filter rolls over, and holds the newest half of its capacity', () => {
    const filter = new WakuFilter()
    const ids = Array.from({ length: 50_000 }, (_, i) => hashId(computeMessageId('a', BigInt(i))))
    const absent = Array.from({ length: 5_000 }, (_, i) => hashId(computeMessageId('b', BigInt(i))))

    ids.forEach((id, i) => {
      filter.insert(id)

      if (i % 2_500 === 0) {
        expect(ids.slice(Math.max(0, i - 4_999), i + 1).every(recent => filter.has(recent)), `after ${i + 1}`).toBe(true)
      }
    })
    expect(absent.filter(id => filter.has(id)).length).toBeLessThan(20)
    expect(decodeFilter(filter.toBytes())?.fill).toBeLessThan(0.5)

    // theirs does not roll over, and is believed the less the fuller it is
    const theirs = new WakuFilter(Infinity)
    const rates = [0, 1, 2].map(i => {
      ids.slice(i * 10_000, (i + 1) * 10_000).forEach(id => { theirs.insert(id) })

      return decodeFilter(theirs.toBytes())?.rate ?? 0
    })

    expect(rates[0]).toBeLessThan(0.002)
    expect(rates[1]).toBeGreaterThan(0.03)
    expect(rates[2]).toBeGreaterThan(0.2)
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

/** The same header for so many bits. */
function sized (filter: Uint8Array, bits: number): Uint8Array {
  const out = new Uint8Array(20 + bits / 8)
  out.set(filter.subarray(0, 20))
  new DataView(out.buffer).setUint32(8, bits)

  return out
}

/** A copy with one byte changed. */
function withByte (bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[index] = value

  return copy
}
