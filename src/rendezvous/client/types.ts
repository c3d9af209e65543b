import type { Clock, Random } from '../../clock.js'
import type { RecordFormat } from '../record-formats.js'
import type { RecordCodec } from '../records.js'
import type { AbortOptions, ComponentLogger, Libp2pEvents, PeerId, PeerInfo, PeerStore, PrivateKey, Startable, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

/** Options of a rendezvous client. */
export interface RendezvousClientInit {
  /** @default '/rendezvous/1.0.0' */
  protocol?: string
  /** addresses that end in `/p2p/<peer ID>` @default peers in the peer store that speak the protocol */
  points?: Array<string | Multiaddr>
  /** seconds, asked for where `register()` is given none @default 7200 */
  ttl?: number
  /** seconds; longer ones in answers count as this @default 259200 */
  maxTtl?: number
  /** peers asked for where `discover()` is given no limit @default 1000 */
  limit?: number
  /** which envelopes are sealed and read @default 'auto' */
  recordFormat?: RecordFormat
  /** takes the place of the standard record, e.g. `wakuRecord`; then no legacy ones are sealed or read */
  recordCodec?: RecordCodec
  /** @default the system's */
  clock?: Clock
  /** @default the system's */
  random?: Random
}

export interface RendezvousClientComponents {
  peerId: PeerId
  privateKey: PrivateKey
  addressManager: AddressManager
  connectionManager: ConnectionManager
  peerStore: PeerStore
  registrar: Registrar
  events: TypedEventTarget<Libp2pEvents>
  /** remembers the number of our last record */
  datastore?: Datastore
  logger: ComponentLogger
}

/** One name at every point, or one that depends on the point, so that points cannot compare theirs. */
export type Namespace = string | ((point: PeerId) => string)

/** What became of a registration at one point. */
export interface RegisterResult {
  point: PeerId
  /** seconds, as granted */
  ttl?: number
  /** it will be tried again with growing delays */
  error?: Error
}

/** A peer found at a point. Its record was checked. */
export interface RegisteredPeer extends PeerInfo {
  namespace: string
  /** of its record: the higher one has the newer addresses */
  sequence: bigint
  /** seconds that its registration lasts from now, clamped */
  ttl: number
  /** the signed record as it came */
  record: Uint8Array
}

/** One answer of a point. */
export interface DiscoverPage {
  peers: RegisteredPeer[]
  /** given back, it fetches what follows; absent when the point gave none */
  cookie?: Uint8Array
}

/** What a client knows of a point. */
export interface PointStatus {
  point: PeerId
  multiaddrs: Multiaddr[]
  source: 'configured' | 'added' | 'found'
  connected: boolean
  /** in a row; 0 after a success */
  failures: number
  lastError?: Error
}

/** Registers this node under namespaces at rendezvous points, and finds others there. */
export interface RendezvousClient extends Startable {
  readonly protocol: string
  /** those configured and added, else those found in the peer store so far */
  readonly points: PeerId[]

  /**
   * Registers at every point, 5 at a time and 5 s each, and keeps it so until `unregister()`:
   * it is refreshed before it expires, when our addresses change and after a lost connection,
   * retried where it failed, and made at points that appear later.
   */
  register (namespace: Namespace, options?: { ttl?: number } & AbortOptions): Promise<RegisterResult[]>

  /** Ends what `register()` began; given the same function where that was given one. */
  unregister (namespace: Namespace, options?: AbortOptions): Promise<void>

  /**
   * What is new at the points since the last call that was read to its end, or since the start:
   * their answers are merged by peer, the newest record and then the longest TTL winning. An
   * empty namespace stands for all. `requestLocally()` gives what is known already.
   *
   * @throws {DiscoverError} every point failed
   */
  discover (namespace: Namespace, options?: { limit?: number } & AbortOptions): AsyncIterable<RegisteredPeer>

  /** Peers that were found under a namespace, the empty one standing for all, and whose registration has not expired. Asks nobody. */
  requestLocally (namespace: string): PeerInfo[]

  /** @returns its peer ID, with which the address ends */
  addPoint (address: string | Multiaddr): PeerId
  removePoint (point: PeerId): void
  status (): PointStatus[]

  /** One REGISTER at one point, once. @returns seconds granted */
  registerAt (point: PeerId, namespace: string, options?: { ttl?: number } & AbortOptions): Promise<number>
  /** One UNREGISTER at one point. */
  unregisterAt (point: PeerId, namespace: string, options?: AbortOptions): Promise<void>
  /** One page from one point. A cookie that the point refuses is dropped, once. Peers in it are stored. */
  discoverAt (point: PeerId, namespace: string, options?: { limit?: number, cookie?: Uint8Array } & AbortOptions): Promise<DiscoverPage>
}
