import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { located, node, open, point } from './harness.js'
import type { Channel, ReceivedMessage } from '../../src/index.js'

const MIB = 1024 * 1024

/** The first message that a channel receives. */
async function first (channel: Channel): Promise<ReceivedMessage> {
  return await new Promise(resolve => { channel.events.on('reliable:message:received', resolve) })
}

async function digest (channel: Channel, messageId: string): Promise<{ sha256: string, size: number }> {
  const hash = createHash('sha256')
  let size = 0

  for await (const piece of channel.content(messageId)) {
    hash.update(piece)
    size += piece.byteLength
  }

  return { sha256: hash.digest('hex'), size }
}

/** Three members, who count a message as delivered when both others have it. */
async function three (): Promise<Channel[]> {
  const { addresses } = await point()
  const nodes = await Promise.all([0, 1, 2].map(async () => await node({ rendezvousPoints: addresses })))
  const channels = await Promise.all(nodes.map(async on => await open(on, { sds: { deliveredAt: 2 } })))

  await located(nodes, 2)

  return channels
}

test('5 MiB by send() arrive whole, and are delivered to two members', async () => {
  const [a, b, c] = await three()
  const payload = randomBytes(5 * MIB)
  const arrived = Promise.all([first(b), first(c)])
  const request = await a.send(payload)
  const messages = await arrived
  const sha256 = createHash('sha256').update(payload).digest('hex')

  for (const [i, message] of messages.entries()) {
    expect(message.streamed).toBe(false)
    expect(message.size).toBe(payload.byteLength)
    expect(createHash('sha256').update(message.payload).digest('hex')).toBe(sha256)
    expect(await digest([b, c][i], message.messageId)).toEqual({ sha256, size: payload.byteLength })
  }

  await a.settled(request, 'delivered')
  expect([...a.receipts(request)].sort()).toEqual([b.senderId, c.senderId].sort())
}, 40_000)

test('30 MiB by sendStream() arrive whole, and are delivered to two members', async () => {
  const [a, b, c] = await three()
  const size = 30 * MIB
  const sent = createHash('sha256')
  const source = async function * (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += MIB / 2) {
      const piece = randomBytes(MIB / 2)

      sent.update(piece)
      yield piece
    }
  }
  const arrived = Promise.all([first(b), first(c)])
  const request = await a.sendStream(source(), { size })
  const messages = await arrived
  const sha256 = sent.digest('hex')

  for (const [i, message] of messages.entries()) {
    expect(message.streamed).toBe(true)
    expect(message.size).toBe(size)
    expect(await digest([b, c][i], message.messageId)).toEqual({ sha256, size })
  }

  await a.settled(request, 'delivered')
  expect([...a.receipts(request)].sort()).toEqual([b.senderId, c.senderId].sort())
}, 60_000)
