import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { GossipsubConfigError, GossipsubMessaging, gossipsubOptions, MAX_ENVELOPE_BYTES } from '../../src/messaging/index.js'
import { envelope } from './fixtures.js'
import type { GossipsubMessagingInit, MessagingEvents } from '../../src/messaging/index.js'
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub'
import type { Libp2p, Stream } from '@libp2p/interface'

type Node = Libp2p<{ pubsub: GossipSub }>

async function createNode (options: Partial<GossipsubOpts> = gossipsubOptions()): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub(options) }
  })
  onTestFinished(async () => { await node.stop() })

  return node
}

function messagingOf (node: Node, init?: GossipsubMessagingInit): GossipsubMessaging {
  return new GossipsubMessaging({ pubsub: node.services.pubsub, peerId: node.peerId, logger: defaultLogger() }, init)
}

async function createMessaging (init?: GossipsubMessagingInit): Promise<{ node: Node, messaging: GossipsubMessaging }> {
  const node = await createNode()
  const messaging = messagingOf(node, init)
  await messaging.start()
  onTestFinished(async () => { await messaging.stop() })

  return { node, messaging }
}

function streamOf (node: Node, direction: 'streamsOutbound' | 'streamsInbound', remote: Node): Stream {
  const streams = (node.services.pubsub as unknown as Record<typeof direction, Map<string, { rawStream: Stream }>>)[direction]
  const stream = streams.get(remote.peerId.toString())

  if (stream == null) {
    throw new Error('no such stream')
  }

  return stream.rawStream
}

async function next<K extends keyof MessagingEvents> (messaging: GossipsubMessaging, type: K, fits: (event: MessagingEvents[K]) => boolean = () => true): Promise<MessagingEvents[K]> {
  return new Promise(resolve => {
    const handler = (event: MessagingEvents[K]): void => {
      if (fits(event)) {
        messaging.events.off(type, handler)
        resolve(event)
      }
    }
    messaging.events.on(type, handler)
  })
}

describe('GossipsubMessaging over TCP', () => {
  it('delivers through a third node what was sent before anybody was there', async () => {
    const [a, b, c] = [await createMessaging(), await createMessaging(), await createMessaging()]
    await Promise.all([a, b, c].map(async ({ messaging }) => { await messaging.subscribe('room') }))
    const received = next(c.messaging, 'message_received')
    const sent = next(a.messaging, 'message_sent')
    const requestId = await a.messaging.send(envelope('room', 'early'))

    expect(a.messaging.subscribers('room')).to.equal(0)
    await c.node.dial(b.node.getMultiaddrs())
    await a.node.dial(b.node.getMultiaddrs())
    const [{ message, messageHash, from }, outcome] = await Promise.all([received, sent])

    expect(message).to.deep.include({ ...envelope('room', 'early') })
    expect(from?.equals(b.node.peerId)).to.equal(true)
    expect(outcome).to.deep.equal({ requestId, messageHash })
  })

  it('delivers a retransmission of the same payload as another message', async () => {
    const [a, b] = [await createMessaging(), await createMessaging()]
    await b.messaging.subscribe('room')
    await a.node.dial(b.node.getMultiaddrs())
    const hashes: string[] = []
    b.messaging.events.on('message_received', ({ messageHash }) => { hashes.push(messageHash) })

    for (let i = 0; i < 2; i++) {
      const received = next(b.messaging, 'message_received')
      await a.messaging.send(envelope('room', 'again'))
      await received
    }

    expect(new Set(hashes).size).to.equal(2)
  })

  it('carries an envelope of just under 1 MiB both ways, and refuses a larger one for good', async () => {
    const [a, b] = [await createMessaging(), await createMessaging()]
    const large = { ...envelope('room', ''), payload: new Uint8Array(MAX_ENVELOPE_BYTES - 100).fill(7) }
    await Promise.all([a, b].map(async ({ messaging }) => { await messaging.subscribe('room') }))
    await a.node.dial(b.node.getMultiaddrs())

    for (const [from, to] of [[a, b], [b, a]]) {
      const received = next(to.messaging, 'message_received')
      await from.messaging.send(large)
      expect((await received).message.payload.byteLength).to.equal(large.payload.byteLength)
    }

    const failed = next(a.messaging, 'message_error')
    const requestId = await a.messaging.send({ ...large, payload: new Uint8Array(MAX_ENVELOPE_BYTES) })
    expect(await failed).to.deep.include({ requestId, retryable: false })
  })

  it('holds back while a peer does not read, and loses nothing', async () => {
    const maxBacklogBytes = 256 * 1024
    const [a, b] = [await createMessaging({ maxBacklogBytes }), await createMessaging()]
    const payload = new Uint8Array(100 * 1024).fill(1)
    const count = 60
    let arrived = 0
    await b.messaging.subscribe('room')
    await a.node.dial(b.node.getMultiaddrs())
    const all = next(b.messaging, 'message_received', () => ++arrived === count)
    const send = async (): Promise<void> => { await a.messaging.send({ ...envelope('room', ''), payload }) }
    await send()
    await next(b.messaging, 'message_received')

    const [out, into] = [streamOf(a.node, 'streamsOutbound', b.node), streamOf(b.node, 'streamsInbound', a.node)]
    into.pause()

    for (let i = 1; i < count; i++) {
      await send()
    }

    await vi.waitUntil(() => out.writeBufferLength > maxBacklogBytes, { timeout: 10_000 })
    // without a limit all of it would be written by then
    await new Promise(resolve => { setTimeout(resolve, 200) })
    expect(a.messaging.counters.sent).to.be.greaterThan(1).and.lessThan(count)
    expect(out.writeBufferLength).to.be.greaterThan(maxBacklogBytes).and.lessThan(maxBacklogBytes + 2 * payload.byteLength)

    into.resume()
    await all
    expect(a.messaging.counters).to.include({ sent: count, failed: 0 })
  })

  it('refuses a node whose gossipsub signs or names messages in another way', async () => {
    for (const options of [{}, { globalSignaturePolicy: 'StrictNoSign', msgIdFn: () => new Uint8Array(4) }, gossipsubOptions({ profile: 'waku' })] satisfies Array<Partial<GossipsubOpts>>) {
      await expect(messagingOf(await createNode(options)).start()).rejects.toBeInstanceOf(GossipsubConfigError)
    }
  })

  it('finds the message ID function of the gossipsub that is installed', async () => {
    const { pubsub } = (await createNode(gossipsubOptions({ profile: 'waku' }))).services

    expect(pubsub).to.have.property('msgIdFn').that.is.a('function')
    await messagingOf(await createNode(gossipsubOptions({ profile: 'waku' })), { profile: 'waku' }).start()
  })

  it('P45: works again after a restart of messaging, and of the node below it', async () => {
    const [a, b] = [await createMessaging(), await createMessaging()]
    await b.messaging.subscribe('room')
    await a.node.dial(b.node.getMultiaddrs())

    for (const restart of [async () => {}, async () => { await a.messaging.stop() }, async () => {
      await a.messaging.stop()
      await a.node.stop()
      await a.node.start()
      await a.node.dial(b.node.getMultiaddrs())
    }]) {
      await restart()
      await a.messaging.start()
      const received = next(b.messaging, 'message_received')
      await a.messaging.send(envelope('room', 'hi'))
      expect((await received).message.contentTopic).to.equal('room')
    }
  })
})
