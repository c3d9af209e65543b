import { afterEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../src/clock.js'
import { CreditPolicy, EXCHANGE_PROTOCOL, exchange } from '../../src/exchange/index.js'
import { FakeChannel, fakeMessage } from './fake-channel.js'
import { connect, createTestNode, wants } from './nodes.js'
import { testKeys, testPeers } from './peers.js'
import type { FakeMessage } from './fake-channel.js'
import type { TestNode } from './nodes.js'
import type { LogEntry } from '../../src/exchange/types.js'

const running: TestNode[] = []

async function node (...args: Parameters<typeof createTestNode>): Promise<TestNode> {
  const created = await createTestNode(...args)
  running.push(created)

  return created
}

function messages (count: number, name = 'message', size = 0): FakeMessage[] {
  return Array.from({ length: count }, (_, i) => fakeMessage(`${name} ${i}`, { size, lamportTimestamp: i + 1 }))
}

function streams (from: TestNode, to: TestNode, direction: string): number {
  return from.libp2p.getConnections(to.libp2p.peerId).flatMap(connection => connection.streams)
    .filter(stream => stream.protocol === EXCHANGE_PROTOCOL && stream.direction === direction).length
}

/** Lists what it does not have, hides half of what it has, and serves rubbish. */
class LyingChannel extends FakeChannel {
  readonly invented = messages(40, 'invented')

  entries (range: Parameters<FakeChannel['entries']>[0]): LogEntry[] {
    const all = [...super.entries({ ...range, limit: 10_000 }).filter((_, i) => i % 2 === 0), ...this.invented]
      .filter(({ lamportTimestamp: at }) => (range.after == null || at > range.after.lamportTimestamp) && (range.before == null || at < range.before.lamportTimestamp))
      .sort((a, b) => a.lamportTimestamp - b.lamportTimestamp)
      .filter((entry, i, list) => i === 0 || entry.lamportTimestamp !== list[i - 1].lamportTimestamp)

    return range.reverse === true ? all.reverse().slice(0, range.limit) : all.slice(0, range.limit)
  }

  async payload (): Promise<Uint8Array> {
    return fakeMessage('rubbish').payload
  }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async created => { await created.stop() }))
})

