/** A binary heap: `before(a, b)` says that `a` comes out first. */
export class Heap<T> {
  private readonly items: T[] = []
  private readonly before: (a: T, b: T) => boolean

  constructor (before: (a: T, b: T) => boolean) {
    this.before = before
  }

  get size (): number {
    return this.items.length
  }

  peek (): T | undefined {
    return this.items[0]
  }

  push (item: T): void {
    const { items, before } = this
    let i = items.push(item) - 1

    while (i > 0) {
      const parent = (i - 1) >> 1

      if (!before(item, items[parent])) {
        break
      }

      items[i] = items[parent]
      i = parent
    }

    items[i] = item
  }

  pop (): T | undefined {
    const { items, before } = this
    const top = items[0]
    const last = items.pop()

    if (last === undefined || items.length === 0) {
      return top
    }

    let i = 0

    while (true) {
      let child = 2 * i + 1

      if (child + 1 < items.length && before(items[child + 1], items[child])) {
        child++
      }

      if (child >= items.length || !before(items[child], last)) {
        break
      }

      items[i] = items[child]
      i = child
    }

    items[i] = last

    return top
  }

  /** Drops what does not pass. */
  retain (keep: (item: T) => boolean): void {
    const kept = this.items.filter(keep)
    this.items.length = 0
    kept.forEach(item => { this.push(item) })
  }

  clear (): void {
    this.items.length = 0
  }
}
