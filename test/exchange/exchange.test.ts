import { afterEach, describe, expect, it } from 'vitest'
import { FakeChannel, fakeMessage } from './fake-channel.js'
import { connect, createTestNode, wants } from './nodes.js'
import type { TestNode } from './nodes.js'

const running: TestNode[] = []

async function node (...args: Parameters<typeof createTestNode>): Promise<TestNode> {
  const created = await createTestNode(...args)
  running.push(created)

  return created
}

function messages (count: number, size = 0): ReturnType<typeof fakeMessage>[] {
  return Array.from({ length: count }, (_, i) => fakeMessage(`message ${i}`, { size, lamportTimestamp: i + 1 }))
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async created => { await created.stop() }))
})

describe('exchange over TCP', () => {
  it('brings what a member lacks from a member that has it', async () => {
    const a = await node()
    const b = await node()
    const had = messages(20, 1000)
    b.channel.add(...had)
    await connect(a, b)

    const ids = had.map(({ messageId }) => messageId)
    a.membership.want(wants(ids))
    await a.channel.holds(ids)

    expect(a.channel.verdicts.every(({ result }) => result === 'accepted')).toBe(true)
    expect([...a.channel.messages.keys()].sort()).toEqual([...ids].sort())
  })

  it('six nodes in a line pass on 60 blocks', async () => {
    const line = await Promise.all(Array.from({ length: 6 }, async () => await node()))
    const blocks = messages(60, 10_000)
    line[0].channel.add(...blocks)

    for (let i = 1; i < line.length; i++) {
      await connect(line[i - 1], line[i])
    }

    const ids = blocks.map(({ messageId }) => messageId)
    line.slice(1).forEach(({ membership }) => { membership.want(wants(ids)) })
    await Promise.all(line.map(async ({ channel }) => { await channel.holds(ids) }))

    for (const { channel } of line.slice(1)) {
      expect(channel.accepted.length).toBe(60)
      expect(channel.verdicts.length).toBe(60)
    }
  })

  it('sends when it obtains later', async () => {
    const a = await node()
    const b = await node()
    const [late] = messages(1, 500)
    await connect(a, b)
    a.membership.want(wants([late.messageId]))

    await new Promise<void>(resolve => {
      const has = b.channel.has.bind(b.channel)
      b.channel.has = (want) => {
        resolve()

        return has(want)
      }
    })
    b.channel.add(late)
    b.membership.arrived(late.messageId, late.hash)
    await a.channel.holds([late.messageId])

    expect(a.channel.accepted).toEqual([late.messageId])
  })

  it('gives a stranger nothing', async () => {
    const a = await node(new FakeChannel('lobby', { keys: [new Uint8Array(32).fill(1)] }), { maxRounds: 1 })
    const b = await node(new FakeChannel('lobby', { keys: [new Uint8Array(32).fill(2)] }))
    const [secret] = messages(1)
    b.channel.add(secret)
    await connect(a, b)
    a.membership.want(wants([secret.messageId]))
    await new Promise<void>(resolve => {
      a.channel.unavailable = () => { resolve() }
    })

    expect(a.channel.messages.size).toBe(0)
  })

  it('serves a holder, and is served by it, by hash only', async () => {
    const member = await node()
    const holder = await node(new FakeChannel('lobby', { role: 'holder' }))
    const newcomer = await node()
    const [message, other] = messages(2, 2000)
    member.channel.add(message, other)
    await connect(holder, member)
    await connect(newcomer, holder)

    holder.membership.want([{ messageId: 'by-hash', hint: message.hash, citer: 'bob', attempt: 1 }])
    await holder.channel.holds([message.messageId])
    newcomer.membership.want([{ messageId: message.messageId, hint: message.hash, citer: 'bob', attempt: 1 }])
    await newcomer.channel.holds([message.messageId])

    expect(newcomer.channel.verdicts).toEqual([{ result: 'accepted', messageId: message.messageId, from: holder.libp2p.peerId.toString() }])
    expect(holder.channel.has({ messageId: other.messageId })).toBe(false)
  })
})
