import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { encodeMessage } from '../../src/sds/codec.js'
import { computeMessageId, decodeMessage, Sds } from '../../src/sds/index.js'
import { Records } from '../../src/sds/pb/state.js'
import { Member, ofType, settle, START } from './support/member.js'
import { Network } from './support/network.js'
import { seededRandom } from './support/random.js'
import { storedChannel } from './support/stored.js'
import type { StagedMessage } from '../../src/sds/index.js'
import type { StoreEntry, StoreOp } from '../../src/storage/index.js'

beforeAll(loadFastKeccak)

interface Moment {
  log: string[]
  unacknowledged: string[]
  parked: number
  lamport: number
}

/** What was stored after each of the first `count` transactions. */
function replay (transactions: readonly StoreOp[][], count: number): StoreEntry[] {
  const store = new Map<string, Uint8Array>()

  for (const { key, value } of transactions.slice(0, count).flat()) {
    if (value == null) {
      store.delete(key)
    } else {
      store.set(key, value)
    }
  }

  return Array.from(store, ([key, value]) => ({ key, value }))
}

function moment (member: Member): Moment {
  const log = member.log()

  return {
    log,
    unacknowledged: log.filter(id => member.sds.acknowledgement(id) === 'unacknowledged'),
    parked: member.sds.status().parked,
    lamport: member.sds.status().lamportTimestamp
  }
}

/** A member on a bad link, with all that it heard and what it was like after each transaction. */
function recorded (seed: number, messages: number): { member: Member, heard: Uint8Array[], moments: Moment[] } {
  const network = new Network({ members: 3, seed, loss: 0.3, duplication: 0.2, maxDelay: 900 })
  const [member] = network.members
  const heard: Uint8Array[] = []
  const moments: Moment[] = []
  const commit = member.commit.bind(member)
  const receive = member.receive.bind(member)

  member.commit = (ops) => {
    commit(ops)

    if (member.transactions.length > moments.length) {
      moments.push(moment(member))
    }
  }
  member.receive = (bytes, context) => {
    heard.push(bytes)

    return receive(bytes, context)
  }

  for (let i = 0; i < messages; i++) {
    network.send(i % 3, `message ${i}`)
    network.run(300)
  }

  network.run(30_000)

  return { member, heard, moments }
}

