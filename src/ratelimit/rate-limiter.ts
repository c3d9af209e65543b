import { AbortError, InvalidParametersError } from '@libp2p/interface'
import { systemClock } from '../clock.js'
import { budgets, rateLimitConfig } from './config.js'
import { RateLimitedError, RateLimitQueueFullError } from './errors.js'
import { WaitQueue } from './wait-queue.js'
import type { Quota, RateLimitConfig } from './config.js'
import type { Waiter } from './wait-queue.js'
import type { Cancel, Clock } from '../clock.js'
import type { AbortOptions } from '@libp2p/interface'

/**
 * What an envelope carries: a message of the user, one that is worthless later, or a resend, a
 * repair or a sync message. The last have a budget of their own and never spend that of the first two.
 */
export type RateLimitKind = 'content' | 'ephemeral' | 'upkeep'

/** Of the content budget; `approaching` from four fifths on. */
export interface RateLimitState {
  state: 'ok' | 'approaching' | 'exhausted'
  /** unix ms at which sending resumes, while exhausted; absent when the limit is 0 for good */
  resumesAt?: number
}

/** What must outlive a restart, so that a restart does not refill. */
export interface RateLimitSnapshot {
  epoch: number
  content: number
  upkeep: number
}

export interface RateLimiterInit {
  /** @default systemClock */
  clock?: Clock
  /** called on each change, synchronously; must not throw */
  onState? (state: RateLimitState): void
}

const APPROACHING = 0.8
const MAX_PRIORITY = 9

/** Envelopes charged in one epoch, and what that epoch grants. */
interface Window extends RateLimitSnapshot {
  limits: { content: number, upkeep: number }
}

/**
 * Counts envelopes per epoch of the wall clock. Within the limit `tryTake()` is a comparison and
 * an addition; beyond it `take()` waits, and all who wait are released together by one timer at
 * the start of the next epoch, as many as it grants.
 */
export class RateLimiter {
  readonly #config: RateLimitConfig
  readonly #clock: Clock
  readonly #onState: (state: RateLimitState) => void
  readonly #queues = { content: new WaitQueue(), upkeep: new WaitQueue() }
  readonly #window: Window
  readonly #quota: Window
  #quotaEndsAt?: number
  #epochStart = Infinity
  #epochEnd = -Infinity
  #state: RateLimitState = Object.freeze({ state: 'ok' })
  #timer?: Cancel
  #closed?: Error

  /** @throws {InvalidParametersError} */
  constructor (config: Partial<RateLimitConfig> = {}, init: RateLimiterInit = {}) {
    this.#config = rateLimitConfig(config)
    this.#clock = init.clock ?? systemClock
    this.#onState = init.onState ?? (() => {})
    this.#window = { epoch: -Infinity, content: 0, upkeep: 0, limits: budgets(this.#config.messagesPerEpoch, this.#config.upkeepShare) }
    this.#quota = { epoch: NaN, content: 0, upkeep: 0, limits: { content: Infinity, upkeep: Infinity } }
  }

  /** Of the wall clock: unix time / `epochPeriodSec`. */
  get epoch (): number {
    this.#roll()

    return this.#window.epoch
  }

  /** How many wait. */
  get queued (): number {
    return this.#queues.content.size + this.#queues.upkeep.size
  }

  /**
   * Charges one envelope if there is place. Never lets anyone past those who wait. Ephemeral ones
   * are refused from four fifths of the budget on.
   */
  tryTake (kind: RateLimitKind): boolean {
    if (this.#closed != null) {
      return false
    }

    if (!this.#config.enabled) {
      return true
    }

    this.#roll()
    const budget = kind === 'upkeep' ? 'upkeep' : 'content'

    if (this.#queues[budget].size > 0 || this.#left(budget) <= 0 || (kind === 'ephemeral' && this.#near())) {
      this.#update()

      return false
    }

    this.#charge(budget)
    this.#update()

    return true
  }

