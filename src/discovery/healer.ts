import { toError } from '../to-error.js'
import { isDialable, isUnsupported, isVisitable } from './book-peer.js'
import { withDeadline } from './deadline.js'
import { pick, shuffle } from './random.js'
import { isStale } from './staleness.js'
import type { AddressBook } from './address-book.js'
import type { BookPeer } from './book-peer.js'
import type { DiscoveryConfig } from './config.js'
import type { DiscoveryEmitter } from './events.js'
import type { Membership } from './membership.js'
import type { DiscoveryNetwork } from './network.js'
import type { DiscoveryStats } from './stats.js'
import type { Cancel } from '../clock.js'
import type { Logger } from '@libp2p/interface'

/** Connections attempted at once. */
const MAX_DIALS = 3

const DIAL_MS = 10_000

/** Changes that come together are served by one round. */
const SETTLE_MS = 100

/** Between two rounds, whatever happens: the first while some channel lacks members. */
const HUNGRY_MS = 5000
const CONTENT_MS = 30_000

/** Between two attempts, for each channel, at a member that is stale: so that the end of a partition is noticed. */
const HUNGRY_PROBE_MS = 10_000
const CONTENT_PROBE_MS = 60_000

export interface HealerInit {
  memberships: Iterable<Membership>
  network: DiscoveryNetwork
  book: AddressBook
  config: DiscoveryConfig
  stats: DiscoveryStats
  events: DiscoveryEmitter
  log: Logger
  /** members that the channel asked for lately, beyond the target */
  needed (membership: Membership): number
  visit (peer: BookPeer): Promise<unknown>
  /** a round could not be finished, and the healer has stopped */
  onError (err: Error): void
}

/** Keeps enough members of each channel connected. */
export class Healer {
  private readonly init: HealerInit
  private readonly dialling = new Set<string>()
  private readonly kept = new Map<string, BookPeer>()
  private readonly probedAt = new WeakMap<Membership, number>()
  private controller = new AbortController()
  private timer?: Cancel
  private isSoon = false
  /** rounds in a row without any connection: it is us rather than them */
  private lonelyRounds = 0
  private started = false

  constructor (init: HealerInit) {
    this.init = init
  }

  start (): void {
    if (!this.started) {
      this.started = true
      this.controller = new AbortController()
      this.wake()
    }
  }

  stop (): void {
    this.started = false
    this.timer?.()
    this.isSoon = false
    this.lonelyRounds = 0
    this.keepOnly(new Map())
    this.controller.abort()
  }

  /** Something changed that may call for a connection. */
  wake (): void {
    if (this.started && !this.isSoon) {
      this.schedule(SETTLE_MS)
      this.isSoon = true
    }
  }

  /** Members that count: connected, and known to be members as far as they can tell us. */
  connected (membership: Membership): BookPeer[] {
    const { book, config, network } = this.init
    const now = config.clock.now()

    return [...network.connected()].flatMap(id => {
      const peer = book.get(id)

      return peer != null && membership.isLocated(peer) && (membership.isProven(peer) || isUnsupported(peer, now)) ? [peer] : []
    })
  }

  private schedule (ms: number): void {
    this.timer?.()
    this.timer = this.init.config.clock.setTimer(() => {
      try {
        this.round()
      } catch (err) {
        this.stop()
        this.init.onError(toError(err))
      }
    }, ms)
  }

  private round (): void {
    const wanted = new Map<string, BookPeer>()
    let isHungry = false

    this.isSoon = false
    this.lonelyRounds = this.init.network.isOnline() ? 0 : this.lonelyRounds + 1

    for (const membership of shuffle([...this.init.memberships], this.init.config.random)) {
      const connected = this.connected(membership)
      const missing = this.target(membership) - connected.length
      isHungry ||= missing > 0

      for (const peer of connected.slice(0, this.target(membership))) {
        wanted.set(peer.key, peer)
      }

      this.fill(membership, missing)
    }

    this.keepOnly(wanted)
    this.schedule((isHungry ? Math.min(CONTENT_MS, HUNGRY_MS * 2 ** Math.max(0, this.lonelyRounds - 1)) : CONTENT_MS) * (0.5 + this.init.config.random.float()))
  }