describe('sds: restore', () => {
  /** Enough for the journal to be folded twice. */
  let chain: StagedMessage[]

  beforeAll(() => {
    const alice = new Member({ senderId: 'alice' })
    chain = Array.from({ length: 2_300 }, (_, i) => alice.send(`message ${i}`)[0])
  })

  it.each([1, 2, 3])('every prefix of what was written loses nothing and emits nothing twice; seed %i', (seed) => {
    const { member, heard, moments } = recorded(seed, 30)
    const all = new Set(member.log())

    expect(member.transactions.length).toBe(moments.length)
    expect(moments.some(({ parked }) => parked > 0)).toBe(true)

    for (let count = 1; count <= member.transactions.length; count++) {
      const again = new Member({ senderId: member.senderId, seed: 99, now: member.now })
      const { log, unacknowledged, parked, lamport } = moments[count - 1]
      again.restart(replay(member.transactions, count))

      // a staged message is stored before it is applied: it may be there one transaction sooner
      const restored = again.log()
      expect(log.every(id => restored.includes(id)), `transaction ${count}`).toBe(true)
      expect(restored.length - log.length).toBeLessThanOrEqual(1)
      expect(again.sds.status().parked).toBe(parked)
      expect(again.sds.status().lamportTimestamp).toBeGreaterThanOrEqual(lamport)
      expect(unacknowledged.every(id => again.sds.acknowledgement(id) === 'unacknowledged')).toBe(true)

      for (const bytes of heard) {
        again.receive(bytes)
      }

      again.run(700_000)

      const emitted = [...restored, ...again.delivered]
      expect(new Set(emitted).size, `nothing twice after transaction ${count}`).toBe(emitted.length)
      expect(again.log().filter(id => all.has(id) && !restored.includes(id)).every(id => again.delivered.includes(id))).toBe(true)
      expect(again.sds.status().parked).toBe(0)
    }
  })

  it('folds the journal into blocks, and every crash around that is safe', () => {
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const messages = chain.slice(0, 2_200)

    messages.forEach(({ bytes }) => { bob.receive(bytes) })
    bob.sds.forget(bob.log().slice(0, 1_500))
    bob.commit(bob.sds.takeOps())

    expect(bob.entries().some(({ key }) => key.startsWith('sds/b/'))).toBe(true)
    expect(bob.store.size).toBeLessThan(1_100)

    const folds = bob.transactions.flatMap((ops, i) => ops.length > 1 ? [i] : [])
    expect(folds.length).toBeGreaterThan(1)

    for (const count of folds.flatMap(i => [i - 1, i, i + 1, i + 2])) {
      const again = new Member({ senderId: 'bob', seed: 3, now: bob.now })
      again.restart(replay(bob.transactions, count))
      expect(again.log()).toEqual(messages.slice(0, count).map(({ messageId }) => messageId))
    }

    bob.restart()
    expect(bob.log()).toEqual(messages.slice(1_500).map(({ messageId }) => messageId))
    expect(messages.every(({ messageId }) => bob.sds.has(messageId))).toBe(true)
    expect(messages.every(({ bytes }) => bob.receive(bytes)[0].type === 'duplicate')).toBe(true)
  })

  it('a long journal is deleted over many calls, and every crash around that is safe', () => {
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const foreign = (messageId: string, cites: string[], senderId = 'carol'): Uint8Array => encodeMessage({
      senderId,
      messageId,
      channelId: 'tea',
      lamportTimestamp: START + 10,
      causalHistory: cites.map(messageId => ({ messageId, lamportTimestamp: START + 1 })),
      repairRequest: [],
      content: [Uint8Array.of(1)]
    })
    /** After so many transactions: values of the journal in the store, messages in the log and waiting. */
    const moments: Array<{ journal: number, log: number, parked: number }> = []
    const note = (): void => {
      const { log, parked } = bob.sds.status()
      const changes = bob.transactions.at(-1)?.filter(({ key }) => key.startsWith('sds/j/')) ?? []
      const journal = changes.reduce((count, { value }) => value == null ? count - 1 : count + 1, moments.at(-1)?.journal ?? 0)

      moments.push({ journal, log, parked })
    }
    const hear = (...message: Parameters<typeof foreign>): void => {
      bob.receive(foreign(...message))
      note()
    }
    const isFold = (ops: readonly StoreOp[]): boolean => ops.some(({ key }) => key === 'sds/snapshot')
    const countFolds = (): number => bob.transactions.filter(isFold).length
    let others = 0

    for (let i = 0; i < 2_500; i++) {
      hear(`waiting ${i}`, ['never', `gone ${i}`])

      if (isFold(bob.transactions[i]) && countFolds() === 1) {
        // numbers begin anew with an empty journal
        bob.restart()
      }
    }

    while (countFolds() < 3) {
      hear(`other ${others++}`, [])
    }

    for (let i = 0; i < 2_000; i++) {
      hear(`other ${others++}`, [])
    }

    // its number is in the middle of those that the next fold replaces, and it is applied after that
    const mine = bob.sds.stage([[Uint8Array.of(7)]], bob.now)

    while (countFolds() < 4 && others < 10_000) {
      hear(`other ${others++}`, [])
    }

    for (let i = 0; i < 600; i++) {
      hear(`after ${i}`, [])

      if (i === 9) {
        bob.commit(mine.ops)
        mine.apply(bob.now)
        note()
      }
    }

    const folds = bob.transactions.flatMap((ops, i) => isFold(ops) ? [i] : [])
    const long = folds.at(-1) ?? 0

    expect(folds.length).toBe(4)
    expect(moments.length).toBe(bob.transactions.length)
    expect(moments[long - 1].journal).toBeGreaterThan(3_000)
    // no call deletes all of it, and no value stays
    expect(Math.max(...bob.transactions.map(ops => ops.length))).toBeLessThan(1_100)
    expect(moments[long].journal).toBeGreaterThan(2_000)
    expect(moments.at(-1)?.journal).toBe(601)

    for (const count of [folds[1] + 1, long, long + 1, long + 2, long + 11, long + 12, long + 100, long + 400, bob.transactions.length]) {
      const again = new Member({ senderId: 'bob', seed: 3, now: bob.now })
      const { log, parked } = moments[count - 1]
      const wide = count < long ? 0 : 20

      again.commit(replay(bob.transactions, count))
      again.restart()
      expect(again.sds.status()).toMatchObject({ log, parked })

      // it goes on with numbers that were never used
      for (let i = 0; i < 1_200; i++) {
        again.receive(foreign(`again ${i}`, []))

        if (i === 20) {
          // so large that the journal is folded soon
          for (let j = 0; j < wide; j++) {
            again.receive(foreign(`wide ${j}`, Array.from({ length: 1_000 }, (_, k) => `gone ${k} from ${j}`), `sender ${j}`))
          }
        }
      }

      again.restart()
      expect(again.sds.status()).toMatchObject({ log: log + 1_200, parked: parked + wide })
      expect(again.transactions.slice(1).some(isFold)).toBe(wide > 0)
      expect(again.entries().filter(({ key }) => key.startsWith('sds/j/')).length).toBeLessThan(1_201)
    }
  }, 30_000)

  it.each([
    ['applied behind what came in meanwhile', true],
    ['never stored', false]
  ])('sends that are %s do not make the names of replaced values a burden', (_, isStored) => {
    const bob = new Member({ senderId: 'bob' })
    const cause = (k: number): string => `cause ${k}`.padEnd(40, '.')
    const waiting = (i: number): Uint8Array => craft(`waiting ${i}`, Array.from({ length: 16 }, (_, k) => cause(k)))
    const craft = (messageId: string, cites: string[]): Uint8Array => encodeMessage({
      senderId: 'carol',
      messageId,
      channelId: 'tea',
      lamportTimestamp: START + 10,
      causalHistory: cites.map(cited => ({ messageId: cited, lamportTimestamp: START + 1 })),
      repairRequest: [],
      content: [Uint8Array.of(1)]
    })
    let folds: number[] = []
    let others = 0
    const commit = (ops: StoreOp[]): void => {
      folds.push(...ops.flatMap(({ key, value }) => key === 'sds/snapshot' ? Records.decode(value ?? new Uint8Array()).replaced.length : []))
      bob.commit(ops)
    }
    const hear = (bytes: Uint8Array): void => {
      bob.sds.receive(bytes, bob.now)
      commit(bob.sds.takeOps())
    }

    // these wait to the end, and are not the reason for a fold
    for (let i = 0; i < 4_000; i++) {
      hear(waiting(i))
    }

    hear(craft('waits on', ['never']))

    for (const before = folds.length; folds.length < before + 2;) {
      const staged = bob.sds.stage([[Uint8Array.of(7)]], bob.now)

      commit(isStored ? staged.ops : [])
      hear(craft(`other ${++others}`, others > 1 ? [`other ${others - 1}`] : []))

      if (isStored) {
        staged.apply(bob.now)
      }
    }

    const runs = folds.at(-1) ?? 0

    // one after the other but for the last, which is not applied yet, or each with a gap behind it
    expect(runs).toBeGreaterThan(isStored ? 0 : 10_000)
    expect(runs < 3).toBe(isStored)

    const { log, parked } = bob.sds.status()
    const again = new Member({ senderId: 'bob', now: bob.now })

    again.restart(bob.entries())
    expect(again.sds.status()).toMatchObject({ log, parked })

    for (let k = 0; k < 16; k++) {
      hear(craft(cause(k), []))
    }

    settle(bob.sds, bob.now)
    expect(bob.sds.status().parked).toBe(1)
    folds = []

    for (let i = 0; i < 1_500; i++) {
      hear(craft(`after ${i}`, []))
    }

    expect(folds.length).toBeGreaterThan(0)
    expect(folds.length).toBeLessThan(3)
  }, 30_000)

  it.each([['all are remembered', 1_000_000], ['the floor has passed them', 10]])('a block stays while one of its messages is in the log or an ID in it is remembered: %s', (_, maxSeen) => {
    const bob = new Member({ senderId: 'bob', seed: 2, config: { maxSeen } })
    const messages = chain

    messages.forEach(({ bytes }, i) => {
      bob.receive(bytes)

      if (i % 100 === 99) {
        bob.sds.forget(maxSeen === 10 ? bob.log().slice(1) : bob.log())
        bob.commit(bob.sds.takeOps())
      }
    })

    expect(bob.transactions.filter(ops => ops.length > 1).length).toBeGreaterThan(1)
    bob.restart()
    expect(bob.log()).toEqual(maxSeen === 10 ? [messages[0].messageId] : [])
    bob.delivered.length = 0
    messages.forEach(({ bytes }) => { bob.receive(bytes) })
    expect(bob.delivered).toEqual([])
  })

  it.each([['in the journal', 0], ['folded', 1_100]])('P66: after a restart the same is cited as without one; %s', (_, fillers) => {
    const [first, second] = [1, 2].map(() => {
      const alice = new Member({ senderId: 'alice', config: { maxCausalHistory: 4 } })
      const hear = (messageId: string, lamport: number, ...cites: string[]): void => {
        alice.receive(encodeMessage({ senderId: 'mallory', messageId, channelId: 'tea', lamportTimestamp: START + lamport, causalHistory: cites.map(cited => ({ messageId: cited })), repairRequest: [], content: [Uint8Array.of(1)] }))
      }

      for (let i = 0; i < 9; i++) {
        hear(`head-${i}`, i)
      }

      for (let i = 0; i < fillers; i++) {
        hear(`filler-${i}`, 100 + i, ...i === 0 ? [] : [`filler-${i - 1}`])
      }

      hear('answer', 10, 'head-8', 'head-0')
      // cites four, and leaves the rest
      alice.send('own')

      return alice
    })
    // those of others: our own IDs have a salt that is never the same again
    const cites = (alice: Member): string[][] => Array.from({ length: 3 }, (_, i) =>
      decodeMessage(alice.send(`${i}`)[0].bytes).causalHistory.filter(({ senderId }) => senderId !== 'alice').map(({ messageId }) => messageId))

    second.restart()
    const expected = cites(first)
    expect(expected.flat()).toEqual(expect.arrayContaining(['head-1', 'head-2', 'head-3']))
    expect(expected.flat()).not.toContain('head-0')
    expect(cites(second)).toEqual(expected)
  })

  it('a message that waited over a restart takes what it cites from the frontier, and is late where it was', () => {
    const bob = new Member({ senderId: 'bob' })
    const hear = (messageId: string, lamport: number, ...cites: string[]): string[] => bob.receive(encodeMessage({
      senderId: 'mallory', messageId, channelId: 'tea', lamportTimestamp: START + lamport, causalHistory: cites.map(cited => ({ messageId: cited, lamportTimestamp: START + 1 })), repairRequest: [], content: [Uint8Array.of(1)]
    })).filter(effect => effect.type === 'released').map(effect => `${effect.messageId} ${effect.late ? 'late' : 'in time'}`)

    hear('head-1', 1)
    hear('head-2', 2)
    hear('citing', 10, 'late')
    bob.run(60_000)
    // it was given up, and waits itself now
    expect(hear('late', 5, 'head-1', 'gone')).toEqual([])
    bob.restart()

    expect(hear('gone', 1)).toEqual(['gone in time', 'late late'])
    expect(decodeMessage(bob.send('hi')[0].bytes).causalHistory.map(({ messageId }) => messageId).toSorted()).toEqual(['citing', 'head-2', 'late'])
  })

  it('keeps receipts, attempts and hints', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })
    const [first] = alice.send('one')
    const hash = new Uint8Array(32).fill(7)

    alice.sds.hint(first.messageId, hash)
    bob.receive(first.bytes)
    alice.receive(ofType(bob.run(3_000), 'sync')[0].bytes)
    const [second] = alice.send('two')
    alice.run(40_000)
    const before = ofType(alice.effects, 'transmit').length
    alice.restart()
    alice.run(3_600_000)

    expect(alice.sds.receipts(first.messageId)).toEqual(['bob'])
    expect(alice.sds.acknowledgement(first.messageId)).toBe('acknowledged')
    expect(alice.sds.entry(first.messageId)?.retrievalHint).toEqual(hash)
    expect(before).toBeGreaterThan(0)
    expect(ofType(alice.effects, 'transmit').map(({ messageId }) => messageId)).toEqual(Array(5).fill(second.messageId))
    expect(ofType(alice.effects, 'not-acknowledged').length).toBe(1)
  })

  it('never uses a salt or a Lamport timestamp again, whatever was lost and however the clock stepped', () => {
    const used = new Set<bigint>()
    const stamps = new Set<number>()
    const member = new Member({ senderId: 'alice' })

    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 5; i++) {
        const [{ idSalt, lamportTimestamp }] = member.send(`same ${i}`)
        expect(used.has(idSalt)).toBe(false)
        expect(stamps.has(lamportTimestamp)).toBe(false)
        used.add(idSalt)
        stamps.add(lamportTimestamp)
      }

      member.now -= round % 2 * 3_000
      member.restart()
    }
  })

  it('a restart is not a joining: what is missing is still a gap', () => {
    const alice = new Member({ senderId: 'alice' })
    const bob = new Member({ senderId: 'bob', seed: 2 })

    bob.receive(alice.send('one')[0].bytes)
    alice.now += 1_000
    const lost = alice.send('two')[0]
    const third = alice.send('three')[0]
    bob.now += 3_600_000
    bob.restart()

    expect(ofType(bob.receive(third.bytes), 'missing')[0].entries).toMatchObject([{ messageId: lost.messageId }])
    expect(bob.delivered.includes(third.messageId)).toBe(false)
  })

  it.each(['the journal', 'a snapshot'])('what was given up while a message waits for more is not waited for again, however much was lost since; by %s', stored => {
    const bob = new Member({ senderId: 'bob', config: { lostAfterMs: 60_000 } })
    // short ones: what cites them fills a journal, and all that is lost at once none
    const id = (text: string): string => `${text} once`
    let sent = 0

    const hear = (senderId: string, ...cites: string[]): string => {
      const messageId = computeMessageId(senderId, BigInt(++sent))

      bob.receive(encodeMessage({
        senderId,
        messageId,
        channelId: 'tea',
        lamportTimestamp: bob.now,
        causalHistory: cites.map(messageId => ({ messageId, lamportTimestamp: bob.now - 1 })),
        repairRequest: [],
        content: [Uint8Array.of(1)]
      }))

      return messageId
    }

    bob.now += 1_000
    hear('alice', id('lost first'))
    bob.now += 100

    for (let i = 0; i < 11_000; i += 1_000) {
      hear('alice', ...Array.from({ length: 1_000 }, (_, j) => id(`lost ${i + j}`)))
    }

    bob.run(59_000)
    const last = hear('carol', id('lost first'), id('late'))
    bob.run(2_000)
    expect(ofType(bob.effects, 'lost').length).toBe(11_001)
    expect(bob.sds.unmet(last)).toEqual([id('late')])

    for (let i = 0; i < 20_000 && stored === 'a snapshot' && bob.transactions.at(-1)?.length === 1; i++) {
      hear('dave')
    }

    // a fold deletes what it replaces
    expect(bob.transactions.at(-1)?.some(({ value }) => value == null)).toBe(stored === 'a snapshot')
    bob.restart()
    expect(bob.sds.status().parked).toBe(1)
    expect(bob.sds.unmet(last)).toEqual([id('late')])
    bob.run(61_000)
    expect(ofType(bob.effects, 'lost').filter(({ messageId }) => messageId === id('lost first')).length).toBe(1)
    expect(bob.delivered.includes(last)).toBe(true)
    expect(bob.sds.status().parked).toBe(0)
  })

  it.each(['the message', 'what it waited for'])('%s was delivered and is forgotten: it does not wait again', which => {
    const bob = new Member({ senderId: 'bob', config: { maxSeen: 10 } })
    const hear = (messageId: string, lamportTimestamp: number, ...cites: string[]): void => {
      const causalHistory = cites.map(cited => ({ messageId: cited, lamportTimestamp: lamportTimestamp - 1 }))
      bob.receive(encodeMessage({ senderId: 'alice', messageId, channelId: 'tea', lamportTimestamp, causalHistory, repairRequest: [], content: [Uint8Array.of(1)] }))
    }
    const others = which === 'the message' ? [] : ['late']

    hear('waits', START + 20, 'missing', ...others)

    for (let i = 0; i < 1_100; i++) {
      hear(`filler-${i}`, START + 100 + i)
    }

    // it is in a snapshot by now
    expect(bob.store.has('sds/snapshot')).toBe(true)
    hear('missing', START + 19)
    bob.sds.forget(bob.log())
    bob.commit(bob.sds.takeOps())
    expect(bob.sds.has('missing')).toBe(false)
    expect(bob.sds.unmet('waits')).toEqual(others)

    const { parked, missing, lost } = bob.sds.status()
    bob.restart()
    expect(bob.sds.unmet('waits')).toEqual(others)
    expect(bob.sds.status()).toMatchObject({ parked, missing, lost })
    bob.run(61_000)
    expect(ofType(bob.effects, 'lost').map(({ messageId }) => messageId)).toEqual(others)
    expect(bob.delivered.filter(id => id === 'waits')).toHaveLength(1)
  })

  it('refuses what it did not write', () => {
    const member = new Member({ senderId: 'alice' })
    member.send('one')
    const init = { channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START }
    const [snapshot] = storedChannel(0, 0)
    expect(Sds.restore(init, [snapshot]).status().log).toBe(0)
    const garbage: StoreEntry[][] = [
      [snapshot, { key: 'sds/b/000000000000', value: Uint8Array.of(255, 255, 255) }],
      [{ key: 'sds/nonsense', value: new Uint8Array() }],
      [{ key: 'sds/j/1', value: new Uint8Array() }],
      [{ key: 'sds/j/000000000001', value: Uint8Array.of(255, 255, 255) }],
      [{ key: 'sds/b/000000000001', value: new Uint8Array() }],
      [{ key: 'sds/j/000000000001', value: new Uint8Array() }]
    ]

    for (const entries of garbage) {
      expect(() => Sds.restore(init, entries)).toThrow(expect.objectContaining({ name: 'StoreCorruptError' }))
    }

    expect(Sds.restore(init, []).status().log).toBe(0)
  })
})
