import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import { createConfig } from './config.js'
import { DiscoveryEngine } from './engine.js'
import { DISCOVERY_PROTOCOL, Libp2pNetwork, streamChannel } from './libp2p-network.js'
import { snapshotPeer } from './peer-snapshot.js'
import { registerMetrics } from './stats.js'
import { watch } from './watch.js'
import type { DiscoveryEventSource } from './events.js'
import type { DiscoveryComponents, DiscoveryInit, DiscoveryStatus } from './manager-types.js'
import type { RendezvousSource } from './network.js'
import type { PeerSnapshot } from './peer-snapshot.js'
import type { DiscoveryStats } from './stats.js'
import type { ChannelDiscovery, ChannelMembership, ChannelTopic } from './types.js'
import type { Change } from './watch.js'
import type { AbortOptions, Connection, PeerId, Startable, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Names under which a rendezvous client is looked for among the services of the node. */
const CLIENT_NAMES = ['rendezvousClient', 'rendezvous'] as const

const MAX_STREAMS = 4

/** Finds the members of channels, through rendezvous points and through each other. */
export class DiscoveryManager implements ChannelDiscovery, Startable {
  readonly [Symbol.toStringTag] = 'holdfast/discovery'
  private readonly components: DiscoveryComponents
  private readonly init: DiscoveryInit
  private readonly engine: DiscoveryEngine
  private readonly bootstrap: Map<string, Multiaddr[]>
  private source?: RendezvousSource
  private topology?: string
  private addresses = ''
  private started = false

  constructor (components: DiscoveryComponents, init: DiscoveryInit = {}) {
    const config = createConfig(init)

    this.components = components
    this.init = init
    this.bootstrap = parseBootstrap(init.bootstrap ?? [])
    this.engine = new DiscoveryEngine({
      network: new Libp2pNetwork({ ...pickComponents(components), clock: config.clock, bootstrap: this.bootstrap }),
      config,
      log: components.logger.forComponent('holdfast:discovery'),
      datastore: components.datastore
    })

    if (components.metrics != null) {
      registerMetrics(components.metrics, this.engine.stats, () => this.engine.gauges())
    }
  }

  get events (): DiscoveryEventSource {
    return this.engine.events
  }

  async start (): Promise<void> {
    if (this.started) {
      return
    }

    const { events, registrar } = this.components

    this.started = true
    this.source = typeof this.init.rendezvous === 'function' ? this.init.rendezvous() : this.init.rendezvous ?? findClient(this.components)
    events.addEventListener('peer:connect', this.onConnect)
    events.addEventListener('peer:disconnect', this.onDisconnect)
    events.addEventListener('self:peer:update', this.onSelf)
    await registrar.handle(DISCOVERY_PROTOCOL, this.onStream, {
      maxInboundStreams: MAX_STREAMS,
      maxOutboundStreams: MAX_STREAMS,
      runOnLimitedConnection: true
    })
    this.topology = await registrar.register(DISCOVERY_PROTOCOL, {
      notifyOnLimitedConnection: true,
      onConnect: async (peer) => { await this.engine.speaks(peer) }
    })
  }

  /** The search begins here, when the services that it needs have started too. */
  async afterStart (): Promise<void> {
    await this.engine.start(this.source, [...this.bootstrap.keys()].map(peer => peerIdFromString(peer)))
  }

  async beforeStop (): Promise<void> {
    await this.engine.withdraw()
  }

  async stop (): Promise<void> {
    if (!this.started) {
      return
    }

    const { events, registrar } = this.components

    this.started = false
    events.removeEventListener('peer:connect', this.onConnect)
    events.removeEventListener('peer:disconnect', this.onDisconnect)
    events.removeEventListener('self:peer:update', this.onSelf)

    if (this.topology != null) {
      registrar.unregister(this.topology)
    }

    await registrar.unhandle(DISCOVERY_PROTOCOL)
    await this.engine.stop()
  }

  isStarted (): boolean {
    return this.started
  }

  join (topic: ChannelTopic): ChannelMembership {
    return this.engine.join(topic)
  }

  /** Starts all walks over, without their pauses: for moments when the application knows that something changed. */
  resetWalkers (): void {
    this.engine.reset('asked for')
  }

  /** What the address book has of a peer. */
  peer (peer: PeerId): PeerSnapshot | undefined {
    return snapshotPeer(this.engine, peer)
  }

  /** Everyone in the address book. */
  peers (): PeerId[] {
    return [...this.engine.book.peers()].map(({ id }) => id)
  }

  /** Follows the located members of a channel, from now on. */
  watchMembers (channelId: string, options?: AbortOptions): AsyncIterable<Change<PeerId[], PeerId>> {
    return this.watch(
      () => [...new Map(this.memberships(channelId).flatMap(membership => membership.peers().map(peer => [peer.toString(), peer] as const))).values()],
      peers => new Map(peers.map(peer => [peer.toString(), peer])),
      options
    )
  }

  /** Follows which of our channels a peer is located in, by their IDs. */
  watchChannels (peer: PeerId, options?: AbortOptions): AsyncIterable<Change<string[], string>> {
    return this.watch(
      () => this.peer(peer)?.channels ?? [],
      channels => new Map(channels.map(channel => [channel, channel])),
      options
    )
  }

  /** Follows the signed addresses of a peer. */
  watchPeer (peer: PeerId, options?: AbortOptions): AsyncIterable<Change<PeerSnapshot | undefined, Multiaddr>> {
    return this.watch(
      () => this.peer(peer),
      snapshot => new Map((snapshot?.addresses ?? []).map(address => [address.toString(), address])),
      options
    )
  }

  /** A copy of all counters. */
  stats (): DiscoveryStats {
    return { ...this.engine.stats }
  }

  status (): DiscoveryStatus {
    return {
      started: this.started,
      ...this.engine.gauges(),
      rendezvous: this.source != null,
      channels: [...this.engine.memberships].map(membership => {
        const members = membership.members()

        return {
          channelId: membership.channelId,
          located: members.length,
          proven: members.filter(({ proven }) => proven).length,
          connected: members.filter(({ connected }) => connected).length
        }
      })
    }
  }

  private watch<Value, Item> (read: () => Value, items: (value: Value) => Map<string, Item>, options?: AbortOptions): AsyncIterable<Change<Value, Item>> {
    const { book, memberships } = this.engine

    return watch({
      read,
      items,
      subscribe: (fn) => {
        const stops = [book.onChange(fn), memberships.onChange(fn)]

        return () => { stops.forEach(stop => { stop() }) }
      }
    }, options)
  }

  private memberships (channelId: string): ChannelMembership[] {
    return [...this.engine.memberships].filter(membership => membership.channelId === channelId)
  }

  private readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    await this.engine.accept(streamChannel(stream), connection.remotePeer)
  }

  private readonly onConnect = (event: CustomEvent<PeerId>): void => {
    this.engine.connectionChanged(event.detail, true)
  }

  private readonly onDisconnect = (event: CustomEvent<PeerId>): void => {
    this.engine.connectionChanged(event.detail, false)
  }

  /** Fires for every change of our own entry in the peer store, most of which are none of our business. */
  private readonly onSelf = (): void => {
    const addresses = this.components.addressManager.getAddresses().map(String).sort().join()

    if (addresses !== this.addresses && addresses !== '') {
      this.addresses = addresses
      this.engine.reset('our addresses changed')
    }
  }
}

