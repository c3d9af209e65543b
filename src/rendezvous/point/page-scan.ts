import type { DiscoverPage } from './discover-page.js'
import type { RecordChunk } from './record-chunk.js'
import type { SealedRecord } from '../record-formats.js'

/** Entries that one page may pass over because its reader cannot read them, or because they expired. */
const MAX_SCAN = 100_000

/** What an entry counts for that has to be looked up in its namespace first. */
const LOOKUP = 16

/** Bytes of a registration in an answer beyond its record and namespace, at most. */
const ENTRY_OVERHEAD_BYTES = 24

export interface PageQuery {
  /** absent: all of them */
  namespace?: string
  /** sequence number after which to begin */
  after: number
  /** unix time, ms */
  now: number
  limit: number
  /** of the answer that carries the page; one record is always given */
  maxBytes: number
  /** envelopes that the reader understands, the preferred one first */
  formats: ReadonlyArray<keyof SealedRecord>
}

/** Fills a page with what its reader can read, in the order of registration, until it is full. */
export class PageScan {
  /** sequence number of the last entry that was given or passed over */
  last: number
  /** entries looked at */
  visited = 0
  private room: number
  private passed = 0
  private readonly query: PageQuery
  private readonly page: DiscoverPage

  constructor (query: PageQuery, page: DiscoverPage) {
    this.query = query
    this.page = page
    this.last = query.after
    this.room = query.maxBytes
  }

  /** Takes a chunk of the namespace asked for; false when the page ends in it. */
  takeChunk (chunk: RecordChunk, namespace: string): boolean {
    const { page, query } = this
    let first = -1
    let end = 0
    let shift = 0
    let isOpen = true

    for (let i = chunk.firstPast(query.after); i < chunk.count; i++) {
      const format = this.readable(chunk, i)

      if (format == null) {
        isOpen = this.pass(chunk.sequenceOf(i), 1)
      } else {
        const start = chunk.startOf(i, format)
        const length = chunk.endOf(i, format) - start
        isOpen = this.admit(chunk.sequenceOf(i), length, namespace)

        if (isOpen) {
          if (first < 0) {
            first = start
            shift = page.end - start
          }

          end = start + length
          page.add(start + shift, end + shift, chunk.expiryOf(i))
        }
      }

      if (!isOpen) {
        break
      }
    }

    // in one piece, with what lies between: a copy for each would take longer
    first >= 0 && page.copy(chunk.bytes, first, end)

    return isOpen
  }

  /** Passes over a registration that has none of the envelopes that the reader reads; false when the page ends at it. */
  skip (sequence: number): boolean {
    this.visited++

    return this.pass(sequence, 1)
  }

  /** Takes one registration of a namespace of its own; false when the page ends before it. */
  takeOne (chunk: RecordChunk, sequence: number, namespace: string): boolean {
    const { page } = this
    const i = chunk.indexOf(sequence)
    const format = this.readable(chunk, i)

    if (format == null) {
      return this.pass(sequence, LOOKUP)
    }

    const start = chunk.startOf(i, format)
    const end = chunk.endOf(i, format)

    if (!this.admit(sequence, end - start, namespace)) {
      return false
    }

    const at = page.end
    page.copyNamespace(namespace)
    page.copy(chunk.bytes, start, end)
    page.add(at, page.end, chunk.expiryOf(i))

    return true
  }

  /** The envelope that is handed out; none when it cannot be read, expired, or is gone. */
  private readable (chunk: RecordChunk, i: number): keyof SealedRecord | undefined {
    const { formats, now } = this.query
    this.visited++

    if (!(chunk.expiryOf(i) > now)) {
      return undefined
    }

    for (const format of formats) {
      if (chunk.startOf(i, format) < chunk.endOf(i, format)) {
        return format
      }
    }

    return undefined
  }

  private pass (sequence: number, cost: number): boolean {
    this.last = sequence
    this.passed += cost

    return this.passed < MAX_SCAN
  }

  private admit (sequence: number, length: number, namespace: string): boolean {
    this.room -= length + namespace.length * 3 + ENTRY_OVERHEAD_BYTES

    if (this.page.count >= this.query.limit || (this.room < 0 && this.page.count > 0)) {
      return false
    }

    this.last = sequence

    return true
  }
}
