import { AddressBook } from './address-book.js'
import { isVisitable } from './book-peer.js'
import { BookStore } from './book-store.js'
import { DiscoveryEmitter } from './events.js'
import { Healer } from './healer.js'
import { Memberships } from './memberships.js'
import { Points } from './points.js'
import { createStats } from './stats.js'
import { Supervisor } from './supervisor.js'
import { Visits } from './visits.js'
import { Walker } from './walker.js'
import type { DiscoveryConfig } from './config.js'
import type { Membership } from './membership.js'
import type { DiscoveryNetwork, RendezvousSource, SessionChannel } from './network.js'
import type { DiscoveryStats } from './stats.js'
import type { ChannelDiscovery, ChannelMembership, ChannelTopic } from './types.js'
import type { Cancel, Clock } from '../clock.js'
import type { Logger, PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Walkers while a channel has too few peers. */
const HURRIED_WALKERS = 3
const HURRY_MS = 30_000

const PRUNE_MS = 10 * 60 * 1000

export interface EngineInit {
  network: DiscoveryNetwork
  config: DiscoveryConfig
  log: Logger
  datastore?: Datastore
}

/** The whole of discovery over any network, any clock. `DiscoveryManager` puts it on libp2p. */
export class DiscoveryEngine implements ChannelDiscovery {
  readonly events: DiscoveryEmitter
  readonly book: AddressBook
  readonly memberships: Memberships
  readonly stats: DiscoveryStats = createStats()
  readonly clock: Clock
  private readonly init: EngineInit
  private readonly store?: BookStore
  private readonly visits: Visits
  private readonly healer: Healer
  private readonly needs = new Map<Membership, { count: number, until: number }>()
  private walkers: Walker[] = []
  private points?: Points
  private supervisors: Supervisor[] = []
  private healerSupervisor?: Supervisor
  private pruning?: Cancel
  private started = false
  /** a start ends before the stop that follows it begins */
  private lifecycle: Promise<unknown> = Promise.resolve()

  constructor (init: EngineInit) {
    const { config, datastore, log, network } = init
    const { stats } = this
    const { clock } = config

    this.init = init
    this.clock = clock
    this.events = new DiscoveryEmitter(log)
    this.book = new AddressBook({
      self: network.self,
      clock,
      stats,
      isConnected: peer => network.isConnected(peer),
      maxPeers: config.maxPeers,
      maxNewPerSource: config.maxNewPerSource
    })
    this.memberships = new Memberships({
      book: this.book,
      isConnected: peer => network.isConnected(peer),
      onWanted: () => { this.reset('a channel was opened') },
      onNeed: (membership, count) => { this.need(membership, count) },
      onLeft: async (membership, options) => {
        this.needs.delete(membership)
        this.healer.wake()
        await this.points?.release(options)
      },
      onMember: (membership, peer, joined) => {
        this.events.emit(joined ? 'member:join' : 'member:leave', { channelId: membership.channelId, peer })
        this.healer.wake()
      },
      onError: err => { log.error('a listener of a channel threw - %e', err) }
    })

    const shared = { book: this.book, config, events: this.events, log, network, stats }

    this.visits = new Visits({ ...shared, topics: () => this.memberships.topics() })
    this.healer = new Healer({
      ...shared,
      memberships: this.memberships,
      needed: membership => this.needed(membership),
      visit: async peer => await this.visits.visit(peer.id),
      onError: err => { this.healerSupervisor?.failed(err) }
    })

    if (datastore != null) {
      this.store = new BookStore({ book: this.book, datastore, clock, stats, log })
    }

    this.book.onChange(change => {
      if (change.kind === 'added') {
        this.events.emit('peer:learned', { peer: change.peer.id, source: change.source ?? '' })
        this.wake()
      }
    })
  }

  join (topic: ChannelTopic): ChannelMembership {
    return this.memberships.join(topic)
  }

  /** Restores the address book, then begins to search: at the points, if there are any, and from these peers. */
  async start (source?: RendezvousSource, bootstrap: Iterable<PeerId> = []): Promise<void> {
    await this.inTurn(async () => { await this.begin(source, bootstrap) })
  }

  private async begin (source: RendezvousSource | undefined, bootstrap: Iterable<PeerId>): Promise<void> {
    if (this.started) {
      return
    }

    this.started = true
    await this.store?.open()

    for (const peer of bootstrap) {
      this.book.meet(peer, 'bootstrap', { bootstrap: true })
    }

    this.visits.start()
    this.walkers = Array.from({ length: Math.max(this.init.config.walkers, HURRIED_WALKERS) }, (_, i) => this.createWalker(i))
    this.points = source == null ? undefined : this.createPoints(source)
    this.healerSupervisor = this.supervise('healer', () => { this.healer.start() })

    for (const walker of this.init.config.walkers > 0 ? this.walkers : []) {
      walker.start()
    }

    this.points?.start()
    this.healer.start()
    this.prune()
  }

  /** Tells the points that we leave, while the network is still there to do it. */
  async withdraw (): Promise<void> {
    await this.points?.withdraw()
  }

  async stop (): Promise<void> {
    await this.inTurn(async () => { await this.end() })
  }

  private async end (): Promise<void> {
    if (!this.started) {
      return
    }

    this.started = false
    this.pruning?.()

    for (const part of [...this.supervisors, ...this.walkers, this.visits, this.healer]) {
      part.stop()
    }

    this.points?.stop()
    this.points = undefined
    this.walkers = []
    this.supervisors = []
    this.needs.clear()
    await this.store?.close()
  }

  /** Answers a session that another opened. */
  async accept (channel: SessionChannel, peer: PeerId): Promise<void> {
    await this.visits.accept(channel, peer)
  }

  /** Begins every walk and every round anew, at once or as soon as what is under way has ended. */
  reset (reason: string): void {
    if (!this.started) {
      return
    }

    this.stats.walkerResets++
    this.events.emit('walker:reset', { reason })

    for (const walker of this.walkers) {
      walker.reset()
    }

    this.points?.reset()
    this.healer.wake()
  }

  /** A connection was opened or closed. */
  connectionChanged (peer: PeerId, connected: boolean): void {
    const entry = this.book.get(peer)

    if (entry != null && connected) {
      this.book.succeeded(entry)
    }

    if (entry != null) {
      for (const membership of this.memberships) {
        membership.connectionChanged(entry)
      }
    }

    this.healer.wake()
  }

  /** A connected peer turned out to speak the protocol. */
  async speaks (peer: PeerId): Promise<void> {
    const source = peer.toString()
    const entry = this.book.meet(peer, source)
    const record = await this.init.network.knownRecord(peer)

    if (record != null && entry != null) {
      await this.book.addRecord(record, source)
    }

    if (entry != null) {
      this.book.supported(entry)
      this.book.succeeded(entry)
      this.wake()
    }
  }

  gauges (): { peers: number, members: number, sessions: number } {
    return {
      peers: this.book.size,
      members: [...this.memberships].reduce((sum, membership) => sum + membership.located().length, 0),
      sessions: this.visits.size
    }
  }

  private need (membership: Membership, count: number): void {
    const now = this.init.config.clock.now()
    const isHurried = this.needed(membership) >= count

    if (this.healer.connected(membership).length >= count) {
      this.needs.delete(membership)
      return
    }

    this.needs.set(membership, { count, until: now + HURRY_MS })

    if (!isHurried) {
      this.reset('a channel needs peers')
    }
  }

  /** What the channel asked for within the last {@link HURRY_MS}. */
  private needed (membership: Membership): number {
    const need = this.needs.get(membership)

    return need != null && need.until > this.init.config.clock.now() ? need.count : 0
  }

  private isHurried (): boolean {
    return [...this.needs.keys()].some(membership => this.healer.connected(membership).length < this.needed(membership))
  }

  private isSatisfied (): boolean {
    return [...this.memberships].every(membership =>
      this.healer.connected(membership).length >= Math.max(this.init.config.targetMembers, this.needed(membership)))
  }

  private wake (): void {
    for (const walker of this.walkers) {
      walker.wake()
    }

    this.healer.wake()
  }

  private createWalker (index: number): Walker {
    const { clock, random, maxBackoffMs, walkers } = this.init.config
    const walker = new Walker({
      clock,
      random,
      maxBackoffMs,
      candidates: () => {
        const now = clock.now()

        return [...this.book.peers()].filter(peer => isVisitable(peer, now) && !this.visits.isVisiting(peer))
      },
      visit: async peer => await this.visits.visit(peer),
      isContent: () => this.isSatisfied(),
      isNeeded: () => index < walkers || this.isHurried(),
      onError: err => { supervisor.failed(err) }
    })
    const supervisor = this.supervise(`peers/${index}`, () => { walker.start() })

    return walker
  }

  private createPoints (source: RendezvousSource): Points {
    const { config, log, network } = this.init
    const points = new Points({
      source,
      book: this.book,
      network,
      config,
      stats: this.stats,
      log,
      names: now => this.memberships.names(now),
      isSatisfied: () => this.isSatisfied(),
      onError: err => { supervisor.failed(err) }
    })
    const supervisor = this.supervise('points', () => { points.start() })

    return points
  }

  private async inTurn (fn: () => Promise<void>): Promise<void> {
    const turn = this.lifecycle.then(fn)
    this.lifecycle = turn.catch(() => {})
    await turn
  }

  private supervise (walker: string, restart: () => void): Supervisor {
    const supervisor = new Supervisor({
      clock: this.init.config.clock,
      restart,
      onRestart: (error, delayMs) => {
        this.stats.walkerRestarts++
        this.init.log.error('walker %s failed - %e', walker, error)
        this.events.emit('walker:restart', { walker, error, delayMs })
      },
      onGiveUp: error => {
        this.init.log.error('walker %s keeps failing - %e', walker, error)
        this.events.emit('walker:error', { walker, error })
      }
    })
    this.supervisors.push(supervisor)

    return supervisor
  }

  private prune (): void {
    this.book.prune()
    this.pruning = this.init.config.clock.setTimer(() => { this.prune() }, PRUNE_MS)
  }
}
