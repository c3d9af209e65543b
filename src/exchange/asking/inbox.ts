import { PresenceType } from '../pb/exchange.js'
import { judge } from './judge.js'
import { MAX_REST_MS } from './peer-set.js'
import type { AskPeer } from './ask-peer.js'
import type { Evidence } from './judge.js'
import type { PeerSet } from './peer-set.js'
import type { WantBook } from './want-book.js'
import type { Ask, Want } from './want.js'
import type { Clock } from '../../clock.js'
import type { Busy, Delivery, Frame, Presence } from '../pb/exchange.js'
import type { ExchangeChannel } from '../types.js'
import type { Logger, PeerId } from '@libp2p/interface'

/** Presences that proved wrong, and unrequested deliveries, before a peer is left alone for a while. */
const MAX_LIES = 16

/** A payload that makes up less of its frame than this is copied out of it, so that it does not keep the rest in memory. */
const WORTH_KEEPING = 1 / 4

/** The shortest time for which a busy peer is left alone. */
const MIN_REST_MS = 100

/** What the engine reports of a peer, for the ledger. */
export interface AskReports {
  banned (peer: PeerId): boolean
  /** Checked and right. Resolves to a receipt for the peer, if one is due. */
  delivered (peer: PeerId, bytes: number): Promise<Uint8Array | undefined> | undefined
  /** proven to be the peer's fault: it is banned */
  invalid (peer: PeerId): void
  /** bytes that were not asked for, or came when they were here already */
  wasted (peer: PeerId, bytes: number, unrequested: boolean): void
  timeout (peer: PeerId): void
  latency (peer: PeerId, ms: number): void
}

export interface InboxInit {
  channel: ExchangeChannel
  book: WantBook
  peers: PeerSet
  reports: AskReports
  maxUncheckedBytes: number
  clock: Clock
  log: Logger
  onHad (want: Want): void
  /** there may be room for more */
  onAnswer (): void
}

/** What peers answer. */
export class Inbox {
  private readonly init: InboxInit
  private unchecked = 0
  private resume?: PromiseWithResolvers<void>

  constructor (init: InboxInit) {
    this.init = init
  }

  onFrame (peer: AskPeer, frame: Frame): void | Promise<void> {
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

    if (this.unchecked > this.init.maxUncheckedBytes) {
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
      peer.lacks = 0
      want.sources.set(peer.key, 'have')

      if (ask.type === 'have') {
        ask.timer?.()
        ask.standing = true
      }

      this.init.book.found(want)
    } else {
      this.lacked(peer, want)
      want.sources.set(peer.key, type === PresenceType.GONE ? 'gone' : 'dont-have')

      if (type === PresenceType.GONE) {
        peer.remove(ask)
        want.asks.delete(peer.key)
      } else {
        peer.stand(ask)
      }

      if (!want.requested) {
        this.init.book.ready(want)
      }
    }
  }

  private lacked (peer: AskPeer, want: Want): void {
    const source = want.sources.get(peer.key)

    if (source == null) {
      peer.lacks++
    } else if ((source === 'have' || source === 'claimed') && ++peer.lies >= MAX_LIES) {
      peer.lies = 0
      this.init.peers.rest(peer, 'retryAt', MAX_REST_MS)
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
    const wait = Math.min(Math.max(retryAfterMs, MIN_REST_MS), MAX_REST_MS)

    if (request != null) {
      peer.refuse(request, wait)

      return
    }

    this.init.peers.rest(peer, 'busyUntil', wait)

    for (const id of ids) {
      const ask = peer.asks.get(id)

      if (ask != null) {
        peer.remove(ask)
        ask.want.asks.delete(peer.key)
        this.init.book.ready(ask.want)
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
      // late or not, it was asked for: it shows that the peer delivers, and how fast
      peer.failures = peer.lacks = 0
      peer.estimate.received(payload.byteLength, now)

      if (want.size === 0) {
        peer.estimate.sized(payload.byteLength)
      }

      if (ask != null) {
        this.answered(ask)
        peer.remove(ask)
        want.asks.delete(peer.key)
      }

      const kept = payload.byteLength < frame * WORTH_KEEPING ? new Uint8Array(payload) : payload
      this.check(peer, want, { payload: kept, from: peer.id, byHash: delivery.byHash || ask?.byHash === true, hint: ask?.hint })
    }

    this.init.onAnswer()
  }

  private credit (peer: AskPeer, bytes: number): void {
    this.init.reports.delivered(peer.id, bytes)?.then(receipt => {
      if (receipt != null) {
        peer.session?.send({ receipt })
      }
    }).catch((err: unknown) => { this.init.log.error('no receipt for %p - %e', peer.id, err) })
  }

  private check (peer: AskPeer, want: Want, evidence: Evidence): void {
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
          this.init.onHad(want)
          this.credit(peer, bytes)
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

      if (this.unchecked <= this.init.maxUncheckedBytes / 2) {
        this.resume?.resolve()
        this.resume = undefined
      }

      if (want.checking === checking) {
        want.checking = undefined

        if (!want.settled) {
          this.init.book.ready(want)
        }
      }
    })

    want.checking = checking
  }
}
