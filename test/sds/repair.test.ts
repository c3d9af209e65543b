import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { isInResponseGroup, requestDelay, responseDelay } from '../../src/sds/repair-hash.js'
import { craft, craftSync, member } from './support/craft.js'
import { ofType, START } from './support/member.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

const HINT = new Uint8Array(32).fill(7)

/** A request of `senderId` for these. */
function asking (senderId: string, messageIds: readonly string[]): Uint8Array {
  return craftSync({ senderId, repairRequest: messageIds.map(messageId => ({ messageId })) })
}

/** IDs of what is sent again within `ms`, in order. */
function answers (alice: Member, ms: number): string[] {
  return ofType(alice.run(ms), 'transmit').filter(({ reason }) => reason === 'repair').map(({ messageId }) => messageId)
}

describe('sds: asking for repairs', () => {
  it('a request says whose message it is and where it may be had, and is repeated after waits that grow', () => {
    const bob = member({ senderId: 'bob', config: { lostAfterMs: 3_600_000 } })
    const wanted = { messageId: 'wanted', senderId: 'alice', lamportTimestamp: START + 1, retrievalHint: HINT }
    bob.receive(craft({ causalHistory: [wanted] }).bytes)
    const at: number[] = []

    while (at.length < 6) {
      for (const { bytes } of ofType(bob.run(100), 'sync')) {
        const { repairRequest } = decodeMessage(bytes)
        expect(repairRequest.every(entry => entry.senderId === 'alice' && entry.retrievalHint?.[31] === 7)).toBe(true)
        at.push(...repairRequest.map(() => bob.now - START))
      }
    }

    const due = requestDelay('bob', 'wanted', 2_000, 20_000)
    // each a quarter longer than the one before; a request travels within 600 ms of its time
    at.forEach((ms, i) => {
      const wait = i < 2 ? due : due * 1.25 ** (i - 1)
      expect(ms - (at[i - 1] ?? 0) - wait, `request ${i}`).toBeGreaterThan(-700)
      expect(ms - (at[i - 1] ?? 0) - wait, `request ${i}`).toBeLessThan(700)
    })
  })

  it('however many are due, a message has room for three', () => {
    const bob = member({ senderId: 'bob' })
    const wanted = Array.from({ length: 10 }, (_, i) => `wanted-${i}`)
    const asked = (bytes: Uint8Array): string[] => decodeMessage(bytes).repairRequest.map(({ messageId }) => messageId)
    bob.receive(craft({ causalHistory: wanted.map(messageId => ({ messageId, lamportTimestamp: START + 1 })) }).bytes)
    wanted.forEach(messageId => { bob.sds.unavailable(messageId, bob.now) })
    bob.now += 1
    const now = ofType(bob.tick(), 'sync').map(({ bytes }) => asked(bytes))
    const own = asked(bob.send('hi')[0].bytes)
    const later = ofType(bob.run(1_500), 'sync').map(({ bytes }) => asked(bytes))

    expect([...now, own, ...later].flat().toSorted()).toEqual(wanted)
    expect([...now, own, ...later].map(requests => requests.length)).toEqual([3, 3, 3, 1])
  })

  it('a message that is cited again is given up no later for that', () => {
    const bob = member({ senderId: 'bob' })
    const cite = (senderId: string): Uint8Array => craft({ senderId, causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1 }] }).bytes

    bob.receive(cite('m1'))
    bob.run(50_000)
    bob.receive(cite('m2'))
    bob.run(9_999)
    expect(bob.delivered).toEqual([])
    const effects = bob.run(1)
    expect(bob.delivered.length).toBe(2)
    // whoever fetches it may stop
    expect(ofType(effects, 'found')).toEqual([{ type: 'found', messageId: 'gone' }])
  })

  it('another hint is worth another try at once, and each has its turn', () => {
    const bob = member({ senderId: 'bob' })
    const cite = (senderId: string, retrievalHint: Uint8Array): Uint8Array => craft({ senderId, causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1, retrievalHint }] }).bytes
    const reported = (effects: ReturnType<Member['run']>): number[] => ofType(effects, 'missing').flatMap(({ entries }) => entries.map(({ retrievalHint }) => retrievalHint?.[0] ?? 0))

    expect(reported(bob.receive(cite('m1', Uint8Array.of(1))))).toEqual([1])
    expect(reported(bob.receive(cite('m2', Uint8Array.of(2))))).toEqual([2])
    expect(reported(bob.receive(cite('m3', Uint8Array.of(2))))).toEqual([])
    expect(new Set(reported(bob.run(30_000)))).toEqual(new Set([1, 2]))
  })
})

describe('sds: answering requests for repairs', () => {
  /** Messages of bob that alice holds. */
  function holding (count: number, senders = 1): { alice: Member, ids: string[] } {
    const alice = member()
    const ids = Array.from({ length: count }, (_, i) => {
      const { messageId, bytes } = craft({ senderId: 'bob', lamportTimestamp: START + i })
      alice.receive(bytes)

      return messageId
    })

    for (let i = 1; i < senders; i++) {
      alice.receive(craftSync({ senderId: `m${i}` }))
    }

    alice.run(10_000)

    return { alice, ids }
  }

  it('a message of another is sent again after T_resp, unless that came again before, and not twice in T_min', () => {
    const alice = member()
    const { messageId, bytes } = craft({ senderId: 'bob' })
    const due = responseDelay('alice', 'bob', messageId, 20_000)
    alice.receive(bytes)

    alice.receive(asking('carol', [messageId]))
    expect(answers(alice, due - 1)).toEqual([])
    expect(answers(alice, 2)).toEqual([messageId])
    alice.receive(asking('dave', [messageId]))
    expect(answers(alice, 30_000)).toEqual([])

    alice.receive(asking('carol', [messageId]))
    alice.run(due - 1)
    alice.receive(bytes)
    expect(answers(alice, 30_000)).toEqual([])
  })

  it('of one message of another, 16 requests are looked at', () => {
    const { alice, ids } = holding(30)
    alice.receive(asking('carol', ids))

    expect(answers(alice, 60_000).toSorted()).toEqual(ids.slice(0, 16).toSorted())
  })

  it('in a crowd, the members of the author\'s group answer', () => {
    const { alice, ids } = holding(16, 300)
    alice.receive(asking('carol', ids))
    const expected = ids.filter(messageId => isInResponseGroup('alice', 'bob', messageId, 2n))

    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(16)
    expect(answers(alice, 60_000).toSorted()).toEqual(expected.toSorted())
  })

  it('250 answers for one member wait, and 1 000 in all', () => {
    const alice = member()
    const ids = Array.from({ length: 1_500 }, (_, i) => alice.send(`${i}`)[0].messageId)
    alice.receive(craftSync({ senderId: 'bob', causalHistory: ids.slice(0, 1_000).map(messageId => ({ messageId })) }))
    alice.receive(craftSync({ senderId: 'bob', causalHistory: ids.slice(1_000).map(messageId => ({ messageId })) }))
    const ask = (senderId: string, from: number): void => {
      for (let i = from; i < from + 300; i += 15) {
        alice.receive(asking(senderId, ids.slice(i, i + 15)))
      }
    }

    ask('m0', 0)
    expect(answers(alice, 120_000).length).toBe(250)
    ;[0, 300, 600, 900, 1_200].forEach((from, i) => { ask(`m${i}`, from) })
    expect(answers(alice, 300_000).length).toBe(1_000)
  })
})