  private target (membership: Membership): number {
    return Math.max(this.init.config.targetMembers, this.init.needed(membership))
  }

  private fill (membership: Membership, missing: number): void {
    const { config, network } = this.init
    const now = config.clock.now()
    const isProbeDue = this.isProbeDue(membership, missing > 0, now)

    if ((missing <= 0 && !isProbeDue) || this.dialling.size >= MAX_DIALS) {
      return
    }

    const linked = new Set(Array.from(network.connected(), String))
    const idle = membership.located().filter(peer => !this.dialling.has(peer.key))
    const near = shuffle(idle.filter(peer => isDialable(peer, now) && !linked.has(peer.key)), config.random)
    // connected, but it has not shown yet that it is a member
    const doubtful = idle.filter(peer => linked.has(peer.key) && !membership.isProven(peer) && isVisitable(peer, now))
    const best = [...doubtful, ...near.sort((a, b) => Number(membership.isProven(b)) - Number(membership.isProven(a)))]

    for (const peer of best.slice(0, Math.max(0, Math.min(missing, MAX_DIALS - this.dialling.size)))) {
      void this.reach(membership, peer)
    }

    const stale = idle.filter(peer => isStale(peer.staleness, now) && !linked.has(peer.key))

    if (isProbeDue && stale.length > 0 && this.dialling.size < MAX_DIALS) {
      this.probedAt.set(membership, now)
      void this.reach(membership, pick(stale, config.random) ?? stale[0])
    }
  }

  private isProbeDue (membership: Membership, isHungry: boolean, now: number): boolean {
    const last = this.probedAt.get(membership)

    return last == null || Math.abs(now - last) >= (isHungry ? HUNGRY_PROBE_MS : CONTENT_PROBE_MS)
  }

  private async reach (membership: Membership, peer: BookPeer): Promise<void> {
    const { config, network } = this.init
    const { signal } = this.controller
    const wasStale = isStale(peer.staleness, config.clock.now())

    this.dialling.add(peer.key)

    try {
      if (!network.isConnected(peer.id)) {
        await withDeadline(config.clock, DIAL_MS, signal, async signal => { await network.connect(peer.id, peer.record, { signal }) })
        this.succeeded(membership, peer, wasStale)
      }

      if (!membership.isProven(peer) && isVisitable(peer, config.clock.now())) {
        await this.init.visit(peer)
      }
    } catch (err) {
      if (!signal.aborted) {
        this.failed(peer, err)
      }
    } finally {
      this.dialling.delete(peer.key)

      // without any connection the next one would fail as well, and just as fast
      if (network.isOnline()) {
        this.wake()
      }
    }
  }

  private succeeded (membership: Membership, peer: BookPeer, wasStale: boolean): void {
    const { book, stats } = this.init

    stats.dialsSucceeded++
    book.succeeded(peer)

    if (wasStale) {
      // what kept us apart from this one may be over for the others too
      for (const other of membership.located()) {
        book.forgive(other)
      }
    }
  }

  private failed (peer: BookPeer, err: unknown): void {
    const { book, events, log, network, stats } = this.init

    stats.dialsFailed++
    log('could not dial %p - %e', peer.id, err)

    if (network.isOnline()) {
      book.failed(peer)
      events.emit('peer:stale', { peer: peer.id, ...peer.staleness })
    }
  }

  private keepOnly (wanted: Map<string, BookPeer>): void {
    for (const [key, peer] of this.kept) {
      if (!wanted.has(key)) {
        this.kept.delete(key)
        this.keep(peer, false)
      }
    }

    for (const [key, peer] of wanted) {
      if (!this.kept.has(key)) {
        this.kept.set(key, peer)
        this.keep(peer, true)
      }
    }
  }

  private keep (peer: BookPeer, keep: boolean): void {
    this.init.network.keep(peer.id, keep).catch((err: unknown) => {
      this.init.log.error('could not tag %p - %e', peer.id, err)
    })
  }
}
