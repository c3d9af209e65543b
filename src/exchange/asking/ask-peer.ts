import { TimeoutError } from '@libp2p/interface'
import { MAX_LIST } from '../constants.js'
import { PeerBusyError, SessionClosedError } from '../errors.js'
import { WantType } from '../pb/exchange.js'
import { Estimate } from './estimate.js'
import type { Ask, Want } from './want.js'
import type { FrameInput } from '../link/frame-input.js'
import type { Session } from '../link/session.js'
import type { Digest, Page } from '../pb/exchange.js'
import type { Timers } from '../timers.js'
import type { PeerId } from '@libp2p/interface'

/** Wants that were withdrawn and may still be answered: remembered, so that their deliveries are not taken for unrequested ones. */
const MAX_LATE = 1024

/** Queries that one peer is asked at once. */
const MAX_QUERIES = 16

type WireWant = NonNullable<NonNullable<FrameInput['wantList']>['entries']>[number]

interface Query {
  resolve (answer: Page | Digest): void
  reject (err: Error): void
}

/** A peer that is asked: what was asked, what was measured, what waits to be sent. */
export class AskPeer {
  readonly id: PeerId
  readonly key: string
  readonly estimate = new Estimate()
  readonly asks = new Map<number, Ask>()
  readonly late = new Map<number, Want>()
  session?: Session
  connecting?: Promise<Session>
  /** bytes that it owes */
  expected = 0
  /** blocks that it owes */
  blocks = 0
  /** it was asked for all that it may owe, and has not made up for half of it since */
  saturated = false
  /** ms */
  busyUntil = 0
  /** ms; not asked before that */
  retryAt = 0
  /** connections and deadlines missed in a row */
  failures = 0
  /** it said that it had, and then that it had not */
  lies = 0
  /** answers in a row that it lacks what nobody had said it has */
  lacks = 0
  unrequested = 0
  private readonly timers: Timers
  private readonly queries = new Map<number, Query>()
  private outbox = new Map<number, WireWant>()
  private numbers = 0
  private full = true
  private flushing = false

  constructor (id: PeerId, timers: Timers) {
    this.id = id
    this.key = id.toString()
    this.timers = timers
  }

  get idle (): boolean {
    return this.asks.size === 0 && this.queries.size === 0 && this.connecting == null
  }

  nextId (): number {
    this.numbers = (this.numbers % 0xffff_fffe) + 1

    return this.numbers
  }

  /** Asks, or asks for the bytes what only presence was asked for. */
  add (ask: Ask, now: number): void {
    const known = this.asks.has(ask.id)
    this.asks.set(ask.id, ask)

    if (ask.type === 'block') {
      if (this.blocks++ === 0) {
        this.estimate.begin(now)
      }

      this.expected += ask.size
    }

    // a member finds it by ID and falls back on the hash; where a holder is involved, the ID is not named
    this.push({
      id: ask.id,
      messageId: known || ask.byHash ? undefined : ask.want.messageId,
      hash: known ? undefined : ask.hint?.hash,
      type: ask.type === 'block' ? WantType.BLOCK : WantType.HAVE,
      priority: ask.want.priority,
      cancel: false,
      sendDontHave: true
    })
  }

  /** The peer owes nothing more for it. */
  remove (ask: Ask): void {
    if (this.asks.delete(ask.id)) {
      this.owesNot(ask)
      ask.timer?.()
    }
  }

  /** Withdraws it, on the wire too. */
  cancel (ask: Ask): void {
    if (!this.asks.has(ask.id)) {
      return
    }

    this.remove(ask)

    // it may not even have left
    if (this.outbox.get(ask.id)?.cancel === false && this.outbox.delete(ask.id)) {
      return
    }

    this.late.set(ask.id, ask.want)

    if (this.late.size > MAX_LATE) {
      const [oldest] = this.late.keys()
      this.late.delete(oldest)
    }

    this.push({ id: ask.id, type: WantType.BLOCK, priority: 0, cancel: true, sendDontHave: false })
  }

  /** The peer has answered that it lacks it: from now on, it only tells when that changes. */
  stand (ask: Ask): void {
    ask.timer?.()
    ask.timer = undefined

    if (ask.type === 'block') {
      this.owesNot(ask)
      ask.type = 'have'
      this.push({ id: ask.id, type: WantType.HAVE, priority: 0, cancel: false, sendDontHave: false })
    }

    ask.standing = true
  }

  /** Sends what waits, as far as the stream takes it. */
  flush (): void {
    if (this.session == null || this.flushing || this.outbox.size === 0) {
      return
    }

    this.flushing = true
    queueMicrotask(() => { void this.send() })
  }

  /** A page or a digest. */
  async query (request: Pick<FrameInput, 'pageRequest' | 'digestRequest'>, timeoutMs: number): Promise<Page | Digest> {
    if (this.session == null) {
      throw new SessionClosedError('there is no session with the peer')
    }

    if (this.queries.size >= MAX_QUERIES) {
      throw new PeerBusyError('too many queries of the peer are open', timeoutMs)
    }

    const id = this.nextId()
    const { promise, resolve, reject } = Promise.withResolvers<Page | Digest>()
    const cancel = this.timers.set(() => { reject(new TimeoutError('the peer did not answer in time')) }, timeoutMs)
    this.queries.set(id, { resolve, reject })
    this.session.send(request.pageRequest != null ? { pageRequest: { ...request.pageRequest, id } } : { digestRequest: { parts: 0, ...request.digestRequest, id } })

    try {
      return await promise
    } finally {
      cancel()
      this.queries.delete(id)
    }
  }

  answer (answer: Page | Digest): void {
    this.queries.get(answer.id)?.resolve(answer)
  }

  refuse (request: number, retryAfterMs: number): void {
    this.queries.get(request)?.reject(new PeerBusyError('the peer has no capacity for the query', retryAfterMs))
  }

  opened (session: Session): void {
    this.session = session
    this.full = true
    this.flush()
  }

  /** The session is over: everything that was asked has to be asked elsewhere, or again. */
  lost (err: Error): Ask[] {
    this.session = undefined
    this.outbox.clear()
    this.late.clear()
    this.queries.forEach(query => { query.reject(err) })

    const asks = [...this.asks.values()]
    asks.forEach(ask => { this.remove(ask) })

    return asks
  }

  private owesNot (ask: Ask): void {
    // what stands is never a block
    if (ask.type === 'block') {
      this.blocks--
      this.expected -= ask.size
    }
  }

  private push (want: WireWant): void {
    const waiting = this.outbox.get(want.id)

    // an update of what has not left yet keeps its key
    this.outbox.set(want.id, waiting == null || want.cancel === true ? want : { ...waiting, type: want.type, priority: want.priority, sendDontHave: want.sendDontHave })
    this.flush()
  }

  private async send (): Promise<void> {
    try {
      while (this.session != null && this.outbox.size > 0) {
        const { session } = this

        if (!session.writable) {
          await session.drained()
          continue
        }

        const entries: WireWant[] = []

        for (const [id, want] of this.outbox) {
          this.outbox.delete(id)

          if (entries.push(want) >= MAX_LIST) {
            break
          }
        }

        session.send({ wantList: { full: this.full, entries } })
        this.full = false
      }
    } catch {
      // the session ended: onClose has told
    } finally {
      this.flushing = false
    }
  }
}
