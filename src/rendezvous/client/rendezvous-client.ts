import { InvalidParametersError, NotStartedError, TypedEventEmitter, peerDiscoverySymbol } from '@libp2p/interface'
import PQueue from 'p-queue'
import { systemClock, systemRandom } from '../../clock.js'
import { toError } from '../../to-error.js'
import { withDeadline } from '../deadline.js'
import { RendezvousStatusError } from '../errors.js'
import { encodeNamespace } from '../namespace.js'
import { clientConfig, requireCount } from './config.js'
import { Discoverer } from './discoverer.js'
import { Introductions } from './introductions.js'
import { OwnRecord } from './own-record.js'
import { PeerCache } from './peer-cache.js'
import { PointBook } from './point-book.js'
import { PointClient } from './point-client.js'
import { Sequence } from './sequence.js'
import { Upkeep, nameAt } from './upkeep.js'
import type { ClientConfig } from './config.js'
import type { DiscoverPage, Namespace, PointStatus, RegisteredPeer, RegisterResult, RendezvousClientComponents, RendezvousClientInit, RendezvousClient as RendezvousClientInterface } from './types.js'
import type { Clock } from '../../clock.js'
import type { AbortOptions, Logger, PeerDiscovery, PeerDiscoveryEvents, PeerDiscoveryProvider, PeerId, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Points that are talked to at once, and for how long each. */
const CONCURRENCY = 5
const POINT_TIMEOUT_MS = 5_000

/** After a lost connection, at least: the point may be starting again. */
const RECONNECT_MS = 1_000

/** Likewise, when another was lost in the last minute. */
const RECONNECT_AGAIN_MS = 30_000

export class RendezvousClient implements RendezvousClientInterface, PeerDiscoveryProvider {
  readonly [Symbol.toStringTag] = 'holdfast/rendezvous-client'
  readonly [peerDiscoverySymbol]: PeerDiscovery
  private readonly components: RendezvousClientComponents
  private readonly config: ClientConfig
  private readonly clock: Clock
  private readonly log: Logger
  private readonly queue = new PQueue({ concurrency: CONCURRENCY })
  private readonly book: PointBook
  private readonly record: OwnRecord
  private readonly client: PointClient
  private readonly upkeep: Upkeep
  private readonly discoverer: Discoverer
  private readonly cache: PeerCache
  private readonly introductions: Introductions
  private running?: AbortController
  private topology?: string

  constructor (components: RendezvousClientComponents, init: RendezvousClientInit) {
    this.components = components
    this.config = clientConfig(init)
    this.clock = init.clock ?? systemClock
    this.log = components.logger.forComponent('holdfast:rendezvous:client')
    this.book = new PointBook(components, this.config.protocol, init.points ?? [])
    this.record = new OwnRecord(components, this.config.codecs, new Sequence({
      protocol: this.config.protocol,
      step: this.config.codecs.standard?.resolution,
      clock: this.clock,
      datastore: components.datastore,
      log: this.log
    }))
    this.cache = new PeerCache(this.clock)
    this.client = new PointClient({
      config: this.config,
      requester: { connectionManager: components.connectionManager, protocol: this.config.protocol, clock: this.clock },
      points: this.book,
      record: this.record,
      self: components.peerId,
      log: this.log
    })
    this.upkeep = new Upkeep({
      clock: this.clock,
      random: init.random ?? systemRandom,
      addresses: () => this.record.addresses,
      register: async (point, namespace, ttl, options) => await this.registerAt(point, namespace, { ...options, ttl })
    })
    this.discoverer = new Discoverer({
      clock: this.clock,
      fetch: async (point, namespace, limit, cookie, options) => {
        encodeNamespace(namespace, 0)

        return await this.atPoint(point, options, async signal => await this.client.discover(point, namespace, limit, cookie, { signal }))
      },
      store: async (peers, registrations) => { await this.store(peers, registrations) }
    })

    const discovery = new TypedEventEmitter<PeerDiscoveryEvents>()
    this[peerDiscoverySymbol] = discovery
    this.introductions = new Introductions({ peerStore: components.peerStore, discovery, codecs: this.config.codecs, clock: this.clock, log: this.log })
  }

  get protocol (): string {
    return this.config.protocol
  }

  get points (): PeerId[] {
    return this.book.list().map(({ id }) => id)
  }

  isStarted (): boolean {
    return this.running != null
  }

  async start (): Promise<void> {
    if (this.running != null) {
      return
    }

    const running = new AbortController()
    this.running = running
    this.components.events.addEventListener('self:peer:update', this.onSelfUpdate)
    this.components.events.addEventListener('peer:disconnect', this.onDisconnect)
    this.upkeep.start()

    const topology = await this.components.registrar.register(this.protocol, {
      onConnect: (peer) => { this.onConnect(peer) }
    })

    if (this.running === running) {
      this.topology = topology
    } else {
      // stopped meanwhile
      this.components.registrar.unregister(topology)
    }
  }

  /** By now the node has addresses. */
  async afterStart (): Promise<void> {
    await this.book.find()
    this.upkeep.refresh(this.points)
  }

  async stop (): Promise<void> {
    if (this.running == null) {
      return
    }

    this.upkeep.stop()
    this.components.events.removeEventListener('self:peer:update', this.onSelfUpdate)
    this.components.events.removeEventListener('peer:disconnect', this.onDisconnect)

    if (this.topology != null) {
      this.components.registrar.unregister(this.topology)
      this.topology = undefined
    }

    this.running.abort(new NotStartedError('the rendezvous client stops'))
    this.running = undefined
    this.discoverer.forget()
    await this.queue.onIdle()
  }

  async register (namespace: Namespace, options: { ttl?: number } & AbortOptions = {}): Promise<RegisterResult[]> {
    this.requireStarted()
    checkNamespace(namespace, 1)
    const ttl = requireCount('ttl', options.ttl ?? this.config.ttl)
    await this.book.find()

    return await this.upkeep.add(namespace, ttl, this.points, { signal: options.signal })
  }

  async unregister (namespace: Namespace, options?: AbortOptions): Promise<void> {
    this.requireStarted()
    checkNamespace(namespace, 1)
    // as long as a register() that was called before takes to begin
    await this.book.find()
    const registered = await this.upkeep.remove(namespace)
    const places = registered.length > 0 ? registered : this.points.map(point => ({ point, names: [nameAt(namespace, point)] }))

    await Promise.all(places.flatMap(({ point, names }) => names.map(async name => {
      await this.unregisterAt(point, name, options).catch(err => {
        options?.signal?.throwIfAborted()
        this.log('%p keeps a registration until it expires - %e', point, toError(err))
      })
    })))
  }

  async * discover (namespace: Namespace, options: { limit?: number } & AbortOptions = {}): AsyncGenerator<RegisteredPeer> {
    this.requireStarted()
    checkNamespace(namespace, 0)
    const limit = requireCount('limit', options.limit ?? this.config.limit)
    await this.book.find()

    // a point that is down would make every call wait for it
    yield * this.discoverer.discover(namespace, limit, this.book.askable(this.clock.now()), { signal: options.signal })
  }

  requestLocally (namespace: string): PeerInfo[] {
    checkNamespace(namespace, 0)

    return this.cache.get(namespace)
  }

  addPoint (address: string | Multiaddr): PeerId {
    const { id: point, replaced } = this.book.add(address, 'added')

    if (replaced != null) {
      this.upkeep.forget(replaced)
    }

    if (this.running != null && this.book.get(point) != null) {
      this.upkeep.refresh([point])
    }

    return point
  }

  removePoint (point: PeerId): void {
    this.book.remove(point)
    this.upkeep.forget(point)
  }

  status (): PointStatus[] {
    return this.book.status()
  }

  async registerAt (point: PeerId, namespace: string, options: { ttl?: number } & AbortOptions = {}): Promise<number> {
    encodeNamespace(namespace)
    const ttl = requireCount('ttl', options.ttl ?? this.config.ttl)
    // no fault of the point's when there are no addresses
    await this.record.get()

    return await this.atPoint(point, options, async signal => await this.client.register(point, namespace, ttl, { signal }))
  }

  async unregisterAt (point: PeerId, namespace: string, options?: AbortOptions): Promise<void> {
    encodeNamespace(namespace)
    await this.atPoint(point, options, async signal => { await this.client.unregister(point, namespace, { signal }) })
  }

  async discoverAt (point: PeerId, namespace: string, options: { limit?: number, cookie?: Uint8Array } & AbortOptions = {}): Promise<DiscoverPage> {
    encodeNamespace(namespace, 0)
    const limit = requireCount('limit', options.limit ?? this.config.limit)
    const { peers, cookie } = await this.atPoint(point, options, async signal => {
      return await this.client.discover(point, namespace, limit, options.cookie, { signal })
    })
    await this.store(peers)

    return { peers, cookie }
  }

  /** One exchange with a point, when its turn has come. */
  private async atPoint<T> (point: PeerId, options: AbortOptions | undefined, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.requireStarted()
    const signal = options?.signal == null ? running : AbortSignal.any([running, options.signal])

    return await this.queue.add(async () => {
      try {
        const result = await withDeadline(this.clock, POINT_TIMEOUT_MS, signal, fn)
        this.book.succeeded(point)

        return result
      } catch (err) {
        signal.throwIfAborted()
        throw this.judge(point, toError(err))
      }
    })
  }

  /** A refusal is an answer: the point works. */
  private judge (point: PeerId, error: Error): Error {
    this.log('%p failed - %e', point, error)

    if (error instanceof RendezvousStatusError) {
      this.book.succeeded(point)
    } else if (this.book.failed(point, error, this.clock.now())) {
      this.upkeep.forget(point)
    }

    return error
  }

  private async store (peers: RegisteredPeer[], registrations = peers): Promise<void> {
    registrations.forEach(registration => { this.cache.set(registration) })
    await this.introductions.introduce(peers)
  }

  private requireStarted (): AbortSignal {
    if (this.running == null) {
      throw new NotStartedError('the rendezvous client is not started')
    }

    return this.running.signal
  }

  private onConnect (peer: PeerId): void {
    const known = this.book.get(peer)

    if (known == null ? this.book.found(peer) : known.failures > 0) {
      this.upkeep.refresh(this.points.filter(point => point.equals(peer)))
    }
  }

  private readonly onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    const point = this.book.get(peer)

    if (point != null) {
      const now = this.clock.now()
      const isFirst = point.lostAt == null || now - point.lostAt > 60_000
      point.lostAt = now
      this.upkeep.refresh(this.points.filter(point => point.equals(peer)), isFirst ? RECONNECT_MS : RECONNECT_AGAIN_MS)
    }
  }

  private readonly onSelfUpdate = (): void => { this.upkeep.refreshOutdated() }
}

function checkNamespace (namespace: Namespace, least: 0 | 1): void {
  if (typeof namespace === 'function') {
    return
  }

  if (typeof namespace !== 'string') {
    throw new InvalidParametersError('a namespace is a string, or a function from a point to one')
  }

  encodeNamespace(namespace, least)
}
