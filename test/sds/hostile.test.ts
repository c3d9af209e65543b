import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { encodeCompact, hashId, WakuFilter } from '../../src/sds/bloom/index.js'
import { encodeMessage } from '../../src/sds/codec.js'
import { computeMessageId, decodeMessage } from '../../src/sds/index.js'
import { SdsMessagePb } from '../../src/sds/pb/sds.js'
import { Member, ofType, START, types } from './support/member.js'
import { Network } from './support/network.js'
import { seededRandom } from './support/random.js'
import type { MessageFields } from '../../src/sds/codec.js'

beforeAll(loadFastKeccak)

function message (fields: Partial<MessageFields>): Uint8Array {
  return encodeMessage({ senderId: 'mallory', messageId: 'm', channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [], repairRequest: [], content: [Uint8Array.of(1)], ...fields })
}

/** One of each kind that members send, and the largest that are read. */
function corpus (): Uint8Array[] {
  const network = new Network({ members: 3, seed: 1, loss: 0.3 })
  const sent: Uint8Array[] = []
  const publish = network.publish.bind(network)

  network.publish = (from, bytes) => {
    sent.push(bytes)
    publish(from, bytes)
  }

  for (let i = 0; i < 12; i++) {
    network.send(i % 3, `message ${i}`)
    network.run(1_500)
  }

  network.run(20_000)
  const ids = Array.from({ length: 1_024 }, (_, i) => computeMessageId('mallory', BigInt(i)))
  const waku = new WakuFilter()
  ids.forEach(id => { waku.insert(hashId(id)) })

  return [
    ...sent,
    message({ messageId: 'history', causalHistory: ids.map((messageId, i) => ({ messageId, senderId: 'm'.repeat(200), retrievalHint: new Uint8Array(64).fill(i), lamportTimestamp: START + i % 20 })) }),
    message({ messageId: 'requests', repairRequest: ids.slice(0, 64).map(messageId => ({ messageId })) }),
    message({ messageId: 'compact', bloomFilter: encodeCompact(ids.map(hashId), seededRandom(1)) }),
    message({ messageId: 'waku', content: undefined, bloomFilter: waku.toBytes() }),
    message({ messageId: 'itself', causalHistory: [{ messageId: 'itself' }, { messageId: 'itself', lamportTimestamp: START + 99 }] }),
    message({ messageId: computeMessageId('mallory', BigInt(START) * 1_000_000n, Uint8Array.of(1)), lamportTimestamp: undefined, idSalt: BigInt(START) * 1_000_000n })
  ]
}

/** What a length or a number becomes at its edges. */
const EDGES = [[0], [0x7f], [0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]]

