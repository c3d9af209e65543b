import { defaultLogger } from '@libp2p/logger'
import { describe, expect, it } from 'vitest'
import { exchangeConfig } from '../../../src/exchange/config.js'
import { BATCH_BYTES } from '../../../src/exchange/constants.js'
import { FairPolicy } from '../../../src/exchange/ledger/fair-policy.js'
import { Ledger } from '../../../src/exchange/ledger/ledger.js'
import { PresenceType, WantType } from '../../../src/exchange/pb/exchange.js'
import { Server } from '../../../src/exchange/serving/server.js'
import { SimulatedClock } from '../../../src/testing/simulated-clock.js'
import { FakeChannel, fakeMessage } from '../fake-channel.js'
import { FakeSession } from '../fake-session.js'
import { testPeers } from '../peers.js'
import type { ExchangeInit } from '../../../src/exchange/config.js'
import type { FrameInput } from '../../../src/exchange/link/frame-input.js'
import type { FakeMessage } from '../fake-channel.js'

type WantInput = NonNullable<NonNullable<FrameInput['wantList']>['entries']>[number]

const peers = await testPeers(12)

function setUp (init: ExchangeInit = {}): { server: Server, clock: SimulatedClock, channel: FakeChannel, open: (peer: number, channel?: FakeChannel) => FakeSession, ledger: Ledger } {
  const clock = new SimulatedClock()
  const log = defaultLogger().forComponent('test')
  const ledger = new Ledger({ maxPeers: 100, banMs: 1000, clock, log })
  const config = exchangeConfig(init)
  const channel = new FakeChannel()
  const server = new Server({
    config,
    policy: config.policy,
    account: (peer) => ledger.account(peer),
    sent: (peer, bytes, messages) => {
      ledger.update(peer, account => {
        account.bytesOut += bytes
        account.messagesOut += messages
      })
    },
    clock,
    pause: async () => {},
    log
  })

  return {
    server,
    clock,
    channel,
    ledger,
    open: (peer, other = channel) => {
      const session = new FakeSession(peers[peer])
      session.handlers = server.open(other, session)

      return session
    }
  }
}

function want (id: number, message: Partial<FakeMessage>, more: Partial<WantInput> = {}): WantInput {
  return { id, messageId: message.messageId, type: WantType.BLOCK, priority: 0, cancel: false, sendDontHave: true, ...more }
}

function list (...entries: WantInput[]): FrameInput {
  return { wantList: { full: false, entries } }
}

const some = (count: number, size = 100): FakeMessage[] => Array.from({ length: count }, (_, i) => fakeMessage(`message ${i}`, { size, lamportTimestamp: i + 1 }))

