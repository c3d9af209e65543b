import { AccessDeniedError } from '../errors.js'
import { toError } from '../link/frame-stream.js'
import { CloseCode, PresenceType } from '../pb/exchange.js'
import { race } from '../race.js'
import { Timers } from '../timers.js'
import { AskPeer } from './ask-peer.js'
import { candidates } from './candidates.js'
import { judge } from './judge.js'
import { WantBook } from './want-book.js'
import type { Ask, Want } from './want.js'
import type { AskerConfig } from '../config.js'
import type { Clock, Random } from '../../clock.js'
import type { FrameInput } from '../link/frame-stream.js'
import type { Session, SessionHandlers } from '../link/session.js'
import type { Busy, Delivery, Digest, Frame, Page, Presence } from '../pb/exchange.js'
import type { ExchangeChannel, LogEntry, WantedMessage } from '../types.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

/** Gives the engine a proven session with a peer, over whatever there is. */
export interface ConnectProvider {
  connect (peer: PeerId, handlers: SessionHandlers, options: AbortOptions): Promise<Session>
}

/** What the engine reports of a peer, for the ledger. */
export interface AskReports {
  banned (peer: PeerId): boolean
  delivered (peer: PeerId, bytes: number): void
  /** proven to be the peer's fault: it is banned */
  invalid (peer: PeerId): void
  /** bytes that were not asked for, or came when they were here already */
  wasted (peer: PeerId, bytes: number, unrequested: boolean): void
  timeout (peer: PeerId): void
  latency (peer: PeerId, ms: number): void
  receipt (peer: PeerId, receipt: Uint8Array): Promise<void>
}

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

/** Bytes that a message counts as while nobody has told its size. */
const ASSUMED_BYTES = 16 * 1024

/** Peers in the book of one channel; idle ones leave when it is full. */
const MAX_PEERS = 512

/** Deadlines missed in a row before the session is given up. */
const MAX_TIMEOUTS = 8

/** Presences that proved wrong, and unrequested deliveries, before a peer is left alone for a while. */
const MAX_LIES = 16

const MAX_BACKOFF_MS = 60_000
const QUERY_MS = 15_000
const NEED_EVERY_MS = 10_000

/** Peers that a channel should have to ask. */
const WELL_CONNECTED = 3