const damage = fc.oneof(
  fc.record({ type: fc.constant('flip' as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ type: fc.constant('edge' as const), at: fc.nat(), value: fc.nat(EDGES.length - 1) }),
  fc.record({ type: fc.constant('cut' as const), at: fc.nat(), value: fc.nat() }),
  fc.record({ type: fc.constant('repeat' as const), at: fc.nat(), value: fc.nat(300) }),
  fc.record({ type: fc.constant('splice' as const), at: fc.nat(), value: fc.nat() })
)

describe('sds: hostile members', () => {
  it('damaged messages of every kind neither throw nor leave anything behind that a restart does not know', () => {
    const messages = corpus()
    const victim = new Member({ senderId: 'victim', config: { maxSeen: 500 } })

    expect(messages.length).toBeGreaterThan(30)

    fc.assert(fc.property(fc.nat(messages.length - 1), fc.array(damage, { maxLength: 4 }), fc.nat(20), (which, changes, restarts) => {
      let bytes = messages[which]

      for (const { type, at, value } of changes) {
        const place = at % (bytes.byteLength + 1)

        switch (type) {
          case 'flip':
            bytes = bytes.with(place % bytes.byteLength, value)
            break
          case 'edge':
            bytes = concatBytes(bytes.subarray(0, place), Uint8Array.from(EDGES[value]), bytes.subarray(place + 1))
            break
          case 'cut':
            bytes = bytes.slice(place % 200, Math.max(place % 200 + 1, bytes.byteLength - value % 50))
            break
          case 'repeat':
            bytes = concatBytes(bytes, bytes.subarray(place, place + value))
            break
          case 'splice':
            bytes = concatBytes(bytes.subarray(0, place), messages[value % messages.length].subarray(place))
        }

        bytes = bytes.byteLength === 0 ? Uint8Array.of(0) : bytes
      }

      victim.receive(bytes)
      victim.run(200)

      if (restarts === 0) {
        const { log, parked } = victim.sds.status()
        victim.restart()
        expect(victim.sds.status()).toMatchObject({ log, parked })
      }
    }), { numRuns: 500, seed: 1 })
    const reasons = new Set(ofType(victim.effects, 'rejected').map(({ reason }) => reason))

    expect(victim.sds.status().bytes).toBeLessThan(48 * 1_024 * 1_024)
    expect([...reasons]).toEqual(expect.arrayContaining(['malformed', 'bad-filter', 'id-mismatch', 'stale-ephemeral']))
    victim.run(1_000_000)
    expect(victim.sds.status()).toMatchObject({ parked: 0, missing: 0 })
    expect(new Set(victim.delivered).size).toBe(victim.delivered.length)
    expect(victim.log().toSorted()).toEqual(victim.delivered.toSorted())
  }, 30_000)

  it('any graph of lying citations ends with each message delivered once, restarts included', () => {
    const citation = fc.record({ to: fc.nat(12), stamp: fc.constantFrom(undefined, 0, 1, START + 5, START + 9, START + 10_000, 2 ** 31 + 5, 2 ** 53 - 1) })
    const node = fc.record({ lamport: fc.integer({ min: START + 1, max: START + 8 }), cites: fc.array(citation, { maxLength: 4 }) })

    fc.assert(fc.property(fc.array(node, { minLength: 2, maxLength: 10 }), fc.nat(9), (nodes, crash) => {
      const bob = new Member({ senderId: 'bob' })
      bob.receive(message({ messageId: 'hello', lamportTimestamp: START }))
      bob.run(61_000)

      nodes.forEach(({ lamport, cites }, i) => {
        bob.receive(message({ messageId: `m${i}`, lamportTimestamp: lamport, causalHistory: cites.map(({ to, stamp }) => ({ messageId: `m${to}`, lamportTimestamp: stamp })) }))

        if (i === crash) {
          bob.restart()
        }
      })

      bob.run(700_000)
      expect(bob.sds.status()).toMatchObject({ parked: 0, missing: 0, log: nodes.length + 1 })
      expect(bob.delivered.toSorted()).toEqual(['hello', ...nodes.map((_, i) => `m${i}`)].toSorted())
    }), { numRuns: 150, seed: 2 })
  })

  it('P22: Lamport timestamps at every edge, in messages and in citations, are stored as they came', () => {
    // protons-runtime writes bigints from 2^31 to 2^32 wrongly: there our own encoder serves
    const encode = (fields: Partial<MessageFields>, lamportTimestamp: bigint, cited: bigint): Uint8Array =>
      lamportTimestamp < 2n ** 53n && cited < 2n ** 53n
        ? message({ ...fields, lamportTimestamp: Number(lamportTimestamp), causalHistory: [{ messageId: 'x', lamportTimestamp: Number(cited) }] })
        : SdsMessagePb.encode({ senderId: 'mallory', messageId: 'm', channelId: 'tea', lamportTimestamp, causalHistory: [{ messageId: 'x', lamportTimestamp: cited }], repairRequest: [], content: Uint8Array.of(1) })

    for (const edge of [0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 52n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      // our own stamps go on from there, and have to fit too
      const taken = edge > 0n && edge <= 2n ** 52n
      const bob = new Member({ senderId: 'bob', now: taken ? Math.max(0, Number(edge) - 86_400_000) : START })
      bob.receive(encode({}, edge, 0n))
      bob.restart()
      expect(bob.sds.entry('m')?.lamportTimestamp, `${edge}`).toBe(taken ? Number(edge) : undefined)

      // in a citation it is no reason to drop the message, which waits for it or not, but not for ever
      const carol = new Member({ senderId: 'carol' })
      carol.receive(message({ messageId: 'hello' }))
      carol.run(61_000)
      carol.receive(encode({}, BigInt(START + 50), edge))
      carol.restart()
      carol.run(61_000)
      expect(carol.delivered, `${edge}`).toEqual(['hello', 'm'])
      expect(carol.send('next')[0].lamportTimestamp).toBeLessThan(START + 200_000)
    }
  })

  it('P22: a citation of a message that waits may be stamped with whatever: the state is read back', () => {
    for (const cited of [0n, BigInt(START + 20), BigInt(START + 60), 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      const bob = new Member({ senderId: 'bob' })
      const next = { senderId: 'mallory', messageId: 'next', channelId: 'tea', lamportTimestamp: BigInt(START + 50), repairRequest: [], content: Uint8Array.of(1) }
      bob.receive(message({ messageId: 'waits', lamportTimestamp: START + 20, causalHistory: [{ messageId: 'missing', lamportTimestamp: START + 10 }] }))
      bob.receive(SdsMessagePb.encode({ ...next, causalHistory: [{ messageId: 'waits', lamportTimestamp: cited }] }))
      bob.restart()

      expect(bob.sds.unmet('next'), `${cited}`).toEqual(['waits'])
      bob.receive(message({ messageId: 'missing', lamportTimestamp: START + 10 }))
      expect(bob.delivered, `${cited}`).toEqual(['missing', 'waits', 'next'])
    }
  })

  it.each(['mallory', 'alice'])('where a message was replaced by one without salt, in the name of %s, the true one says so', (senderId) => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [{ messageId, bytes }, { bytes: next }] = alice.send('hi', 'next')

    bob.receive(next)
    expect(ofType(bob.receive(message({ senderId, messageId })), 'released')).toHaveLength(2)
    expect(bob.receive(bytes)).toMatchObject([{ type: 'rejected', reason: 'id-mismatch', messageId, senderId: 'alice' }])
    expect(bob.sds.status().rejected).toEqual({ 'id-mismatch': 1 })
  })

  it('digits that pass from the salt to its neighbours make no other message of the same ID', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const digits = (text: string): string => text.replaceAll(/[^0-9]/g, '')

    for (const text of ['hi', '7 of 9', '12345678901234567890']) {
      const [{ messageId, idSalt, bytes }] = alice.send(text)
      const salt = idSalt.toString()
      const shifted = [
        ...[1, 2, 9, 18].map(n => ({ senderId: 'alice', salt: salt.slice(0, -n), content: salt.slice(-n) + text })),
        ...[1, 2, 9, 18].map(n => ({ senderId: `alice${salt.slice(0, n)}`, salt: salt.slice(n), content: text })),
        ...[1, 3].filter(n => digits(text.slice(0, n)).length === n && `${salt}${text.slice(0, n)}`.length <= 20)
          .map(n => ({ senderId: 'alice', salt: salt + text.slice(0, n), content: text.slice(n) }))
      ].filter(({ salt }) => !salt.startsWith('0'))

      for (const { senderId, salt, content } of shifted) {
        expect(computeMessageId(senderId, BigInt(salt), utf8ToBytes(content))).toBe(messageId)
        expect(bob.receive(message({ senderId, idSalt: BigInt(salt), messageId, content: [utf8ToBytes(content)] })), `${senderId} ${salt} ${content}`)
          .toMatchObject([{ type: 'rejected', reason: 'id-mismatch' }])
      }

      expect(types(bob.receive(bytes))).toEqual(['received', 'released'])
    }
  })

  it('a digit of the sender makes no time of long ago out of a salt', () => {
    const bob = new Member({ senderId: 'bob', seed: 2 })

    for (const senderId of ['alice1', 'alice15', 'alice1234567890']) {
      const alice = new Member({ senderId })
      const [{ messageId, idSalt, bytes }] = alice.send('hi')
      const tail = senderId.slice('alice'.length) + idSalt
      const shifted = { senderId: 'alice', salt: BigInt(tail.slice(0, 19)), content: utf8ToBytes(`${tail.slice(19)}hi`) }

      expect(computeMessageId(shifted.senderId, shifted.salt, shifted.content)).toBe(messageId)
      expect(bob.receive(message({ senderId: shifted.senderId, idSalt: shifted.salt, messageId, content: [shifted.content] })), senderId)
        .toMatchObject([{ type: 'rejected', reason: 'id-mismatch' }])
      expect(types(bob.receive(bytes)), senderId).toEqual(['received', 'released'])
    }
  })

  it('a salt of any size is believed where nothing stands next to it that makes it a time', () => {
    const bob = new Member({ senderId: 'bob' })
    let lamportTimestamp = START

    for (const [senderId, idSalt] of [['alice', 1n], ['alice-1', 1_000_000n], ['alice', 10n ** 18n - 1n], ['2', 2n ** 64n - 1n]] as const) {
      for (const content of ['hi', '7', '2026-11-30']) {
        const messageId = computeMessageId(senderId, idSalt, utf8ToBytes(content))
        expect(types(bob.receive(message({ senderId, idSalt, messageId, lamportTimestamp: ++lamportTimestamp, content: [utf8ToBytes(content)] }))), `${senderId} ${idSalt} ${content}`).toContain('received')
      }
    }
  })

  it('a clock that was never set makes messages that others believe', () => {
    const alice = new Member({ senderId: 'alice-1', now: 0 })
    const bob = new Member({ senderId: 'bob', seed: 2 })

    expect(types(bob.receive(alice.send('7')[0].bytes))).toEqual(['received', 'released'])
    alice.restart()
    expect(types(bob.receive(alice.send('8')[0].bytes))).toEqual(['received', 'released'])
  })

  it('a message that came back from somebody who leaves out the salt is what it is', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [{ messageId, bytes }, { bytes: next }] = alice.send('hi', 'next')
    const { content = new Uint8Array(), ...fields } = decodeMessage(bytes)
    const repaired = encodeMessage({ ...fields, content: [content], idSalt: undefined })

    bob.receive(next)
    expect(ofType(bob.receive(repaired), 'released').map(released => released.messageId)).toContain(messageId)
    expect(types(bob.receive(bytes))).toEqual(['duplicate'])
    // one that had been given up, and one that was fetched
    const carol = new Member({ senderId: 'carol', seed: 3 })
    carol.receive(next)
    carol.run(60_000)
    expect(ofType(carol.receive(repaired), 'released')).toMatchObject([{ messageId, late: true }])
    const dave = new Member({ senderId: 'dave', seed: 4 })
    expect(types(dave.receive(repaired, { fetched: true }))).toEqual(['received', 'released'])
  })

  it('an ID without salt is believed, whatever its form: other implementations choose theirs', () => {
    const bob = new Member({ senderId: 'bob' })
    const content = Uint8Array.of(1, 2, 3)

    for (const messageId of [bytesToHex(sha256(content)), 'ab'.repeat(32), `0x${'ab'.repeat(32)}`, 'AB'.repeat(32), 'm-1']) {
      expect(types(bob.receive(message({ messageId, content: [content] }))), messageId).toEqual(['received', 'released'])
    }
  })

  it('what a filter without bits or with every bit says is nothing', () => {
    const alice = new Member({ senderId: 'alice' })
    const [{ messageId }] = alice.send('hi')
    const made = encodeCompact([hashId(messageId)], seededRandom(1))

    for (const bloomFilter of [made.slice(0, 20), made.slice(0, 20).fill(0, 3), made.slice().fill(0, 20), made.slice().fill(255, 20), new Uint8Array(18_752), new Uint8Array(18_752).fill(255)]) {
      expect(ofType(alice.receive(message({ messageId: 'sync', content: undefined, bloomFilter })), 'receipt')).toEqual([])
    }

    expect(alice.sds.receipts(messageId)).toEqual([])
  })
})
