import { Heap } from './heap.js'
import type { Cancel, Clock } from '../clock.js'

interface Timer {
  at: number
  sequence: number
  fn?: () => void
}

/** Any number of timers over one timer of the clock. */
export class Timers {
  private readonly clock: Clock
  private readonly heap = new Heap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence))
  private sequence = 0
  private cancelled = 0
  private armed?: { at: number, cancel: Cancel }

  constructor (clock: Clock) {
    this.clock = clock
  }

  /** Runs `fn` once, `ms` from now. */
  set (fn: () => void, ms: number): Cancel {
    const timer: Timer = { at: this.clock.now() + Math.max(ms, 0), sequence: this.sequence++, fn }
    this.heap.push(timer)
    this.arm()

    return () => {
      if (timer.fn != null) {
        timer.fn = undefined
        this.cancelled++
        this.compact()
      }
    }
  }

  clear (): void {
    this.heap.clear()
    this.cancelled = 0
    this.arm()
  }

  private arm (): void {
    const next = this.heap.peek()

    if (next == null || next.at !== this.armed?.at) {
      this.armed?.cancel()
      this.armed = next && { at: next.at, cancel: this.clock.setTimer(this.fire, next.at - this.clock.now()) }
    }
  }

  private readonly fire = (): void => {
    const now = this.clock.now()
    this.armed = undefined

    for (let next = this.heap.peek(); next != null && next.at <= now; next = this.heap.peek()) {
      this.heap.pop()

      if (next.fn == null) {
        this.cancelled--
        continue
      }

      const { fn } = next
      next.fn = undefined
      fn()
    }

    this.arm()
  }

  /** Most timers are cancelled: an answer came. They must not stay until their time. */
  private compact (): void {
    if (this.cancelled < 64 || this.cancelled * 2 < this.heap.size) {
      return
    }

    this.heap.retain(timer => timer.fn != null)
    this.cancelled = 0
    this.arm()
  }
}
