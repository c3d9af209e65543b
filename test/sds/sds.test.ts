import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { encodeMessage } from '../../src/sds/codec.js'
import { decodeMessage } from '../../src/sds/index.js'
import { requestDelay } from '../../src/sds/repair-hash.js'
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

  it('P28: is resent with backoff until resends are used up, then reported once', () => {
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

  it('reports what is missing again with backoff until it is lost', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    alice.send('one')
    const at: number[] = []
    const [second] = alice.send('two')
    const begin = bob.now
    at.push(...ofType(bob.receive(second.bytes), 'missing').map(() => 0))

    for (let ms = 0; ms < 120_000; ms += 100) {
      at.push(...ofType(bob.run(100), 'missing').map(() => bob.now - begin))
    }

    expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000, 30_000, 45_000])
  })

  it('asks for at most three repairs in a message, each first between T_min and T_max', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const lost = Array.from({ length: 10 }, (_, i) => alice.send(`lost ${i}`)[0].messageId)
    const first = new Map<string, number>()
    const begin = bob.now
    const cites = lost.map((messageId, i) => ({ messageId, senderId: 'alice', lamportTimestamp: START + i }))
    bob.receive(encodeMessage({ senderId: 'alice', messageId: 'head', channelId: 'tea', lamportTimestamp: START + 50, causalHistory: cites, repairRequest: [], content: [Uint8Array.of(1)] }))

    for (let ms = 0; ms < 30_000; ms += 100) {
      for (const { bytes } of ofType(bob.run(100), 'sync')) {
        const { repairRequest } = decodeMessage(bytes)
        expect(repairRequest.length).toBeLessThanOrEqual(3)
        repairRequest.filter(({ messageId }) => !first.has(messageId)).forEach(({ messageId }) => { first.set(messageId, bob.now - begin) })
      }
    }

    for (const messageId of lost) {
      const due = requestDelay('bob', messageId, 2_000, 20_000)
      expect(first.get(messageId)).toBeGreaterThanOrEqual(due)
      // early, not with the next message of somebody who types: at most two gaps between sync messages later
      expect(first.get(messageId)).toBeLessThan(due + 1_600)
    }
  })

  it('asks at once for what nobody could deliver on request, and for the rest in its time', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [one, two, head] = [alice.send('one')[0], alice.send('two')[0], alice.send('head')[0]]

    bob.receive(head.bytes)
    bob.receive(two.bytes)
    bob.sds.unavailable(one.messageId, bob.now)
    // what is not missing is no matter
    bob.sds.unavailable(two.messageId, bob.now)

    const asked = ofType(bob.run(1_900), 'sync').flatMap(({ bytes }) => decodeMessage(bytes).repairRequest.map(({ messageId }) => messageId))
    expect(asked).toEqual([one.messageId])
  })

  it('a sync message is kept nowhere', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    bob.receive(alice.send('hi')[0].bytes)
    const [sync] = ofType(bob.run(2_500), 'sync')
    const { log, seen, lamportTimestamp } = alice.sds.status()
    alice.receive(sync.bytes)

    expect(alice.sds.status()).toMatchObject({ log, seen, lamportTimestamp })
    expect(bob.sds.status()).toMatchObject({ log: 1, seen: 1 })
    const [next] = alice.send('next')
    expect(decodeMessage(next.bytes).causalHistory.map(({ messageId }) => messageId)).toEqual(alice.log().slice(0, 1))
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
