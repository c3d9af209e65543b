/**
 * The rendezvous protocol, `/rendezvous/1.0.0`, whole: the point and the client.
 *
 * Peers register their signed addresses under a namespace at a rendezvous point, and find
 * each other there. It needs nothing else of this package.
 *
 * @example A point that others register with
 *
 * ```ts
 * import { createLibp2p } from 'libp2p'
 * import { rendezvousPoint } from 'holdfast/rendezvous'
 *
 * const node = await createLibp2p({
 *   services: { rendezvous: rendezvousPoint() }
 * })
 * ```
 *
 * @example A client
 *
 * ```ts
 * import { createLibp2p } from 'libp2p'
 * import { rendezvousClient } from 'holdfast/rendezvous'
 *
 * const node = await createLibp2p({
 *   services: {
 *     rendezvous: rendezvousClient({ points: ['/dns4/point.example.org/tcp/4001/p2p/12D3KooW...'] })
 *   }
 * })
 *
 * await node.services.rendezvous.register('my-app')
 *
 * for await (const peer of node.services.rendezvous.discover('my-app')) {
 *   await node.dial(peer.id)
 * }
 * ```
 *
 * @see https://github.com/libp2p/specs/blob/master/rendezvous/README.md
 */

import { RendezvousClient as RendezvousClientClass } from './client/rendezvous-client.js'
import { RendezvousPoint as RendezvousPointClass } from './point/rendezvous-point.js'
import type { RendezvousClient, RendezvousClientComponents, RendezvousClientInit } from './client/types.js'
import type { RendezvousPoint, RendezvousPointComponents, RendezvousPointInit } from './point/types.js'

export { RENDEZVOUS_PROTOCOL, ResponseStatus } from './constants.js'
export { DiscoverError, InvalidRecordError, NoAddressesError, NoAnswerError, RendezvousStatusError } from './errors.js'
export { legacyRecord, standardRecord, wakuRecord } from './records.js'
export { wakuRendezvous } from './waku.js'
export type { RecordFormat } from './record-formats.js'
export type { RecordCodec, RecordContent } from './records.js'
export type { DiscoverPage, Namespace, PointStatus, RegisteredPeer, RegisterResult, RendezvousClient, RendezvousClientComponents, RendezvousClientInit } from './client/types.js'
export type { RendezvousPoint, RendezvousPointComponents, RendezvousPointEvents, RendezvousPointInit } from './point/types.js'

/** A libp2p service that serves the protocol. */
export function rendezvousPoint (init: RendezvousPointInit = {}): (components: RendezvousPointComponents) => RendezvousPoint {
  return (components) => new RendezvousPointClass(components, init)
}

/** A libp2p service that uses points. */
export function rendezvousClient (init: RendezvousClientInit = {}): (components: RendezvousClientComponents) => RendezvousClient {
  return (components) => new RendezvousClientClass(components, init)
}
