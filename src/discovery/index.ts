/**
 * Finding the members of a channel: through rendezvous points while they are there, and from
 * peer to peer when they are not.
 *
 * Members of a channel share a discovery key. From it come the names under which they register
 * at points, which change daily and from point to point, and the tags by which two peers find
 * out what they have in common without telling each other the rest.
 *
 * @example
 *
 * ```ts
 * import { createLibp2p } from 'libp2p'
 * import { discovery, discoveryKey } from 'holdfast/discovery'
 * import { rendezvousClient } from 'holdfast/rendezvous'
 *
 * const node = await createLibp2p({
 *   // transports, encryption, muxers, identify
 *   services: {
 *     rendezvous: rendezvousClient({ points: ['/dns4/point.example.org/tcp/4001/p2p/12D3Koo…'] }),
 *     discovery: discovery()
 *   }
 * })
 *
 * const cats = node.services.discovery.join({ channelId: 'cats', keys: [discoveryKey(secret)] })
 *
 * cats.onChange(() => { console.info('members:', cats.peers().length) })
 * ```
 */

import { DiscoveryManager } from './manager.js'
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

/** The discovery service for a libp2p node. */
export function discovery (init: DiscoveryInit = {}): (components: DiscoveryComponents) => DiscoveryManager {
  return components => new DiscoveryManager(components, init)
}

export { DiscoveryManager } from './manager.js'
export { DISCOVERY_PROTOCOL } from './libp2p-network.js'
export { discoveryKey, publicDiscoveryKey, DISCOVERY_KEY_BYTES, rendezvousNamespace, activeDays } from './namespace.js'
export { DiscoveryEngine } from './engine.js'
export { createConfig } from './config.js'
export { verifyRecord, sealRecord } from './signed-record.js'
export { DiscoveryProtocolError, InvalidRecordError, WalkerFailedError } from './errors.js'
export type { DiscoveryConfig, DiscoveryOptions } from './config.js'
export type { EngineInit } from './engine.js'
export type { DiscoveryEvents, DiscoveryEventSource, SessionRole } from './events.js'
export type { DiscoveryNetwork, FoundPeer, RendezvousSource, SessionChannel } from './network.js'
export type { FrameChannel } from './session.js'
export type { SignedRecord } from './signed-record.js'
export type { PeerSnapshot } from './peer-snapshot.js'
export type { DiscoveryStat, DiscoveryStats } from './stats.js'
export type { ChannelDiscovery, ChannelMembership, ChannelTopic, LocatedMember } from './types.js'
export type { Change } from './watch.js'
