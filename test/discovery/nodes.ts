import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { discovery } from '../../src/discovery/index.js'
import { rendezvousClient, rendezvousPoint } from '../../src/rendezvous/index.js'
import type { DiscoveryInit, DiscoveryManager } from '../../src/discovery/index.js'
import type { Libp2p, PeerId, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

export interface Services extends ServiceMap { discovery: DiscoveryManager }
export type Node = Libp2p<Services>

export interface NodeOptions {
  init?: DiscoveryInit
  datastore?: Datastore
  /** of rendezvous points; without them there is no client either */
  points?: Multiaddr[]
  /** whether a connection with this peer is refused, in either direction */
  denies?: (peer: PeerId) => boolean
}

/** A node on TCP, on a free port of the loopback device. */
export async function createNode ({ init, datastore, denies, points }: NodeOptions = {}): Promise<Node> {
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: Infinity, reconnectRetries: 0 },
    connectionMonitor: { enabled: false },
    connectionGater: {
      denyDialPeer: peer => denies?.(peer) ?? false,
      denyInboundEncryptedConnection: peer => denies?.(peer) ?? false
    },
    datastore,
    services: { identify: identify(), discovery: discovery(init), ...(points == null ? {} : { rendezvous: rendezvousClient({ points }) }) }
  })
}

/** A rendezvous point and nothing else. */
export async function createPoint (): Promise<Libp2p> {
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: Infinity },
    services: { identify: identify(), rendezvous: rendezvousPoint() }
  })
}
