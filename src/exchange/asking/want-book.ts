import { validId } from '../history/wire.js'
import { Want } from './want.js'
import type { Outcome } from './want.js'
import type { AskerConfig } from '../config.js'
import type { Random } from '../../clock.js'
import type { Timers } from '../timers.js'
import type { LogEntry, WantedMessage } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** Of what was given up, what is remembered for a revival; the oldest go. */
const MAX_LOST = 10_000

/** Added to the priority of a gap. */
const URGENT = 2 ** 31

/** Wants that one pass looks at, of each kind. */
const MAX_PASS = 256

/** Rounds for what a member lists: it has promised to have it. */
const LISTED_ROUNDS = 2

const MAX_BACKOFF_MS = 30_000

/** A peer that comes and goes does not revive everything each time. */
const REVIVE_EVERY_MS = 10_000

export interface WantBookInit {
  config: AskerConfig
  random: Random
  timers: Timers
  onReady (): void
  /** given up, or refused for want of room; a revival is possible */
  onUnavailable (messageId: string): void
}

/** What one channel lacks: what waits, what may be asked for now, what was given up. */
export class WantBook {
  private readonly init: WantBookInit
  private readonly wants = new Map<string, Want>()
  /** may be asked for now: gaps, then bulk */
  private readonly urgent = new Set<Want>()
  private readonly bulk = new Set<Want>()
  private readonly lost = new Map<string, WantedMessage>()
  private readonly revived = new Set<string>()
  private sequence = URGENT - 1

  constructor (init: WantBookInit) {
    this.init = init
  }

  get size (): number {
    return this.wants.size
  }

  get (messageId: string): Want | undefined {
    return this.wants.get(messageId)
  }

  want (message: WantedMessage): void {
    const { messageId, hint, citer, attempt } = message
    const known = this.wants.get(messageId)
    const want = known ?? this.add(messageId, message.bulk === true)
    const before = this.lost.get(messageId)
    this.lost.delete(messageId)

    if (want == null) {
      this.init.onUnavailable(messageId)

      return
    }

    want.addHint(hint, citer)
    want.addHint(before?.hint, before?.citer ?? '')

    if (want.message == null) {
      want.onSettled.push((outcome) => {
        if (outcome === 'unavailable') {
          this.remember({ ...message, attempt: want.attempt })
          this.init.onUnavailable(messageId)
        }
      })
    }

    const again = attempt > want.attempt && want.rounds > 0
    want.message ??= message
    want.maxRounds = undefined
    want.attempt = Math.max(attempt, want.attempt)

    if (message.bulk !== true && want.bulk) {
      // a gap after all: it goes before the rest
      this.unready(want)
      want.bulk = false
      want.priority += URGENT
    }

    if (known == null && attempt <= 1 && this.init.config.graceMs > 0) {
      this.wait(want, this.init.config.graceMs)
    } else if (known == null) {
      this.ready(want)
    } else if (want.timer != null && again) {
      // it waits for its next round: this is the sign to begin it
      this.again(want)
    } else if (!want.requested) {
      this.ready(want)
    }
  }

  /** Undefined: there is no room for it. */
  wantListed ({ messageId, hash, size }: LogEntry, claimants: PeerId[], onSettled?: Want['onSettled'][number]): Want | undefined {
    const known = this.wants.get(messageId)
    const want = known ?? this.add(messageId, true)

    if (want == null) {
      return undefined
    }

    if (known == null) {
      want.maxRounds = Math.min(LISTED_ROUNDS, this.init.config.maxRounds)
    }

    want.size ||= size

    if (onSettled != null) {
      want.onSettled.push(onSettled)
    }

    for (const peer of claimants) {
      const key = peer.toString()
      want.addHint(hash, key)

      if (!want.sources.has(key)) {
        want.claimants.push(peer)
        want.sources.set(key, 'claimed')
      }
    }

    if (!want.requested) {
      this.ready(want)
    }

    return want
  }

  /** What may be asked for now, in order: gaps, then bulk. */
  next (): Want[] {
    return [...head(this.urgent, MAX_PASS), ...head(this.bulk, MAX_PASS)]
  }

