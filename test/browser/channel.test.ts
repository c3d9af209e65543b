import { afterEach, expect, test } from 'vitest'
import { ChannelManager, createNode, symmetric } from '../../src/index.js'
import { openDatastore } from '../../src/storage/index.js'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import type { Channel } from '../../src/index.js'

const encryption = symmetric({ key: new Uint8Array(32).fill(7) })
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const cleanups: Array<() => Promise<void>> = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup()
  }
})

/** A manager on an IndexedDB of its own. */
async function device (name: string): Promise<{ channels: ChannelManager, messaging: ReturnType<typeof createFakeMessaging> }> {
  const opened = await openDatastore(name)
  const messaging = createFakeMessaging({ confirm: 'auto' })
  const channels = new ChannelManager({ messaging, datastore: opened.datastore })

  await channels.start()
  cleanups.push(async () => {
    await channels.stop()
    await opened.close()
  })

  return { channels, messaging }
}

async function texts (channel: Channel): Promise<string[]> {
  const out: string[] = []

  for await (const message of channel.history()) {
    out.push(new TextDecoder().decode(message.payload))
  }

  return out
}

test('two members talk, and a channel on IndexedDB is whole when it is opened again', async () => {
  const name = `channel-${crypto.randomUUID()}`
  const alice = await device(name)
  const bob = await device(`${name}-bob`)
  const forward = (from: typeof alice, to: typeof alice): void => {
    const { send } = from.messaging

    from.messaging.send = async (envelope, options) => {
      const requestId = await send(envelope, options)

      to.messaging.receive(envelope)

      return requestId
    }
  }

  forward(alice, bob)
  forward(bob, alice)

  const tea = await alice.channels.createChannel('tea', { encryption, senderId: 'alice' })
  const other = await bob.channels.createChannel('tea', { encryption, senderId: 'bob', sds: { acknowledgementTimeoutMs: 200 } })
  const requestId = await tea.send(utf8('hello'))

  await tea.settled(requestId, 'delivered', { signal: AbortSignal.timeout(10_000) })
  await other.send(utf8('hello yourself'))
  await tea.send(new Uint8Array(300_000).fill(65))
  await expect.poll(async () => (await texts(other)).length).toBe(3)
  expect((await texts(other)).map(text => text.length)).toEqual([5, 14, 300_000])

  await tea.close()

  const again = await alice.channels.createChannel('tea', { encryption, senderId: 'alice' })

  expect(alice.channels.durable).toBe(true)
  expect(await texts(again)).toEqual(await texts(other))
  expect(again.request(requestId)).toMatchObject({ state: 'delivered', receipts: ['bob'] })
})

test('createNode() works in a browser, on IndexedDB, one tab at a time', async () => {
  const storage = `node-${crypto.randomUUID()}`
  const node = await createNode({ storage })

  cleanups.push(async () => { await node.stop() })

  const channel = await node.channels.createChannel('tea', { encryption })
  const id = node.libp2p.peerId.toString()

  expect(channel.senderId).toBe(id)
  await channel.send(utf8('waits for peers'))
  await expect(createNode({ storage })).rejects.toMatchObject({ name: 'StoreLockedError' })
  await node.stop()

  const again = await createNode({ storage })

  cleanups.push(async () => { await again.stop() })
  expect(again.libp2p.peerId.toString()).toBe(id)

  const reopened = await again.channels.createChannel('tea', { encryption })

  expect(reopened.pending()).toHaveLength(1)
  expect(await texts(reopened)).toEqual(['waits for peers'])
})
