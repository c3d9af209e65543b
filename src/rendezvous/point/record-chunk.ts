import { varintLength, writeVarint } from '../../varint.js'
import { firstPast } from './chunk-list.js'
import type { Chunk } from './chunk-list.js'
import type { SealedRecord } from '../record-formats.js'

/** Rows of a full chunk. */
const MOST_ROWS = 128

/** Bytes of records in a full chunk; one record always fits. */
const MOST_BYTES = 64 * 1024

/** A chunk without room is full when this much of it is present, and else tidied. */
const FULL = 3 / 4

/** Room of a rebuilt chunk for what is in it. */
const SLACK = 5 / 4

/** Columns: sequence numbers, when it expires (unix time, ms), and where the records begin. */
const COLUMNS = 4
const EXPIRES = 1
const START = { standard: 2, legacy: 3 } as const

const NO_COLUMNS = new Float64Array()
const NO_BYTES = new Uint8Array()

/** Of `signedPeerRecord` in a message. */
const RECORD_TAG = 2 << 3 | 2

/**
 * Registrations of one namespace in one piece of memory, so that a page of them is read from
 * end to end: columns of numbers, then the sealed records, each as the field that it is in an
 * answer. What was removed stays as a row that expired long ago until the chunk is rebuilt.
 */
export class RecordChunk implements Chunk<RecordChunk> {
  private columns = NO_COLUMNS
  /** the fields; what is read here is copied before the chunk changes */
  bytes = NO_BYTES
  /** rows, with those that were removed */
  count = 0
  size = 0
  private used = 0
  /** of the bytes used, those of what is present */
  private live = 0

  constructor (sequence: number, expiresAt: number, record: SealedRecord) {
    this.append(sequence, expiresAt, record)
  }

  /** @returns false when it is full */
  append (sequence: number, expiresAt: number, { standard, legacy }: SealedRecord): boolean {
    const length = fieldLength(standard) + fieldLength(legacy)

    if (this.count === this.room || this.used + length > this.bytes.length) {
      if (this.size >= MOST_ROWS * FULL || (this.size > 0 && this.live + length > MOST_BYTES * FULL)) {
        return false
      }

      this.rebuild(1, length)
    }

    const middle = writeField(this.bytes, this.used, standard)
    this.addRow(sequence, expiresAt, this.used, middle)
    this.used = writeField(this.bytes, middle, legacy)
    this.live += length

    return true
  }

  /** The first row past `sequence`. */
  firstPast (sequence: number): number {
    // mostly all of them, whose first is read next
    return this.count > 0 && this.sequenceOf(0) > sequence ? 0 : firstPast(this.columns, sequence, this.count)
  }

  /** The row with this number; -1 when it is not present. */
  indexOf (sequence: number): number {
    const i = this.firstPast(sequence) - 1

    return i >= 0 && this.sequenceOf(i) === sequence && this.expiryOf(i) !== -Infinity ? i : -1
  }

  sequenceOf (i: number): number {
    return this.columns[i]
  }

  /** Long ago when it was removed. */
  expiryOf (i: number): number {
    return this.columns[EXPIRES * this.room + i]
  }

  /** Where the field of a record begins in {@link bytes}. */
  startOf (i: number, format: keyof SealedRecord): number {
    return this.columns[START[format] * this.room + i]
  }

  /** Where it ends: where it begins when there is none. */
  endOf (i: number, format: keyof SealedRecord): number {
    return format === 'standard'
      ? this.startOf(i, 'legacy')
      : i + 1 < this.count ? this.startOf(i + 1, 'standard') : this.used
  }

  /** A record as it was given. */
  recordOf (i: number, format: keyof SealedRecord): Uint8Array | undefined {
    const start = this.startOf(i, format)
    const end = this.endOf(i, format)

    if (start === end) {
      return undefined
    }

    let at = start + 1

    while (this.bytes[at] >= 128) {
      at++
    }

    return this.bytes.subarray(at + 1, end)
  }

