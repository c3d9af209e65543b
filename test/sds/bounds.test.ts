import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeFilter, hashId } from '../../src/sds/bloom/index.js'
import { encodeMessage } from '../../src/sds/codec.js'
import { computeMessageId, decodeMessage, Sds, verifySdsConfig } from '../../src/sds/index.js'
import { craft, craftSync } from './support/craft.js'
import { Member, ofType, settle, START, types } from './support/member.js'
import { seededRandom } from './support/random.js'
import type { HistoryEntry } from '../../src/sds/index.js'

beforeAll(loadFastKeccak)

function foreign (messageId: string, senderId: string, cites: string[], lamportTimestamp = START + 10): Uint8Array {
  return encodeMessage({
    senderId, messageId, channelId: 'tea', lamportTimestamp, causalHistory: cites.map(cited => ({ messageId: cited, lamportTimestamp: START + 1 })), repairRequest: [], content: [Uint8Array.of(1)]
  })
}

describe('sds: bounds', () => {
  it('parked messages of one sender are bounded, and leave room for others, and so are all', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })

    for (let i = 0; i < 16_384; i++) {
      sds.receive(foreign(`m-${i}`, 'mallory', ['gone']), START)
    }

    expect(sds.receive(foreign('one more', 'mallory', ['gone']), START)).toMatchObject([{ type: 'rejected', reason: 'full' }])
    expect(types(sds.receive(foreign('of bob', 'bob', ['gone']), START))).toEqual(['received'])
    expect(sds.has('one more')).toBe(false)

    for (let i = 1; i < 16_384; i++) {
      sds.receive(foreign(`b-${i}`, 'bob', ['gone']), START)
    }

    expect(sds.status()).toMatchObject({ parked: 32_768, missing: 1 })
    expect(sds.receive(foreign('of carol', 'carol', ['gone']), START)).toMatchObject([{ type: 'rejected', reason: 'full' }])

    const { bytes } = sds.status()
    expect(ofType(settle(sds, START + 60_001), 'released').length).toBe(32_768)
    expect(sds.status()).toMatchObject({ parked: 0, missing: 0, lost: 1, log: 32_768 })
    // each was counted with one citation
    expect(bytes - sds.status().bytes).toBe(32_768 * (500 + 150) + 500)

    // what was counted for the sender is given back
    expect(types(sds.receive(foreign('again', 'mallory', ['gone too']), START + 60_001))).toEqual(['received', 'missing'])
  })

  it('missing dependencies are bounded', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    let full = 0

    for (let i = 0; i < 68; i++) {
      const effects = sds.receive(foreign(`m-${i}`, `s-${i}`, Array.from({ length: 1_000 }, (_, j) => `gone-${i}-${j}`)), START)
      full += ofType(effects, 'rejected').length
    }

    expect(full).toBe(3)
    expect(sds.status().missing).toBe(65_000)
    expect(sds.status().bytes).toBeLessThan(64 * 1_024 * 1_024)
  })

  it('hints of missing messages count too, and all that counted is given back', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const empty = sds.status().bytes
    const cite = (i: number, hint: number): Uint8Array => encodeMessage({
      senderId: `s-${i}`,
      messageId: `m-${i}-${hint}`,
      channelId: 'tea',
      lamportTimestamp: START + 10,
      causalHistory: Array.from({ length: 1_000 }, (_, j) => ({ messageId: `gone-${i}-${j}`, retrievalHint: new Uint8Array(64).fill(hint), lamportTimestamp: START + 1 })),
      repairRequest: []
    })

    for (let i = 0; i < 24; i++) {
      const before = sds.status().bytes
      ;(i === 0 ? [1, 2, 3, 4, 5] : [1, 2, 3, 4]).forEach(hint => { sds.receive(cite(i, hint), START) })

      if (i === 0) {
        // one with four hints is about 2 KB, and a fifth is not kept
        expect(sds.status().bytes - before).toBe(1_000 * (500 + 3 * 600))
      }
    }

    expect(sds.status().bytes).toBeLessThan(empty + 48 * 1_024 * 1_024 + 100_000)
    settle(sds, START + 60_001)
    expect(sds.status()).toMatchObject({ missing: 0, bytes: empty })
  })

  it('long IDs of missing messages and of their senders count, whenever they are told, and are given back', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const empty = sds.status().bytes
    const cite = (entry: Partial<HistoryEntry>): void => {
      sds.receive(craftSync({ causalHistory: [{ messageId: 'm'.repeat(256), lamportTimestamp: START + 1, ...entry }] }), START)
    }
    const counts: number[] = []

    for (const entry of [{}, { senderId: 's'.repeat(164) }, { senderId: 't'.repeat(256) }, { senderId: 'u'.repeat(65), retrievalHint: new Uint8Array(32) }]) {
      cite(entry)
      counts.push(sds.status().bytes - empty)
    }

    // two bytes for each character beyond those of an ID of ours; the second sender is not believed
    expect(counts).toEqual([500 + 384, 500 + 384 + 200, 500 + 384 + 200, 500 + 384 + 200 + 600 + 384 + 2])
    sds.tick(START + 60_001)
    expect(sds.status()).toMatchObject({ missing: 0, bytes: empty })
  })

  it('a long ID of a parked message and of its sender count, and are given back', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const park = (messageId: string, senderId: string): number => {
      const before = sds.status().bytes
      sds.receive(foreign(messageId, senderId, ['gone']), START)

      return sds.status().bytes - before
    }
    sds.receive(foreign('hello', 'zed', []), START)
    const empty = sds.status().bytes
    park('first', 'bob')
    const short = park('second', 'bob')
    const long = park('m'.repeat(256), 's'.repeat(164))
    const kept = sds.status().bytes

    // five bytes for each character beyond those of an ID of ours
    expect(long - short).toBe(5 * (192 + 100))

    sds.tick(START + 60_001)
    expect(sds.status().parked).toBe(0)
    // three that waited, and what was missing; the IDs are remembered
    expect(kept - sds.status().bytes).toBe(3 * 650 + 5 * 292 + 500)
    expect(sds.status().bytes).toBeGreaterThan(empty)
  })

  it('what waits is kept serialised within what it weighs, however much comes and goes', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START })
    const { recorder } = Reflect.get(sds, 'core') as { recorder: object }
    const { dependencies } = Reflect.get(sds, 'parts') as { dependencies: { byteLength: number } }
    const delivered = Array.from({ length: 500 }, (_, i) => `${i} `.padEnd(256, '中'))
    let most = 0
    const receive = (bytes: Uint8Array): void => {
      sds.receive(bytes, START)
      sds.takeOps()
      const kept = Reflect.get(recorder, 'kept') as { length: number }
      most = Math.max(most, kept.length - dependencies.byteLength)
    }

    delivered.forEach(messageId => { receive(foreign(messageId, 'bob', [])) })

    for (let i = 0; i < 16; i++) {
      receive(foreign(`waits-${i}`, 'mallory', [...delivered, 'gone'], START + 1_000 + i))
    }

    for (let i = 0; i < 100; i++) {
      receive(foreign(`comes-${i}`, 'mallory', [...delivered, `goes-${i}`], START + 5_000 + i))
      receive(foreign(`goes-${i}`, 'mallory', [], START + 1))
    }

    expect(sds.status().parked).toBe(16)
    // as much as has to come before there is a snapshot, and one message more
    expect(most).toBeLessThan(262_144 + 500 * 800)
  })

  it('missing messages with long IDs use up the bytes before the entries', () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const empty = sds.status().bytes

    for (let i = 0; i < 64; i++) {
      sds.receive(craftSync({
        senderId: `s-${i}`,
        causalHistory: Array.from({ length: 1_000 }, (_, j) => ({ messageId: `${i}-${j}`.padEnd(256), senderId: `${j}`.padEnd(256), lamportTimestamp: START + 1 }))
      }), START)
    }

    // 500 bytes and twice 384 each
    expect(sds.status().missing).toBe(Math.floor(48 * 1_024 * 1_024 / 1_268))
    expect(sds.status().bytes).toBeLessThanOrEqual(empty + 48 * 1_024 * 1_024 + 64 * 1_024)
  })

  it('messages that we owe an acknowledgement are bounded, and acknowledged for all that', () => {
    const bob = new Member({ senderId: 'bob' })
    const sent = Array.from({ length: 5_000 }, (_, i) => craft({ lamportTimestamp: START + i }))
    sent.forEach(({ bytes }) => { bob.receive(bytes) })
    const { sync } = Reflect.get(bob.sds, 'parts') as { sync: object }

    expect((Reflect.get(sync, 'owed') as Set<string>).size).toBe(4_096)

    // those beyond as well: the filter has what came last
    const filter = decodeFilter(decodeMessage(ofType(bob.run(100), 'sync')[0].bytes).bloomFilter ?? new Uint8Array())
    expect(filter?.has(hashId(sent[4_999].messageId))).toBe(true)
    expect((Reflect.get(sync, 'owed') as Set<string>).size).toBe(0)
  })

  it('a chain that is fed one link at a time does not hold a message for ever', () => {
    const bob = new Member({ senderId: 'bob' })
    const waited: boolean[] = []
    // else the first live message, so far ahead, would be the join mark
    bob.receive(foreign('hello', 'alice', []))
    bob.receive(foreign('victim', 'alice', ['link-0'], START + 3_600_000))

    for (let i = 0; i < 30; i++) {
      bob.run(50_000)
      waited.push(!bob.delivered.includes('victim'))
      bob.receive(foreign(`link-${i}`, 'mallory', [`link-${i + 1}`], START + 3_500_000 - i * 1_000))
    }

    // ten times lostAfterMs, and no more
    expect(waited).toEqual(Array.from({ length: 30 }, (_, i) => i < 11))
  })

  it('a circle of citations is no causality, and holds nobody', () => {
    const bob = new Member({ senderId: 'bob' })
    bob.receive(foreign('a', 'mallory', ['b'], START + 20))
    bob.receive(foreign('b', 'mallory', ['a'], START + 20))

    expect(bob.delivered.toSorted()).toEqual(['a', 'b'])
  })

  it('releases a reversed chain of 10 000 without recursion', () => {
    const alice = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const bob = new Sds({ channelId: 'tea', senderId: 'bob', random: seededRandom(2), now: START, persistent: false })
    const chain = Array.from({ length: 10_001 }, () => {
      const staged = alice.stage([[Uint8Array.of(1)]], START)
      staged.apply(START)

      return staged.messages[0]
    })

    chain.slice(1).reverse().forEach(({ bytes }) => { bob.receive(bytes, START) })
    expect(bob.status().parked).toBe(10_000)
    expect(ofType([...bob.receive(chain[0].bytes, START), ...settle(bob, START)], 'released').map(({ messageId }) => messageId)).toEqual(chain.map(({ messageId }) => messageId))
  })

  describe('what becomes ready or due at one time is spread over calls', () => {
    const MOST = 128

    /** A chain of alice's, and bob, who waits for its first link with all the others. */
    function waitingFor (length: number): { bob: Member, first: Uint8Array, ids: string[] } {
      const alice = new Member({ senderId: 'alice' })
      const bob = new Member({ senderId: 'bob', seed: 2 })
      const chain = Array.from({ length }, (_, i) => alice.send(`${i}`)[0])

      chain.slice(1).reverse().forEach(({ bytes }) => { bob.receive(bytes) })

      return { bob, first: chain[0].bytes, ids: chain.map(({ messageId }) => messageId) }
    }

    it('a long chain, whether anybody is online or not', () => {
      const { bob, first, ids } = waitingFor(1_500)
      const counts = [ofType(bob.receive(first), 'released').length]

      bob.sds.setOnline(false, bob.now)

      while (bob.sds.nextDeadline() != null) {
        expect(bob.sds.nextDeadline()).toBe(bob.now)
        counts.push(ofType(bob.tick(), 'released').length)
      }

      // the first one did not wait
      expect(counts).toEqual([MOST + 1, ...new Array<number>(10).fill(MOST), 1_499 - 11 * MOST])
      expect(bob.delivered).toEqual(ids)
      expect(bob.log()).toEqual(ids)
    })

    it('what cites a message that is ready comes out behind it', () => {
      const { bob, first, ids } = waitingFor(1_000)

      bob.receive(first)
      expect(bob.delivered).not.toContain(ids[900])
      bob.receive(foreign('answer', 'carol', [ids[900]], START + 100_000))
      bob.receive(foreign('other', 'carol', [ids[3]], START + 100_000))
      expect(bob.delivered).not.toContain('answer')
      expect(bob.delivered).toContain('other')
      bob.run(1)
      expect(bob.delivered.indexOf('answer')).toBeGreaterThan(bob.delivered.indexOf(ids[900]))
      expect(bob.delivered.toSorted()).toEqual([...ids, 'answer', 'other'].toSorted())
    })

    it('what is present releases what belongs to it in the same call, and first, though it was in the queue already', () => {
      const bob = new Member({ senderId: 'bob' })

      for (let i = 0; i < 5 * MOST; i++) {
        bob.receive(foreign(`other ${i}`, 'carol', ['cause']))
      }

      bob.receive(foreign('answer', 'carol', ['third']))
      bob.receive(foreign('fourth', 'alice', ['third'], START + 40))
      bob.receive(foreign('second', 'alice', ['first'], START + 20))
      bob.receive(foreign('cause', 'carol', [], START + 1))
      bob.receive(foreign('first', 'alice', [], START + 2))
      expect(bob.delivered).not.toContain('second')

      const released = ofType(bob.act(bob.sds.present(['third'], bob.now, ['first', 'second', 'third', 'fourth'])), 'released').map(({ messageId }) => messageId)

      expect(released.slice(0, 2)).toEqual(['second', 'fourth'])
      expect(released.length).toBe(2 + MOST)
      bob.run(1)
      expect(bob.delivered.at(-1)).toBe('answer')
      expect(new Set(bob.delivered).size).toBe(5 * MOST + 5)
      expect(bob.delivered.length).toBe(5 * MOST + 5)
    })

    it('a restart in between loses nothing and repeats nothing', () => {
      const { bob, first, ids } = waitingFor(1_000)

      bob.receive(first)
      bob.tick()

      const before = bob.delivered.length
      bob.restart()
      expect(bob.sds.status()).toMatchObject({ parked: 1_000 - before, missing: 0 })
      bob.run(1)
      expect(before).toBeLessThan(1_000)
      expect(bob.delivered).toEqual(ids)
    })

    it('what is given up, and what that releases', () => {
      const alice = new Member({ senderId: 'alice' })
      const most = { lost: 0, released: 0, missing: 0 }

      for (let i = 0; i < 2_000; i++) {
        alice.receive(foreign(`m-${i}`, 'mallory', [`gone-${i}`]))
      }

      const end = START + 61_000

      for (let next = alice.sds.nextDeadline() ?? end; next <= end; next = alice.sds.nextDeadline() ?? end + 1) {
        alice.now = Math.max(next, alice.now)
        const effects = alice.tick()

        for (const type of ['lost', 'released'] as const) {
          most[type] = Math.max(most[type], ofType(effects, type).length)
        }

        most.missing = Math.max(most.missing, ...ofType(effects, 'missing').map(({ entries }) => entries.length))
      }

      expect(most).toEqual({ lost: MOST, released: MOST, missing: MOST })
      expect(alice.delivered).toEqual(Array.from({ length: 2_000 }, (_, i) => `m-${i}`))
      expect(ofType(alice.effects, 'lost').length).toBe(2_000)
    })
  })

  it('what arrives in the middle of giving up hundreds does not prolong the wait', () => {
    const CHAINS = 300
    const bob = new Member({ senderId: 'bob' })
    const next = new Array<number>(CHAINS).fill(0)
    const link = (chain: number, n: number): string => `link ${n} of ${chain}`
    /** Feeds each chain whose next link is not given up: it waits for another one then. */
    const feed = (): void => {
      next.forEach((n, chain) => {
        if (ofType(bob.effects, 'lost').every(({ messageId }) => messageId !== link(chain, n))) {
          bob.receive(foreign(link(chain, n), 'mallory', [link(chain, ++next[chain])], START + 3_500_000 - n))
        }
      })
    }

    // else the first live message, so far ahead, would be the join mark
    bob.receive(foreign('hello', 'alice', []))
    bob.receive(foreign('victim', 'alice', next.map((_, chain) => link(chain, 0)), START + 3_600_000))

    for (let i = 0; i < 12; i++) {
      bob.run(49_000)
      feed()
    }

    expect(bob.now).toBe(START + 588_000)
    bob.run(11_999)
    expect(bob.delivered).not.toContain('victim')
    bob.now++

    // what is due now comes in slices, and between the first two of them the chains are fed once more
    bob.tick()
    expect(ofType(bob.effects, 'lost').length).toBeLessThan(CHAINS)
    feed()
    bob.act(settle(bob.sds, bob.now))
    expect(bob.now).toBe(START + 600_000)
    expect(bob.delivered).toContain('victim')
  })

  it('a log that fills the memory of IDs alone does not let a liar of tomorrow raise the floor', () => {
    const bob = new Member({ senderId: 'bob', config: { maxSeen: 50 } })
    const id = (i: number): string => `m-${i}`

    for (let i = 0; i < 100; i++) {
      bob.receive(foreign(id(i), 'alice', [], START + i))
    }

    bob.receive(foreign('tomorrow', 'mallory', [], START + 86_000_000))
    bob.sds.forget(['tomorrow'])
    bob.now += 1_000
    expect(types(bob.receive(foreign('today', 'alice', [], START + 1_000)))).toEqual(['received', 'released'])
    expect(types(bob.receive(foreign('tomorrow', 'mallory', [], START + 86_000_000)))).toEqual(['duplicate'])

    // what else is forgotten goes first, and the floor rises as far as that
    bob.sds.forget(Array.from({ length: 60 }, (_, i) => id(i)))
    expect(bob.sds.status().floor).toBeGreaterThan(START)
    expect(bob.sds.status().floor).toBeLessThan(START + 60)
    expect(bob.sds.has('tomorrow')).toBe(true)
  })

  it('P20: the store stays bounded while IDs are forgotten, and no replay is let in after a restart', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2, config: { maxSeen: 500 } })
    const sent: Uint8Array[] = []
    let most = 0

    for (let i = 0; i < 5_000; i++) {
      alice.now = bob.now = START + i * 10
      const [{ bytes }] = alice.send('same')
      sent.push(bytes)
      bob.receive(bytes)

      if (i % 50 === 49) {
        bob.sds.forget(bob.log().slice(0, -100))
        bob.commit(bob.sds.takeOps())
        most = Math.max(most, bob.entries().reduce((sum, { value }) => sum + value.byteLength, 0))
      }

      // blocks of before a restart go as well
      if (i === 2_525) {
        bob.restart()
      }
    }

    // 100 in the log, 500 remembered, the rest of a journal and of the blocks that they are in
    expect(most).toBeLessThan(1_000_000)
    expect(bob.sds.status()).toMatchObject({ log: 100, seen: 500 })
    expect(bob.transactions.flat().some(({ key, value }) => key.startsWith('sds/b/') && value == null)).toBe(true)
    bob.restart()
    bob.delivered.length = 0
    const verdicts = sent.map(bytes => bob.receive(bytes)[0])
    expect(verdicts.every(effect => effect.type === 'duplicate' || (effect.type === 'rejected' && effect.reason === 'below-floor'))).toBe(true)
    expect(types(verdicts.slice(-500))).toEqual(Array(500).fill('duplicate'))
    expect(bob.delivered).toEqual([])

    // also where a restart finds room for more IDs than are left
    const roomy = new Member({ senderId: 'bob', seed: 3, now: bob.now, config: { maxSeen: 100_000 } })
    roomy.restart(bob.entries())
    expect(roomy.sds.status().floor).toBeGreaterThan(START)
    sent.forEach(bytes => { roomy.receive(bytes) })
    expect(roomy.delivered).toEqual([])
  }, 30_000)

  it('P17: messages that wait are folded into snapshots again and again, restarts included', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const chain = Array.from({ length: 2_200 }, (_, i) => alice.send(`${i}`)[0])

    chain.slice(1).reverse().forEach(({ bytes }) => { bob.receive(bytes) })
    expect(bob.transactions.some(ops => ops.length > 1)).toBe(true)
    bob.restart()
    expect(bob.sds.status()).toMatchObject({ parked: 2_199, missing: 1 })
    // the restored ones are folded again, as they were stored before
    chain.slice(1, 200).forEach(({ bytes }) => { bob.receive(bytes) })

    for (let i = 0; i < 1_100; i++) {
      bob.receive(foreign(`filler-${i}`, 'carol', []))
    }

    bob.restart()
    expect(bob.sds.status()).toMatchObject({ parked: 2_199, missing: 1 })
    bob.receive(chain[0].bytes)
    bob.run(1)
    expect(bob.delivered.filter(id => !id.startsWith('filler'))).toEqual(chain.map(({ messageId }) => messageId))
  }, 30_000)

  it('what is given up at one time releases what waits in the order in which that came', () => {
    const alice = new Member({ senderId: 'alice' })
    const sent = Array.from({ length: 40 }, (_, i) => `m-${i * 7 % 40}`)

    sent.forEach(messageId => { alice.receive(foreign(messageId, 'mallory', [`gone-${messageId}`])) })
    alice.run(61_000)
    expect(alice.delivered).toEqual(sent)
  })

  it('what long IDs take, in memory and in the store, counts', () => {
    const alice = new Member({ senderId: 'alice' })
    const empty = alice.sds.status().bytes

    for (let i = 0; i < 40; i++) {
      const old = Array.from({ length: 1_000 }, (_, j) => ({ messageId: `${i}-${j}-`.padEnd(256, '\u20ac'), lamportTimestamp: 1 }))
      alice.receive(encodeMessage({ senderId: 'mallory', messageId: `m-${i}`, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [...old, { messageId: 'gone', lamportTimestamp: START + 1 }], repairRequest: [], content: [Uint8Array.of(1)] }))
    }

    const stored = [...alice.store.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(alice.sds.status().parked).toBe(40)
    expect(stored).toBeGreaterThan(20_000_000)
    expect(stored).toBeLessThan(alice.sds.status().bytes)
    alice.run(61_000)
    expect(alice.sds.status().parked).toBe(0)
    expect(alice.sds.status().bytes).toBeLessThan(empty + 20_000)
  })

  it('what waited once does not stay in the store after it was given up', () => {
    const bob = new Member({ senderId: 'bob' })
    const snapshot = (): number => bob.store.get('sds/snapshot')?.byteLength ?? 0

    for (let i = 0; i < 1_000; i++) {
      const old = Array.from({ length: 60 }, (_, j) => ({ messageId: `old-${i}-${j}`, lamportTimestamp: 1 }))
      bob.receive(encodeMessage({ senderId: 'mallory', messageId: `m-${i}`, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [...old, { messageId: 'gone', lamportTimestamp: START + 1 }], repairRequest: [], content: [Uint8Array.of(1)] }))
    }

    expect(bob.sds.status().parked).toBe(1_000)
    expect(snapshot()).toBeGreaterThan(500_000)
    bob.run(61_000)
    expect(bob.sds.status()).toMatchObject({ parked: 0, lost: 1 })

    for (let i = 0; i < 1_100; i++) {
      bob.receive(foreign(`filler-${i}`, 'carol', []))
    }

    expect(snapshot()).toBeLessThan(100_000)
    expect(bob.store.size).toBeLessThan(1_100)
    bob.restart()
    expect(bob.sds.status()).toMatchObject({ parked: 0, lost: 1, log: 2_100 })
  }, 30_000)

  it('repairs are answered with the original bytes, within a budget', () => {
    const alice = new Member({ senderId: 'alice' })
    const ids = Array.from({ length: 200 }, (_, i) => alice.send(`${i}`)[0].messageId)

    for (let i = 0; i < 200; i += 10) {
      alice.receive(encodeMessage({
        senderId: 'bob', messageId: `sync-${i}`, channelId: 'tea', lamportTimestamp: START + 500, causalHistory: [], repairRequest: ids.slice(i, i + 10).map(messageId => ({ messageId })),
      }))
    }

    const repairs = ofType(alice.run(1_000), 'transmit').filter(({ reason }) => reason === 'repair')
    expect(repairs.length).toBeGreaterThanOrEqual(32)
    expect(repairs.length).toBeLessThanOrEqual(48)
    const all = [...repairs, ...ofType(alice.run(60_000), 'transmit').filter(({ reason }) => reason === 'repair')]
    expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(200)
    expect(all.length).toBe(200)
  })
})

