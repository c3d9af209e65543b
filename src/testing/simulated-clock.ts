import { MAX_TIMER_MS } from '../clock.js'
import { nextTask } from '../next-task.js'
import { TimerQueue } from './timer-queue.js'
import type { Cancel, Clock } from '../clock.js'

/** Where virtual time starts when nothing else is said: 2025-01-01T00:00:00Z. */
const DEFAULT_START = 1_735_689_600_000

/** Timers that may fire without time moving, before they are taken for an endless loop. */
const MAX_TIMERS_PER_INSTANT = 100_000

/** Turns of the event loop that may pass with the code still at work, before `settle()` gives up. */
const MAX_TURNS = 100_000

/**
 * A clock that moves only when it is told to.
 *
 * Between two timers everything that waits on promises alone runs to its end: a turn of the
 * event loop drains them all. Code that hops through tasks of its own (a slice of a long
 * computation) is given further turns for as long as it keeps using the clock, or keeps work
 * registered with {@link SimulatedClock.track}.
 *
 * @example
 *
 * ```ts
 * const clock = new SimulatedClock()
 *
 * clock.setTimer(() => { console.info('a minute later') }, 60_000)
 * await clock.advance(60_000)
 * ```
 */
export class SimulatedClock implements Clock {
  private time: number
  private readonly timers = new TimerQueue()
  /** grows with every use of the clock: two equal readings mean that nobody was at work in between */
  private uses = 0
  private tracked = 0
  private advancing = false

  /** @param start - unix time in ms */
  constructor (start = DEFAULT_START) {
    this.time = start
  }

  now (): number {
    this.uses++

    return this.time
  }

  setTimer (fn: () => void, ms: number): Cancel {
    this.uses++

    return this.timers.add(this.time + Math.min(Math.max(Math.ceil(ms), 0), MAX_TIMER_MS), fn)
  }

  /** Timers that are set and have not fired. */
  get pending (): number {
    return this.timers.size
  }

  /** When the next timer fires, unix time in ms. */
  get next (): number | undefined {
    return this.timers.next
  }

  /**
   * Moves time on by `ms`, firing what falls due in order, and lets the code run to rest after
   * each timer and at the end. What a timer throws comes out here.
   */
  async advance (ms: number): Promise<void> {
    if (this.advancing) {
      throw new Error('the clock is being advanced already: await one advance() before the next')
    }

    this.advancing = true

    try {
      await this.runUntil(this.time + ms)
    } finally {
      this.advancing = false
    }
  }

  /** Moves time on, timer by timer, until `promise` settles, and returns what it settled to. */
  async until<T> (promise: Promise<T>): Promise<T> {
    let settled = false
    const watch = (): void => { settled = true }

    promise.then(watch, watch)
    await this.settle()

    while (!settled) {
      if (this.timers.next == null) {
        throw new Error('the promise can never settle: no timer is set')
      }

      await this.advance(Math.max(this.timers.next - this.time, 0))
    }

    return await promise
  }

  /** Lets everything that waits for no timer run to rest. Time does not move. */
  async settle (): Promise<void> {
    let before: number
    let turns = 0

    do {
      before = this.uses
      await nextTask()

      if (turns++ > MAX_TURNS) {
        throw new Error(`not at rest after ${MAX_TURNS} turns of the event loop: ${this.tracked} tracked operations are under way`)
      }
    } while (this.tracked > 0 || this.uses !== before)
  }

  /** Makes virtual time wait for `work`: something that really takes time, such as a database on disk. */
  async track<T> (work: Promise<T>): Promise<T> {
    this.tracked++

    try {
      return await work
    } finally {
      this.tracked--
      this.uses++
    }
  }

  private async runUntil (end: number): Promise<void> {
    let fired = 0

    await this.settle()

    for (let next = this.timers.next; next != null && next <= end; next = this.timers.next) {
      if (next > this.time) {
        this.time = next
        fired = 0
      } else if (++fired > MAX_TIMERS_PER_INSTANT) {
        throw new Error(`${MAX_TIMERS_PER_INSTANT} timers fired without time moving`)
      }

      this.timers.take()?.()
      await this.settle()
    }

    this.time = end
  }
}
