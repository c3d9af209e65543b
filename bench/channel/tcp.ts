import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { ChannelManager } from '../../dist/src/channel/index.js'
import { systemClock } from '../../dist/src/clock.js'
import { symmetric } from '../../dist/src/encryption/index.js'
import { encodeEnvelope, GossipsubMessaging, gossipsubOptions } from '../../dist/src/messaging/index.js'
import { OutboundBacklog } from '../../dist/src/messaging/outbound-backlog.js'
import { stages } from './bare.ts'
import { payloads } from './measure.ts'
import { KEY } from './ours.ts'
import type { Contestant } from './measure.ts'
import type { Channel } from '../../dist/src/channel/index.js'
import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'

const BARE_TOPIC = 'bare'

/** Unwritten bytes from which on the bare publisher waits: what our messaging layer does. */
const MAX_BACKLOG_BYTES = 1024 * 1024

interface Node {
  libp2p: Libp2p<{ pubsub: GossipSub }>
  messaging: GossipsubMessaging
  channel: Channel
  stop (): Promise<void>
}

async function createNode (senderId: string): Promise<Node> {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub(gossipsubOptions()) }
  })
  const { pubsub } = libp2p.services
  const messaging = new GossipsubMessaging({ pubsub, peerId: libp2p.peerId, logger: defaultLogger() })
  const channels = new ChannelManager({ messaging })
  const channel = await channels.createChannel('bench', { encryption: symmetric({ key: KEY }), senderId })

  await messaging.start()
  await channels.start()
  pubsub.subscribe(BARE_TOPIC)

  return {
    libp2p,
    messaging,
    channel,
    stop: async () => {
      await channels.stop()
      await messaging.stop()
      await libp2p.stop()
    }
  }
}

type Side = 'channel' | 'bare' | 'staged'

/** The receiver, when this file is run as a process of its own: tells when as many as announced have come. */
async function receive (): Promise<void> {
  const { libp2p, channel } = await createNode('receiver')
  const { open: openStages } = stages()
  const awaited = { channel: 0, bare: 0, staged: 0 }
  let side: Side = 'bare'
  let cpu = process.cpuUsage()
  const arrived = (): void => {
    if (--awaited[side] === 0) {
      const { user, system } = process.cpuUsage(cpu)

      process.send?.({ done: side, cpu: user + system })
    }
  }

  channel.events.on('reliable:message:received', arrived)
  libp2p.services.pubsub.addEventListener('gossipsub:message', ({ detail }) => {
    if (detail.msg.topic === BARE_TOPIC) {
      if (side === 'staged') {
        openStages(detail.msg.data)
      }

      arrived()
    }
  })
  process.on('message', (told: { side: Side, count: number }) => {
    side = told.side
    awaited[side] = told.count
    cpu = process.cpuUsage()
    process.send?.({ ready: side })
  })
  process.on('disconnect', () => { process.exit() })
  process.send?.({ address: libp2p.getMultiaddrs()[0].toString() })
}

export interface TcpContestant extends Contestant {
  /** CPU time in µs of sender and receiver, whichever took more, in the last run */
  cpu: number
}

export interface TcpContestants {
  channel: TcpContestant
  /** bare gossipsub on the same connection, at the size that the channel's envelopes have */
  bare: TcpContestant
  /** the same, with the hashes, cipher and codecs that the wire of a channel demands: the least that one can cost */
  staged: TcpContestant
  envelopeBytes: number
  close (): Promise<void>
}

/** A sender in this process and a receiver in another, over TCP with noise and yamux. */
export async function overTcp (size: number): Promise<TcpContestants> {
  const child = fork(fileURLToPath(import.meta.url), ['receiver'])
  const [{ address }] = await once(child, 'message') as [{ address: string }]
  const { libp2p, messaging, channel, stop } = await createNode('sender')
  const { pubsub } = libp2p.services
  const next = payloads(size)
  let envelopeBytes = 0
  const send = messaging.send.bind(messaging)

  messaging.send = async (envelope, options) => {
    envelopeBytes = Math.max(envelopeBytes, encodeEnvelope(envelope, 1n).byteLength)

    return await send(envelope, options)
  }

  await libp2p.dial(multiaddr(address))

  while (pubsub.getSubscribers(BARE_TOPIC).length === 0 || pubsub.getSubscribers('bench').length === 0) {
    await new Promise(resolve => { setTimeout(resolve, 50) })
  }

  // one heartbeat, so that both topics have their mesh
  await new Promise(resolve => { setTimeout(resolve, 1_500) })

  const told = async (key: 'ready' | 'done', side: Side): Promise<number> => {
    for (;;) {
      const [message] = await once(child, 'message') as [Partial<Record<'ready' | 'done', Side>> & { cpu?: number }]

      if (message[key] === side) {
        return message.cpu ?? 0
      }
    }
  }
  await run('channel', 2)
  // what has been measured so far is the wire size
  const wire = envelopeBytes
  messaging.send = send

  const nextBare = payloads(wire)
  const { seal } = stages()
  const backlog = new OutboundBacklog(pubsub, systemClock, MAX_BACKLOG_BYTES)

  async function run (side: Side, count: number): Promise<number> {
    const ready = told('ready', side)

    child.send({ side, count })
    await ready

    const done = told('done', side)
    const before = process.cpuUsage()

    if (side === 'channel') {
      await Promise.all(Array.from({ length: count }, async () => await channel.send(next(), { whenFull: 'wait' })))
    } else {
      const { signal } = new AbortController()

      for (let i = 0; i < count; i++) {
        await pubsub.publish(BARE_TOPIC, side === 'staged' ? seal(next()) : nextBare())
        await backlog.ready(pubsub.getSubscribers(BARE_TOPIC), signal)
      }
    }

    const receiver = await done
    const { user, system } = process.cpuUsage(before)

    return Math.max(user + system, receiver)
  }

  const contestant = (side: Side): TcpContestant => {
    const made: TcpContestant = { cpu: 0, run: async count => { made.cpu = await run(side, count) } }

    return made
  }

  return {
    channel: contestant('channel'),
    bare: contestant('bare'),
    staged: contestant('staged'),
    envelopeBytes: wire,
    close: async () => {
      await stop()
      child.disconnect()
    }
  }
}

if (process.argv[2] === 'receiver') {
  await receive()
}
