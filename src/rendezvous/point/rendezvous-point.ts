import { systemClock, systemRandom } from '../../clock.js'
import { toError } from '../../to-error.js'
import { MAX_READ_REQUEST_BYTES, MessageType, ResponseStatus, STREAM_TIMEOUT_MS } from '../constants.js'
import { withDeadline } from '../deadline.js'
import { Emitter } from '../emitter.js'
import { Frames } from '../framing.js'
import { Message } from '../pb/rendezvous.js'
import { TokenBuckets } from '../token-buckets.js'
import { pointConfig } from './config.js'
import { DiscoverPage } from './discover-page.js'
import { Refusal } from './context.js'
import { PointMetrics } from './metrics.js'
import { PeerAgents } from './peer-agents.js'
import { RegistrationStore } from './registration-store.js'
import { PointService, typeOf } from './service.js'
import { PointStorage, randomEpoch } from './storage.js'
import type { PointConfig } from './config.js'
import type { RendezvousPoint as RendezvousPointInterface, RendezvousPointComponents, RendezvousPointEvents, RendezvousPointInit } from './types.js'
import type { Cancel, Clock, Random } from '../../clock.js'
import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Registrations that are expired in one turn of the event loop. */
const EXPIRE_SLICE = 500

/** Expiry is swept at most this often; until then an expired registration is only passed over. */
const SWEEP_INTERVAL_MS = 1_000

/** Bytes of requests that may wait on a stream behind the one that is served. */
const MAX_PIPELINED_BYTES = 64 * 1024

export class RendezvousPoint implements RendezvousPointInterface {
  readonly [Symbol.toStringTag] = 'holdfast/rendezvous-point'
  private readonly components: RendezvousPointComponents
  private readonly config: PointConfig
  private readonly datastore?: Datastore
  private readonly clock: Clock
  private readonly random: Random
  private readonly log: Logger
  private readonly metrics: PointMetrics
  private readonly events: Emitter<RendezvousPointEvents>
  private readonly buckets: TokenBuckets
  private readonly streams = new Map<string, number>()
  private readonly open = new Set<Stream>()
  private readonly agents: PeerAgents
  private store: RegistrationStore
  private epoch: number
  private storage?: PointStorage
  private service: PointService
  private sweepAt?: number
  private cancelSweep?: Cancel
  private state: Promise<void> = Promise.resolve()
  private started = false

  constructor (components: RendezvousPointComponents, init: RendezvousPointInit) {
    this.components = components
    this.config = pointConfig(init)
    // the node's own is used even where it is in memory: it may outlive this node
    this.datastore = init.datastore ?? components.datastore
    this.clock = init.clock ?? systemClock
    this.random = init.random ?? systemRandom
    this.log = components.logger.forComponent('holdfast:rendezvous:point')
    this.metrics = new PointMetrics(components.metrics)
    this.agents = new PeerAgents(this.clock, components.peerStore)
    this.events = new Emitter(err => { this.log.error('an event handler threw - %e', err) })
    this.buckets = new TokenBuckets(this.config.requestsPerSecond, this.clock)
    this.epoch = randomEpoch(this.random)
    this.store = new RegistrationStore()
    this.service = this.createService()
    this.events.on('refuse', () => { this.metrics.refused?.increment() })
    this.events.on('reset', () => { this.metrics.refused?.increment() })
  }

  get protocol (): string {
    return this.config.protocol
  }

  get registrations (): number {
    return this.store.size
  }

  get namespaces (): number {
    return this.store.namespaceCount
  }

  on<K extends keyof RendezvousPointEvents> (type: K, handler: (event: RendezvousPointEvents[K]) => void): () => void {
    return this.events.on(type, handler)
  }

  isStarted (): boolean {
    return this.started
  }

  async start (): Promise<void> {
    await this.inTurn(async () => {
      if (this.started) {
        return
      }

      if (this.datastore != null) {
        this.storage = await PointStorage.open(this.datastore, this.protocol, this.random)
        this.epoch = this.storage.epoch
        this.store = await this.storage.load()
      }

      this.service = this.createService()
      this.started = true
      this.onChange()

      await this.components.registrar.handle(this.protocol, (stream, connection) => {
        void this.onStream(stream, connection)
      }, {
        maxInboundStreams: this.config.maxStreamsPerPeer,
        runOnLimitedConnection: true
      })
    })
  }

  async stop (): Promise<void> {
    await this.inTurn(async () => {
      if (!this.started) {
        return
      }

      this.started = false
      this.cancelSweep?.()
      this.sweepAt = undefined
      await this.components.registrar.unhandle(this.protocol)
      this.open.forEach(stream => { stream.abort(new Error('the rendezvous point stops')) })
      await this.storage?.close()
      this.storage = undefined
    })
  }

