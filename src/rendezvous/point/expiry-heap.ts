/** Children of a node: the keys of four siblings share a cache line. */
const ARITY = 4

/** What can be kept in an {@link ExpiryHeap}; only the heap writes `heapIndex`. */
export interface Expiring {
  /** -1 when it is in none */
  heapIndex: number
}

/**
 * A heap that knows where its entries are: setting the time of any of them, and removing it, is
 * O(log n). The times stand in an array of their own, so that finding a place does not touch
 * the entries.
 */
export class ExpiryHeap<T extends Expiring> {
  private readonly entries: T[] = []
  private readonly times: number[] = []

  /** What expires next. */
  peek (): T | undefined {
    return this.entries[0]
  }

  /** When it expires; undefined when it is not in here. */
  timeOf (entry: T): number | undefined {
    return this.has(entry) ? this.times[entry.heapIndex] : undefined
  }

  /** Adds an entry, or moves it to another time. */
  set (entry: T, time: number): void {
    if (this.has(entry)) {
      this.sink(entry.heapIndex, entry, time)
      this.rise(entry.heapIndex, entry, time)
    } else {
      this.rise(this.entries.length, entry, time)
    }
  }

  remove (entry: T): void {
    if (!this.has(entry)) {
      return
    }

    const i = entry.heapIndex
    const last = this.entries.pop()
    const time = this.times.pop()
    entry.heapIndex = -1

    if (last != null && time != null && last !== entry) {
      this.sink(i, last, time)
      this.rise(last.heapIndex, last, time)
    }
  }

  private has (entry: T): boolean {
    return entry.heapIndex >= 0 && this.entries[entry.heapIndex] === entry
  }

  private rise (i: number, entry: T, time: number): void {
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

  private sink (i: number, entry: T, time: number): void {
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
