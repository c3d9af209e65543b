/** One who waits. */
export interface Waiter {
  resolve (): void
  reject (err: Error): void
}

/** First in, first out among equal priorities, higher priorities first. All operations are O(1) in the number of waiters. */
export class WaitQueue {
  readonly #levels: Array<{ priority: number, waiters: Set<Waiter> }> = []
  #size = 0

  get size (): number {
    return this.#size
  }

  add (waiter: Waiter, priority: number): void {
    let index = this.#levels.findIndex(level => level.priority <= priority)

    if (index === -1) {
      index = this.#levels.length
    }

    if (this.#levels[index]?.priority !== priority) {
      this.#levels.splice(index, 0, { priority, waiters: new Set() })
    }

    this.#levels[index].waiters.add(waiter)
    this.#size++
  }

  remove (waiter: Waiter): void {
    for (const [index, { waiters }] of this.#levels.entries()) {
      if (waiters.delete(waiter)) {
        this.#size--

        if (waiters.size === 0) {
          this.#levels.splice(index, 1)
        }

        return
      }
    }
  }

  shift (): Waiter | undefined {
    for (const waiter of this.#levels[0]?.waiters ?? []) {
      this.remove(waiter)

      return waiter
    }

    return undefined
  }
}