describe('sds: inputs of the channel', () => {
  it('while nobody is subscribed no timer runs', () => {
    const alice = new Member({ senderId: 'alice' })
    alice.send('hi')
    alice.run(3_000)
    alice.sds.setOnline(false, alice.now)

    expect(alice.sds.nextDeadline()).toBeUndefined()
    expect(alice.run(3_600_000)).toEqual([])
    alice.sds.setOnline(true, alice.now)
    expect(ofType(alice.run(1_900), 'transmit')).toEqual([])
    expect(ofType(alice.run(3_000), 'transmit').length).toBe(1)
  })

  it('a wall clock that steps back stops no timer', () => {
    const alice = new Member({ senderId: 'alice' })
    alice.send('hi')
    alice.now -= 3_600_000
    alice.tick()

    expect(ofType(alice.run(10_000), 'transmit').length).toBe(1)
  })

  it('what parity made unnecessary is not waited for, and counts as held', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [one, two] = alice.send('one', 'two')
    bob.receive(two.bytes)
    const effects = bob.act(bob.sds.present([one.messageId], bob.now))

    expect(types(effects)).toEqual(['found', 'released'])
    expect(types(bob.receive(one.bytes))).toEqual(['duplicate'])
    alice.receive(ofType(bob.run(2_500), 'sync')[0].bytes)
    expect(alice.sds.receipts(one.messageId)).toEqual(['bob'])
    bob.restart()
    expect(types(bob.receive(one.bytes))).toEqual(['duplicate'])
  })

  it('a duplicate is answered with a sync message at once', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [{ bytes, messageId }] = alice.send('hi')
    bob.receive(bytes)
    bob.run(5_000)

    bob.receive(bytes)
    expect(ofType(bob.run(10), 'sync').length).toBe(1)
    bob.run(5_000)
    bob.act(bob.sds.duplicate(messageId, 'alice', bob.now))
    expect(ofType(bob.run(10), 'sync').length).toBe(1)
  })

  it('more messages than a filter has room for are acknowledged all, and not resent while they come evenly', () => {
    const resent = (batch: number, batches: number): number[] => {
      const members: Member[] = []
      const publish = (bytes: Uint8Array, from: Member): void => { members.find(member => member !== from)?.receive(bytes) }
      const [alice, bob] = ['alice', 'bob'].map((senderId, seed) => new Member({ senderId, seed, publish }))
      members.push(alice, bob)

      for (let i = 0; i < 300; i++) {
        if (i < batches) {
          alice.send(...Array.from({ length: batch }, (_, j) => `message ${i * batch + j}`))
        }

        alice.run(100)
        bob.run(100)
      }

      expect(bob.delivered).toHaveLength(batch * batches)
      expect(alice.sds.status().unacknowledged).toBe(0)

      const times = new Map<string, number>()
      ofType(alice.effects, 'transmit').forEach(({ messageId }) => times.set(messageId, (times.get(messageId) ?? 0) + 1))

      return [times.size, Math.max(0, ...times.values())]
    }

    expect(resent(150, 20)).toEqual([0, 0])
    const [messages, most] = resent(5_000, 1)
    expect(messages).toBeLessThan(4_000)
    expect(most).toBeLessThanOrEqual(2)
  })

  it('in a crowd the acknowledgements of others put ours off', () => {
    const syncs = (senders: number): number => {
      const members = Array.from({ length: senders }, (_, i) => new Member({ senderId: `m${i}`, seed: i }))
      const wire: Uint8Array[] = []
      members.forEach(member => { wire.push(member.send('hello')[0].bytes) })
      members.forEach(member => { wire.forEach(bytes => { member.receive(bytes) }) })
      members.forEach(member => { member.run(60_000) })
      const [{ bytes }] = members[0].send('hi')
      members.slice(1).forEach(member => { member.receive(bytes) })
      let count = 0

      for (let ms = 0; ms < 2_500; ms += 50) {
        const spoken = members.slice(1).flatMap(member => ofType(member.run(50), 'sync'))
        count += spoken.length
        spoken.forEach(sync => { members.forEach(member => { member.receive(sync.bytes) }) })
      }

      return count / (senders - 1)
    }

    expect(syncs(4)).toBe(1)
    expect(syncs(24)).toBeLessThan(0.7)
  })

  it('names who holds a message', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const carol = new Member({ senderId: 'carol', seed: 3 })
    const [one] = alice.send('one')
    const [two] = alice.send('two')
    bob.receive(one.bytes)
    bob.receive(two.bytes)
    const sync = ofType(bob.run(2_500), 'sync')[0].bytes
    carol.receive(two.bytes)
    carol.receive(sync)

    expect(carol.sds.holders(one.messageId).toSorted()).toEqual(['alice', 'bob'])
    expect(carol.sds.holders(two.messageId).toSorted()).toEqual(['alice', 'bob'])
    expect([...carol.sds.knownSenders()].find(({ senderId }) => senderId === 'bob')?.lastSeen).toBe(carol.now)
    expect([...carol.sds.knownSenders()].map(({ senderId }) => senderId)).not.toContain('dave')
    expect(carol.sds.senders(carol.now)).toBe(2)
  })

  it('stages with the salts it is given, in a block that nobody else gets', () => {
    const alice = new Member({ senderId: 'alice' })
    const base = alice.sds.reserveSalts(4, START)
    const [{ idSalt }] = alice.send('between')
    const staged = alice.sds.stage([[Uint8Array.of(1)], [Uint8Array.of(2), Uint8Array.of(3)]], START, { saltBase: base + 1n })

    expect(staged.messages.map(message => message.idSalt)).toEqual([base + 1n, base + 2n])
    expect(idSalt).toBe(base + 4n)
    expect(staged.messages[1].messageId).toBe(computeMessageId('alice', base + 2n, Uint8Array.of(2, 3)))
    expect(decodeMessage(staged.messages[1].bytes).causalHistory[0].messageId).toBe(staged.messages[0].messageId)
    staged.apply(START)
    expect(() => alice.sds.stage([[Uint8Array.of(1)]], START, { saltBase: base + 1n })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => alice.sds.stage([], START)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => alice.sds.stage([[new Uint8Array()]], START)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('P10: what was staged and never applied is not cited', () => {
    const alice = new Member({ senderId: 'alice' })
    const dropped = alice.sds.stage([[Uint8Array.of(1)]], START).messages[0]
    const [next] = alice.send('next')

    expect(decodeMessage(next.bytes).causalHistory).toEqual([])
    expect(alice.sds.has(dropped.messageId)).toBe(false)
  })

  it.each([
    { lostAfterMs: 40_000 }, { repairMinMs: 20_000 }, { maxCausalHistory: 1 }, { maxSeen: 0 }, { acknowledgementTimeoutMs: 1.5 }, { deliveredAt: -1 }, { bloom: 'other' as 'waku' }
  ])('refuses the configuration %o', (config) => {
    expect(() => verifySdsConfig(config)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('knows the timers of the waku profile', () => {
    expect(verifySdsConfig({ profile: 'waku' })).toMatchObject({ repairMinMs: 30_000, repairMaxMs: 120_000, lostAfterMs: 300_000, bloom: 'compact' })
    expect(verifySdsConfig({ profile: 'waku', lostAfterMs: 400_000 }).lostAfterMs).toBe(400_000)
  })
})