  remove (sequence: number): boolean {
    const i = this.indexOf(sequence)

    if (i < 0) {
      return false
    }

    this.columns[EXPIRES * this.room + i] = -Infinity
    this.live -= this.endOf(i, 'legacy') - this.startOf(i, 'standard')
    this.size--

    if (this.size > 0 && this.size < this.room / 4) {
      this.rebuild(0, 0)
    }

    return true
  }

  absorb (next: RecordChunk): void {
    this.rebuild(next.size, next.live)
    this.copy(next.columns, next.bytes, next.count, next.used)
  }

  /** Leaves out what was removed, and makes room for as many rows and bytes more. */
  private rebuild (moreRows: number, moreBytes: number): void {
    const { columns, bytes, count, used } = this
    const rowsNeeded = this.size + moreRows
    const bytesNeeded = this.live + moreBytes

    if (!isRightFor(rowsNeeded, this.room) || !isRightFor(bytesNeeded, bytes.length)) {
      const slack = this.size === 0 ? 1 : SLACK
      const numbers = COLUMNS * Math.min(Math.ceil(rowsNeeded * slack), MOST_ROWS)
      const start = numbers * Float64Array.BYTES_PER_ELEMENT
      const buffer = new ArrayBuffer(start + Math.ceil(bytesNeeded * slack))
      this.columns = new Float64Array(buffer, 0, numbers)
      this.bytes = new Uint8Array(buffer, start)
    }

    this.count = this.size = this.used = this.live = 0
    this.copy(columns, bytes, count, used)

    if (this.bytes !== bytes && bytes !== NO_BYTES) {
      // frees the memory at once: left to the engine, it would collect all garbage more often
      bytes.buffer.transfer(0)
    }
  }

  /** Appends what is present in a chunk's memory, which may be this one's, in runs. */
  private copy (columns: Float64Array, bytes: Uint8Array, count: number, used: number): void {
    const room = columns.length / COLUMNS
    const isPresent = (i: number): boolean => i < count && columns[EXPIRES * room + i] !== -Infinity
    const startOf = (i: number, format: keyof SealedRecord): number => i < count ? columns[START[format] * room + i] : used

    for (let i = 0; i < count; i++) {
      const first = i

      while (isPresent(i)) {
        i++
      }

      const start = startOf(first, 'standard')
      const end = startOf(i, 'standard')
      const shift = this.used - start
      this.bytes.set(bytes.subarray(start, end), this.used)
      this.used += end - start

      for (let k = first; k < i; k++) {
        this.addRow(columns[k], columns[EXPIRES * room + k], startOf(k, 'standard') + shift, startOf(k, 'legacy') + shift)
      }
    }

    this.live = this.used
  }

  private addRow (sequence: number, expiresAt: number, standard: number, legacy: number): void {
    const { columns, room } = this
    const i = this.count++
    columns[i] = sequence
    columns[EXPIRES * room + i] = expiresAt
    columns[START.standard * room + i] = standard
    columns[START.legacy * room + i] = legacy
    this.size++
  }

  /** Rows that there is room for. */
  private get room (): number {
    return this.columns.length / COLUMNS
  }
}

/** Whether memory that needs tidying for so much is neither too small nor too large. */
function isRightFor (needed: number, room: number): boolean {
  return Math.ceil(needed * SLACK) <= room && needed * 4 >= room
}

function fieldLength (record: Uint8Array | undefined): number {
  return record == null ? 0 : 1 + varintLength(record.byteLength) + record.byteLength
}

/** @returns the place behind it */
function writeField (bytes: Uint8Array, at: number, record: Uint8Array | undefined): number {
  if (record == null) {
    return at
  }

  bytes[at] = RECORD_TAG
  const start = writeVarint(bytes, at + 1, record.byteLength)
  bytes.set(record, start)

  return start + record.byteLength
}
