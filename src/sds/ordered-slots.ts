/** Slots in one chunk before it is split in two. */
const CHUNK = 512

/** Numbers in the order of `compare`, kept in sorted chunks: appending is O(1), anything else O(log n). */
export class OrderedSlots {
  size = 0
  private readonly chunks: number[][] = []

  /** `compare` is a strict total order. */
  constructor (private readonly compare: (a: number, b: number) => number) {}

  insert (slot: number): void {
    this.size++
    const last = this.chunks.at(-1)

    if (last == null) {
      this.chunks.push([slot])

      return
    }

    if (this.compare(slot, last[last.length - 1]) > 0) {
      // appending never splits a full chunk: it begins the next one
      if (last.length < CHUNK) {
        last.push(slot)
      } else {
        this.chunks.push([slot])
      }

      return
    }

    const index = this.chunkOf(other => this.compare(other, slot) >= 0)
    const chunk = this.chunks[index]
    chunk.splice(firstWhere(chunk, other => this.compare(other, slot) >= 0), 0, slot)

    if (chunk.length > CHUNK) {
      this.chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2))
    }
  }

  /** Takes out a slot that is here. */
  remove (slot: number): void {
    const index = this.chunkOf(other => this.compare(other, slot) >= 0)
    const chunk = this.chunks[index]
    chunk.splice(firstWhere(chunk, other => this.compare(other, slot) >= 0), 1)
    this.size--

    if (chunk.length === 0) {
      this.chunks.splice(index, 1)
    }
  }

  /** The slot that is so many before the last. */
  fromEnd (n: number): number | undefined {
    for (let index = this.chunks.length - 1; index >= 0; index--) {
      const chunk = this.chunks[index]

      if (n < chunk.length) {
        return chunk[chunk.length - 1 - n]
      }

      n -= chunk.length
    }

    return undefined
  }

  /** From the first slot that `isAfter` holds for, which must hold for all that follow it. */
  * forward (isAfter: (slot: number) => boolean): Generator<number> {
    for (let index = this.chunkOf(isAfter); index < this.chunks.length; index++) {
      const chunk = this.chunks[index]

      for (let i = isAfter(chunk[0]) ? 0 : firstWhere(chunk, isAfter); i < chunk.length; i++) {
        yield chunk[i]
      }
    }
  }

  /** Down from the last slot that `isAfter` does not hold for. */
  * backward (isAfter: (slot: number) => boolean): Generator<number> {
    for (let index = Math.min(this.chunkOf(isAfter), this.chunks.length - 1); index >= 0; index--) {
      const chunk = this.chunks[index]

      for (let i = firstWhere(chunk, isAfter) - 1; i >= 0; i--) {
        yield chunk[i]
      }
    }
  }

  /** First chunk whose last slot `isAfter` holds for. */
  private chunkOf (isAfter: (slot: number) => boolean): number {
    return firstWhere(this.chunks, chunk => isAfter(chunk[chunk.length - 1]))
  }
}

/** Index of the first item that `holds` is true for; it must then be true for all that follow. */
function firstWhere<T> (items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = items.length

  while (low < high) {
    const middle = (low + high) >> 1

    if (holds(items[middle])) {
      high = middle
    } else {
      low = middle + 1
    }
  }

  return low
}
