/** Entries of a full chunk. */
const CHUNK = 128

/** Neighbouring chunks that hold no more than this together are made one. */
const MERGE = CHUNK / 2

/**
 * Entries in the order of their sequence numbers. They are appended with growing numbers
 * and removed anywhere; finding a place is O(log n), and a walk from there touches only
 * what is present.
 */
export class SequenceList<T extends { readonly sequence: number }> {
  /** none is empty; a short list is one short array */
  private readonly chunks: T[][] = []

  get isEmpty (): boolean {
    return this.chunks.length === 0
  }

  append (entry: T): void {
    const last = this.chunks.at(-1)

    if (last == null || last.length >= CHUNK) {
      this.chunks.push([entry])
    } else {
      last.push(entry)
    }
  }

  remove (entry: T): void {
    const c = this.chunkAt(entry.sequence)
    const chunk = this.chunks[c]
    const i = chunk == null ? -1 : indexIn(chunk, entry.sequence)

    if (chunk?.[i] !== entry) {
      return
    }

    chunk.splice(i, 1)

    if (chunk.length === 0) {
      this.chunks.splice(c, 1)
    } else {
      this.merge(c)
      this.merge(c - 1)
    }
  }

  /** Visits what comes after `sequence`, in order, until `visit` returns false. */
  walk (sequence: number, visit: (entry: T) => boolean): void {
    const start = this.chunkAt(sequence + 1)

    for (let c = start; c < this.chunks.length; c++) {
      const chunk = this.chunks[c]

      for (let i = c === start ? indexIn(chunk, sequence + 1) : 0; i < chunk.length; i++) {
        if (!visit(chunk[i])) {
          return
        }
      }
    }
  }

  /** Makes one of the chunk and its successor when both are small. */
  private merge (c: number): void {
    const chunk = this.chunks[c]
    const next = this.chunks[c + 1]

    if (chunk != null && next != null && chunk.length + next.length <= MERGE) {
      chunk.push(...next)
      this.chunks.splice(c + 1, 1)
    }
  }

  /** The first chunk whose last entry is at or past `sequence`. */
  private chunkAt (sequence: number): number {
    let low = 0
    let high = this.chunks.length

    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.chunks[middle]

      if (chunk[chunk.length - 1].sequence < sequence) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low
  }
}

/** The first index at or past `sequence`. */
function indexIn (chunk: ReadonlyArray<{ readonly sequence: number }>, sequence: number): number {
  let low = 0
  let high = chunk.length

  while (low < high) {
    const middle = (low + high) >>> 1

    if (chunk[middle].sequence < sequence) {
      low = middle + 1
    } else {
      high = middle
    }
  }

  return low
}
