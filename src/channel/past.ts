import { PAST_KEY } from './keys.js'
import type { ChannelContext } from './context.js'
import type { Cancel } from '../clock.js'
import type { ExchangeMembership, HistoryProgress } from '../exchange/types.js'

/** Messages that a newcomer fetches with `history.join: 'recent'`. */
const RECENT_MESSAGES = 1_000

/** How long a channel counts as joining while nobody can be asked, ms. */
const PATIENCE_MS = 10_000

/** Pause before the next attempt, ms; it doubles. */
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 60_000

/** Progress events are at least this far apart, ms. */
const PERIOD_MS = 100

/** Attempts after which what nobody could deliver, or nobody has, is left to reconciliation. */
const MAX_ATTEMPTS = 5

/**
 * What was said before our joining: fetched once in the life of a channel, as soon as there is a
 * member to ask. A stop in the middle of it begins it anew.
 */
export class Past {
  private readonly context: ChannelContext
  /** when the channel was joined, ms */
  private readonly joinedAt: number
  private exchange?: ExchangeMembership
  private controller = new AbortController()
  private wanted = false
  private fetching = false
  private patient = false
  private attempts = 0
  private toldAt = -Infinity
  private retryMs = RETRY_MIN_MS
  private patience?: Cancel
  private retry?: Cancel

  constructor (context: ChannelContext, joinedAt: number) {
    this.context = context
    this.joinedAt = joinedAt
  }

  /** Whether it is being fetched, or will be in a moment. */
  get busy (): boolean {
    return this.fetching || (this.wanted && this.patient)
  }

  async start (exchange: ExchangeMembership): Promise<void> {
    const { options, store, clock, changed } = this.context
    const controller = new AbortController()

    this.controller = controller
    this.exchange = exchange

    if (options.history.join === 'none' || await store.get(PAST_KEY) != null || controller.signal.aborted) {
      return
    }

    this.wanted = this.patient = true
    this.patience = clock.setTimer(() => {
      this.patient = false
      changed()
    }, PATIENCE_MS)
    void this.fetch()
  }

  stop (): void {
    this.controller.abort()
    this.patience?.()
    this.retry?.()
    this.patience = this.retry = this.exchange = undefined
    this.wanted = this.patient = false
  }

  /** There is one more member to ask. */
  memberFound (): void {
    this.retryMs = RETRY_MIN_MS
    void this.fetch()
  }

  private tell ({ listed, held, bytes }: HistoryProgress, complete: boolean): void {
    const { clock, events, options: { channelId } } = this.context
    const now = clock.now()

    if (complete || now - this.toldAt >= PERIOD_MS) {
      this.toldAt = now
      events.emit('reliable:channel:history', { channelId, listed, held, bytes, complete })
    }
  }

  private async fetch (): Promise<void> {
    const { context, exchange, controller: { signal } } = this
    const { join } = context.options.history

    if (!this.wanted || this.fetching || exchange == null || join === 'none') {
      return
    }

    this.retry?.()
    this.retry = undefined
    this.fetching = true
    context.changed()
    let again = true

    try {
      const { members, complete, horizon, ...progress } = await exchange.history({
        mode: join,
        limit: join === 'recent' ? RECENT_MESSAGES : undefined,
        signal,
        onProgress: progress => { this.tell(progress, false) }
      })

      if (members > 0) {
        this.tell(progress, complete)
      }

      // members without anything from before our joining may have come just before us: whoever comes next is asked too
      const empty = members > 0 && complete && (horizon == null || horizon.lamportTimestamp >= this.joinedAt)

      again = !empty
      this.patient &&= !empty

      if (members > 0 && ((complete && !empty) || ++this.attempts >= MAX_ATTEMPTS)) {
        // behind all that was fetched, so that it is in the log by then
        await new Promise<void>(resolve => { context.committer.push([{ key: PAST_KEY, value: new Uint8Array(1) }], resolve) })
        this.wanted = false
      }
    } catch (err) {
      if (!signal.aborted) {
        context.log?.error('the past could not be fetched - %e', err)
      }
    } finally {
      this.fetching = false
    }

    if (this.wanted && again && !signal.aborted) {
      this.retry = context.clock.setTimer(() => { void this.fetch() }, this.retryMs)
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS)
    }

    context.changed()
  }
}
