import { toError } from '../../to-error.js'
import { BATCH_BYTES, MAX_DELIVERIES, MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES } from '../constants.js'
import { Heap } from '../heap.js'
import { CloseCode } from '../pb/exchange.js'
import { Timers } from '../timers.js'
import { LogQueries } from './log-queries.js'
import { ServedSession, hashKey } from './served-session.js'
import type { ServedWant } from './served-session.js'
import type { ServerConfig } from '../config.js'
import type { Clock } from '../../clock.js'
import type { Account, ExchangePolicy } from '../ledger/policy.js'
import type { Session, SessionHandlers } from '../link/session.js'
import type { Delivery, Frame } from '../pb/exchange.js'
import type { ExchangeChannel, PayloadKey } from '../types.js'
import type { Logger, PeerId } from '@libp2p/interface'

/** Payloads that one worker reads at once. */
const READ_AHEAD = 32

/** Withdrawn wants that may stay in a queue besides. */
const SLACK_WANTS = 256

/** A peer that waits is told to come back after this. */
const RETRY_MS = 1_000

/** Half of a debt is forgotten in this time. */
const DEBT_HALF_LIFE_MS = 10_000

export interface ServerInit {
  config: ServerConfig
  policy: ExchangePolicy
  account (peer: PeerId): Account
  /** a batch has left */
  sent (peer: PeerId, bytes: number, messages: number): void
  clock: Clock
  pause (): Promise<void>
  log: Logger
}

/** A peer that is served: its queue, and what it was given lately beyond what it gave. */
interface Queue {
  readonly peer: PeerId
  readonly tasks: Heap<ServedWant>
  readonly sessions: Set<ServedSession>
  /** tasks that are still wanted */
  waiting: number
  active: boolean
  debt: number
  debtAt: number
  /** what of the peer's bytes the debt makes up for already */
  bytesIn: number
}

interface Loaded {
  want: ServedWant
  key: PayloadKey
  payload: Uint8Array
}

/** Serves the wants of all peers: a few workers, one for a peer at a time, in fair turns. */
export class Server {
  private readonly init: ServerInit
  private readonly timers: Timers
  private readonly queries: LogQueries
  private readonly queues = new Map<string, Queue>()
  private readonly sessions = new Map<string, Set<ServedSession>>()
  private active = 0
  private sequence = 0
  private scheduled = false
  private wakeUp?: () => void

  constructor (init: ServerInit) {
    this.init = init
    this.timers = new Timers(init.clock)
    this.queries = new LogQueries({ entriesPerSecond: init.config.entriesPerSecond, clock: init.clock, pause: init.pause })
  }

  /** Peers that wait for something. */
  get contenders (): number {
    let count = 0

    for (const queue of this.queues.values()) {
      if (queue.waiting > 0 || queue.active) {
        count++
      }
    }

    return count
  }

  /** Takes a session that a peer has opened; what it returns gets its frames. */
  open (channel: ExchangeChannel, session: Session): SessionHandlers {
    const queue = this.queue(session.peer)
    const served: ServedSession = new ServedSession({
      channel,
      session,
      maxWants: this.init.config.maxWantsPerPeer,
      now: () => this.init.clock.now(),
      sequence: () => this.sequence++,
      onQueued: (want) => {
        queue.tasks.push(want)
        queue.waiting++
        this.compact(queue)
        this.schedule()
      },
      retryAfterMs: () => RETRY_MS
    })

    const ofChannel = this.sessions.get(channel.channelId) ?? new Set()
    this.sessions.set(channel.channelId, ofChannel.add(served))
    queue.sessions.add(served)

    return {
      onFrame: (frame) => this.onFrame(served, frame),
      onClose: () => {
        served.clear()
        ofChannel.delete(served)
        queue.sessions.delete(served)

        if (ofChannel.size === 0) {
          this.sessions.delete(channel.channelId)
        }

        if (queue.sessions.size === 0 && !queue.active) {
          this.queues.delete(queue.peer.toString())
        }
      }
    }
  }

  /** A payload came: whoever waits for it is served. */
  arrived (channelId: string, messageId: string, hash?: Uint8Array): void {
    this.sessions.get(channelId)?.forEach(served => {
      served.arrived(messageId)

      if (hash != null) {
        served.arrived(hashKey(hash))
      }
    })
  }

  /** A peer is not welcome in a channel any more: what it has open is ended. */
  dismiss (channelId: string, peer: PeerId): void {
    const sessions = [...this.sessions.get(channelId) ?? []]
    sessions.filter(({ session }) => session.peer.equals(peer)).forEach(({ session }) => { session.close(CloseCode.DENIED) })
  }

  /** Ends what is served of a channel. */
  leave (channelId: string): void {
    const sessions = [...this.sessions.get(channelId) ?? []]
    sessions.forEach(served => { served.session.close(CloseCode.NORMAL) })
  }

  stop (): void {
    this.timers.clear()
    this.queues.clear()
    this.sessions.clear()
  }

  private onFrame (served: ServedSession, frame: Frame): void | Promise<void> {
    const { session, channel } = served

    if (frame.wantList != null) {
      served.onWantList(frame.wantList)
    }

    if (frame.pageRequest != null || frame.digestRequest != null) {
      // one after the other: while the answer is made, nothing more is read from the peer
      return this.queries.answer(served, frame)
    }

    if (frame.receipt != null && this.init.policy.onReceipt != null) {
      return this.init.policy.onReceipt(this.init.account(session.peer), frame.receipt).then(good => {
        if (!good) {
          session.abort(new Error(`a receipt for ${channel.channelId} does not hold`))
        }

        this.schedule()
      })
    }
  }

