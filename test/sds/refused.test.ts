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