  /**
   * Charges one envelope, waiting for place if need be. Ephemeral ones do not wait.
   *
   * @param options.priority - 0 to 9, higher first; within the same budget. Default 0
   * @throws {RateLimitedError} ephemeral, and the limit is near or reached
   * @throws {RateLimitQueueFullError} `maxQueued` wait already
   */
  async take (kind: RateLimitKind, options: { priority?: number } & AbortOptions = {}): Promise<void> {
    const { priority = 0, signal } = options
    signal?.throwIfAborted()

    if (!Number.isInteger(priority) || priority < 0 || priority > MAX_PRIORITY) {
      throw new InvalidParametersError(`priority must be a whole number from 0 to ${MAX_PRIORITY}, got ${priority}`)
    }

    if (this.tryTake(kind)) {
      return
    }

    if (this.#closed != null) {
      throw this.#closed
    }

    if (kind === 'ephemeral') {
      throw new RateLimitedError('the rate limit is near: an ephemeral message does not wait', this.expectedAt())
    }

    if (this.queued >= this.#config.maxQueued) {
      throw new RateLimitQueueFullError(`${this.queued} messages wait for the rate limit, at most ${this.#config.maxQueued} may`)
    }

    await this.#wait(this.#queues[kind], priority, signal)
  }

  /**
   * Takes a charge back: the envelope never left.
   *
   * @param epoch - that it was charged in; that of another epoch is gone anyway
   */
  refund (kind: RateLimitKind, epoch: number = this.epoch): void {
    const budget = kind === 'upkeep' ? 'upkeep' : 'content'

    this.#roll()

    if (epoch === this.#window.epoch && this.#window[budget] > 0) {
      this.#window[budget]--
      this.#quota[budget] = Math.max(this.#quota[budget] - 1, 0)
      this.#release()
    }
  }

  /** The same frozen object until it changes. */
  state (): RateLimitState {
    this.#roll()
    this.#update()

    return this.#state
  }

  /**
   * When content leaves that has `position` others before it (default: all that wait), unix ms.
   * Undefined: never, as long as the limit is 0. Taken that nothing more is refunded.
   */
  expectedAt (position = this.#queues.content.size): number | undefined {
    this.#roll()
    const beyond = position - Math.max(this.#left('content'), 0)
    const perEpoch = Math.min(this.#window.limits.content, this.#quota.limits.content)

    if (!this.#config.enabled || beyond < 0) {
      return this.#clock.now()
    }

    return perEpoch > 0 ? this.#resumesAt() + Math.floor(beyond / perEpoch) * this.#period : undefined
  }

  snapshot (): RateLimitSnapshot {
    this.#roll()
    const { epoch, content, upkeep } = this.#window

    return { epoch, content, upkeep }
  }

  /** Goes on counting where a snapshot stopped. One of an earlier epoch is ignored; one of a later epoch means that the clock went back, and counts. */
  restore ({ epoch, content, upkeep }: RateLimitSnapshot): void {
    this.#roll()

    if (epoch >= this.#window.epoch) {
      if (epoch === this.#window.epoch + 1) {
        this.#window.epoch = epoch
      }

      this.#window.content = Math.max(this.#window.content, Math.trunc(content) || 0)
      this.#window.upkeep = Math.max(this.#window.upkeep, Math.trunc(upkeep) || 0)
      this.#update()
    }
  }

  /** Rejects all who wait. Nothing is admitted any more. */
  close (reason: Error = new AbortError('the rate limiter was closed')): void {
    this.#closed ??= reason
    this.#timer?.()
    this.#timer = undefined

    for (const queue of Object.values(this.#queues)) {
      for (let waiter = queue.shift(); waiter != null; waiter = queue.shift()) {
        waiter.reject(this.#closed)
      }
    }
  }

  get #period (): number {
    return this.#config.epochPeriodSec * 1000
  }

  async #wait (queue: WaitQueue, priority: number, signal?: AbortSignal): Promise<void> {
    let onAbort = (): void => {}

    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { resolve, reject }

        onAbort = () => {
          queue.remove(waiter)
          reject(signal?.reason instanceof Error ? signal.reason : new AbortError())
        }
        signal?.addEventListener('abort', onAbort)
        queue.add(waiter, priority)
        this.#update()
      })
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #charge (budget: 'content' | 'upkeep'): void {
    this.#window[budget]++
    this.#quota[budget]++
  }

