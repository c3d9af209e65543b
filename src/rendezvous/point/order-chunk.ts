import { firstPast } from './chunk-list.js'
import type { Chunk } from './chunk-list.js'

/** Entries of a full chunk. */
const MOST = 128

/** Entries beside their sequence numbers, so that finding one touches no other. */
export class OrderChunk<T> implements Chunk<OrderChunk<T>> {
  private readonly sequences: number[]
  private readonly entries: T[]

  constructor (sequence: number, entry: T) {
    this.sequences = [sequence]
    this.entries = [entry]
  }

  get size (): number {
    return this.entries.length
  }

  /** @returns false when it is full */
  append (sequence: number, entry: T): boolean {
    if (this.entries.length >= MOST) {
      return false
    }

    this.sequences.push(sequence)
    this.entries.push(entry)

    return true
  }

  remove (sequence: number): boolean {
    const i = firstPast(this.sequences, sequence) - 1

    if (this.sequences[i] !== sequence) {
      return false
    }

    this.sequences.splice(i, 1)
    this.entries.splice(i, 1)

    return true
  }

  absorb (next: OrderChunk<T>): void {
    this.sequences.push(...next.sequences)
    this.entries.push(...next.entries)
  }

  /** Visits what comes after `sequence`, in order, until `visit` returns false. */
  walk (sequence: number, visit: (entry: T) => boolean): boolean {
    for (let i = firstPast(this.sequences, sequence); i < this.entries.length; i++) {
      if (!visit(this.entries[i])) {
        return false
      }
    }

    return true
  }
}