/** Asks the peers of one channel for what it lacks. */
export class Asker {
  readonly timers: Timers
  private readonly init: AskerInit
  private readonly book: WantBook
  private readonly peers = new Map<string, AskPeer>()
  private readonly stopping = new AbortController()
  private scheduled = false
  private unchecked = 0
  private resume?: PromiseWithResolvers<void>
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
    messageIds.forEach(id => { this.settle(this.book.get(id), 'cancelled', 0) })
    messageIds.forEach(id => { this.book.forget(id) })
  }

  /** It came, by whatever way. */
  arrived (messageId: string): void {
    this.settle(this.book.get(messageId), 'had', 0)
    this.book.forget(messageId)
  }

  joined (id: PeerId): void {
    const peer = this.find(id)

    if (peer != null) {
      peer.retryAt = 0
      this.book.revive(peer.key)
    }
  }

  stop (): void {
    this.stopping.abort()
    this.timers.clear()

    for (const peer of this.peers.values()) {
      peer.session?.close(CloseCode.NORMAL)
    }

    this.book.clear()
  }

  /** Asks a peer for a page or a digest; reaches it first when need be. */
  async query (id: PeerId, request: Pick<FrameInput, 'pageRequest' | 'digestRequest'>, options?: AbortOptions): Promise<Page | Digest> {
    const peer = this.find(id)

    if (peer == null) {
      throw new AccessDeniedError('the peer is banned from the exchange of this channel')
    }

    await race(this.reach(peer), options?.signal)

    return await race(peer.query(request, QUERY_MS), options?.signal)
  }

  /** The role of a peer with which there is a session. */
  async role (id: PeerId, options?: AbortOptions): Promise<Session['role']> {
    const peer = this.find(id)

    if (peer == null) {
      throw new AccessDeniedError('the peer is banned from the exchange of this channel')
    }

    return (await race(this.reach(peer), options?.signal)).role
  }

  /** One pass for all that happens in this turn. */
  private schedule (): void {
    if (!this.scheduled && !this.stopping.signal.aborted) {
      this.scheduled = true
      queueMicrotask(() => {
        this.scheduled = false
        this.place()
      })
    }
  }

  private place (): void {
    let misses = 0

    for (const want of this.book.next()) {
      if (this.stopping.signal.aborted || misses >= MAX_MISSES) {
        return
      }

      if (want.requested || this.ask(want)) {
        this.book.unready(want)
      } else {
        this.book.postpone(want)
        misses++
      }
    }
  }

  /** @returns whether there is nothing more to do for it now */
  private ask (want: Want): boolean {
    const { channel, clock } = this.init
    const found = candidates(want, { channel, find: this.find, now: clock.now() })
    const size = want.size > 0 ? want.size : ASSUMED_BYTES
    const roomy = found.now.filter(peer => this.hasRoom(peer, size))

    if (found.now.length === 0) {
      if (!found.later && !want.pending) {
        this.starve(want)
      }

      return !found.later || want.pending
    }

    if (roomy.length === 0) {
      return false
    }

    const best = want.bulk ? quickest(roomy, size) : roomy[0]
    this.request(best, want, 'block')

    // those who are known to have it need not be asked for presence
    const others = want.known >= PRESENCES || want.bulk ? [] : found.now.filter(peer => peer !== best && !want.asks.has(peer.key))
    others.slice(0, PRESENCES).forEach(peer => { this.request(peer, want, 'have') })

    return true
  }

  private hasRoom (peer: AskPeer, size: number): boolean {
    const { maxInFlight, windowBytes } = this.init.config

    return peer.blocks < maxInFlight && (peer.blocks === 0 || peer.expected + size <= windowBytes)
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
      size: want.size > 0 ? want.size : ASSUMED_BYTES,
      standing: false
    }

    if (before != null) {
      before.timer?.()
    }

    want.asks.set(peer.key, ask)
    peer.add(ask, now)
    this.arm(ask)
    this.reach(peer).catch(() => {})
  }

  /** First a look at whether somebody else should be asked too, then the deadline. */
  private arm (ask: Ask): void {
    const { config } = this.init
    const { peer } = ask
    const reaching = peer.session == null ? config.connectTimeoutMs : 0
    const bytes = ask.type === 'block' ? ask.ahead + ask.size : 0
    const usual = peer.estimate.unusual(bytes)
    const deadline = reaching + Math.min(Math.max(2 * usual, config.minDeadlineMs), config.maxDeadlineMs)

    if (ask.type === 'have') {
      ask.timer = this.timers.set(() => { this.silent(ask) }, deadline)

      return
    }

    const hedge = Math.min(usual, deadline / 2)

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
    const other = candidates(want, { channel, find: this.find, now: clock.now() }).now
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

    if (++peer.failures >= MAX_TIMEOUTS) {
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

    if (now - this.neededAt >= NEED_EVERY_MS && channel.peers().length < WELL_CONNECTED) {
      this.neededAt = now
      channel.need?.(WELL_CONNECTED)
    }

    if (this.book.starved(want)) {
      this.settle(want, 'unavailable', 0)
    }
  }

  private readonly find = (id: PeerId): AskPeer | undefined => {
    const key = id.toString()
    const peer = this.peers.get(key)

    if (this.init.reports.banned(id) || id.equals(this.init.self)) {
      return undefined
    }

    if (peer != null) {
      return peer
    }

    if (this.peers.size >= MAX_PEERS) {
      for (const [other, { idle, session }] of this.peers) {
        if (idle) {
          session?.close(CloseCode.NORMAL)
          this.peers.delete(other)
          break
        }
      }
    }

    const added = new AskPeer(id, this.timers)
    this.peers.set(key, added)

    return added
  }

  private async reach (peer: AskPeer): Promise<Session> {
    if (peer.session != null) {
      return peer.session
    }

    peer.connecting ??= this.connect(peer).finally(() => { peer.connecting = undefined })

    return await peer.connecting
  }

  private async connect (peer: AskPeer): Promise<Session> {
    const { provider, config, log } = this.init
    const timeout = new AbortController()
    const cancel = this.timers.set(() => { timeout.abort() }, config.connectTimeoutMs)

    try {
      const session = await provider.connect(peer.id, {
        onFrame: (frame) => this.onFrame(peer, frame),
        onClose: (err) => { this.onClose(peer, err) }
      }, { signal: AbortSignal.any([timeout.signal, this.stopping.signal]) })

      peer.opened(session)

      return session
    } catch (err) {
      log.trace('%p cannot be asked - %e', peer.id, err)
      const denied = err instanceof AccessDeniedError
      peer.failures++
      this.rest(peer, 'retryAt', denied ? MAX_BACKOFF_MS : pause(peer.failures))
      peer.lost(toError(err)).forEach(ask => { this.failed(ask) })

      throw err
    } finally {
      cancel()
    }
  }

  /** Leaves a peer alone for a while. */
  private rest (peer: AskPeer, until: 'busyUntil' | 'retryAt', ms: number): void {
    peer[until] = this.init.clock.now() + ms
    this.timers.set(() => { this.schedule() }, ms)
  }

  private onClose (peer: AskPeer, err?: Error): void {
    if (peer.session == null) {
      return
    }

    const asks = peer.lost(err ?? new Error('the session ended'))

    if (this.stopping.signal.aborted) {
      return
    }

    this.rest(peer, 'retryAt', pause(peer.failures++))
    asks.forEach(ask => { this.failed(ask) })
  }

  private onFrame (peer: AskPeer, frame: Frame): void | Promise<void> {
    frame.presences.forEach(presence => { this.onPresence(peer, presence) })

    if (frame.deliveries.length > 0) {
      this.onDeliveries(peer, frame.deliveries)
    }

    if (frame.busy != null) {
      this.onBusy(peer, frame.busy)
    }

    if (frame.page != null) {
      peer.answer(frame.page)
    }

    if (frame.digest != null) {
      peer.answer(frame.digest)
    }

    if (frame.receipt != null) {
      return this.init.reports.receipt(peer.id, frame.receipt)
    }

    if (this.unchecked > this.init.config.maxUncheckedBytes) {
      this.resume ??= Promise.withResolvers<void>()

      return this.resume.promise
    }
  }

  private onPresence (peer: AskPeer, { id, type }: Presence): void {
    const ask = peer.asks.get(id)

    if (ask == null) {
      return
    }

    const { want } = ask

    if (!ask.standing) {
      this.answered(ask)
    }

    if (type === PresenceType.PRESENT) {
      want.sources.set(peer.key, 'have')

      if (ask.type === 'have') {
        ask.timer?.()
        ask.standing = true
      }

      this.book.found(want)
    } else {
      this.lied(peer, want)
      want.sources.set(peer.key, type === PresenceType.GONE ? 'gone' : 'dont-have')

      if (type === PresenceType.GONE) {
        peer.remove(ask)
        want.asks.delete(peer.key)
      } else {
        peer.stand(ask)
      }

      if (!want.requested) {
        this.book.ready(want)
      }
    }
  }

  private lied (peer: AskPeer, want: Want): void {
    const source = want.sources.get(peer.key)

    if ((source === 'have' || source === 'claimed') && ++peer.lies >= MAX_LIES) {
      peer.lies = 0
      this.rest(peer, 'retryAt', MAX_BACKOFF_MS)
    }
  }

  private answered (ask: Ask): void {
    if (ask.ahead === 0) {
      const ms = Math.max(this.init.clock.now() - ask.sentAt, 0)
      ask.peer.estimate.answered(ms)
      this.init.reports.latency(ask.peer.id, ms)
    }
  }

  private onBusy (peer: AskPeer, { ids, retryAfterMs, request }: Busy): void {
    const wait = Math.min(Math.max(retryAfterMs, 100), MAX_BACKOFF_MS)

    if (request != null) {
      peer.refuse(request, wait)

      return
    }

    this.rest(peer, 'busyUntil', wait)

    for (const id of ids) {
      const ask = peer.asks.get(id)

      if (ask != null) {
        peer.remove(ask)
        ask.want.asks.delete(peer.key)
        this.book.ready(ask.want)
      }
    }
  }

  private onDeliveries (peer: AskPeer, deliveries: Delivery[]): void {
    const now = this.init.clock.now()
    const frame = deliveries[0].payload.buffer.byteLength

    for (const delivery of deliveries) {
      const { payload, id } = delivery
      const ask = peer.asks.get(id)
      const want = ask?.want ?? peer.late.get(id)

      if (want == null) {
        this.init.reports.wasted(peer.id, payload.byteLength, true)

        // it extends nothing; a peer that goes on like this is left alone
        if (++peer.unrequested >= MAX_LIES) {
          peer.unrequested = 0
          peer.session?.abort(new Error('the peer sends what was not asked for'))

          return
        }

        continue
      }

      peer.late.delete(id)

      if (ask != null) {
        this.answered(ask)
        peer.remove(ask)
        want.asks.delete(peer.key)
        peer.estimate.received(payload.byteLength, now)
        peer.failures = 0
      }

      // a small payload must not keep the whole frame in memory
      const kept = payload.byteLength * 2 < frame ? payload.slice() : payload
      this.check(peer, want, { payload: kept, from: peer.id, byHash: delivery.byHash || ask?.byHash === true, hint: ask?.hint })
    }

    this.schedule()
  }

  private check (peer: AskPeer, want: Want, evidence: Parameters<typeof judge>[2]): void {
    const bytes = evidence.payload.byteLength
    this.unchecked += bytes

    const checking = (want.checking ?? Promise.resolve()).then(async () => {
      if (want.settled) {
        this.init.reports.wasted(peer.id, bytes, false)

        return
      }

      const judgement = await judge(this.init.channel, want, evidence)

      switch (judgement.type) {
        case 'good':
          this.init.reports.delivered(peer.id, bytes)
          this.settle(want, 'had', bytes)
          break
        case 'hint':
          want.hints = want.hints.filter(hint => hint !== judgement.hint)
          this.init.channel.disproved?.({ messageId: want.messageId, hint: judgement.hint.hash, citer: judgement.hint.citer })
          break
        case 'server':
          this.init.reports.invalid(peer.id)
          want.sources.set(peer.key, 'failed')
          peer.session?.abort(new Error('the peer served bad data'))
          break
        default:
          want.sources.set(peer.key, 'failed')
          this.init.log('a payload from %p could not be judged - %e', peer.id, judgement.error ?? new Error('it is for another key'))
      }
    }).catch((err: unknown) => {
      this.init.log.error('a delivery could not be handled - %e', err)
    }).finally(() => {
      this.unchecked -= bytes

      if (this.unchecked <= this.init.config.maxUncheckedBytes / 2) {
        this.resume?.resolve()
        this.resume = undefined
      }

      if (want.checking === checking) {
        want.checking = undefined

        if (!want.settled) {
          this.book.ready(want)
        }
      }
    })

    want.checking = checking
  }

  /** It is over: whoever still owes it is told. */
  private settle (want: Want | undefined, outcome: 'had' | 'unavailable' | 'cancelled', bytes: number): void {
    if (want == null || !this.book.settle(want, outcome, bytes)) {
      return
    }

    for (const ask of want.asks.values()) {
      ask.peer.cancel(ask)
    }

    want.asks.clear()
    this.schedule()
  }
}

/** After so many failures in a row. */
function pause (failures: number): number {
  return Math.min(500 * 2 ** Math.min(failures, 7), MAX_BACKOFF_MS)
}

function quickest (peers: AskPeer[], size: number): AskPeer {
  return peers.reduce((best, peer) => peer.estimate.expected(peer.expected + size) < best.estimate.expected(best.expected + size) ? peer : best)
}
