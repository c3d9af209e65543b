import { toError } from '../to-error.js'
import { AcceptGate } from './accept-gate.js'
import { withDeadline } from './deadline.js'
import { isPenalised, MAX_REST_MS } from './book-peer.js'
import { DiscoveryProtocolError, InvalidRecordError } from './errors.js'
import { sample } from './random.js'
import { isRecent } from './retention.js'
import { answerSession, initiateSession, MAX_RECORDS_SENT, refuseSession } from './session.js'
import type { AddressBook } from './address-book.js'
import type { BookPeer } from './book-peer.js'
import type { DiscoveryConfig } from './config.js'
import type { DiscoveryEmitter, SessionRole } from './events.js'
import type { Topic } from './namespace.js'
import type { DiscoveryNetwork, SessionChannel } from './network.js'
import type { SessionInit, SessionResult, SharedRecord } from './session.js'
import type { DiscoveryStats } from './stats.js'
import type { Visit } from './walker.js'
import type { Logger, PeerId } from '@libp2p/interface'

/** Introducers named in one session: peers for those who share no topic with anyone they know. */
const MAX_INTRODUCERS = 4

const MIN_BUSY_MS = 1000

/** Records whose signatures are checked before others get a turn: 2 to 3 ms of work. */
const SLICE = 16

/** Refusals that may be on their way at once. Beyond that the stream is simply reset. */
const MAX_REFUSALS = 32

export interface VisitsInit {
  network: DiscoveryNetwork
  book: AddressBook
  config: DiscoveryConfig
  stats: DiscoveryStats
  events: DiscoveryEmitter
  log: Logger
  topics (): Topic[]
}

/** Sessions, in both roles: opens or answers them, within their bounds, and takes what they taught into the book. */
export class Visits {
  private readonly init: VisitsInit
  private readonly gate: AcceptGate
  private readonly visiting = new Set<string>()
  private accepted = 0
  private refusals = 0
  private controller = new AbortController()

  constructor (init: VisitsInit) {
    this.init = init
    this.gate = new AcceptGate({ maxSessions: init.config.maxAcceptedSessions, cooldownMs: init.config.cooldownMs })
  }

  /** sessions under way */
  get size (): number {
    return this.visiting.size + this.accepted
  }

  start (): void {
    this.controller = new AbortController()
  }

  stop (): void {
    this.controller.abort()
  }

  isVisiting (peer: BookPeer): boolean {
    return this.visiting.has(peer.key)
  }

  /** A session of our own. Never rejects because of the other side. */
  async visit (peer: PeerId): Promise<Visit> {
    const entry = this.init.book.get(peer)

    if (entry == null || this.visiting.has(entry.key)) {
      return { status: 'busy' }
    }

    this.visiting.add(entry.key)

    try {
      return await this.run(peer, 'initiated', async signal => {
        const channel = await this.init.network.open(peer, entry.record, { signal })

        return await this.converse(channel, signal, async () => await initiateSession(await this.createSession(channel, peer, signal)))
      })
    } finally {
      this.visiting.delete(entry.key)
    }
  }

  /** Answers the session that another opened. Never rejects. */
  async accept (channel: SessionChannel, peer: PeerId): Promise<void> {
    const { book, config, stats } = this.init
    const entry = book.get(peer)

    if (entry != null && isPenalised(entry, config.clock.now())) {
      channel.abort(new DiscoveryProtocolError('the peer misbehaved lately'))
      return
    }

    const admission = this.gate.admit(peer.toString(), config.clock.now())

    if ('retryAfterMs' in admission) {
      stats.sessionsRefused++
      await this.refuse(channel, admission.retryAfterMs)
      return
    }

    this.accepted++

    try {
      await this.run(peer, 'accepted', async signal =>
        await this.converse(channel, signal, async () => await answerSession(await this.createSession(channel, peer, signal))))
    } finally {
      this.accepted--
      admission.release()
    }
  }

