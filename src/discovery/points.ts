import { toError } from '../to-error.js'
import { WalkBackoff } from './backoff.js'
import { withDeadline } from './deadline.js'
import type { AddressBook } from './address-book.js'
import type { DiscoveryConfig } from './config.js'
import type { PointName } from './memberships.js'
import type { DiscoveryNetwork, FoundPeer, RendezvousSource } from './network.js'
import type { DiscoveryStats } from './stats.js'
import type { Cancel } from '../clock.js'
import type { AbortOptions, Logger } from '@libp2p/interface'

/** For one name at all points, ms. */
const NAME_MS = 30_000

/** To unregister everything before we stop, ms. */
const WITHDRAW_MS = 1000

/** Names served at the same time. */
const PARALLEL = 4

/** Between two rounds while every channel has the members it wants, ms. */
const IDLE_MS = 5 * 60 * 1000

const FIRST_RETRY_MS = 1000

export interface PointsInit {
  source: RendezvousSource
  book: AddressBook
  network: DiscoveryNetwork
  config: DiscoveryConfig
  stats: DiscoveryStats
  log: Logger
  names (now: number): Map<string, PointName>
  /** whether every channel has the members that it wants */
  isSatisfied (): boolean
  /** the round could not be finished, and this walker has stopped */
  onError (err: Error): void
}

/** The walker over rendezvous points: keeps the names of our channels registered, and asks who else is there. */
export class Points {
  private readonly init: PointsInit
  private readonly backoff: WalkBackoff
  private readonly registered = new Map<string, PointName>()
  private controller = new AbortController()
  private timer?: Cancel
  private running = false
  private again = false
  private started = false

  constructor (init: PointsInit) {
    this.init = init
    this.backoff = new WalkBackoff(init.config.random, init.config.maxBackoffMs)
  }

  /** names under which some point has us */
  get size (): number {
    return this.registered.size
  }

  start (): void {
    if (!this.started) {
      this.started = true
      this.controller = new AbortController()
      this.reset()
    }
  }

  stop (): void {
    this.started = false
    this.timer?.()
    this.controller.abort()
  }

  /** Begins a round at once, or right after the one under way. */
  reset (): void {
    this.backoff.reset()

    if (this.running) {
      this.again = true
    } else if (this.started) {
      this.wait(0)
    }
  }

  /** Unregisters what is no longer in use, without waiting for the next round. */
  async release (options?: AbortOptions): Promise<void> {
    const names = this.init.names(this.init.config.clock.now())

    await this.unregister([...this.registered.values()].filter(({ id }) => !names.has(id)), options)
  }

  /** Unregisters everything: the points should not name who has left. */
  async withdraw (): Promise<void> {
    const { clock } = this.init.config

    this.started = false
    this.timer?.()
    await withDeadline(clock, WITHDRAW_MS, this.controller.signal, async signal => {
      await this.unregister([...this.registered.values()], { signal })
    }).catch((err: unknown) => { this.init.log('some points keep us until the registration expires - %e', err) })
  }

  private async unregister (names: PointName[], options: AbortOptions = {}): Promise<void> {
    await inParallel(names, async name => {
      this.registered.delete(name.id)

      try {
        await this.within(options.signal ?? this.controller.signal, async signal => { await this.init.source.unregister(name.namespace, { signal }) })
      } catch (err) {
        options.signal?.throwIfAborted()
        this.init.log('could not unregister a name - %e', err)
      }
    })
  }

  private wait (ms: number): void {
    this.timer?.()
    this.timer = this.init.config.clock.setTimer(() => { void this.step() }, ms)
  }

  private async step (): Promise<void> {
    const { signal } = this.controller
    this.running = true
    this.again = false

    try {
      const { received, fresh } = await this.round(signal)

      if (!signal.aborted) {
        this.proceed(received, fresh)
      }
    } catch (err) {
      if (!signal.aborted) {
        this.stop()
        this.init.onError(toError(err))
      }
    } finally {
      this.running = false

      if (this.again && this.started) {
        this.wait(0)
      }
    }
  }

  private proceed (received: number, fresh: number): void {
    const { config } = this.init
    this.backoff.learned(received, fresh)

    const idle = this.backoff.delay > 0 && this.init.isSatisfied()

    this.wait(idle ? IDLE_MS * (0.5 + config.random.float()) : Math.max(FIRST_RETRY_MS, this.backoff.delay))
  }

  private async round (signal: AbortSignal): Promise<{ received: number, fresh: number }> {
    const { config } = this.init
    const names = this.init.names(config.clock.now())
    const totals = { received: 0, fresh: 0 }

    await this.release()
    await inParallel([...names.values()], async name => {
      // its channel may have been left since the round began
      if (!this.init.names(config.clock.now()).has(name.id)) {
        return
      }

      try {
        await this.within(signal, async signal => {
          await this.register(name, signal)
          await this.discover(name, signal, totals)
        })
      } catch (err) {
        if (!signal.aborted) {
          this.failed(err)
        }
      }
    })

    return totals
  }

  private async register (name: PointName, signal: AbortSignal): Promise<void> {
    if (this.registered.has(name.id) || !this.started) {
      return
    }

    // noted first, so that it is unregistered in any case
    this.registered.set(name.id, name)

    try {
      // the client keeps it up from here on, where it worked and where it did not
      for (const { point, error } of await this.init.source.register(name.namespace, { signal })) {
        if (error != null) {
          this.init.log('%p did not register us - %e', point, error)
        }
      }
    } catch (err) {
      this.registered.delete(name.id)
      signal.throwIfAborted()
      // who cannot be found can still find others
      this.failed(err)
    }
  }

  private async discover (name: PointName, signal: AbortSignal, totals: { received: number, fresh: number }): Promise<void> {
    for await (const found of this.init.source.discover(name.namespace, { limit: this.init.config.maxNewPerSource, signal })) {
      signal.throwIfAborted()

      const located = await this.locate(found, name)

      if (located === 'refused') {
        // what is not read to its end is offered again
        break
      }

      totals.received++
      totals.fresh += located === 'new' ? 1 : 0
    }
  }

  private async locate (found: FoundPeer, { topics }: PointName): Promise<'new' | 'known' | 'refused'> {
    const { book, network, config } = this.init
    const source = `rendezvous/${topics[0].id}`
    const record = found.record ?? await network.knownRecord(found.id)

    if (record != null) {
      await book.addRecord(record, source)
    }

    const entry = book.meet(found.id, source)

    if (entry == null) {
      return found.id.equals(network.self) ? 'known' : 'refused'
    }

    const known = entry.topics.size

    for (const { id } of topics) {
      book.sight(entry, id, config.clock.now(), false)
    }

    return entry.topics.size > known ? 'new' : 'known'
  }

  private failed (err: unknown): void {
    this.init.stats.pointErrors++
    this.init.log('a round at the rendezvous points failed - %e', err)
  }

  private async within<T> (signal: AbortSignal, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await withDeadline(this.init.config.clock, NAME_MS, signal, fn)
  }
}

async function inParallel<T> (items: T[], fn: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()

  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (const item of queue) {
      await fn(item)
    }
  }))
}
