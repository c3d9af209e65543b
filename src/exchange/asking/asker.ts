import { AccessDeniedError } from '../errors.js'
import { race } from '../race.js'
import { Timers } from '../timers.js'
import { candidates, quickest, sizeOf } from './candidates.js'
import { Inbox } from './inbox.js'
import { PeerSet } from './peer-set.js'
import { WantBook } from './want-book.js'
import type { AskPeer } from './ask-peer.js'
import type { AskReports } from './inbox.js'
import type { ConnectProvider } from './peer-set.js'
import type { Ask, Outcome, Want } from './want.js'
import type { AskerConfig } from '../config.js'
import type { Clock, Random } from '../../clock.js'
import type { FrameInput } from '../link/frame-input.js'
import type { Session } from '../link/session.js'
import type { Digest, Page } from '../pb/exchange.js'
import type { ExchangeChannel, LogEntry, WantedMessage } from '../types.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

export interface AskerInit {
  channel: ExchangeChannel
  self: PeerId
  provider: ConnectProvider
  reports: AskReports
  config: AskerConfig
  clock: Clock
  random: Random
  log: Logger
}

/** Candidates whose stock is asked for beside the one that is asked for the bytes. */
const PRESENCES = 2

/** Wants that find no room in one pass, before it ends. */
const MAX_MISSES = 32

/** Deadlines missed in a row before the session is given up. */
const MAX_TIMEOUTS = 8

const QUERY_MS = 15_000
const NEED_EVERY_MS = 10_000

/** Peers that a channel should have to ask. */
const WELL_CONNECTED = 3

/** Peers of the channel that are looked at for it. */
const MAX_LOOKED_AT = 64

/** Asks the peers of one channel for what it lacks. */
export class Asker {
  readonly timers: Timers
  private readonly init: AskerInit
  private readonly book: WantBook
  private readonly peers: PeerSet
  private readonly inbox: Inbox
  private scheduled = false
  private neededAt = -Infinity

  constructor (init: AskerInit) {
    this.init = init
    this.timers = new Timers(init.clock)
    this.book = new WantBook({
      config: init.config,
      random: init.random,
      timers: this.timers,
      onReady: () => { this.schedule() },
      onUnavailable: (messageId) => { init.channel.unavailable?.(messageId) }
    })
    this.peers = new PeerSet({
      self: init.self,
      provider: init.provider,
      connectTimeoutMs: init.config.connectTimeoutMs,
      clock: init.clock,
      timers: this.timers,
      log: init.log,
      banned: (peer) => init.reports.banned(peer),
      onFrame: (peer, frame) => this.inbox.onFrame(peer, frame),
      onLost: (asks) => { asks.forEach(ask => { this.failed(ask) }) },
      onRested: () => { this.schedule() }
    })
    this.inbox = new Inbox({
      channel: init.channel,
      book: this.book,
      peers: this.peers,
      reports: init.reports,
      maxUncheckedBytes: init.config.maxUncheckedBytes,
      clock: init.clock,
      log: init.log,
      onHad: (want) => { this.settle(want, 'had') },
      onAnswer: () => { this.schedule() }
    })
  }

  /** Messages that are asked for. */
  get size (): number {
    return this.book.size
  }

  want (messages: WantedMessage[]): void {
    messages.forEach(message => { this.book.want(message) })
  }

  /** Something that peers list. Undefined: there is no room for it now. */
  wantListed (entry: LogEntry, claimants: PeerId[], onSettled?: Want['onSettled'][number]): Want | undefined {
    return this.book.wantListed(entry, claimants, onSettled)
  }

  cancel (messageIds: string[]): void {
    messageIds.forEach(id => { this.settle(this.book.get(id), 'cancelled') })
    messageIds.forEach(id => { this.book.forget(id) })
  }

  /** It came, by whatever way. */
  arrived (messageId: string): void {
    this.settle(this.book.get(messageId), 'had')
    this.book.forget(messageId)
  }

