/** Children of a node: the keys of four siblings share a cache line. */
const ARITY = 4

/** What can be kept in an {@link ExpiryHeap}; only the heap writes `heapIndex`. */
export interface Expiring {
  /** unix time, ms */
  readonly expiresAt: number
  heapIndex: number
}

/**
 * A heap that knows where its entries are: adding and removing any of them is O(log n). The
 * times stand in an array of their own, so that finding a place does not touch the entries.
 */
export class ExpiryHeap<T extends Expiring> {
  private readonly entries: T[] = []
  private readonly times: number[] = []

  /** What expires next. */
  peek (): T | undefined {
    return this.entries[0]
  }

  add (entry: T): void {
    this.rise(this.entries.length, entry)
  }

  remove (entry: T): void {
    const i = entry.heapIndex

    if (this.entries[i] !== entry) {
      return
    }

    const last = this.entries.pop()
    this.times.pop()
    entry.heapIndex = -1

    if (last != null && last !== entry) {
      this.sink(i, last)
      this.rise(last.heapIndex, last)
    }
  }

  private rise (i: number, entry: T): void {
    const time = entry.expiresAt

    while (i > 0) {
      const parent = Math.floor((i - 1) / ARITY)

      if (this.times[parent] <= time) {
        break
      }

      this.place(i, this.entries[parent], this.times[parent])
      i = parent
    }

    this.place(i, entry, time)
  }

  private sink (i: number, entry: T): void {
    const time = entry.expiresAt

    while (true) {
      const first = ARITY * i + 1
      const end = Math.min(first + ARITY, this.times.length)
      let least = first

      for (let child = first + 1; child < end; child++) {
        if (this.times[child] < this.times[least]) {
          least = child
        }
      }

      if (first >= end || this.times[least] >= time) {
        break
      }

      this.place(i, this.entries[least], this.times[least])
      i = least
    }

    this.place(i, entry, time)
  }

  private place (i: number, entry: T, time: number): void {
    this.entries[i] = entry
    this.times[i] = time
    entry.heapIndex = i
  }
}
