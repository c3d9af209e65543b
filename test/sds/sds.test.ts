import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { Member, ofType, START, types } from './support/member.js'

beforeAll(loadFastKeccak)

describe('sds: one message', () => {
  it('is received, released and logged by the other', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [message] = alice.send('hi')
    const effects = bob.receive(message.bytes)

    expect(types(effects)).toEqual(['received', 'released'])
    expect(bob.log()).toEqual(alice.log())
    expect(bob.delivered).toEqual([message.messageId])
  })

  it('is acknowledged by a sync message within half of the timeout when nobody types', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [message] = alice.send('hi')

    bob.receive(message.bytes)
    const [sync] = ofType(bob.run(2_500), 'sync')
    const effects = alice.receive(sync.bytes)

    expect(types(effects)).toEqual(['receipt', 'acknowledged'])
    expect(alice.sds.receipts(message.messageId)).toEqual(['bob'])
    expect(alice.sds.acknowledgement(message.messageId)).toBe('acknowledged')
    expect(ofType(alice.run(600_000), 'transmit')).toEqual([])
  })

  it('is resent with backoff until resends are used up, then reported once', () => {
    const alice = new Member({ senderId: 'alice' })
    const [message] = alice.send('hi')
    const effects = alice.run(3_600_000)

    expect(ofType(effects, 'transmit').map(({ messageId }) => messageId)).toEqual(Array(5).fill(message.messageId))
    expect(ofType(effects, 'not-acknowledged')).toEqual([{ type: 'not-acknowledged', messageId: message.messageId, attempts: 5 }])
    expect(alice.sds.status().unacknowledged).toBe(0)
  })

  it('waits for its dependencies, which are reported missing at once', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [first] = alice.send('one')
    const [second] = alice.send('two')
    const parked = bob.receive(second.bytes)

    expect(types(parked)).toEqual(['received', 'missing'])
    expect(ofType(parked, 'missing')[0].entries).toMatchObject([{ messageId: first.messageId, citedBy: second.messageId, citer: 'alice', senderId: 'alice', attempt: 1 }])
    expect(types(bob.receive(first.bytes))).toEqual(['found', 'received', 'released', 'released'])
    expect(bob.delivered).toEqual([first.messageId, second.messageId])
  })

  it('is released when its dependencies are lost, and they later', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [first] = alice.send('one')
    const [second] = alice.send('two')

    bob.receive(second.bytes)
    const effects = bob.run(60_000)

    expect(ofType(effects, 'lost')).toEqual([{ type: 'lost', messageId: first.messageId, senderId: 'alice', citedBy: second.messageId }])
    expect(bob.delivered).toEqual([second.messageId])
    expect(ofType(bob.receive(first.bytes), 'released')).toMatchObject([{ messageId: first.messageId, late: true }])
    expect(bob.log()).toEqual(alice.log())
  })

  it('carries at most 320 bytes beside its content in a running conversation of 3', () => {
    const members: Member[] = ['12D3KooWAlice', '12D3KooWBob', '12D3KooWCarol'].map((name, i) => new Member({
      senderId: name.padEnd(52, 'x'),
      seed: i,
      publish: (bytes, from) => {
        for (const member of members) {
          if (member !== from) {
            member.receive(bytes)
          }
        }
      }
    }))

    for (let i = 0; i < 9; i++) {
      for (const member of members) {
        member.now = START + i * 1_000
      }

      const [message] = members[i % 3].send('hi')
      members[i % 3].sds.hint(message.messageId, new Uint8Array(32).fill(i))
      expect(message.bytes.byteLength).toBeLessThan(550)
      expect(decodeMessage(message.bytes).causalHistory.length).toBeLessThanOrEqual(2)
    }
  })
})