describe('a network of members', () => {
  it('P59: whatever races, there is one stream in each direction', async () => {
    const a = await node()
    const b = await node()
    const [first, second] = [messages(5, 'a'), messages(5, 'b')]
    const others = [a, b].map((member, i) => {
      const channel = new FakeChannel('second')
      channel.membership = member.libp2p.services.exchange.join(channel)
      channel.others.push([b, a][i].libp2p.peerId)

      return channel
    })
    a.channel.add(...first)
    b.channel.add(...second)
    others[0].add(...first)
    await connect(a, b)

    a.membership.want(wants(second.map(({ messageId }) => messageId)))
    b.membership.want(wants(first.map(({ messageId }) => messageId)))
    others[1].membership?.want(wants(first.map(({ messageId }) => messageId)))
    await Promise.all([
      a.channel.holds(second.map(({ messageId }) => messageId)),
      b.channel.holds(first.map(({ messageId }) => messageId)),
      others[1].holds(first.map(({ messageId }) => messageId)),
      a.membership.reconcile(), b.membership.reconcile()
    ])

    expect([streams(a, b, 'outbound'), streams(b, a, 'outbound')]).toEqual([1, 1])
    expect([streams(a, b, 'inbound'), streams(b, a, 'inbound')]).toEqual([1, 1])
  })

  it('a liar that asks us too is not served any more', async () => {
    const a = await node()
    const liar = await node(new LyingChannel())
    const honest = await node()
    const [wanted, ours] = messages(2)
    ;[liar, honest].forEach(({ channel }) => { channel.add(wanted) })
    await connect(a, liar)
    await connect(a, honest)
    a.channel.add(ours)
    liar.membership.want(wants([ours.messageId]))
    await liar.channel.holds([ours.messageId])

    a.channel.holding = [liar.libp2p.peerId]
    a.membership.want(wants([wanted.messageId]))
    await a.channel.holds([wanted.messageId])
    await expect(liar.membership.reconcile({ peer: a.libp2p.peerId })).rejects.toThrow()
  })

  it('on credit: receipts for what was found to be right keep a server going', async () => {
    const [ofAsker, ofServer] = await testKeys(2)
    const credit = (privateKey: typeof ofAsker): CreditPolicy => new CreditPolicy({ privateKey, creditBytes: 1_000_000, receiptEveryBytes: 300_000, forgivenBytesPerSecond: 1 })
    const history = messages(60, 'message', 100_000)
    const ids = history.map(({ messageId }) => messageId)
    const payer = await node(undefined, { policy: credit(ofAsker) }, ofAsker)
    const server = await node(undefined, { policy: credit(ofServer) }, ofServer)
    const other = await node()

    server.channel.add(...history)
    await connect(payer, server)
    await connect(other, server)
    other.membership.want(wants(ids))
    payer.membership.want(wants(ids))
    await payer.channel.holds(ids)

    // who signs for nothing gets what it may owe
    expect(other.channel.accepted.length).toBeLessThan(20)
  })

  it('P61: bad data costs the exchange stream, not the connection; it is fetched elsewhere', async () => {
    const a = await node()
    const liar = await node(new LyingChannel())
    const honest = await node()
    const [wanted] = messages(1)
    liar.channel.add(wanted)
    honest.channel.add(wanted)
    await connect(a, liar)
    await connect(a, honest)
    a.channel.holding = [liar.libp2p.peerId]
    a.membership.want(wants([wanted.messageId]))
    await a.channel.holds([wanted.messageId])

    expect(a.channel.verdicts.map(({ result }) => result)).toEqual(['mismatch', 'accepted'])
    expect(streams(a, liar, 'outbound')).toBe(0)
    expect(a.libp2p.getConnections(liar.libp2p.peerId).length).toBe(1)
    await expect(a.membership.reconcile({ peer: liar.libp2p.peerId })).rejects.toThrow('banned')
  })

  it('a newcomer gets the whole history although one of the members lies', async () => {
    const history = messages(300, 'message', 2_000)
    const newcomer = await node()
    const members = [await node(new LyingChannel()), await node(), await node()]
    members.forEach(({ channel }) => { channel.add(...history) })
    history.forEach(({ messageId, lamportTimestamp }) => { newcomer.channel.stamps.set(messageId, lamportTimestamp) })

    for (const member of members) {
      await connect(newcomer, member)
    }

    const result = await newcomer.membership.history({ mode: 'full' })

    expect(history.every(({ messageId }) => newcomer.channel.messages.has(messageId))).toBe(true)
    expect(newcomer.channel.messages.size).toBe(300)
    expect(result).toMatchObject({ members: 3, horizon: { lamportTimestamp: 1 } })
    expect(result.held).toBeGreaterThanOrEqual(300)
  })

  it('a day offline: what was missed comes from the members by comparing logs', async () => {
    const history = messages(400)
    const away = await node()
    const member = await node()
    away.channel.add(...history.slice(0, 250))
    history.forEach(({ messageId, lamportTimestamp }) => { away.channel.stamps.set(messageId, lamportTimestamp) })
    await connect(away, member)
    await away.libp2p.stop()
    member.channel.add(...history)

    await away.libp2p.start()
    await away.libp2p.dial(member.libp2p.getMultiaddrs())
    expect(await away.membership.reconcile()).toMatchObject({ missing: 150 })
    await away.channel.holds(history.map(({ messageId }) => messageId))

    expect(away.channel.accepted.length).toBe(150)
    expect(await away.membership.reconcile()).toMatchObject({ missing: 0 })
  })

  it('a time away in which more was said than may be asked for at once: one comparison brings it all', async () => {
    const history = messages(3_000)
    const away = await node(undefined, { maxWants: 300 })
    const member = await node()
    away.channel.add(...history.slice(0, 500))
    member.channel.add(...history)
    history.forEach(({ messageId, lamportTimestamp }) => { away.channel.stamps.set(messageId, lamportTimestamp) })
    await connect(away, member)

    expect(await away.membership.reconcile()).toMatchObject({ missing: 2_500 })
    await away.channel.holds(history.map(({ messageId }) => messageId))
    expect(away.channel.accepted.length).toBe(2_500)
    // causes before what cites them, but for what is under way at once
    const places = away.channel.accepted.map(id => away.channel.stamps.get(id) ?? 0)
    expect(places.every((place, i) => Math.abs(place - (501 + i)) <= 600)).toBe(true)
  })

  it('a partition heals without any store: by itself, soon after the sides meet', async () => {
    const [left, right] = [messages(60, 'left'), messages(60, 'right')]
    const a = await node(undefined, { reconcileIntervalMs: 200 })
    const b = await node(undefined, { reconcileIntervalMs: 200 })

    for (const { channel } of [a, b]) {
      [...left, ...right].forEach(({ messageId, lamportTimestamp }) => { channel.stamps.set(messageId, lamportTimestamp) })
    }

    a.channel.add(...left)
    b.channel.add(...right)
    await connect(a, b)
    a.membership.joined(b.libp2p.peerId)
    b.membership.joined(a.libp2p.peerId)
    await Promise.all([
      a.channel.holds(right.map(({ messageId }) => messageId)),
      b.channel.holds(left.map(({ messageId }) => messageId))
    ])

    expect(a.channel.messages.size).toBe(120)
    expect(b.channel.messages.size).toBe(120)
  })

  it('a first comparison that found nobody is made up for when somebody comes', async () => {
    const a = await node(undefined, { reconcileIntervalMs: 3_600_000, random: { ...systemRandom, float: () => 0 } })
    const history = messages(5)
    const looked = Promise.withResolvers<void>()
    const { peers } = a.channel

    // said to be there, and gone again
    a.channel.peers = () => {
      looked.resolve()

      return peers.call(a.channel)
    }
    a.membership.joined((await testPeers(1))[0])
    await looked.promise

    const b = await node()

    b.channel.add(...history)
    await connect(a, b)
    a.membership.joined(b.libp2p.peerId)
    await a.channel.holds(history.map(({ messageId }) => messageId))
    expect(a.channel.messages.size).toBe(5)
  })

  it('segments of a large set come from several peers in parallel', async () => {
    const segments = messages(40, 'segment', 50_000)
    const a = await node(undefined, { windowBytes: 200_000 })
    const members = await Promise.all([node(), node(), node()])

    for (const member of members) {
      member.channel.add(...segments)
      await connect(a, member)
    }

    const ids = segments.map(({ messageId }) => messageId)
    a.membership.want(ids.map(messageId => ({ messageId, citer: 'bob', attempt: 1, bulk: true })))
    await a.channel.holds(ids)

    expect(new Set(a.channel.verdicts.map(({ from }) => from)).size).toBeGreaterThan(1)
    expect(a.channel.verdicts.every(({ result }) => result === 'accepted')).toBe(true)
  })

  it('what a comparison of logs shows to be missing comes from several members too, when it is large, liars among them or not', async () => {
    const segments = messages(40, 'segment', 50_000)
    const a = await node(undefined, { windowBytes: 200_000 })
    const [b, c, liar] = await Promise.all([node(), node(), node(new LyingChannel())])

    for (const member of [b, c, liar]) {
      member.channel.add(...segments)
      await connect(a, member)
    }

    expect(await a.membership.reconcile({ peer: b.libp2p.peerId })).toMatchObject({ missing: 40 })
    await a.channel.holds(segments.map(({ messageId }) => messageId))

    const accepted = a.channel.verdicts.filter(({ result }) => result === 'accepted')
    expect(accepted).toHaveLength(40)
    expect(new Set(accepted.map(({ from }) => from))).toEqual(new Set([b, c].map(({ libp2p }) => libp2p.peerId.toString())))
  })

  it('starts and stops again and again, and leaves a channel behind', async () => {
    const a = await node()
    const b = await node()
    const history = messages(2)
    b.channel.add(history[0])
    await connect(a, b)
    const service = a.libp2p.services.exchange
    await service.start()
    await service.stop()
    await service.stop()
    a.membership.want(wants([history[0].messageId]))
    await expect(a.membership.history()).rejects.toThrow('takes no part')
    await service.start()
    await a.channel.holds([history[0].messageId])

    expect(() => service.join(a.channel)).toThrow('is in the exchange already')
    await a.membership.leave()
    await a.membership.leave()
    await expect(a.membership.reconcile()).rejects.toThrow('takes no part')
    a.channel.membership = service.join(a.channel)
    b.channel.add(history[1])
    a.channel.membership.want(wants([history[1].messageId]))
    await a.channel.holds([history[1].messageId])
    expect(a.channel.accepted.length).toBe(2)
  })

  it('checks a channel before it joins', () => {
    const service = exchange()({ logger: { forComponent: () => () => {} } } as unknown as Parameters<ReturnType<typeof exchange>>[0])

    expect(() => service.join(new FakeChannel('lobby', { keys: [] }))).toThrow('1 to 8 discovery keys of 32 bytes')
    expect(() => service.join(new FakeChannel('lobby', { keys: [new Uint8Array(31)] }))).toThrow('32 bytes')
  })
})
