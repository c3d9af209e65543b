import { RateLimiter } from '../ratelimit/index.js'
import { StoreCorruptError } from '../storage/index.js'
import { RATE_LIMIT_KEY } from './keys.js'
import { RateLimitRecord } from './pb/records.js'
import type { Committer } from './committer.js'
import type { DispatchKind, SendBudget } from './dispatch.js'
import type { Clock } from '../clock.js'
import type { RateLimitConfig, RateLimitState } from '../ratelimit/index.js'
import type { Store } from '../storage/index.js'

export interface StoredBudgetInit {
  config: RateLimitConfig
  clock: Clock
  store: Store
  committer: Committer
  onState (): void
}

/** The rate limit of a channel, whose count outlives the process. */
export class StoredBudget implements SendBudget {
  private readonly limiter: RateLimiter
  private readonly committer: Committer
  private readonly enabled: boolean
  /** the write of the last count that is not durable yet */
  private saving?: Promise<void>

  private constructor (init: StoredBudgetInit) {
    this.limiter = new RateLimiter(init.config, { clock: init.clock, onState: init.onState })
    this.committer = init.committer
    this.enabled = init.config.enabled
  }

  /** @throws {StoreCorruptError} */
  static async open (init: StoredBudgetInit): Promise<StoredBudget> {
    const budget = new StoredBudget(init)
    const value = budget.enabled ? await init.store.get(RATE_LIMIT_KEY) : undefined

    if (value != null) {
      try {
        const { epoch, content, upkeep } = RateLimitRecord.decode(value)

        budget.limiter.restore({ epoch, content, upkeep })
      } catch (err) {
        throw new StoreCorruptError('the record of the rate limit cannot be decoded', { cause: err })
      }
    }

    return budget
  }

  tryTake (kind: DispatchKind): boolean {
    const taken = this.limiter.tryTake(kind)

    if (taken) {
      this.save()
    }

    return taken
  }

  async take (kind: DispatchKind, options?: { signal?: AbortSignal }): Promise<void> {
    await this.limiter.take(kind, options)
    this.save()
  }

  refund (kind: DispatchKind): void {
    this.limiter.refund(kind)
    this.save()
  }

  durable (): Promise<void> | undefined {
    return this.saving
  }

  state (): RateLimitState {
    return this.limiter.state()
  }

  /** When a message is expected to go that has `position` others before it, in ms; undefined when nothing holds it up. */
  expectedAt (position: number): number | undefined {
    return this.enabled && this.limiter.state().state !== 'ok' ? this.limiter.expectedAt(position) : undefined
  }

  close (): void {
    this.limiter.close()
  }

  private save (): void {
    if (!this.enabled) {
      return
    }

    const { epoch, content, upkeep } = this.limiter.snapshot()
    const value = RateLimitRecord.encode({ epoch, content, upkeep })
    const { promise, resolve } = Promise.withResolvers<void>()

    this.saving = promise
    this.committer.push([{ key: RATE_LIMIT_KEY, value }], () => {
      if (this.saving === promise) {
        this.saving = undefined
      }

      resolve()
    })
  }
}