  #left (budget: 'content' | 'upkeep'): number {
    return Math.min(this.#window.limits[budget] - this.#window[budget], this.#quota.limits[budget] - this.#quota[budget])
  }

  #near (): boolean {
    return [this.#window, this.#quota].some(({ content, limits }) => content >= Math.ceil(limits.content * APPROACHING))
  }

  /**
   * Starts the epoch that the clock says. When the clock steps back, the count stays, and a step
   * back and forth over a boundary does not start an epoch twice.
   */
  #roll (): void {
    const now = this.#clock.now()

    if (now >= this.#epochEnd || now < this.#epochStart) {
      const epoch = Math.floor(now / this.#period)

      this.#epochStart = epoch * this.#period
      this.#epochEnd = (epoch + 1) * this.#period

      if (epoch > this.#window.epoch) {
        this.#window.content = 0
        this.#window.upkeep = 0
      }

      if (epoch !== this.#window.epoch - 1) {
        this.#window.epoch = epoch
      }
    }

    if (this.#config.quotaProvider != null) {
      this.#rollQuota()
    }
  }

  #rollQuota (): void {
    const { epoch, messages, endsAt } = this.#askQuota() ?? { epoch: this.#window.epoch, messages: Infinity }

    if (epoch !== this.#quota.epoch) {
      this.#quota.epoch = epoch
      this.#quota.content = 0
      this.#quota.upkeep = 0
    }

    this.#quota.limits = messages === Infinity ? { content: Infinity, upkeep: Infinity } : budgets(Math.max(Math.floor(messages), 0), this.#config.upkeepShare)
    this.#quotaEndsAt = endsAt != null && endsAt > this.#clock.now() ? endsAt : undefined
  }

  /** A provider that fails leaves us with our own limit. */
  #askQuota (): Quota | undefined {
    try {
      const quota = this.#config.quotaProvider?.()

      return quota == null || Number.isNaN(quota.messages) ? undefined : quota
    } catch {
      return undefined
    }
  }

  /** The end of the epoch that is used up, unix ms. */
  #resumesAt (): number {
    const byQuota = this.#quota.limits.content <= this.#quota.content && this.#window.content < this.#window.limits.content

    return byQuota && this.#quotaEndsAt != null ? this.#quotaEndsAt : this.#epochEnd
  }

  #release (): void {
    for (const budget of ['content', 'upkeep'] as const) {
      const queue = this.#queues[budget]

      while (queue.size > 0 && this.#left(budget) > 0) {
        this.#charge(budget)
        queue.shift()?.resolve()
      }
    }

    this.#update()
  }

  #update (): void {
    const before = this.#state
    const state = !this.#config.enabled ? 'ok' : this.#left('content') <= 0 ? 'exhausted' : this.#near() ? 'approaching' : 'ok'
    const resumesAt = state === 'exhausted' && this.#config.messagesPerEpoch > 0 ? this.#resumesAt() : undefined

    if ((state !== 'ok' || this.queued > 0) && this.#config.messagesPerEpoch > 0) {
      this.#arm()
    }

    if (state !== before.state || resumesAt !== before.resumesAt) {
      this.#state = Object.freeze({ state, ...resumesAt == null ? {} : { resumesAt } })
      this.#onState(this.#state)
    }
  }

  /** One timer for all who wait, and for the end of a state. */
  #arm (): void {
    if (this.#timer == null && this.#closed == null) {
      this.#timer = this.#clock.setTimer(() => {
        this.#timer = undefined
        this.#roll()
        this.#release()
      }, Math.min(this.#epochEnd, this.#quotaEndsAt ?? Infinity) - this.#clock.now())
    }
  }
}
