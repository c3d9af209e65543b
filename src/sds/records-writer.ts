import { Records } from './pb/state.js'
import { WireWriter } from './wire-writer.js'
import type { StateRecord } from './pb/state.js'
import type { HistoryEntry, MessageId } from './types.js'

/** A message that waits, as far as it is stored. */
export interface StoredParked {
  messageId: MessageId
  lamport: number
  sender: { readonly senderId: string }
  /** packed bytes */
  hint?: string
  /** everything that it cites */
  cites: readonly MessageId[]
  late: boolean
  fetched: boolean
  /** its place among those that are kept serialised */
  recordFrom: number
  recordEnd: number
}

/**
 * Writes `Records` of pb/state.proto, one after the other: serialised ones in a row are their
 * union. Tests hold it against what protons reads.
 */
export class RecordsWriter {
  private readonly out = new WireWriter()

  get length (): number {
    return this.out.length
  }

  copy (): Uint8Array<ArrayBuffer> {
    return this.out.copy()
  }

  /** All of it, and begins anew. */
  take (): Uint8Array<ArrayBuffer> {
    return this.out.take()
  }

  clear (): void {
    this.out.clear()
  }

  /** What is serialised `Records` already. */
  append (records: Uint8Array): void {
    this.out.append(records)
  }

  /** What another one has, or a part of that. */
  join (other: RecordsWriter, from?: number, end?: number): void {
    this.out.join(other.out, from, end)
  }

  /** @param hint - packed bytes */
  log (messageId: MessageId, lamport: number, senderId: string, hint: string | undefined): void {
    this.message(10, messageId, lamport, senderId, hint)
  }

  receipt (messageId: MessageId, senderId: string): void {
    const from = this.out.begin(18)
    this.out.id(10, messageId)
    this.out.text(18, senderId)
    this.out.end(from)
  }

  hint (messageId: MessageId, hint: Uint8Array): void {
    const from = this.out.begin(26)
    this.out.id(10, messageId)
    this.out.field(18, hint)
    this.out.end(from)
  }

  attempt (messageId: MessageId, attempts: number, exhausted: boolean): void {
    const from = this.out.begin(34)
    this.out.id(10, messageId)
    this.out.number(16, attempts)
    this.out.number(24, exhausted ? 1 : 0)
    this.out.end(from)
  }

  forgotten (messageId: MessageId): void {
    this.out.id(42, messageId)
  }

  seen (messageId: MessageId, lamport: number): void {
    const from = this.out.begin(50)
    this.out.id(10, messageId)
    this.out.number(16, lamport)
    this.out.end(from)
  }

  state (state: StateRecord): void {
    this.out.append(Records.encode({ state }))
  }

  /** All that waits, as it is kept there. From then on it is kept here. */
  waiting (all: Iterable<StoredParked>, kept: RecordsWriter): void {
    // neighbours are copied together
    let from = 0
    let end = 0

    for (const parked of all) {
      const { recordFrom, recordEnd } = parked

      if (recordFrom !== end) {
        this.join(kept, from, end)
        from = recordFrom
      }

      parked.recordFrom = this.length + recordFrom - from
      parked.recordEnd = this.length + recordEnd - from
      end = recordEnd
    }

    this.join(kept, from, end)
  }

  /** @param unmet - what it waits for */
  parked (parked: StoredParked, unmet: readonly HistoryEntry[]): void {
    const { out } = this
    const from = out.begin(170, 2)

    this.message(10, parked.messageId, parked.lamport, parked.sender.senderId, parked.hint)

    for (const { messageId, retrievalHint, senderId, lamportTimestamp } of unmet) {
      const entry = out.begin(18)
      out.id(10, messageId)

      if (retrievalHint != null) {
        out.field(18, retrievalHint)
      }

      if (senderId != null) {
        out.text(26, senderId)
      }

      if (lamportTimestamp != null) {
        out.number(32, lamportTimestamp)
      }

      out.end(entry)
    }

    if (unmet.length < parked.cites.length) {
      const others = new Set(parked.cites)
      unmet.forEach(({ messageId }) => { others.delete(messageId) })
      others.forEach(messageId => { out.id(26, messageId) })
    }

    out.number(32, parked.late ? 1 : 0)
    out.number(40, parked.fetched ? 1 : 0)
    out.zeros(50, (unmet.length + 7) >> 3)
    out.end(from, 2)
  }

  /** The parked message that is kept here waits no longer for what was at `place` of what it waited for. */
  met ({ recordEnd }: StoredParked, place: number): void {
    this.out.mark(recordEnd - 1 - (place >> 3), 1 << (place & 7))
  }

  frontier (messageId: MessageId): void {
    this.out.id(178, messageId)
  }

  covered (messageId: MessageId): void {
    this.out.id(186, messageId)
  }

  lost (messageId: MessageId): void {
    this.out.id(194, messageId)
  }

  /** So many values of the journal, from `first` on. */
  replaced (first: number, count: number): void {
    const from = this.out.begin(202)
    this.out.number(8, first)
    this.out.number(16, count)
    this.out.end(from)
  }

  private message (tag: number, messageId: MessageId, lamport: number, senderId: string, hint: string | undefined): void {
    const { out } = this
    const from = out.begin(tag)
    out.id(10, messageId)
    out.number(16, lamport)
    out.text(26, senderId)

    if (hint != null) {
      out.packed(34, hint)
    }

    out.end(from)
  }
}
