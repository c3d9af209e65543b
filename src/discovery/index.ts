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
import type { DiscoveryComponents, DiscoveryInit } from './manager-types.js'

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
export type { DiscoveryComponents, DiscoveryInit, DiscoveryStatus } from './manager-types.js'
export type { FrameChannel } from './session.js'
export type { SignedRecord } from './signed-record.js'
export type { PeerSnapshot } from './peer-snapshot.js'
export type { DiscoveryStat, DiscoveryStats } from './stats.js'
export type { ChannelDiscovery, ChannelMembership, ChannelTopic, LocatedMember } from './types.js'
export type { Change } from './watch.js'
