import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, encodeCompact, hashId } from '../../src/sds/bloom/index.js'
import { decodeMessage, encodeMessage } from '../../src/sds/codec.js'
import { computeMessageId, idFromBytes, writeIdBytes } from '../../src/sds/ids.js'
import { compareIds, Sds } from '../../src/sds/index.js'
import { OrderedSlots } from '../../src/sds/ordered-slots.js'
import { SdsMessagePb } from '../../src/sds/pb/sds.js'
import { SeenIds } from '../../src/sds/seen-ids.js'
import { Member, ofType, START } from './support/member.js'
import { seededRandom } from './support/random.js'

beforeAll(loadFastKeccak)

const bytes = fc.uint8Array({ maxLength: 200 }).map(array => Uint8Array.from(array))
const text = fc.string({ unit: 'binary', maxLength: 40 }).map(string => string.toWellFormed().replaceAll('\0', ''))
const id = fc.oneof(fc.nat(1_000).map(n => computeMessageId('x', BigInt(n))), text.filter(string => string !== ''))
const lamport = fc.maxSafeNat()
const entry = fc.record({
  messageId: id,
  retrievalHint: fc.option(bytes, { nil: undefined }),
  senderId: fc.option(text, { nil: undefined }),
  lamportTimestamp: fc.option(lamport, { nil: undefined })
})
const message = fc.record({
  senderId: text,
  messageId: text,
  channelId: text,
  lamportTimestamp: fc.option(lamport, { nil: undefined }),
  causalHistory: fc.array(entry, { maxLength: 5 }),
  bloomFilter: fc.option(bytes, { nil: undefined }),
  repairRequest: fc.array(entry, { maxLength: 3 }),
  content: fc.option(fc.array(bytes, { maxLength: 4 }), { nil: undefined }),
  idSalt: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined })
})

/** Who of three members sends (true) or hears the oldest of what it has not heard yet. */
const schedule = fc.array(fc.record({ who: fc.nat(2), sends: fc.boolean(), pick: fc.nat() }), { minLength: 5, maxLength: 60 })