  /** It may be asked for now. */
  ready (want: Want): void {
    if (!want.settled && want.timer == null) {
      (want.bulk ? this.bulk : this.urgent).add(want)
      this.init.onReady()
    }
  }

  /** A peer has it now: no pause is worth keeping. */
  found (want: Want): void {
    want.timer?.()
    want.timer = undefined

    if (!want.requested) {
      this.ready(want)
    }
  }

  /** There was no room for it: others have their turn. */
  postpone (want: Want): void {
    if (!want.bulk && this.urgent.delete(want)) {
      this.urgent.add(want)
    }
  }

  unready (want: Want): void {
    this.urgent.delete(want)
    this.bulk.delete(want)
  }

  /**
   * Everybody was asked in vain. Another round follows after a pause.
   *
   * @returns true when that was the last one
   */
  starved (want: Want): boolean {
    const { config, random } = this.init

    if (++want.rounds >= (want.maxRounds ?? config.maxRounds)) {
      return true
    }

    this.unready(want)
    const pause = Math.min(config.retryMs * 2 ** (want.rounds - 1), MAX_BACKOFF_MS)
    this.wait(want, pause * (0.75 + random.float() / 2))

    return false
  }

  /** @returns false when it was settled already */
  settle (want: Want, outcome: Outcome): boolean {
    if (want.settled) {
      return false
    }

    want.settled = true
    want.timer?.()
    this.wants.delete(want.messageId)
    this.unready(want)
    want.onSettled.forEach(fn => { fn(outcome) })

    return true
  }

  /** It is not revived. */
  forget (messageId: string): void {
    this.lost.delete(messageId)
  }

  /** A peer came: whatever waits or was given up is asked for again. */
  revive (peer: string): void {
    if (this.revived.has(peer) || this.revived.size >= MAX_PASS) {
      return
    }

    this.revived.add(peer)
    this.init.timers.set(() => { this.revived.delete(peer) }, REVIVE_EVERY_MS)

    for (const want of this.wants.values()) {
      if (want.timer != null && want.rounds > 0) {
        want.sources.delete(peer)
        this.again(want)
      }
    }

    const lost = [...this.lost.values()]
    this.lost.clear()
    lost.forEach(message => { this.want({ ...message, attempt: message.attempt + 1 }) })
  }

  /** @returns what the channel still wants */
  clear (): WantedMessage[] {
    const left: WantedMessage[] = [...this.lost.values()]

    for (const want of this.wants.values()) {
      if (want.message != null) {
        left.push({ ...want.message, attempt: want.attempt })
      }

      this.settle(want, 'cancelled')
    }

    this.lost.clear()
    this.revived.clear()

    return left
  }

  private add (messageId: string, bulk: boolean): Want | undefined {
    if (this.wants.size >= this.init.config.maxWants || !validId(messageId)) {
      return undefined
    }

    // gaps before bulk, then those that have waited longer
    const want = new Want(messageId, bulk, this.sequence + (bulk ? 0 : URGENT))
    this.sequence = this.sequence > 1 ? this.sequence - 1 : URGENT - 1
    this.wants.set(messageId, want)

    return want
  }

  private wait (want: Want, ms: number): void {
    want.timer?.()
    want.timer = this.init.timers.set(() => { this.again(want) }, ms)
  }

  /** A new round: those who failed are asked again, and those of whom nothing is heard any more. */
  private again (want: Want): void {
    want.timer?.()
    want.timer = undefined
    want.hedged = false

    for (const [peer, source] of want.sources) {
      if (source === 'failed' || (source === 'dont-have' && !want.asks.has(peer))) {
        want.sources.delete(peer)
      }
    }

    // a hint that nobody knows makes way for the next
    if (want.rounds > 0 && want.hints.length > 1) {
      want.hints.push(...want.hints.splice(0, 1))
    }

    this.ready(want)
  }

  private remember (message: WantedMessage): void {
    this.lost.set(message.messageId, message)

    if (this.lost.size > MAX_LOST) {
      const [oldest] = this.lost.keys()
      this.lost.delete(oldest)
    }
  }
}

function head<T> (items: Iterable<T>, count: number): T[] {
  const out: T[] = []

  for (const item of items) {
    if (out.push(item) >= count) {
      break
    }
  }

  return out
}