  private async refuse (channel: SessionChannel, retryAfterMs: number): Promise<void> {
    if (this.refusals >= MAX_REFUSALS) {
      channel.abort(new DiscoveryProtocolError('busy'))
      return
    }

    this.refusals++

    try {
      await this.within(async signal => {
        await this.converse(channel, signal, async () => { await refuseSession(channel, retryAfterMs, signal) })
      })
    } catch (err) {
      this.init.log.trace('could not refuse a session - %e', err)
    } finally {
      this.refusals--
    }
  }

  private async run (peer: PeerId, role: SessionRole, session: (signal: AbortSignal) => Promise<SessionResult>): Promise<Visit> {
    const { book, config, events, stats } = this.init
    const start = config.clock.now()
    const topics = this.init.topics()
    // of this life: another one may have begun before the end
    const { signal } = this.controller

    stats.sessionsStarted++
    events.emit('session:start', { peer, role })

    try {
      const result = await this.within(session, signal)

      if ('busyMs' in result) {
        return this.busy(peer, result.busyMs)
      }

      const { fresh, received } = await this.digest(peer, result, topics, signal)
      const entry = book.get(peer)

      if (entry != null) {
        book.rest(entry, config.cooldownMs)
      }

      stats.sessionsSucceeded++
      events.emit('session:end', { peer, role, durationMs: config.clock.now() - start, received, fresh, shared: result.shared.length })

      return { status: 'success', received, fresh }
    } catch (err) {
      return signal.aborted ? { status: 'failed' } : this.fail(peer, role, start, err)
    }
  }

  private async within<T> (fn: (signal: AbortSignal) => Promise<T>, signal = this.controller.signal): Promise<T> {
    const { clock, sessionMs } = this.init.config

    return await withDeadline(clock, sessionMs, signal, fn)
  }

