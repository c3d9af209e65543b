/** What can be kept in an {@link ExpiryHeap}; only the heap writes `heapIndex`. */
export interface Expiring {
  /** unix time, ms */
  readonly expiresAt: number
  heapIndex: number
}

/** A binary heap that knows where its entries are: adding and removing any of them is O(log n). */
export class ExpiryHeap<T extends Expiring> {
  private readonly entries: T[] = []

  /** What expires next. */
  peek (): T | undefined {
    return this.entries[0]
  }

  add (entry: T): void {
    this.entries.push(entry)
    this.rise(this.entries.length - 1, entry)
  }

  remove (entry: T): void {
    const i = entry.heapIndex

    if (this.entries[i] !== entry) {
      return
    }

    const last = this.entries.pop()
    entry.heapIndex = -1

    if (last != null && last !== entry) {
      this.rise(i, last)
      this.sink(last.heapIndex, last)
    }
  }

  private rise (i: number, entry: T): void {
    while (i > 0) {
      const parent = (i - 1) >>> 1

      if (this.entries[parent].expiresAt <= entry.expiresAt) {
        break
      }

      this.place(i, this.entries[parent])
      i = parent
    }

    this.place(i, entry)
  }

  private sink (i: number, entry: T): void {
    while (true) {
      let child = 2 * i + 1

      if (child + 1 < this.entries.length && this.entries[child + 1].expiresAt < this.entries[child].expiresAt) {
        child++
      }

      if (child >= this.entries.length || this.entries[child].expiresAt >= entry.expiresAt) {
        break
      }

      this.place(i, this.entries[child])
      i = child
    }

    this.place(i, entry)
  }

  private place (i: number, entry: T): void {
    this.entries[i] = entry
    entry.heapIndex = i
  }
}
