import type { DiscoveryOptions } from './config.js'
import type { RendezvousSource } from './network.js'
import type { ComponentLogger, Libp2pEvents, Metrics, PeerId, PeerStore, PrivateKey, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

export interface DiscoveryInit extends DiscoveryOptions {
  /** peers to begin with, each with its peer ID; they are tried first, and never only */
  bootstrap?: Array<string | Multiaddr>
  /** the rendezvous client @default the node's service named `rendezvousClient` or `rendezvous`, if there is one */
  rendezvous?: RendezvousSource | (() => RendezvousSource | undefined)
}

export interface DiscoveryComponents {
  peerId: PeerId
  privateKey: PrivateKey
  registrar: Registrar
  connectionManager: ConnectionManager
  peerStore: PeerStore
  addressManager: AddressManager
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  /** keeps the address book over restarts */
  datastore?: Datastore
  metrics?: Metrics
  rendezvous?: RendezvousSource
  rendezvousClient?: RendezvousSource
}

export interface DiscoveryStatus {
  started: boolean
  /** in the address book */
  peers: number
  /** located, over all channels */
  members: number
  /** sessions under way */
  sessions: number
  /** whether there is a rendezvous client */
  rendezvous: boolean
  channels: Array<{ channelId: string, located: number, proven: number, connected: number }>
}