/** The node's services are behind a proxy, which throws for what is not there. */
function findClient (components: DiscoveryComponents): RendezvousSource | undefined {
  for (const name of CLIENT_NAMES) {
    try {
      const service = components[name]

      if (typeof service?.register === 'function' && typeof service.discover === 'function') {
        return service
      }
    } catch {
      // not among the services
    }
  }

  return undefined
}

/** Read one by one, since a proxy cannot be spread. */
function pickComponents ({ peerId, privateKey, addressManager, connectionManager, peerStore }: DiscoveryComponents): Pick<DiscoveryComponents, 'peerId' | 'privateKey' | 'addressManager' | 'connectionManager' | 'peerStore'> {
  return { peerId, privateKey, addressManager, connectionManager, peerStore }
}

function parseBootstrap (addresses: Array<string | Multiaddr>): Map<string, Multiaddr[]> {
  const bootstrap = new Map<string, Multiaddr[]>()

  for (const given of addresses) {
    const address = typeof given === 'string' ? multiaddr(given) : given
    const peer = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value

    if (peer == null) {
      throw new InvalidParametersError(`a bootstrap address ends in /p2p/<peer ID>, unlike ${address.toString()}`)
    }

    bootstrap.set(peer, [...bootstrap.get(peer) ?? [], address.decapsulateCode(CODE_P2P)])
  }

  return bootstrap
}
