import type { ChannelManager, ChannelManagerInit } from '../channel/index.js'
import type { DiscoveryInit, DiscoveryManager } from '../discovery/index.js'
import type { ExchangeInit, MessageExchange } from '../exchange/index.js'
import type { RendezvousClient, RendezvousPoint, RendezvousPointInit } from '../rendezvous/index.js'
import type { Libp2p, PrivateKey, Startable } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { Libp2pOptions } from 'libp2p'

export interface NodeInit {
  /**
   * An instance, which is never started or stopped by us and must have a gossipsub made with
   * `gossipsubOptions()` as its service `pubsub`; or options that go over ours.
   */
  libp2p?: Libp2p | Libp2pOptions
  /** @default made once and kept in `storage` */
  privateKey?: PrivateKey
  /** multiaddrs to listen on. @default any TCP port of every interface; nothing in a browser */
  listen?: string[]
  /** multiaddrs of rendezvous points, each ending in `/p2p/<peer ID>` */
  rendezvousPoints?: Array<string | Multiaddr>
  actAsRendezvousPoint?: boolean | RendezvousPointInit
  /**
   * A LevelDB folder, in a browser the name of an IndexedDB, open in one process or tab at a
   * time; or a datastore, which stays the caller's to close. @default in memory
   */
  storage?: string | Datastore
  /** @default true */
  start?: boolean
  channels?: ChannelManagerInit
  discovery?: DiscoveryInit
  exchange?: ExchangeInit
}

/** Everything, put together. */
export interface HoldfastNode extends Startable, AsyncDisposable {
  readonly libp2p: Libp2p
  /** of `libp2p`; what `signed()` takes */
  readonly privateKey: PrivateKey
  readonly channels: ChannelManager
  readonly discovery: DiscoveryManager
  readonly exchange: MessageExchange
  readonly rendezvous: RendezvousClient
  readonly rendezvousPoint?: RendezvousPoint
  start (): Promise<void>
  /** Stops everything and lets go of the storage. Repeatable. */
  stop (): Promise<void>
}