  /** One start or stop after the other. */
  private async inTurn (job: () => Promise<void>): Promise<void> {
    const turn = this.state.then(job)
    this.state = turn.catch(() => {})
    await turn
  }

  private createService (): PointService {
    return new PointService({
      config: this.config,
      store: this.store,
      page: new DiscoverPage(this.random),
      sink: this.storage,
      epoch: this.epoch,
      events: this.events,
      clock: this.clock,
      random: this.random,
      onChange: () => { this.onChange() },
      isLegacy: async (peer) => await this.agents.isLegacy(peer)
    }, err => { this.log.error('request failed - %e', err) })
  }

  private async onStream (stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer
    const id = peer.toString()
    const count = this.streams.get(id) ?? 0

    this.streams.set(id, count + 1)
    this.open.add(stream)

    try {
      if (!this.started || count >= this.config.maxStreamsPerPeer) {
        throw new Error(this.started ? `at most ${this.config.maxStreamsPerPeer} streams of a peer are served at once` : 'the rendezvous point is stopped')
      }

      await this.serve(stream, peer)
      await withDeadline(this.clock, STREAM_TIMEOUT_MS, undefined, async signal => { await stream.close({ signal }) })
    } catch (err) {
      const error = toError(err)
      stream.abort(error)
      this.log('stream of %p is reset - %e', peer, error)
      this.events.emit('reset', { peer, error })
    } finally {
      this.open.delete(stream)
      const left = (this.streams.get(id) ?? 1) - 1

      if (left === 0) {
        this.streams.delete(id)
      } else {
        this.streams.set(id, left)
      }
    }
  }

  /** Requests one after the other, until the other side has no more. */
  private async serve (stream: Stream, peer: PeerId): Promise<void> {
    const frames = new Frames(stream, MAX_READ_REQUEST_BYTES, MAX_PIPELINED_BYTES)

    for (let frame = await this.read(frames); frame != null; frame = await this.read(frames)) {
      const request = Message.decode(frame)
      const answer = this.buckets.take(peer.toString())
        ? await this.answer(peer, request)
        : this.service.refuse(peer, request, new Refusal(ResponseStatus.UNAVAILABLE, 'too many requests'))

      if (answer != null && !frames.post(answer)) {
        await withDeadline(this.clock, STREAM_TIMEOUT_MS, undefined, async signal => { await frames.drained({ signal }) })
      }
    }

    frames.flush()
  }

  private async answer (peer: PeerId, request: Message): Promise<Uint8Array | undefined> {
    this.sweep()

    if (typeOf(request) === MessageType.REGISTER) {
      this.metrics.register?.increment()
    } else if (typeOf(request) === MessageType.DISCOVER) {
      this.metrics.discover?.increment()
    }

    return await this.service.serve(peer, request)
  }

  /** One whole frame within the deadline, however slowly its bytes come; undefined at the end. */
  private async read (frames: Frames): Promise<Uint8Array | undefined> {
    try {
      return frames.get() ?? await withDeadline(this.clock, STREAM_TIMEOUT_MS, undefined, async signal => await frames.next({ signal }))
    } catch (err) {
      // go ends each stream with a reset, once it has what it asked for
      if (toError(err).name === 'StreamResetError') {
        return undefined
      }

      throw err
    }
  }

  private onChange (): void {
    this.metrics.update(this.store)

    const next = this.store.nextExpiry

    if (this.started && next != null && (this.sweepAt == null || next < this.sweepAt)) {
      this.sweepIn(Math.max(next - this.clock.now(), SWEEP_INTERVAL_MS))
      this.sweepAt = next
    }
  }

  private sweepIn (ms: number): void {
    this.cancelSweep?.()
    this.cancelSweep = this.clock.setTimer(() => {
      this.sweepAt = undefined
      const full = this.sweep() === EXPIRE_SLICE

      if (full) {
        this.sweepIn(0)
      } else {
        this.onChange()
      }
    }, ms)
  }

  private sweep (): number {
    const expired = this.store.expire(this.clock.now(), EXPIRE_SLICE)

    if (expired.length > 0) {
      for (const { peer, namespace } of expired) {
        this.events.emit('expire', { peer: peer.id, namespace: namespace.name })
      }

      this.storage?.delete(expired).catch(err => { this.log.error('expired registrations stay on disk - %e', err) })
      this.metrics.update(this.store)
    }

    return expired.length
  }
}
