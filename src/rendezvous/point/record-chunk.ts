import { varintLength, writeVarint } from '../varint.js'
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

/** Numbers of a row: its sequence number, when it expires (unix time, ms), and where its records begin. */
const ROW = 4
const EXPIRES = 1
const START = { standard: 2, legacy: 3 } as const

const NO_ROWS = new Float64Array()
const NO_BYTES = new Uint8Array()

/** Of `signedPeerRecord` in a message. */
const RECORD_TAG = 2 << 3 | 2

/**
 * Registrations of one namespace in one piece of memory, so that a page of them is read from
 * end to end: rows of numbers, then the sealed records, each as the field that it is in an
 * answer. What was removed stays as a row that expired long ago until the chunk is rebuilt.
 */
export class RecordChunk implements Chunk<RecordChunk> {
  private rows = NO_ROWS
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

    if (this.count * ROW === this.rows.length || this.used + length > this.bytes.length) {
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
    return this.count > 0 && this.sequenceOf(0) > sequence ? 0 : firstPast(this.rows, sequence, ROW, this.count)
  }

  /** The row with this number; -1 when it is not present. */
  indexOf (sequence: number): number {
    const i = this.firstPast(sequence) - 1

    return i >= 0 && this.sequenceOf(i) === sequence && this.expiryOf(i) !== -Infinity ? i : -1
  }

  sequenceOf (i: number): number {
    return this.rows[i * ROW]
  }

  /** Long ago when it was removed. */
  expiryOf (i: number): number {
    return this.rows[i * ROW + EXPIRES]
  }

  /** Where the field of a record begins in {@link bytes}. */
  startOf (i: number, format: keyof SealedRecord): number {
    return this.rows[i * ROW + START[format]]
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

    this.rows[i * ROW + EXPIRES] = -Infinity
    this.live -= this.endOf(i, 'legacy') - this.startOf(i, 'standard')
    this.size--

    if (this.size > 0 && this.size * ROW < this.rows.length / 4) {
      this.rebuild(0, 0)
    }

    return true
  }

  absorb (next: RecordChunk): void {
    this.rebuild(next.size, next.live)
    this.copy(next.rows, next.bytes, next.count, next.used)
  }

  /** Leaves out what was removed, and makes room for as many rows and bytes more. */
  private rebuild (moreRows: number, moreBytes: number): void {
    const { rows, bytes, count, used } = this
    const rowsNeeded = this.size + moreRows
    const bytesNeeded = this.live + moreBytes

    if (!isRightFor(rowsNeeded, rows.length / ROW) || !isRightFor(bytesNeeded, bytes.length)) {
      const slack = this.size === 0 ? 1 : SLACK
      const numbers = ROW * Math.min(Math.ceil(rowsNeeded * slack), MOST_ROWS)
      const start = numbers * Float64Array.BYTES_PER_ELEMENT
      const buffer = new ArrayBuffer(start + Math.ceil(bytesNeeded * slack))
      this.rows = new Float64Array(buffer, 0, numbers)
      this.bytes = new Uint8Array(buffer, start)
    }

    this.count = this.size = this.used = this.live = 0
    this.copy(rows, bytes, count, used)

    if (this.bytes !== bytes && bytes !== NO_BYTES) {
      // frees the memory at once: left to the engine, it would collect all garbage more often
      bytes.buffer.transfer(0)
    }
  }

  /** Appends what is present in a chunk's memory, which may be this one's, in runs. */
  private copy (rows: Float64Array, bytes: Uint8Array, count: number, used: number): void {
    for (let i = 0; i < count;) {
      const first = i

      while (i < count && rows[i * ROW + EXPIRES] !== -Infinity) {
        i++
      }

      const start = first < count ? rows[first * ROW + START.standard] : used
      const end = i < count ? rows[i * ROW + START.standard] : used
      const shift = this.used - start
      this.bytes.set(bytes.subarray(start, end), this.used)
      this.used += end - start

      for (let row = first * ROW; row < i * ROW; row += ROW) {
        this.addRow(rows[row], rows[row + EXPIRES], rows[row + START.standard] + shift, rows[row + START.legacy] + shift)
      }

      while (i < count && rows[i * ROW + EXPIRES] === -Infinity) {
        i++
      }
    }

    this.live = this.used
  }

  private addRow (sequence: number, expiresAt: number, standard: number, legacy: number): void {
    const at = this.count++ * ROW
    this.rows[at] = sequence
    this.rows[at + EXPIRES] = expiresAt
    this.rows[at + START.standard] = standard
    this.rows[at + START.legacy] = legacy
    this.size++
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