  joined (id: PeerId): void {
    const peer = this.peers.find(id)

    if (peer != null) {
      peer.retryAt = 0
      this.book.revive(peer.key)
    }
  }

  /** @returns what the channel still wants */
  stop (): WantedMessage[] {
    this.peers.stop()
    this.timers.clear()

    return this.book.clear()
  }

  /** Asks a peer for a page or a digest; reaches it first when need be. */
  async query (id: PeerId, request: Pick<FrameInput, 'pageRequest' | 'digestRequest'>, options?: AbortOptions): Promise<Page | Digest> {
    const peer = this.known(id)
    await race(this.peers.reach(peer), options?.signal)

    return await race(peer.query(request, QUERY_MS), options?.signal)
  }

  /** What a peer is in the channel; reaches it first when need be. */
  async role (id: PeerId, options?: AbortOptions): Promise<Session['role']> {
    return (await race(this.peers.reach(this.known(id)), options?.signal)).role
  }

  /** @throws {AccessDeniedError} the peer is banned */
  private known (id: PeerId): AskPeer {
    const peer = this.peers.find(id)

    if (peer == null) {
      throw new AccessDeniedError('the peer is banned from the exchange of this channel')
    }

    return peer
  }

  /** One pass for all that happens in this turn. */
  private schedule (): void {
    if (!this.scheduled && !this.peers.stopped) {
      this.scheduled = true
      queueMicrotask(() => {
        this.scheduled = false
        this.place()
      })
    }
  }

  private place (): void {
    const wants = this.book.next()
    let misses = 0

    for (const want of wants) {
      if (this.peers.stopped || misses >= MAX_MISSES) {
        return
      }

      if (want.requested || this.ask(want)) {
        this.book.unready(want)
      } else {
        this.book.postpone(want)
        misses++
      }
    }

    // all of them found a place: there may be more
    if (misses === 0 && wants.length > 0) {
      this.schedule()
    }
  }

  /** @returns whether there is nothing more to do for it now */
  private ask (want: Want): boolean {
    const { channel, clock } = this.init
    const found = candidates(want, { channel, find: this.peers.find, now: clock.now() })
    const roomy = found.now.filter(peer => this.hasRoom(peer, sizeOf(want, peer), want.bulk))

    if (found.now.length === 0) {
      if (!found.later && !want.pending) {
        this.starve(want)
      }

      return !found.later || want.pending
    }

    if (roomy.length === 0) {
      return false
    }

    const best = want.bulk ? quickest(roomy, want) : roomy[0]
    this.request(best, want, 'block')

    // those who are known to have it, or have listed it, need not be asked for presence
    const others = want.known >= PRESENCES || (want.bulk && want.claimants.length > 0) ? [] : found.now.filter(peer => peer !== best && !want.asks.has(peer.key))
    others.slice(0, PRESENCES).forEach(peer => { this.request(peer, want, 'have') })

    return true
  }

  /** A window that was full is refilled with bulk when half of it is free, so that requests stay large. */
  private hasRoom (peer: AskPeer, size: number, bulk: boolean): boolean {
    const { maxInFlight } = this.init.config
    const windowBytes = peer.estimate.window(this.init.config.windowBytes)

    if (peer.blocks >= maxInFlight || (peer.blocks > 0 && peer.expected + size > windowBytes)) {
      peer.saturated = true

      return false
    }

    peer.saturated &&= peer.blocks > maxInFlight / 2 || peer.expected > windowBytes / 2

    return !bulk || !peer.saturated
  }

