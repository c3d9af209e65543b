import type { Cancel } from '../clock.js'

interface Timer {
  due: number
  /** timers that are due together fire in the order in which they were set */
  order: number
  /** absent once fired or cancelled */
  fn?: () => void
}

/** Cancelled timers that may stay in the heap before it is rebuilt without them. */
const MAX_DEAD = 1_024

/** A binary heap of timers. Cancelled ones are skipped, and swept when they outnumber the others. */
export class TimerQueue {
  private heap: Timer[] = []
  private order = 0
  private live = 0

  get size (): number {
    return this.live
  }

  get next (): number | undefined {
    while (this.heap.length > 0 && this.heap[0].fn == null) {
      this.pop()
    }

    return this.heap[0]?.due
  }

  add (due: number, fn: () => void): Cancel {
    const timer: Timer = { due, order: this.order++, fn }

    this.live++
    this.push(timer)

    return () => {
      if (timer.fn != null) {
        timer.fn = undefined
        this.live--
        this.sweep()
      }
    }
  }

  /** Removes the timer that is due first and returns its function. */
  take (): (() => void) | undefined {
    if (this.next == null) {
      return undefined
    }

    const timer = this.pop()
    const fn = timer.fn

    timer.fn = undefined
    this.live--

    return fn
  }

  private sweep (): void {
    if (this.heap.length - this.live > Math.max(MAX_DEAD, this.live)) {
      // a sorted array is a heap
      this.heap = this.heap.filter(timer => timer.fn != null).sort((a, b) => isBefore(a, b) ? -1 : 1)
    }
  }

  private push (timer: Timer): void {
    const { heap } = this
    let index = heap.length

    while (index > 0) {
      const parent = (index - 1) >> 1

      if (!isBefore(timer, heap[parent])) {
        break
      }

      heap[index] = heap[parent]
      index = parent
    }

    heap[index] = timer
  }

  private pop (): Timer {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop() as Timer
    let index = 0

    if (heap.length === 0) {
      return top
    }

    for (;;) {
      let child = 2 * index + 1

      if (child >= heap.length) {
        break
      }

      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) {
        child++
      }

      if (!isBefore(heap[child], last)) {
        break
      }

      heap[index] = heap[child]
      index = child
    }

    heap[index] = last

    return top
  }
}

function isBefore (a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
