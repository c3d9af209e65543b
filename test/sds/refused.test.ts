import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { craft, craftSync, member } from './support/craft.js'
import { START, types } from './support/member.js'

beforeAll(loadFastKeccak)

describe('sds: what is refused', () => {
  it.each<[string, () => Uint8Array, string, object?]>([
    ['another channel', () => craft({ channelId: 'coffee' }).bytes, 'wrong-channel'],
    ['an ID that is not that of the content', () => craft({ messageId: 'ab'.repeat(32) }).bytes, 'id-mismatch'],
    ['our own sender ID', () => craft({ senderId: 'alice' }).bytes, 'own-id'],
    ['another sender than was proved', () => craft().bytes, 'wrong-sender', { verifiedSenderId: 'bob' }],
    ['an ephemeral message of long ago', () => craft({ lamportTimestamp: undefined, idSalt: BigInt(START - 60_001) * 1_000_000n }).bytes, 'stale-ephemeral'],
    ['an ephemeral message of the future', () => craft({ lamportTimestamp: undefined, idSalt: BigInt(START + 60_001) * 1_000_000n }).bytes, 'stale-ephemeral'],
    ['an ephemeral message of our own sender ID', () => craft({ senderId: 'alice', lamportTimestamp: undefined }).bytes, 'own-id'],
    ['a sync message of our own sender ID', () => craftSync({ senderId: 'alice' }), 'own-id'],
    ['too many repair requests', () => craftSync({ repairRequest: Array.from({ length: 65 }, (_, i) => ({ messageId: `${i}` })) }), 'malformed'],
    ['a message ID that is too long', () => craft({ messageId: 'x'.repeat(257), idSalt: undefined }).bytes, 'malformed'],
    ['a sender ID that is too long', () => craft({ senderId: 'x'.repeat(257) }).bytes, 'malformed'],
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

  it('takes in what is as long as may be', () => {
    const alice = member()
    const long = 'x'.repeat(256)
    const hints = [new Uint8Array(64).fill(1), new Uint8Array(65).fill(1)]

    expect(types(alice.receive(craft({ messageId: long, senderId: long, idSalt: undefined }).bytes))).toEqual(['received', 'released'])
    expect(types(alice.receive(craft({ causalHistory: Array.from({ length: 1_024 }, (_, i) => ({ messageId: `${i}` })) }).bytes))).toContain('received')
    expect(decodeMessage(craftSync({ causalHistory: hints.map((retrievalHint, i) => ({ messageId: `${i}`, retrievalHint })) })).causalHistory.map(entry => entry.retrievalHint?.byteLength)).toEqual([64, undefined])
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

  it('an ephemeral message of ours is in no log, and neither cited nor resent', () => {
    const alice = member()
    const staged = alice.sds.stage([[Uint8Array.of(1)]], START, { ephemeral: true })
    staged.apply(START)
    alice.sds.dispatched(staged.messages[0].messageId, START)

    expect(alice.run(600_000)).toEqual([])
    expect(alice.sds.status()).toMatchObject({ log: 0, seen: 0, unacknowledged: 0 })
    expect(decodeMessage(alice.send('next')[0].bytes).causalHistory).toEqual([])
  })

  it('an ephemeral message is recognised as long as it may come again', () => {
    const bob = member({ senderId: 'bob' })
    const ephemeral = (ms: number): Uint8Array => craft({ lamportTimestamp: undefined, idSalt: BigInt(START + ms) * 1_000_000n }).bytes
    const first = ephemeral(59_001)
    bob.receive(first)

    for (let ms = 0; ms < 118_000; ms += 1_000) {
      bob.now = START + ms
      expect(types(bob.receive(ephemeral(ms)))).toEqual(['ephemeral'])
      expect(types(bob.receive(first))).toEqual(['duplicate'])
    }
  })

  it('a text that spells what an ID is made of is another ID, and keeps that message from nobody', () => {
    const alice = member()
    const salt = BigInt(START) * 1_000_000n
    const content = [new TextEncoder().encode('pay 5')]
    const genuine = craft({ senderId: 'bob', idSalt: salt, content, lamportTimestamp: START + 5 })
    const spelled = craft({ messageId: `bob${salt}pay 5`, idSalt: undefined, lamportTimestamp: START + 5, causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 2 }] })
    const citing = craft({ senderId: 'bob', lamportTimestamp: START + 9, causalHistory: [{ messageId: genuine.messageId, lamportTimestamp: START + 5 }] })
    alice.receive(craft({ senderId: 'zed', lamportTimestamp: START + 1 }).bytes)

    expect(types(alice.receive(spelled.bytes))).toEqual(['received', 'missing'])
    expect(alice.sds.has(genuine.messageId)).toBe(false)
    expect(types(alice.receive(citing.bytes))).toEqual(['received', 'missing'])
    expect(types(alice.receive(genuine.bytes))).toEqual(['found', 'received', 'released', 'released'])
  })
})
