import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { peerIdFromString } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { discovery } from '../../src/discovery/index.js'
import type { DiscoveryInit, DiscoveryManager, RendezvousSource } from '../../src/discovery/index.js'
import type { Libp2p, PeerId, ServiceMap } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const POINT = peerIdFromString('12D3KooWQvpg69hf2kvDdK62VHeLrxctuRqdmWy3KAXSwYkvafwi')

export interface Services extends ServiceMap { discovery: DiscoveryManager }
export type Node = Libp2p<Services>

export interface NodeOptions {
  init?: DiscoveryInit
  datastore?: Datastore
  /** whether a connection with this peer is refused, in either direction */
  denies?: (peer: PeerId) => boolean
}

/** A node on TCP, on a free port of the loopback device. */
export async function createNode ({ init, datastore, denies }: NodeOptions = {}): Promise<Node> {
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
    services: { identify: identify(), discovery: discovery(init) }
  })
}

/** A rendezvous point that lives in this process. */
export class LocalPoint {
  isUp = true
  private readonly nodes = new Map<string, Node[]>()

  source (node: () => Node): RendezvousSource {
    const names = this.nodes
    const at = (namespace: string | ((point: PeerId) => string)): string => typeof namespace === 'string' ? namespace : namespace(POINT)

    return {
      register: async (namespace) => {
        if (!this.isUp) {
          return [{ point: POINT, error: new Error('down') }]
        }

        names.set(at(namespace), [...(names.get(at(namespace)) ?? []).filter(other => other !== node()), node()])

        return [{ point: POINT, ttl: 7200 }]
      },
      unregister: async (namespace) => {
        names.set(at(namespace), (names.get(at(namespace)) ?? []).filter(other => other !== node()))
      },
      discover: (namespace) => this.discover(at(namespace), node())
    }
  }

  private async * discover (name: string, node: Node): AsyncGenerator<{ id: PeerId, multiaddrs: ReturnType<Node['getMultiaddrs']> }> {
    if (!this.isUp) {
      throw new Error('down')
    }

    for (const other of this.nodes.get(name) ?? []) {
      if (other !== node) {
        await node.peerStore.merge(other.peerId, { multiaddrs: other.getMultiaddrs() })
        yield { id: other.peerId, multiaddrs: other.getMultiaddrs() }
      }
    }
  }
}
