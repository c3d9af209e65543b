import type { Clock, Random } from '../../clock.js'
import type { RecordFormat } from '../record-formats.js'
import type { RecordCodec } from '../records.js'
import type { ComponentLogger, Metrics, PeerId, PeerStore, Startable } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { Datastore } from 'interface-datastore'

/** Options of a rendezvous point. */
export interface RendezvousPointInit {
  /** @default '/rendezvous/1.0.0' */
  protocol?: string
  /** seconds; shorter ones are refused with status 102 @default 7200 */
  minTtl?: number
  /** seconds; longer ones are refused with status 102 @default 259200 */
  maxTtl?: number
  /** in all; beyond it only refreshes are accepted, others are answered with status 400 @default 100000 */
  maxRegistrations?: number
  /** of records and namespaces in all, likewise; a refresh may not grow then @default 1342 for each of `maxRegistrations`, at least 134217728 */
  maxRegistrationBytes?: number
  /** beyond it only refreshes are accepted, others are answered with status 200 @default 1000 */
  maxRegistrationsPerPeer?: number
  /** per peer, with a burst of as many; beyond it requests are answered with status 400 @default 100 */
  requestsPerSecond?: number
  /** open at once per peer; more are reset @default 32 */
  maxStreamsPerPeer?: number
  /** bytes of one answer; nim-libp2p reads at most 64 KiB @default 61440 */
  maxAnswerBytes?: number
  /** which envelopes are accepted and handed out @default 'auto' */
  recordFormat?: RecordFormat
  /** takes the place of the standard record, e.g. `wakuRecord`; then no legacy ones are read */
  recordCodec?: RecordCodec
  /**
   * Asked before a registration and before a discovery, where an empty namespace stands for
   * all of them. False is answered with status 200, an error with 300.
   */
  authorize? (peer: PeerId, namespace: string): boolean | Promise<boolean>
  /** where registrations are kept @default the node's own */
  datastore?: Datastore
  /** @default the system's */
  clock?: Clock
  /** @default the system's */
  random?: Random
}

export interface RendezvousPointComponents {
  registrar: Registrar
  logger: ComponentLogger
  /** tells what software a peer runs, and so which envelopes it reads */
  peerStore?: PeerStore
  /** registrations are kept in memory when there is none */
  datastore?: Datastore
  metrics?: Metrics
}

/** What a point reports, once it is done and stored. */
export interface RendezvousPointEvents {
  register: { peer: PeerId, namespace: string, ttl: number, refreshed: boolean }
  unregister: { peer: PeerId, namespace: string }
  /** an absent namespace stands for all */
  discover: { peer: PeerId, namespace?: string, returned: number }
  expire: { peer: string, namespace: string }
  /** a request was answered with a status other than OK, or an UNREGISTER passed over */
  refuse: { peer: PeerId, type: number, namespace?: string, status: number, text: string }
  /** a stream was reset: too many, too slow, too large, or not this protocol */
  reset: { peer: PeerId, error: Error }
}

/** A rendezvous point: peers register themselves under namespaces with it, and others find them there. */
export interface RendezvousPoint extends Startable {
  readonly protocol: string
  /** held at present, of all peers */
  readonly registrations: number
  /** that have a registration at present */
  readonly namespaces: number
  /** @returns the way to stop it */
  on<K extends keyof RendezvousPointEvents> (type: K, handler: (event: RendezvousPointEvents[K]) => void): () => void
}
