import { describe, expect, it } from 'vitest'
import { PresenceType, WantType } from '../../../src/exchange/pb/exchange.js'
import { fakeMessage } from '../fake-channel.js'
import { wants } from '../nodes.js'
import { askHarness } from './harness.js'

const { PRESENT, DONT_HAVE, GONE } = PresenceType
const [one, two] = [fakeMessage('one'), fakeMessage('two')]
const id = one.messageId

describe('asking', () => {
  it('asks one peer for the block and two for presence', async () => {
    const { asker, clock, sessions, session, asked } = await askHarness(5)
    asker.want(wants([id]))
    await clock.settle()

    expect(asked(id)).toEqual([0])
    expect(sessions.map(list => list.length)).toEqual([1, 1, 1, 0, 0])
    expect(session(1).entries).toMatchObject([{ messageId: id, type: WantType.HAVE, sendDontHave: true, cancel: false }])
  })

  it('waits for gossip before it asks for a gap or a segment, not for a repeated want or what is listed', async () => {
    const { asker, clock, dials } = await askHarness(1, { graceMs: 500 })
    asker.want(wants([id]))
    await clock.advance(499)
    expect(dials[0]).toBe(0)
    await clock.advance(1)
    expect(dials[0]).toBe(1)

    const second = await askHarness(1, { graceMs: 500 })
    second.asker.want([{ messageId: id, citer: 'bob', attempt: 2 }])
    await second.clock.settle()
    expect(second.dials[0]).toBe(1)

    const third = await askHarness(1, { graceMs: 500 })
    third.asker.want([{ messageId: id, citer: 'bob', attempt: 1, bulk: true }])
    await third.clock.advance(499)
    expect(third.dials[0]).toBe(0)
    await third.clock.advance(1)
    expect(third.dials[0]).toBe(1)

    const fourth = await askHarness(1, { graceMs: 500 })
    fourth.asker.wantListed(one, fourth.peers)
    await fourth.clock.settle()
    expect(fourth.dials[0]).toBe(1)
  })

  it('asks those who are likely to have it first', async () => {
    const { asker, clock, channel, peers, asked } = await askHarness(4)
    channel.holding = [peers[3], peers[1]]
    asker.want(wants([id]))
    await clock.settle()

    expect(asked(id)).toEqual([3])
  })

  it('P56: dont-have is not have: the next peer is asked, and the first is not asked again', async () => {
    const { asker, clock, presence, session, asked } = await askHarness(3)
    asker.want(wants([id]))
    await clock.settle()
    presence(0, 1, DONT_HAVE)
    presence(2, 1, PRESENT)
    await clock.settle()

    expect(asked(id)).toEqual([2])
    expect(session(0).entries.at(-1)).toMatchObject({ id: 1, type: WantType.HAVE, cancel: false })

    presence(2, 1, DONT_HAVE)
    presence(1, 1, DONT_HAVE)
    await clock.settle()
    expect(asked(id)).toEqual([])
  })

  it('P57: unrequested blocks extend nothing and cost the stream in the end', async () => {
    const { asker, clock, report, deliver, session, asked } = await askHarness(2)
    asker.want(wants([id]))
    await clock.settle()

    for (let i = 0; i < 10; i++) {
      await clock.advance(200)
      await deliver(0, 1000 + i, two)
    }

    expect(report.unrequested).toBe(10)
    expect(report.timeouts).toBe(1)
    expect(asked(id)).toEqual([1])

    for (let i = 0; i < 6; i++) {
      await deliver(0, 2000 + i, two)
    }

    expect(session(0).aborted?.message).toMatch(/not asked for/)
  })

  it('P58: a bad delivery is not credited, its server is banned, and it is fetched elsewhere at once', async () => {
    const { asker, clock, channel, report, deliver, session, asked, peers } = await askHarness(2)
    const now = clock.now()
    asker.want(wants([id]))
    await clock.settle()
    await deliver(0, 1, two)

    expect(channel.verdicts).toMatchObject([{ result: 'mismatch' }])
    expect(report).toMatchObject({ delivered: 0, invalid: 1 })
    expect(report.banned.has(peers[0].toString())).toBe(true)
    expect(session(0).aborted?.message).toMatch(/bad data/)
    expect(asked(id)).toEqual([1])
    expect(clock.now()).toBe(now)

    await deliver(1, 1, one)
    expect(channel.accepted).toEqual([id])
    expect(report.delivered).toBe(one.size)
    expect(asker.size).toBe(0)
  })

  it('P58: what does not decrypt costs the server its place, unless somebody cited exactly that', async () => {
    const forged = fakeMessage('forged', { authentic: false })
    const alone = await askHarness(2)
    alone.asker.want(wants([id]))
    await alone.clock.settle()
    await alone.deliver(0, 1, forged)
    expect(alone.report.invalid).toBe(1)

    const cited = await askHarness(2)
    cited.asker.want([{ messageId: id, hint: forged.hash, citer: 'mallory', attempt: 1 }])
    await cited.clock.settle()
    await cited.deliver(0, 1, forged)
    expect(cited.report.invalid).toBe(0)
    expect(cited.channel.disprovedHints).toEqual([{ messageId: id, hint: forged.hash, citer: 'mallory' }])
  })

  it('a lying hint is discarded, its citer named, the server kept, and other hints follow', async () => {
    const { asker, clock, channel, report, deliver, session } = await askHarness(1, { roles: ['holder'] })
    await asker.role(channel.others[0])
    asker.want([
      { messageId: id, hint: two.hash, citer: 'mallory', attempt: 1 },
      { messageId: id, hint: one.hash, citer: 'bob', attempt: 1 }
    ])
    await clock.settle()
    expect(session(0).entries).toMatchObject([{ messageId: undefined, hash: two.hash }])

    await deliver(0, 1, two, true)
    expect(channel.disprovedHints).toEqual([{ messageId: id, hint: two.hash, citer: 'mallory' }])
    expect(report.invalid).toBe(0)

    expect(session(0).entries.at(-1)).toMatchObject({ messageId: undefined, hash: one.hash })
    await deliver(0, 2, one, true)
    expect(channel.accepted).toContain(id)
  })

  it('bytes from a holder that do not have the hash are its own fault', async () => {
    const { asker, clock, channel, report, deliver } = await askHarness(1, { roles: ['holder'] })
    await asker.role(channel.others[0])
    asker.want([{ messageId: id, hint: one.hash, citer: 'bob', attempt: 1 }])
    await clock.settle()
    await deliver(0, 1, two, true)

    expect(report.invalid).toBe(1)
    expect(channel.disprovedHints).toEqual([])
    expect(channel.verdicts).toEqual([])
  })

  it('P59: what is cancelled while the peer is being reached never goes out', async () => {
    const { asker, clock, session, sessions } = await askHarness(1)
    asker.want(wants([id]))
    asker.cancel([id])
    await clock.settle()
    expect(sessions[0].flatMap(({ entries }) => entries)).toEqual([])

    asker.want(wants([two.messageId]))
    await clock.settle()
    expect(session(0).entries).toMatchObject([{ messageId: two.messageId }])
  })

  it('P60: wants go to few, carry priority, begin a session in full, and are withdrawn where they were made', async () => {
    const { asker, clock, session, sessions, peers } = await askHarness(10)
    asker.want(wants([id, two.messageId]))
    await clock.settle()
    const asked = sessions.map((list, i) => ({ i, list })).filter(({ list }) => list.length > 0).map(({ i }) => i)
    expect(asked.length).toBeLessThanOrEqual(3)
    expect(session(0).sent[0].wantList?.full).toBe(true)

    const [first, second] = session(0).entries
    expect(first.priority).toBeGreaterThan(second.priority ?? 0)

    asker.cancel([id])
    await clock.settle()

    for (const peer of asked) {
      expect(session(peer).entries.filter(({ cancel }) => cancel)).toMatchObject([{ id: 1 }])
      expect(session(peer).sent.at(-1)?.wantList?.full).toBe(false)
    }

    expect(peers.length).toBe(10)
  })

  it('gossip wins the race: every ask is withdrawn on the wire', async () => {
    const { asker, clock, session, report, deliver, channel } = await askHarness(3)
    asker.want(wants([id]))
    await clock.settle()
    channel.add(one)
    asker.arrived(id)
    await clock.settle()

    for (const peer of [0, 1, 2]) {
      expect(session(peer).entries.at(-1)).toMatchObject({ id: 1, cancel: true })
    }

    await deliver(0, 1, one)
    expect(report).toMatchObject({ unrequested: 0, wasted: one.size })
    expect(channel.verdicts).toEqual([])
  })

  it('a peer lost in mid-batch: the rest is asked of others', async () => {
    const { asker, clock, session, deliver, asked, channel } = await askHarness(2)
    const batch = Array.from({ length: 10 }, (_, i) => fakeMessage(`batch ${i}`))
    asker.want(wants(batch.map(({ messageId }) => messageId)))
    await clock.settle()
    const first = session(0).entries.find(entry => entry.messageId === batch[0].messageId)
    await deliver(0, first?.id ?? 0, batch[0])
    session(0).abort(new Error('gone'))
    await clock.settle()

    expect(channel.accepted).toEqual([batch[0].messageId])
    expect(batch.slice(1).every(({ messageId }) => asked(messageId).includes(1))).toBe(true)
  })

  it('is given up after some rounds, told, and revived when a member joins', async () => {
    const { asker, clock, channel, presence, peers, session, asked, deliver } = await askHarness(2, { maxRounds: 2, retryMs: 100 })
    channel.others = [peers[0]]
    asker.want(wants([id]))
    await clock.settle()
    presence(0, 1, GONE)
    await clock.advance(1_000)
    expect(channel.unavailableIds).toEqual([id])
    expect(channel.needed).toEqual([3])
    expect(asker.size).toBe(0)

    channel.others = peers
    asker.joined(peers[1])
    await clock.settle()
    expect(asker.size).toBe(1)
    presence(0, session(0).entries.at(-1)?.id ?? 0, GONE)
    await clock.settle()
    expect(asked(id)).toContain(1)
    await deliver(1, session(1).entries.at(-1)?.id ?? 0, one)
    expect(channel.accepted).toEqual([id])
  })

  it('with nobody to ask it says so', async () => {
    const { asker, clock, channel } = await askHarness(0, { maxRounds: 1 })
    asker.want(wants([id]))
    await clock.settle()

    expect(channel.needed).toEqual([3])
    expect(channel.unavailableIds).toEqual([id])
  })

  it('peers that cannot be reached do not count as peers to ask', async () => {
    const { asker, clock, channel, offline } = await askHarness(5, { maxRounds: 2, retryMs: 100 })
    ;[0, 1, 2, 3, 4].forEach(peer => { offline.add(peer) })
    asker.want(wants([id]))
    await clock.advance(60_000)
    expect(channel.needed.length).toBeGreaterThan(0)

    const reached = await askHarness(5, { maxRounds: 2, retryMs: 100 })
    reached.asker.want(wants([id]))
    await reached.clock.settle()
    ;[0, 1, 2].forEach(peer => { reached.presence(peer, 1, GONE) })
    await reached.clock.settle()
    ;[3, 4].forEach(peer => { reached.sessions[peer].length > 0 && reached.presence(peer, 1, GONE) })
    await reached.clock.advance(60_000)
    expect(reached.channel.needed).toEqual([])
  })

  it('unreachable peers do not keep a want for ever', async () => {
    const { asker, clock, channel, offline } = await askHarness(1)
    offline.add(0)
    asker.want(wants([id]))
    await clock.advance(120_000)

    expect(channel.unavailableIds).toEqual([id])
  })

  it('a busy peer is left alone for as long as it says, within bounds', async () => {
    const { asker, clock, session, asked } = await askHarness(1)
    asker.want(wants([id]))
    await clock.settle()
    await session(0).receive({ busy: { retryAfterMs: 3_000, ids: [1] } })
    await clock.settle()
    expect(session(0).entries.length).toBe(1)
    await clock.advance(2_900)
    expect(session(0).entries.length).toBe(1)
    await clock.advance(200)
    expect(session(0).entries.at(-1)).toMatchObject({ messageId: id })
    expect(asked(id)).toEqual([0])
  })

  it('what a peer gets later is asked for as soon as it says so', async () => {
    const { asker, clock, presence, asked, deliver, channel } = await askHarness(1)
    asker.want(wants([id]))
    await clock.settle()
    presence(0, 1, DONT_HAVE)
    await clock.settle()
    expect(asked(id)).toEqual([])
    await clock.advance(100)
    presence(0, 1, PRESENT)
    await clock.settle()
    await deliver(0, 1, one)
    expect(channel.accepted).toEqual([id])
  })

  it('a failure of our own blames nobody, and is tried again', async () => {
    const { asker, clock, channel, report, deliver, session } = await askHarness(1, { retryMs: 100 })
    channel.gate = async () => { throw new Error('the disk is full') }
    asker.want(wants([id]))
    await clock.settle()
    await deliver(0, 1, one)
    expect(report).toMatchObject({ invalid: 0, delivered: 0 })
    expect(session(0).closed).toBe(false)

    channel.gate = undefined
    await clock.advance(500)
    await deliver(0, session(0).entries.at(-1)?.id ?? 0, one)
    expect(channel.accepted).toEqual([id])
  })

  it('bounds what is asked for, and what one peer is asked for', async () => {
    const { asker, clock, channel, session } = await askHarness(1, { maxWants: 20, maxInFlight: 5 })
    asker.want(wants(Array.from({ length: 30 }, (_, i) => `message ${i}`)))
    asker.want(wants(['x'.repeat(129), '']))
    await clock.settle()

    expect(asker.size).toBe(20)
    expect(channel.unavailableIds.length).toBe(12)
    expect(session(0).entries.length).toBe(5)
  })

  it('reading pauses while too much waits to be checked', async () => {
    const { asker, clock, channel, session } = await askHarness(1, { maxUncheckedBytes: 1000 })
    const big = fakeMessage('big', { size: 2000 })
    const open = Promise.withResolvers<void>()
    channel.gate = async () => { await open.promise }
    asker.want(wants([big.messageId]))
    await clock.settle()
    let read = false
    const reading = Promise.resolve(session(0).receive({ deliveries: [{ id: 1, payload: big.payload, byHash: false }] })).then(() => { read = true })
    await clock.settle()
    expect(read).toBe(false)
    open.resolve()
    await reading
    await clock.settle()
    expect(channel.accepted).toEqual([big.messageId])
  })

  it('ends in order: nothing is asked after stop()', async () => {
    const { asker, clock, session, dials } = await askHarness(2)
    asker.want(wants([id]))
    await clock.settle()
    asker.stop()
    asker.want(wants([two.messageId]))
    await clock.advance(60_000)

    expect(session(0).closed).toBe(true)
    expect(dials).toEqual([1, 1])
    expect(clock.pending).toBe(0)
  })
})