describe('serving', () => {
  it('answers presence, dont-have and gone', async () => {
    const { channel, open, clock } = setUp()
    const [here, lost, never] = some(3)
    channel.add(here, lost)
    channel.remove(lost.messageId)
    const session = open(0)
    void session.receive(list(
      want(1, here, { type: WantType.HAVE }), want(2, lost), want(3, never), want(4, never, { sendDontHave: false })
    ))
    await clock.settle()

    expect(session.presences).toEqual([
      { id: 1, type: PresenceType.PRESENT }, { id: 2, type: PresenceType.GONE }, { id: 3, type: PresenceType.DONT_HAVE }
    ])
    expect(session.deliveries).toEqual([])
  })

  it('P60: delivers in the order of priority, in batches of about 128 KiB', async () => {
    const { channel, open, clock } = setUp()
    const messages = some(10, 50_000)
    channel.add(...messages)
    const session = open(0)
    void session.receive(list(...messages.map((message, i) => want(i + 1, message, { priority: i }))))
    await clock.settle()

    expect(session.deliveries.map(({ id }) => id)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    const batches = session.sent.filter(({ deliveries }) => deliveries != null)
    expect(batches.length).toBe(4)
    expect(batches.every(({ deliveries = [] }) => deliveries.length * 50_000 < BATCH_BYTES + 50_000)).toBe(true)
  })

  it('P60: a full want list replaces, a delta adds, and only what was wanted is cancelled', async () => {
    const { channel, open, clock, server } = setUp()
    const [a, b, c] = some(3)
    const session = open(0)
    void session.receive(list(want(1, a), want(2, b)))
    void session.receive({ wantList: { full: true, entries: [want(3, b), want(4, c)] } })
    void session.receive(list(want(3, {}, { cancel: true }), want(99, {}, { cancel: true })))
    channel.add(a, b, c)
    ;[a, b, c].forEach(({ messageId, hash }) => { server.arrived('lobby', messageId, hash) })
    await clock.settle()

    expect(session.deliveries.map(({ id }) => id)).toEqual([4])
  })

  it('sends when it obtains later, and tells of it where only presence is wanted', async () => {
    const { channel, open, clock, server } = setUp()
    const [late] = some(1)
    const blocks = open(0)
    const presence = open(1)
    void blocks.receive(list(want(1, late)))
    void presence.receive(list(want(7, late, { type: WantType.HAVE })))
    await clock.settle()
    channel.add(late)
    server.arrived('lobby', late.messageId, late.hash)
    await clock.settle()

    expect(blocks.deliveries).toMatchObject([{ id: 1, payload: late.payload, byHash: false }])
    expect(presence.presences).toEqual([{ id: 7, type: PresenceType.DONT_HAVE }, { id: 7, type: PresenceType.PRESENT }])

    void presence.receive(list(want(7, {})))
    await clock.settle()
    expect(presence.deliveries.map(({ id }) => id)).toEqual([7])
  })

  it('a cancel stops what is queued', async () => {
    const { channel, open, clock } = setUp()
    const messages = some(3)
    channel.add(...messages)
    const session = open(0)
    void session.receive(list(...messages.map((message, i) => want(i + 1, message))))
    void session.receive(list(want(2, {}, { cancel: true })))
    await clock.settle()

    expect(session.deliveries.map(({ id }) => id)).toEqual([1, 3])
  })

  it('does not repeat what was just sent', async () => {
    const { channel, open, clock } = setUp()
    const [message] = some(1)
    channel.add(message)
    const session = open(0)
    void session.receive(list(want(1, message)))
    await clock.settle()
    void session.receive(list(want(2, message)))
    await clock.settle()
    expect(session.deliveries.map(({ id }) => id)).toEqual([1])

    await clock.advance(11_000)
    void session.receive(list(want(3, message)))
    await clock.settle()
    expect(session.deliveries.map(({ id }) => id)).toEqual([1, 3])
  })

  it('serves a holder by hash only', async () => {
    const { channel, server, clock } = setUp()
    const [message] = some(1)
    channel.add(message)
    const session = new FakeSession(peers[0], 'holder')
    session.handlers = server.open(channel, session)
    void session.receive(list(want(1, message), want(2, {}, { hash: message.hash }), want(3, { messageId: message.messageId }, { hash: new Uint8Array(32) })))
    void session.receive({ pageRequest: { id: 1, limit: 10 } })
    void session.receive({ digestRequest: { id: 2, parts: 1 } })
    await clock.settle()

    expect(session.presences.map(({ id }) => id)).toEqual([1, 3])
    expect(session.deliveries).toMatchObject([{ id: 2, byHash: true }])
    expect(session.sent.find(({ page }) => page != null)?.page).toEqual({ id: 1, entries: [], more: false })
    expect(session.sent.find(({ digest }) => digest != null)?.digest).toEqual({ id: 2, parts: [] })
  })

  it('bounds the wants of one peer, and says busy beyond that', async () => {
    const { open, clock } = setUp({ maxWantsPerPeer: 5 })
    const session = open(0)
    void session.receive(list(...some(8).map((message, i) => want(i + 1, message))))
    await clock.settle()

    expect(session.presences.length).toBe(5)
    expect(session.sent.find(({ busy }) => busy != null)?.busy).toMatchObject({ ids: [6, 7, 8], retryAfterMs: expect.any(Number) })
  })

  it('wanting and withdrawing for ever does not make the queue grow', async () => {
    const { channel, open, clock } = setUp()
    const [message] = some(1)
    channel.add(message)
    let reads = 0
    channel.payload = async () => {
      reads++

      return message.payload
    }
    const session = open(0)
    session.writable = false

    for (let i = 0; i < 20_000; i++) {
      void session.receive(list(want(i, message), want(i, {}, { cancel: true })))
    }

    await clock.settle()
    expect(session.deliveries).toEqual([])
    expect(reads).toBe(0)
  })

  it('waits for the stream before the next batch, and serves others meanwhile', async () => {
    const { channel, open, clock } = setUp()
    const messages = some(6, 100_000)
    channel.add(...messages)
    const slow = open(0)
    const quick = open(1)
    slow.writable = false
    const entries = messages.map((message, i) => want(i + 1, message))
    void slow.receive(list(...entries))
    void quick.receive(list(...entries))
    await clock.settle()
    expect(slow.deliveries.length).toBe(2)
    await clock.advance(1_000)
    expect(quick.deliveries.length).toBe(6)

    slow.drain()
    await clock.advance(1_000)
    expect(slow.deliveries.length).toBe(6)
  })

  it('ten workers at most, one for a peer at a time', async () => {
    const { channel, open, clock } = setUp({ uploadBytesPerSecond: 2 ** 40 })
    const [message] = some(1)
    channel.add(message)
    const release = Promise.withResolvers<void>()
    let reading = 0
    let most = 0
    channel.payload = async () => {
      most = Math.max(most, ++reading)
      await release.promise
      reading--

      return message.payload
    }
    const sessions = peers.map((_, i) => open(i))
    sessions.forEach(session => { void session.receive(list(want(1, message))) })
    await clock.settle()
    expect(most).toBe(10)
    release.resolve()
    await clock.settle()
    expect(sessions.every(({ deliveries }) => deliveries.length === 1)).toBe(true)
  })

  it('one peer alone is not held back; two get equal shares of the rate', async () => {
    const alone = setUp({ uploadBytesPerSecond: 100_000 })
    const messages = some(40, 50_000)
    alone.channel.add(...messages)
    const entries = messages.map((message, i) => want(i + 1, message))
    const session = alone.open(0)
    void session.receive(list(...entries))
    await alone.clock.settle()
    expect(session.deliveries.length).toBe(40)

    const both = setUp({ uploadBytesPerSecond: 100_000 })
    both.channel.add(...messages)
    const [a, b] = [both.open(0), both.open(1)]
    void a.receive(list(...entries))
    void b.receive(list(...entries))
    await both.clock.advance(10_000)
    const sent = [a.deliveries.length, b.deliveries.length]
    expect(Math.abs(sent[0] - sent[1])).toBeLessThanOrEqual(3)
    expect(sent[0] + sent[1]).toBeGreaterThanOrEqual(16)
    expect(sent[0] + sent[1]).toBeLessThanOrEqual(30)
  })

  it('who was given more than it gave comes later', async () => {
    const { channel, open, clock, ledger } = setUp({ workers: 1, uploadBytesPerSecond: 2 ** 40 })
    const messages = some(8, 100_000)
    channel.add(...messages)
    const order: number[] = []
    const sessions = [0, 1, 2].map(peer => {
      const session = open(peer)
      const { send } = session
      session.send = (frame) => {
        order.push(peer)
        send.call(session, frame)
      }

      return session
    })
    const ask = (peer: number, from: number, to: number): void => { void sessions[peer].receive(list(...messages.slice(from, to).map((message, i) => want(from + i + 1, message)))) }

    // the first has had 400 000 bytes, the third has given more than it had
    ask(0, 0, 4)
    ask(2, 0, 4)
    await clock.settle()
    ledger.update(peers[2], account => { account.bytesIn += 900_000 })
    order.length = 0
    ;[0, 1, 2].forEach(peer => { ask(peer, 4, 6) })
    await clock.settle()

    expect(order).toEqual([2, 1, 0])
  })

  it('a peer that is banned loses what it has open in the channel, and nothing else', async () => {
    const { channel, server, open, clock } = setUp()
    const elsewhere = new FakeChannel('elsewhere')
    const [late] = some(1)
    const [banned, other, inOther] = [open(0), open(1), open(0, elsewhere)]
    ;[banned, other, inOther].forEach(session => { void session.receive(list(want(1, late))) })
    server.dismiss('lobby', peers[0])
    channel.add(late)
    server.arrived('lobby', late.messageId)
    await clock.settle()

    expect([banned.closed, other.closed, inOther.closed]).toEqual([true, false, false])
    expect([banned.deliveries.length, other.deliveries.length]).toEqual([0, 1])
  })

  it('in-flight 0 blocks sending: a policy that allows nothing sends nothing', async () => {
    let allowed = false
    const { channel, open, clock, server } = setUp({ policy: { delay: () => allowed ? 0 : Infinity, sent: () => {} } })
    const [message, next] = some(2)
    channel.add(message)
    const session = open(0)
    void session.receive(list(want(1, message)))
    await clock.advance(60_000)
    expect(session.deliveries).toEqual([])

    allowed = true
    void session.receive(list(want(2, next)))
    channel.add(next)
    server.arrived('lobby', next.messageId)
    await clock.settle()
    expect(session.deliveries.map(({ id }) => id)).toEqual([1, 2])
  })

  it('a payload that vanished is reported, a closed session is forgotten', async () => {
    const { channel, open, clock, server } = setUp()
    const [message] = some(1)
    channel.add(message)
    channel.payload = async () => undefined
    const session = open(0)
    void session.receive(list(want(1, message)))
    await clock.settle()
    expect(session.presences).toEqual([{ id: 1, type: PresenceType.DONT_HAVE }])

    session.close()
    server.arrived('lobby', message.messageId)
    await clock.settle()
    expect(session.deliveries).toEqual([])
    expect(server.contenders).toBe(0)
  })

  it('counts what left in the ledger', async () => {
    const { channel, open, clock, ledger } = setUp()
    const messages = some(3, 1000)
    channel.add(...messages)
    const session = open(0)
    void session.receive(list(...messages.map((message, i) => want(i + 1, message))))
    await clock.settle()

    expect(ledger.account(peers[0])).toMatchObject({ bytesOut: 3000, messagesOut: 3 })
  })

  it('pages newest first, and bounds the work of questions', async () => {
    const { channel, open, clock } = setUp({ entriesPerSecond: 100 })
    const messages = some(50)
    channel.add(...messages)
    const session = open(0)
    await session.receive({ pageRequest: { id: 1, limit: 20 } })
    const page = session.sent.at(-1)?.page
    expect(page?.entries?.map(entry => entry.position?.lamportTimestamp)).toEqual(Array.from({ length: 20 }, (_, i) => 50 - i))
    expect(page).toMatchObject({ more: true, horizon: { lamportTimestamp: 1 } })

    await session.receive({ digestRequest: { id: 2, parts: 4 } })
    expect(session.sent.at(-1)?.digest?.parts?.map(({ count }) => count)).toEqual([13, 13, 13, 11])
    await session.receive({ digestRequest: { id: 3, parts: 1 } })
    await session.receive({ pageRequest: { id: 4, limit: 1 } })
    expect(session.sent.at(-1)?.busy).toMatchObject({ request: 4 })
    await clock.advance(2_000)
    await session.receive({ pageRequest: { id: 5, limit: 1 } })
    expect(session.sent.at(-1)?.page).toMatchObject({ id: 5 })
  })

  it('is the fair policy by default', () => {
    expect(exchangeConfig({}).policy).toBeInstanceOf(FairPolicy)
    expect(() => exchangeConfig({ workers: 0 })).toThrow('workers must be a whole number of at least 1, not 0')
    expect(() => exchangeConfig({ maxDeadlineMs: 10 })).toThrow('maxDeadlineMs of 10 is below minDeadlineMs of 2000')
  })
})
