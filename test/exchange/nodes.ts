import { noise } from '@libp2p/noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { exchange } from '../../src/exchange/index.js'
import { FakeChannel } from './fake-channel.js'
import type { ExchangeInit } from '../../src/exchange/index.js'
import type { ExchangeMembership, MessageExchange } from '../../src/exchange/types.js'
import type { Libp2p, PrivateKey, Startable } from '@libp2p/interface'

export interface TestNode {
  libp2p: Libp2p<{ exchange: MessageExchange & Startable }>
  channel: FakeChannel
  membership: ExchangeMembership
  stop (): Promise<void>
}

/** A libp2p node on a port of its own, with one channel in the exchange. */
export async function createTestNode (channel = new FakeChannel(), init: ExchangeInit = {}, privateKey?: PrivateKey): Promise<TestNode> {
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000 },
    services: { identify: identify(), exchange: exchange({ graceMs: 0, reconcileIntervalMs: 0, ...init }) }
  })
  const membership = libp2p.services.exchange.join(channel)
  channel.membership = membership

  return { libp2p, channel, membership, stop: async () => { await libp2p.stop() } }
}

/** Connects two nodes and lets each count the other as a peer of the channel. */
export async function connect (a: TestNode, b: TestNode): Promise<void> {
  await a.libp2p.dial(b.libp2p.getMultiaddrs())
  a.channel.others.push(b.libp2p.peerId)
  b.channel.others.push(a.libp2p.peerId)
}

export function wants (ids: string[], citer = 'bob'): Array<{ messageId: string, citer: string, attempt: number }> {
  return ids.map(messageId => ({ messageId, citer, attempt: 1 }))
}