  /** Ends the channel in either way, whatever happens to the talk. */
  private async converse<T> (channel: SessionChannel, signal: AbortSignal, talk: () => Promise<T>): Promise<T> {
    const onAbort = (): void => { channel.abort(signal.reason) }

    if (signal.aborted) {
      onAbort()
      throw signal.reason
    }

    signal.addEventListener('abort', onAbort)

    try {
      const result = await talk()
      await channel.close({ signal })

      return result
    } catch (err) {
      channel.abort(toError(err))
      throw err
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  private async createSession (channel: SessionChannel, remote: PeerId, signal: AbortSignal): Promise<SessionInit> {
    const { config, network } = this.init
    const own = await network.record()

    return {
      channel,
      self: network.self,
      remote,
      topics: this.init.topics(),
      introducer: config.introducer,
      random: config.random,
      now: () => config.clock.now(),
      pause: async () => { await this.pause() },
      share: topics => this.share(topics, remote, own?.envelope),
      signal
    }
  }

  /** Ourselves, some members of the shared topics, and a few that agreed to be named to anyone. */
  private share (topics: Topic[], remote: PeerId, own?: Uint8Array): SharedRecord[] {
    const { book, config } = this.init
    const now = config.clock.now()
    const ids = topics.map(({ id }) => id)
    const sightings = ({ topics }: BookPeer): SharedRecord['sightings'] => ids.flatMap(topic => {
      const at = topics.get(topic)?.at ?? 0

      return isRecent(at, now) ? [{ topic, at }] : []
    })
    const isTellable = (peer: BookPeer): boolean => peer.record != null && peer.staleness.failures === 0 && !isPenalised(peer, now) && !peer.id.equals(remote)
    const introducers = sample(book.introducers(), MAX_INTRODUCERS, config.random, peer => isTellable(peer) && sightings(peer).length === 0)
    const members = sample(book.located(ids), MAX_RECORDS_SENT - 1 - introducers.length, config.random, peer => isTellable(peer) && sightings(peer).length > 0)
    const self: SharedRecord[] = own == null ? [] : [{ envelope: own, sightings: ids.map(topic => ({ topic, at: now })) }]

    return [...self, ...[...members, ...introducers].flatMap(peer => peer.record == null
      ? []
      : [{ envelope: peer.record.envelope, sightings: sightings(peer) }]
    )]
  }

  private async digest (peer: PeerId, result: Exclude<SessionResult, { busyMs: number }>, topics: Topic[], signal: AbortSignal): Promise<{ received: number, fresh: number }> {
    const { book, config, stats } = this.init
    const entry = book.meet(peer, peer.toString())
    const received = result.records.length
    let fresh = 0

    if (entry != null) {
      book.succeeded(entry)
      book.supported(entry)
      book.setIntroducer(entry, result.introducer)

      for (const topic of result.shared) {
        book.sight(entry, topic.id, config.clock.now(), true)
      }

      for (const topic of result.complete ? topics : []) {
        if (!result.shared.some(({ id }) => id === topic.id)) {
          book.unsight(entry, topic.id)
        }
      }
    }

    stats.recordsReceived += received

    for (const [index, record] of result.records.entries()) {
      if (index > 0 && index % SLICE === 0) {
        await this.pause()
      }

      signal.throwIfAborted()

      if (await this.learn(peer, record)) {
        fresh++
      }
    }

    return { received, fresh }
  }

  private async pause (): Promise<void> {
    await new Promise<void>(resolve => { this.init.config.clock.setTimer(resolve, 0) })
  }

  /** Whether the record taught us anything. */
  private async learn (teller: PeerId, { envelope, sightings }: SharedRecord): Promise<boolean> {
    const { book, network, log } = this.init
    const { verdict, peer } = await book.addRecord(envelope, teller.toString())
    const learned = verdict === 'new' || verdict === 'updated'

    // one that cannot be read may be newer than this library
    if (verdict === 'forged' || verdict === 'foreign') {
      throw new InvalidRecordError(`a peer record is ${verdict}`)
    }

    const entry = peer == null ? undefined : book.get(peer)

    if (entry == null) {
      return false
    }

    if (learned && entry.record != null) {
      await network.remember(entry.record).catch((err: unknown) => { log.error('could not mirror the record of %p - %e', entry.id, err) })
    }

    const known = entry.topics.size

    // of itself it has told with its tags, which are proof
    for (const { topic, at } of entry.id.equals(teller) ? [] : sightings) {
      book.sight(entry, topic, at, false)
    }

    return learned || entry.topics.size > known
  }

  private busy (peer: PeerId, busyMs: number): Visit {
    const { book, stats } = this.init
    const entry = book.get(peer)
    stats.sessionsBusy++

    if (entry != null) {
      book.succeeded(entry)
      book.rest(entry, Math.max(MIN_BUSY_MS, busyMs))
    }

    return { status: 'busy' }
  }

  private fail (peer: PeerId, role: SessionRole, start: number, err: unknown): Visit {
    const { book, config, events, log, network, stats } = this.init
    const error = toError(err)
    const entry = book.get(peer)

    stats.sessionsFailed++
    log('session with %p failed - %e', peer, error)
    events.emit('session:fail', { peer, role, durationMs: config.clock.now() - start, reason: `${error.name}: ${error.message}` })

    if (entry == null) {
      return { status: 'failed' }
    }

    if (error.name === 'UnsupportedProtocolError') {
      book.unsupported(entry)
      return { status: 'unsupported' }
    }

    if (error instanceof InvalidRecordError) {
      book.penalise(entry)
      events.emit('peer:misbehaving', { peer, reason: error.message, until: entry.penaltyUntil })
    } else if (error instanceof DiscoveryProtocolError) {
      book.rest(entry, MAX_REST_MS)
    } else if (role === 'initiated' && network.isOnline()) {
      book.failed(entry)
      events.emit('peer:stale', { peer, ...entry.staleness })
    }

    return { status: 'failed' }
  }
}
