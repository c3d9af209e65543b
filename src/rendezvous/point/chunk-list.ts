/** Neighbouring chunks that hold no more than this together are made one. */
const MERGE = 64

/** A run of entries in the order of their sequence numbers. */
export interface Chunk<C> {
  /** entries that are present */
  readonly size: number
  /** @returns whether it was there */
  remove (sequence: number): boolean
  /** Takes over what is in the next chunk. */
  absorb (next: C): void
}

/**
 * Chunks in the order of the sequence numbers in them. Numbers grow, so that entries are added
 * at the tail, and are removed anywhere. Where the chunks begin stands in an array of its own:
 * finding one is O(log n) and touches no other. Most lists are a tail alone.
 */
export class ChunkList<C extends Chunk<C>> {
  /** where entries are added, unless it is full */
  tail?: C
  /** nothing in the tail is below this number */
  private begin = 0
  /** those before the tail, of which none is empty, and where they begin */
  private earlier?: C[]
  private begins?: number[]

  /** Adds a chunk whose first entry has this number. */
  push (chunk: C, first: number): void {
    if (this.tail != null) {
      this.earlier ??= []
      this.begins ??= []
      this.earlier.push(this.tail)
      this.begins.push(this.begin)
    }

    this.tail = chunk
    this.begin = first
  }

  /** The chunk that holds the entry with this number, if there is one. */
  find (sequence: number): C | undefined {
    return this.at(this.indexOf(sequence))
  }

  /** Visits the chunks in which there may be entries past `sequence`, until `visit` returns false. */
  walk (sequence: number, visit: (chunk: C) => boolean): void {
    let i = Math.max(this.indexOf(sequence), 0)

    for (let chunk = this.at(i); chunk != null && visit(chunk); chunk = this.at(i)) {
      i++
    }
  }

  /** @returns whether it was there */
  remove (sequence: number): boolean {
    const i = this.indexOf(sequence)
    const chunk = this.at(i)

    if (chunk == null || !chunk.remove(sequence)) {
      return false
    }

    if (chunk.size === 0) {
      this.drop(i)
    } else if (chunk.size < MERGE) {
      this.merge(i)
      this.merge(i - 1)
    }

    return true
  }

  /** Makes one of the chunk and its successor when both are small. */
  private merge (i: number): void {
    const chunk = this.at(i)
    const next = this.at(i + 1)

    if (chunk != null && next != null && chunk.size + next.size <= MERGE) {
      chunk.absorb(next)
      this.drop(i + 1)
    }
  }

  private drop (i: number): void {
    if (i < this.before) {
      this.earlier?.splice(i, 1)
      this.begins?.splice(i, 1)
    } else {
      this.tail = this.earlier?.pop()
      this.begin = this.begins?.pop() ?? 0
    }
  }

  private get before (): number {
    return this.earlier?.length ?? 0
  }

  private at (i: number): C | undefined {
    return i === this.before ? this.tail : this.earlier?.[i]
  }

  /** The last chunk that begins at or before `sequence`; -1 when all begin past it. */
  private indexOf (sequence: number): number {
    return sequence >= this.begin || this.begins == null ? this.before : firstPast(this.begins, sequence) - 1
  }
}

/** The first index whose number is past `sequence`. */
export function firstPast (numbers: ArrayLike<number>, sequence: number, count = numbers.length): number {
  let low = 0
  let high = count

  while (low < high) {
    const middle = (low + high) >>> 1

    if (numbers[middle] <= sequence) {
      low = middle + 1
    } else {
      high = middle
    }
  }

  return low
}
