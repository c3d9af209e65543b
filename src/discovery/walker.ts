import { toError } from '../to-error.js'
import { WalkBackoff } from './backoff.js'
import { pick } from './random.js'
import type { Cancel, Clock, Random } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

/** The chance of starting over at any step, so that a walk does not stay in a corner. */
const RESET_PROBABILITY = 0.02

/** Between two failed visits: a book full of dead peers must not become a storm of dials. */
const FAILURE_PAUSE_MS = 200

/** Between two visits while nobody waits for what they bring, on average. */
const CONTENT_PAUSE_MS = 1000

/** A peer that may be visited now. */
export interface WalkCandidate {
  readonly id: PeerId
  readonly key: string
  readonly bootstrap: boolean
}

/** How a visit ended. `fresh` of `received` records taught us something. */
export type Visit = { status: 'success', received: number, fresh: number } | { status: 'busy' | 'unsupported' | 'failed' }

export interface WalkerInit {
  clock: Clock
  random: Random
  /** the longest pause in ms */
  maxBackoffMs: number
  /** who could be visited now, whether this walker has been there or not */
  candidates (): WalkCandidate[]
  /** must end by itself; a rejection is a bug, and stops this walker */
  visit (peer: PeerId): Promise<Visit>
  /** while false the walker rests until it is woken. @default always true */
  isNeeded? (): boolean
  /** while true there is no hurry, even if there is more to learn. @default never */
  isContent? (): boolean
  /** the walker has stopped because of this */
  onError (err: Error): void
}

/**
 * A random walk over the known peers, one visit at a time: uniform over those not visited yet,
 * from the beginning again when all have been.
 *
 * A state machine driven by a clock: it does nothing that cannot be replayed from a seed.
 */
export class Walker {
  private readonly init: WalkerInit
  private readonly backoff: WalkBackoff
  private readonly visited = new Set<string>()
  private state: 'stopped' | 'waiting' | 'resting' | 'visiting' = 'stopped'
  /** the next step is the first of a walk */
  private atStart = true
  /** asked for while a visit was under way; honoured at its end */
  private resetWanted = false
  private timer?: Cancel
  /** grows with each start, so that what an earlier life left behind is ignored */
  private life = 0

  constructor (init: WalkerInit) {
    this.init = init
    this.backoff = new WalkBackoff(init.random, init.maxBackoffMs)
  }

  start (): void {
    if (this.state === 'stopped') {
      this.life++
      this.restart()
      this.wait(0)
    }
  }

  stop (): void {
    this.timer?.()
    this.state = 'stopped'
  }

  /** Starts the walk over, at once, or as soon as the visit under way has ended. */
  reset (): void {
    if (this.state === 'visiting') {
      this.resetWanted = true
    } else if (this.state !== 'stopped') {
      this.restart()
      this.wait(0)
    }
  }

  /** Goes on if it was resting because there was nobody to visit, or nothing to do. */
  wake (): void {
    if (this.state === 'resting') {
      this.wait(0)
    }
  }

  private restart (): void {
    this.visited.clear()
    this.backoff.reset()
    this.atStart = true
    this.resetWanted = false
  }

  private wait (ms: number): void {
    this.timer?.()
    this.state = 'waiting'
    this.timer = this.init.clock.setTimer(() => { void this.step(this.life) }, ms)
  }

  private rest (ms: number): void {
    this.wait(ms)
    this.state = 'resting'
  }

  private async step (life: number): Promise<void> {
    try {
      if (this.init.isNeeded?.() === false) {
        this.rest(this.init.maxBackoffMs)
        return
      }

      const next = this.choose()

      if (next == null) {
        this.backoff.grow()
        this.rest(this.backoff.delay)
        return
      }

      this.state = 'visiting'
      this.atStart = false
      this.visited.add(next.key)
      const visit = await this.init.visit(next.id)

      if (life === this.life && this.state === 'visiting') {
        this.proceed(visit)
      }
    } catch (err) {
      if (life === this.life && this.state !== 'stopped') {
        this.stop()
        this.init.onError(toError(err))
      }
    }
  }

  private proceed (visit: Visit): void {
    if (this.resetWanted) {
      this.restart()
      this.wait(0)
    } else if (visit.status === 'success') {
      this.backoff.learned(visit.received, visit.fresh)
      this.wait(Math.max(this.contentPause(), this.backoff.delay))
    } else {
      this.wait(Math.max(FAILURE_PAUSE_MS, this.backoff.delay))
    }
  }

  private contentPause (): number {
    return this.init.isContent?.() === true ? CONTENT_PAUSE_MS * (0.5 + this.init.random.float()) : 0
  }

  private choose (): WalkCandidate | undefined {
    const { random } = this.init
    const candidates = this.init.candidates()

    if (random.float() < RESET_PROBABILITY) {
      this.visited.clear()
      this.atStart = true
    }

    let open = candidates.filter(({ key }) => !this.visited.has(key))

    if (open.length === 0 && this.visited.size > 0) {
      // all of them have been visited: from the beginning, and that is nothing to hurry for
      this.visited.clear()
      this.atStart = true
      open = []

      if (this.backoff.delay > 0) {
        // visits that failed have not told the backoff
        this.backoff.grow()
        open = candidates
      }
    }

    const first = this.atStart ? open.filter(({ bootstrap }) => bootstrap) : []

    return pick(first.length > 0 ? first : open, random)
  }
}
