import { describe, expect, it } from 'vitest'
import { PresenceType, WantType } from '../../../src/exchange/pb/exchange.js'
import { fakeMessage } from '../fake-channel.js'
import { askHarness } from './harness.js'
import type { AskHarness } from './harness.js'
import type { FakeMessage } from '../fake-channel.js'

const { DONT_HAVE } = PresenceType

const segments = (count: number, name = 'segment', size = 100_000): FakeMessage[] =>
  Array.from({ length: count }, (_, i) => fakeMessage(`${name} ${i}`, { size }))

/** How many blocks each peer is asked for. */
const shares = ({ peers, asked }: AskHarness, of: FakeMessage[]): number[] => {
  const asks = of.flatMap(({ messageId }) => asked(messageId))

  return peers.map((_, i) => asks.filter(peer => peer === i).length)
}

/** Segments of a set, as a channel wants them. */
const wantSet = ({ asker }: AskHarness, of: FakeMessage[]): void => {
  asker.want(of.map(({ messageId }) => ({ messageId, citer: 'bob', attempt: 1, bulk: true })))
}

/** The number under which a peer was asked for it. */
const idAt = ({ session }: AskHarness, peer: number, { messageId }: FakeMessage): number =>
  session(peer).entries.find(entry => entry.messageId === messageId)?.id ?? 0

/** A peer answers all that it was asked for in the same way. */
function answerAll ({ session, presence }: AskHarness, peer: number, type: PresenceType): void {
  session(peer).entries.forEach(({ id }) => { presence(peer, id, type) })
}

describe('segments of large messages', () => {
  it('P60: one peer is asked for each block and two for presence, and the blocks are shared among few', async () => {
    const harness = await askHarness(10)
    const set = segments(12)
    wantSet(harness, set)
    await harness.clock.settle()

    expect(set.every(({ messageId }) => harness.asked(messageId).length === 1)).toBe(true)
    expect(shares(harness, set)).toEqual([4, 4, 4, 0, 0, 0, 0, 0, 0, 0])

    for (const peer of [0, 1, 2]) {
      expect(harness.session(peer).entries.filter(({ type }) => type === WantType.HAVE)).toHaveLength(8)
    }
  })

  it('those who are likely to have them come first', async () => {
    const harness = await askHarness(6)
    const set = segments(12)
    harness.channel.holding = [harness.peers[5], harness.peers[4]]
    wantSet(harness, set)
    await harness.clock.settle()

    expect(shares(harness, set)).toEqual([4, 0, 0, 0, 4, 4])
  })

  it('what one member lists is shared with others on the chance that they have it, when it is large', async () => {
    const harness = await askHarness(6)
    const set = segments(10)
    set.forEach(entry => { harness.asker.wantListed(entry, [harness.peers[3]]) })
    await harness.clock.settle()

    // the one who lists it first
    expect(shares(harness, set)).toEqual([3, 3, 0, 4, 0, 0])
    expect(set.every(({ messageId }) => harness.asked(messageId).length === 1)).toBe(true)

    const small = await askHarness(6)
    const talk = segments(12, 'talk', 100)
    talk.forEach(entry => { small.asker.wantListed(entry, [small.peers[3]]) })
    await small.clock.settle()
    expect(shares(small, talk)).toEqual([0, 0, 0, 12, 0, 0])
  })

  it('those whom three list are asked of these alone', async () => {
    const harness = await askHarness(6)
    const set = segments(12)
    set.forEach(entry => { harness.asker.wantListed(entry, harness.peers.slice(3)) })
    await harness.clock.settle()

    expect(shares(harness, set)).toEqual([0, 0, 0, 4, 4, 4])
  })

  it('P56: whoever lacks them costs a round trip, and is not counted on again before the others', async () => {
    const harness = await askHarness(3)
    const { asker, clock, peers, channel, report, deliver } = harness
    const set = segments(12)
    set.forEach(entry => { asker.wantListed(entry, [peers[2]]) })
    await clock.settle()
    answerAll(harness, 0, DONT_HAVE)
    answerAll(harness, 1, DONT_HAVE)
    await clock.settle()
    answerAll(harness, 0, DONT_HAVE)
    answerAll(harness, 1, DONT_HAVE)
    await clock.settle()
    expect(shares(harness, set)).toEqual([0, 0, 12])

    for (const segment of set) {
      await deliver(2, idAt(harness, 2, segment), segment)
    }

    const next = segments(6, 'next')
    next.forEach(entry => { asker.wantListed(entry, [peers[2]]) })
    await clock.settle()
    expect(shares(harness, next)).toEqual([0, 0, 6])
    expect(channel.accepted).toHaveLength(12)
    expect(channel.unavailableIds).toEqual([])
    expect(report.banned.size).toBe(0)
  })

  it('P58: a liar that is tried is banned with its first lie, and its share goes to the others', async () => {
    const harness = await askHarness(3)
    const { clock, report, peers, channel, session, deliver } = harness
    const set = segments(12)
    wantSet(harness, set)
    await clock.settle()
    await deliver(1, session(1).entries.find(({ type }) => type === WantType.BLOCK)?.id ?? 0, fakeMessage('rubbish', { authentic: false }))

    expect([...report.banned]).toEqual([peers[1].toString()])
    expect(shares(harness, set)).toEqual([6, 0, 6])
    expect(channel.accepted).toEqual([])
  })

  it('P60: what comes is withdrawn from those who were asked for presence', async () => {
    const harness = await askHarness(3)
    const { clock, deliver, session, asker } = harness
    const [only] = segments(1)
    wantSet(harness, [only])
    await clock.settle()
    await deliver(0, 1, only)

    expect(asker.size).toBe(0)
    expect([1, 2].map(peer => session(peer).entries.at(-1))).toMatchObject([{ id: 1, cancel: true }, { id: 1, cancel: true }])
  })

  it('a gap that turns up goes before them', async () => {
    const harness = await askHarness(1)
    const set = segments(3)
    const gap = fakeMessage('gap')
    wantSet(harness, set)
    harness.asker.want([{ messageId: gap.messageId, citer: 'bob', attempt: 1 }])
    await harness.clock.settle()

    expect(harness.session(0).entries[0]).toMatchObject({ messageId: gap.messageId })
  })
})