  private request (peer: AskPeer, want: Want, type: Ask['type']): void {
    const now = this.init.clock.now()
    const before = want.asks.get(peer.key)
    const ask: Ask = {
      id: before?.id ?? peer.nextId(),
      want,
      peer,
      type,
      hint: before?.hint ?? want.hints[0],
      byHash: before?.byHash ?? (peer.session?.role === 'holder' || this.init.channel.role === 'holder'),
      sentAt: now,
      ahead: peer.expected,
      size: sizeOf(want, peer),
      standing: false
    }

    if (before != null) {
      before.timer?.()
    }

    want.asks.set(peer.key, ask)
    peer.add(ask, now)

    if (peer.session != null) {
      this.arm(ask)
    } else {
      // its time begins when it can leave; a peer that cannot be reached fails it
      this.peers.reach(peer).then(() => {
        if (peer.asks.get(ask.id) === ask && !ask.standing && ask.timer == null) {
          ask.sentAt = this.init.clock.now()
          this.arm(ask)
        }
      }, () => {})
    }
  }

  /** First a look at whether somebody else should be asked too, then the deadline. */
  private arm (ask: Ask): void {
    const { config } = this.init
    const { peer } = ask
    const bytes = ask.type === 'block' ? ask.ahead + ask.size : 0
    const usual = peer.estimate.unusual(bytes)
    const deadline = Math.ceil(Math.min(Math.max(2 * usual, config.minDeadlineMs), config.maxDeadlineMs))

    if (ask.type === 'have') {
      ask.timer = this.timers.set(() => { this.silent(ask) }, deadline)

      return
    }

    const hedge = Math.ceil(Math.min(usual, deadline / 2))

    ask.timer = this.timers.set(() => {
      this.hedge(ask.want)
      ask.timer = this.timers.set(() => { this.expire(ask) }, deadline - hedge)
    }, hedge)
  }

  /** It takes longer than usual: whoever is known to have it, and has nothing else to do, sends it as well. */
  private hedge (want: Want): void {
    if (want.hedged || want.settled || want.checking != null) {
      return
    }

    const { channel, clock } = this.init
    const other = candidates(want, { channel, find: this.peers.find, now: clock.now() }).now
      .find(peer => peer.blocks === 0 && (!want.bulk || want.sources.has(peer.key)))

    if (other != null) {
      want.hedged = true
      this.request(other, want, 'block')
    }
  }

  /** No answer about its stock: counts as not having it, without a word about later. */
  private silent (ask: Ask): void {
    ask.peer.cancel(ask)
    this.failed(ask)
  }

  private expire (ask: Ask): void {
    const { peer } = ask
    this.init.reports.timeout(peer.id)
    this.init.log.trace('%p missed the deadline for %s', peer.id, ask.want.messageId)
    peer.cancel(ask)
    this.failed(ask)

    if (peer.estimate.missed(this.init.clock.now()) && ++peer.failures >= MAX_TIMEOUTS) {
      // the stream, never the connection, which other protocols share
      peer.session?.abort(new Error('the peer misses its deadlines'))
    }
  }

  private failed (ask: Ask): void {
    const { want, peer } = ask

    if (want.asks.get(peer.key) === ask) {
      want.asks.delete(peer.key)
    }

    if (!want.settled) {
      want.sources.set(peer.key, 'failed')
      this.book.ready(want)
    }
  }

  /** Everybody was asked, and nobody owes an answer. */
  private starve (want: Want): void {
    const { channel, clock } = this.init
    const now = clock.now()

    if (now - this.neededAt >= NEED_EVERY_MS && this.able() < WELL_CONNECTED) {
      this.neededAt = now
      channel.need?.(WELL_CONNECTED)
    }

    if (this.book.starved(want)) {
      this.settle(want, 'unavailable')
    }
  }

  /** How many peers of the channel answer, as far as we know; counted no further than is well connected. */
  private able (): number {
    let count = 0

    for (const id of this.init.channel.peers().slice(0, MAX_LOOKED_AT)) {
      if (this.peers.find(id)?.failures === 0 && ++count >= WELL_CONNECTED) {
        break
      }
    }

    return count
  }

  /** It is over: whoever still owes it is told. */
  private settle (want: Want | undefined, outcome: Outcome): void {
    if (want == null || !this.book.settle(want, outcome)) {
      return
    }

    for (const ask of want.asks.values()) {
      ask.peer.cancel(ask)
    }

    want.asks.clear()
    this.schedule()
  }
}