  private queue (peer: PeerId): Queue {
    const key = peer.toString()
    let queue = this.queues.get(key)

    if (queue == null) {
      queue = {
        peer,
        tasks: new Heap<ServedWant>((a, b) => a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence)),
        sessions: new Set(),
        waiting: 0,
        active: false,
        debt: 0,
        debtAt: this.init.clock.now(),
        bytesIn: this.init.account(peer).bytesIn
      }
      this.queues.set(key, queue)
    }

    return queue
  }

  private schedule (): void {
    if (!this.scheduled) {
      this.scheduled = true
      queueMicrotask(() => {
        this.scheduled = false
        this.assign()
      })
    }
  }

  /** Gives free workers to those who are owed most. */
  private assign (): void {
    const { clock, config, policy, account } = this.init
    const now = clock.now()
    const { contenders } = this
    let soonest = Infinity

    while (this.active < config.workers) {
      let best: Queue | undefined

      for (const queue of this.queues.values()) {
        if (queue.active || queue.waiting === 0) {
          continue
        }

        const delay = policy.delay(account(queue.peer), contenders, now)

        if (delay > 0) {
          soonest = Math.min(soonest, delay)
        } else if (best == null || this.debt(queue, now) < this.debt(best, now)) {
          best = queue
        }
      }

      if (best == null) {
        break
      }

      void this.work(best)
    }

    this.wakeUp?.()
    this.wakeUp = soonest < Infinity ? this.timers.set(() => { this.schedule() }, soonest) : undefined
  }

  /** What was withdrawn stays in the heap until its turn: a peer must not make that grow. */
  private compact (queue: Queue): void {
    let wanted = 0
    queue.sessions.forEach(session => { wanted += session.size })

    if (queue.tasks.size > 2 * wanted + SLACK_WANTS) {
      const seen = new Set<ServedWant>()
      queue.tasks.retain(want => want.state === 'queued' && !seen.has(want) && seen.add(want) != null)
      queue.waiting = queue.tasks.size
    }
  }

  private debt (queue: Queue, now: number): number {
    const { bytesIn } = this.init.account(queue.peer)
    queue.debt = queue.debt * 2 ** ((queue.debtAt - now) / DEBT_HALF_LIFE_MS) - (bytesIn - queue.bytesIn)
    queue.debtAt = now
    queue.bytesIn = bytesIn

    return queue.debt
  }

  /** One batch for one peer. */
  private async work (queue: Queue): Promise<void> {
    this.active++
    queue.active = true

    try {
      const loaded = await this.load(queue)
      await this.send(queue, loaded)
    } catch (err) {
      this.init.log('serving %p failed - %e', queue.peer, toError(err))
    } finally {
      this.active--
      queue.active = false

      if (queue.sessions.size === 0 && this.queues.get(queue.peer.toString()) === queue) {
        this.queues.delete(queue.peer.toString())
      }

      this.schedule()
    }
  }

  private async load (queue: Queue): Promise<Loaded[]> {
    const loaded: Loaded[] = []
    let bytes = 0

    while (bytes < BATCH_BYTES && loaded.length < MAX_DELIVERIES) {
      // as many as will fill the batch if they are like those before
      const ahead = loaded.length === 0 ? 1 : Math.ceil((BATCH_BYTES - bytes) / (bytes / loaded.length + 1))
      const wants = this.take(queue, Math.min(ahead, READ_AHEAD, MAX_DELIVERIES - loaded.length))

      if (wants.length === 0) {
        break
      }

      const found = await Promise.all(wants.map(async want => await want.session.load(want)))

      found.forEach((result, i) => {
        const want = wants[i]

        // it may have been withdrawn while it was read
        if (want.state !== 'queued') {
          return
        }

        if (result == null || result.payload.byteLength > MAX_PAYLOAD_BYTES) {
          want.session.vanished(want)

          return
        }

        loaded.push({ want, ...result })
        bytes += result.payload.byteLength
      })
    }

    return loaded
  }

  private take (queue: Queue, count: number): ServedWant[] {
    const wants: ServedWant[] = []

    while (wants.length < count) {
      const want = queue.tasks.pop()

      if (want == null) {
        break
      }

      queue.waiting--

      if (want.state === 'queued' && !want.session.closed) {
        wants.push(want)
      }
    }

    return wants
  }

  private async send (queue: Queue, loaded: Loaded[]): Promise<void> {
    const { clock, policy, account } = this.init

    for (let i = 0; i < loaded.length;) {
      const served = loaded[i].want.session
      const deliveries: Delivery[] = []
      let bytes = 0
      let frame = 0

      for (; i < loaded.length && loaded[i].want.session === served; i++) {
        const { want, key, payload } = loaded[i]

        if (frame + payload.byteLength + 32 > MAX_FRAME_BYTES - 64) {
          break
        }

        if (want.state === 'queued') {
          deliveries.push({ id: want.id, payload: payload as Delivery['payload'], byHash: 'hash' in key })
          bytes += payload.byteLength
          frame += payload.byteLength + 32
          served.sent(want, key)
        }
      }

      if (deliveries.length === 0 || served.closed) {
        continue
      }

      served.session.send({ deliveries })
      policy.sent(account(queue.peer), bytes, this.contenders, clock.now())
      this.init.sent(queue.peer, bytes, deliveries.length)
      queue.debt = this.debt(queue, clock.now()) + bytes
      await served.session.drained()
    }
  }
}