describe('sds: properties', () => {
  it('any interleaving of any DAG gives a linear extension, each message once, and identical logs', () => {
    fc.assert(fc.property(schedule, fc.integer(), (steps, seed) => {
      const sent: Array<{ id: string, bytes: Uint8Array, cites: string[] }> = []
      const members = [0, 1, 2].map(i => new Member({
        senderId: `m${i}`,
        seed: i,
        publish: (message) => {
          const decoded = decodeMessage(message)
          sent.push({ id: decoded.messageId, bytes: message, cites: decoded.causalHistory.map(({ messageId }) => messageId) })
        }
      }))

      for (const { who, sends, pick } of steps) {
        if (sends || sent.length === 0) {
          members[who].send(`${sent.length}`)
        } else {
          members[who].receive(sent[pick % sent.length].bytes)
        }
      }

      // everything once more, to everyone, in any order
      const random = seededRandom(seed)
      const shuffled = sent.map(item => ({ item, key: random.float() })).sort((a, b) => a.key - b.key)

      for (const member of members) {
        shuffled.forEach(({ item }) => { member.receive(item.bytes) })
        const log = member.log()
        const order = [...member.delivered]

        expect(log.length).toBe(sent.length)
        expect(log).toEqual(members[0].sds.status().log === sent.length ? members[0].log() : log)
        expect(new Set(order).size).toBe(order.length)
        expect(member.sds.status()).toMatchObject({ parked: 0, missing: 0, lost: 0 })

        for (const { id: messageId, cites } of sent) {
          const at = order.indexOf(messageId)
          expect(at < 0 || cites.every(cited => order.indexOf(cited) < at)).toBe(true)
        }
      }
    }), { numRuns: 100, seed: 1 })
  })

  it('any bytes are taken without a throw, and state stays within its bounds', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, config: { maxSeen: 100 } })
    const real = new Member({ senderId: 'bob' }).send('hi')[0].bytes

    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 5 }), message, (garbage, flips, fields) => {
      const flipped = real.slice()
      flips.forEach(([index, value]) => { flipped[index] = value })
      const crafted = SdsMessagePb.encode({
        ...fields,
        channelId: 'tea',
        lamportTimestamp: fields.lamportTimestamp == null ? undefined : BigInt(START + fields.lamportTimestamp % 1_000),
        causalHistory: fields.causalHistory.map(item => ({ ...item, lamportTimestamp: undefined })),
        repairRequest: fields.repairRequest.map(item => ({ ...item, lamportTimestamp: undefined })),
        content: Uint8Array.of(1)
      })

      for (const input of [garbage, flipped, crafted]) {
        sds.receive(input, START + 100_000)
        sds.takeOps()
      }
    }), { numRuns: 500, seed: 2 })

    const { bytes: held, rejected } = sds.status()
    expect(held).toBeLessThan(4_000_000)
    expect(rejected.malformed).toBeGreaterThan(100)
    sds.tick(START + 10_000_000)
    expect(sds.status()).toMatchObject({ parked: 0, missing: 0 })
  })

  it('our encoder writes what protons writes', () => {
    fc.assert(fc.property(message, (fields) => {
      const toPb = (item: typeof fields.causalHistory[number]): object => ({ ...item, lamportTimestamp: item.lamportTimestamp == null ? undefined : BigInt(item.lamportTimestamp) })
      const expected = SdsMessagePb.encode({
        ...fields,
        lamportTimestamp: fields.lamportTimestamp == null ? undefined : BigInt(fields.lamportTimestamp),
        causalHistory: fields.causalHistory.map(toPb) as SdsMessagePb['causalHistory'],
        repairRequest: fields.repairRequest.map(toPb) as SdsMessagePb['repairRequest'],
        content: fields.content == null ? undefined : Uint8Array.from(fields.content.flatMap(part => [...part]))
      })

      expect(encodeMessage(fields)).toEqual(expected)
    }), { numRuns: 300, seed: 3 })
  })

  it('our decoder reads what protons reads, with unknown fields in between', () => {
    const unknown = fc.constantFrom([0x78, 1], [0x79, 1, 2, 3, 4, 5, 6, 7, 8], [0x7a, 3, 1, 2, 3], [0x7d, 1, 2, 3, 4], [])

    fc.assert(fc.property(message, unknown, unknown, (fields, before, after) => {
      fc.pre(fields.senderId !== '' && fields.messageId !== '')
      const wire = Uint8Array.of(...before, ...encodeMessage(fields), ...after)
      const expected = SdsMessagePb.decode(wire)
      const decoded = decodeMessage(wire)

      expect(decoded).toMatchObject({ senderId: expected.senderId, messageId: expected.messageId, channelId: expected.channelId, idSalt: expected.idSalt })
      expect(decoded.lamportTimestamp).toBe(expected.lamportTimestamp == null ? undefined : Number(expected.lamportTimestamp))
      expect(decoded.content).toEqual(expected.content)
      expect(decoded.bloomFilter).toEqual(expected.bloomFilter)

      for (const list of ['causalHistory', 'repairRequest'] as const) {
        expect(decoded[list].map(({ messageId, senderId, lamportTimestamp }) => [messageId, senderId, lamportTimestamp])).toEqual(
          expected[list].map(item => [item.messageId, item.senderId === '' ? undefined : item.senderId, item.lamportTimestamp == null ? undefined : Number(item.lamportTimestamp)]))
      }
    }), { numRuns: 300, seed: 10 })
  })

  it('what we encode we decode', () => {
    fc.assert(fc.property(message, (fields) => {
      fc.pre(fields.senderId !== '' && fields.messageId !== '')
      const decoded = decodeMessage(encodeMessage(fields))

      expect(decoded).toMatchObject({ senderId: fields.senderId, messageId: fields.messageId, channelId: fields.channelId, lamportTimestamp: fields.lamportTimestamp, idSalt: fields.idSalt })
      expect(decoded.causalHistory.map(({ messageId, lamportTimestamp }) => [messageId, lamportTimestamp])).toEqual(fields.causalHistory.map(item => [item.messageId, item.lamportTimestamp]))
    }), { numRuns: 200, seed: 4 })
  })

  const idToBytes = (messageId: string): Uint8Array => {
    const out = new Uint8Array(1_024)

    return out.subarray(0, writeIdBytes(messageId, out, 0))
  }

  it('stored IDs are read back, of whatever form', () => {
    fc.assert(fc.property(fc.oneof(id, fc.string({ minLength: 31, maxLength: 33, unit: fc.constantFrom('a', 'f', '0') })), (messageId) => {
      expect(idFromBytes(idToBytes(messageId))).toBe(messageId)
    }), { seed: 5 })
    expect(idToBytes('ab'.repeat(32)).byteLength).toBe(32)
    expect(idFromBytes(idToBytes('AB'.repeat(32)))).toBe('AB'.repeat(32))
  })

  it('no text loses its first character, whatever that is', () => {
    for (const text of ['\ufeffalice', '\ufeff\ufeffalice', '\ufeff', '\ufffealice']) {
      const wire = encodeMessage({ senderId: text, messageId: text, channelId: text, causalHistory: [], repairRequest: [] })

      expect(decodeMessage(wire)).toMatchObject({ senderId: text, messageId: text, channelId: text })
      expect(SdsMessagePb.decode(wire)).toMatchObject({ senderId: text, messageId: text, channelId: text })
      expect(idFromBytes(idToBytes(text))).toBe(text)
    }
  })

  it('the table of seen IDs answers as a set does, evicting the lowest timestamps of those retired', () => {
    const steps = fc.array(fc.record({ n: fc.nat(60), lamport: fc.integer({ min: 1, max: 100 }), retires: fc.boolean() }), { maxLength: 200 })

    fc.assert(fc.property(steps, fc.integer(), (list, seed) => {
      const seen = new SeenIds(20, seededRandom(seed))
      const model = new Map<string, { lamport: number, retired: boolean }>()

      for (const { n, lamport: stamp, retires } of list) {
        const messageId = n % 5 === 0 ? `foreign ${n}` : computeMessageId('x', BigInt(n))
        const known = model.get(messageId)
        const slot = seen.find(messageId)
        expect(slot >= 0).toBe(known != null)

        if (known == null) {
          const added = seen.add(messageId, stamp)
          model.set(messageId, { lamport: stamp, retired: false })
          expect(seen.id(added)).toBe(messageId)
        } else if (retires && !known.retired) {
          seen.retire(slot)
          known.retired = true
        }

        // what is left was evicted in order of timestamps, and the floor tells up to where
        for (const [other, state] of model) {
          if (seen.find(other) < 0) {
            expect(state.retired).toBe(true)
            expect(state.lamport).toBeLessThanOrEqual(seen.floor)
            model.delete(other)
          }
        }

        expect(seen.size).toBe(model.size)
        expect([...model.values()].filter(({ retired }) => retired).length === 0 || seen.size <= 20 || !retires).toBe(true)
      }
    }), { numRuns: 100, seed: 6 })
  })

  it('IDs that differ in one digit only are told apart', () => {
    const seen = new SeenIds(100, seededRandom(1))
    const alike = Array.from({ length: 64 }, (_, i) => `${'0'.repeat(i)}1${'0'.repeat(63 - i)}`)

    alike.forEach(messageId => {
      expect(seen.find(messageId)).toBe(-1)
      seen.add(messageId, START)
    })
    expect(new Set(alike.map(messageId => seen.find(messageId))).size).toBe(64)
  })

  it('ordered slots are a sorted list, whatever comes and goes', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3_000), fc.boolean()), { maxLength: 3_000, minLength: 1_500 }), fc.nat(3_000), (list, pivot) => {
      const order = new OrderedSlots((a, b) => a - b)
      const model = new Set<number>()

      for (const [n, removes] of list) {
        if (model.has(n)) {
          if (removes) {
            order.remove(n)
            model.delete(n)
          }
        } else {
          order.insert(n)
          model.add(n)
        }
      }

      const sorted = [...model].sort((a, b) => a - b)
      expect(order.size).toBe(sorted.length)
      expect([...order.forward(n => n > pivot)]).toEqual(sorted.filter(n => n > pivot))
      expect([...order.backward(n => n >= pivot)]).toEqual(sorted.filter(n => n < pivot).reverse())
    }), { numRuns: 20, seed: 7 })
  })

  it('a compact filter holds what went in, and errs no more often than it says', () => {
    const random = seededRandom(8)
    let wrong = 0
    let expected = 0

    for (const count of [1, 3, 20, 500]) {
      for (let round = 0; round < 5; round++) {
        const ids = Array.from({ length: count }, (_, i) => hashId(computeMessageId(`in ${round}`, BigInt(i))))
        const made = encodeCompact(ids, random)
        // a weaker one of the same bits, so that errors can be counted
        const weak = made.slice()
        weak[3] = 4
        const [strong, filter] = [decodeFilter(made), decodeFilter(weak)]

        expect(strong?.rate).toBeLessThan(1e-5)
        expect(ids.every(item => strong?.has(item))).toBe(true)

        for (let i = 0; i < 2_000; i++) {
          wrong += filter?.has(hashId(computeMessageId(`out ${round}`, BigInt(i)))) === true ? 1 : 0
        }

        expected += (filter?.rate ?? 0) * 2_000
      }
    }

    expect(expected).toBeGreaterThan(200)
    expect(wrong).toBeLessThan(expected * 1.25)
    expect(wrong).toBeGreaterThan(expected * 0.75)
  })

  it('pages through the log are the log', () => {
    const alice = new Member({ senderId: 'alice' })
    Array.from({ length: 30 }, (_, i) => alice.send(`${i}`))
    const all = alice.sds.entries({ limit: 100 })

    expect(all.map(({ lamportTimestamp, messageId }) => [lamportTimestamp, messageId])).toEqual(
      all.map(({ lamportTimestamp, messageId }) => [lamportTimestamp, messageId] as const).sort((a, b) => a[0] - b[0] || compareIds(a[1], b[1])))

    fc.assert(fc.property(fc.nat(29), fc.nat(29), fc.integer({ min: 1, max: 40 }), (a, b, limit) => {
      const [after, before] = [all[Math.min(a, b)], all[Math.max(a, b)]]
      const between = all.slice(Math.min(a, b) + 1, Math.max(a, b))

      expect(alice.sds.entries({ after, before, limit })).toEqual(between.slice(0, limit))
      expect(alice.sds.entries({ after, before, limit, reverse: true })).toEqual(between.toReversed().slice(0, limit))
      expect(alice.sds.entries({ before, limit, reverse: true })).toEqual(all.slice(0, Math.max(a, b)).toReversed().slice(0, limit))
    }), { seed: 9 })
    expect(ofType(alice.effects, 'rejected')).toEqual([])
  })
})
