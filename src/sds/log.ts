import { packBytes, unpackBytes } from '../interned.js'
import { OrderedSlots } from './ordered-slots.js'
import type { SeenIds } from './seen-ids.js'
import type { HistoryEntry, LogPlace, LogEntry } from './types.js'

/** Messages that nobody cites yet; beyond that the oldest are no longer cited by us. */
const MAX_FRONTIER = 4_096

/** A message in the log. Its ID and timestamp are in the columns of {@link SeenIds}. */
export interface LogRow {
  readonly slot: number
  readonly senderId: string
  /** packed bytes */
  hint?: string
  /** block of the store that the row is in */
  readonly block: number
  /** own messages: who is known to hold it */
  receipts?: readonly string[]
}

/** What was delivered, in the order of (Lamport timestamp, message ID), and its frontier. */
export class Log {
  private readonly rows = new Map<number, LogRow>()
  private readonly order: OrderedSlots
  private readonly frontier = new Set<number>()

  constructor (private readonly seen: SeenIds) {
    this.order = new OrderedSlots((a, b) => this.compare(a, b))
  }

  get size (): number {
    return this.rows.size
  }

  get (slot: number): LogRow | undefined {
    return this.rows.get(slot)
  }

  /** Adds a row that nobody cites yet. */
  add (row: LogRow): void {
    this.rows.set(row.slot, row)
    this.order.insert(row.slot)
    this.frontier.add(row.slot)

    if (this.frontier.size > MAX_FRONTIER) {
      for (const oldest of this.frontier) {
        this.frontier.delete(oldest)
        break
      }
    }
  }

  /** `slot` is cited. Answers whether that takes it from the frontier. */
  cover (slot: number): boolean {
    return this.frontier.delete(slot)
  }

  remove (slot: number): boolean {
    if (!this.rows.delete(slot)) {
      return false
    }

    this.order.remove(slot)
    this.frontier.delete(slot)

    return true
  }

  /** While a state is read back: the frontier as a snapshot had it. */
  resetFrontier (slots: Iterable<number>): void {
    this.frontier.clear()

    for (const slot of slots) {
      if (this.rows.has(slot)) {
        this.frontier.add(slot)
      }
    }
  }

  /** Slots from the newest down. */
  newest (): Iterable<number> {
    return this.order.backward(() => false)
  }

  /** Slots of the frontier, in no particular order. */
  frontierSlots (): Iterable<number> {
    return this.frontier
  }

  /**
   * What the next message cites: the frontier, newest first and at most `max` of it, and in any
   * case the newest two of the log.
   */
  cite (max: number): number[] {
    const slots = [...this.frontier]

    if (slots.length > 1) {
      return slots.sort((a, b) => this.compare(b, a)).slice(0, max)
    }

    for (let n = 0; slots.length < 2; n++) {
      const slot = this.order.fromEnd(n)

      if (slot == null) {
        break
      }

      if (!slots.includes(slot)) {
        slots.push(slot)
      }
    }

    return slots
  }

  /** The row as it is cited by others. */
  citation (slot: number): HistoryEntry {
    const row = this.rows.get(slot)

    return {
      messageId: this.seen.id(slot),
      retrievalHint: row?.hint == null ? undefined : unpackBytes(row.hint),
      senderId: row?.senderId,
      lamportTimestamp: this.seen.lamports[slot]
    }
  }

  setHint (row: LogRow, hint: Uint8Array): void {
    row.hint = packBytes(hint)
  }

  /** Rows between two places, which need not be in the log themselves; both are exclusive. */
  * entries (range: { after?: LogPlace, before?: LogPlace, reverse?: boolean, limit: number }): Generator<LogEntry> {
    const { after, before, limit } = range
    const slots = range.reverse === true
      ? this.order.backward(slot => before != null && this.compareTo(slot, before) >= 0)
      : this.order.forward(slot => after == null || this.compareTo(slot, after) > 0)
    let count = 0

    for (const slot of slots) {
      const past = range.reverse === true
        ? after != null && this.compareTo(slot, after) <= 0
        : before != null && this.compareTo(slot, before) >= 0

      if (past || count++ >= limit) {
        return
      }

      yield this.view(slot)
    }
  }

  view (slot: number): LogEntry {
    const row = this.rows.get(slot)

    return {
      messageId: this.seen.id(slot),
      senderId: row?.senderId ?? '',
      lamportTimestamp: this.seen.lamports[slot],
      retrievalHint: row?.hint == null ? undefined : unpackBytes(row.hint)
    }
  }

  private compare (a: number, b: number): number {
    if (a === b) {
      return 0
    }

    const { lamports } = this.seen

    return lamports[a] - lamports[b] || compareIds(this.seen.id(a), this.seen.id(b))
  }

  private compareTo (slot: number, place: LogPlace): number {
    return this.seen.lamports[slot] - place.lamportTimestamp || compareIds(this.seen.id(slot), place.messageId)
  }
}

/** By code unit, never by locale. */
export function compareIds (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
