import { Records } from './pb/state.js'
import { RecordsWriter } from './records-writer.js'
import type { StateRecord } from './pb/state.js'
import type { StoredParked } from './records-writer.js'
import type { HistoryEntry, MessageId } from './types.js'
import type { StoreOp } from '../storage/index.js'

/** Keys: `j/<n>` one call each, `b/<n>` facts of many calls, `snapshot` the volatile rest. */
export const JOURNAL = 'sds/j/'
export const BLOCKS = 'sds/b/'
export const SNAPSHOT = 'sds/snapshot'

/** Journal bytes and values after which they become a block and a snapshot, at least. */
const CHECKPOINT_BYTES = 262_144
const CHECKPOINT_VALUES = 1_024
/**
 * Snapshot bytes for each of which, or for so many of which, the journal holds two bytes or a value
 * before there is another: what a call pays for snapshots does not grow with what waits. What waits
 * no longer does not count: a snapshot without it comes soon.
 */
const SNAPSHOT_BYTES_PER_VALUE = 64

/** What is kept serialised may be so many times the last snapshot, or as much as waits: the rest of it waits no longer. */
const MAX_KEPT = 1.5

/** Replaced values that are deleted with a snapshot, and with each call after that: one value is written then. */
const DELETED_AT_ONCE = 1_024
const DELETED_LATER = 8

/** Values, in the journal and in blocks, sort by their keys, which have so many digits. */
const DIGITS = 12

/** A value as it is stored. */
export interface Numbered {
  key: string
  number: number
  value: Uint8Array
}

export interface Value extends Numbered {
  records: Records
}

/** What a store held of a journal, in order, and of the snapshot before it. */
export interface StoredJournal {
  snapshot?: Value
  journal: Value[]
  /** numbers of values that the snapshot replaced, from the last to the first */
  replaced: number[]
  /** above all numbers that the snapshot says are replaced */
  next: number
}

interface Block {
  number: number
  maxLamport: number
  /** rows of the log that are in it */
  live: number
}

/** What changed: facts go into blocks, the passing rest is replaced by snapshots. */
export class Changes {
  readonly facts = new RecordsWriter()
  readonly passing = new RecordsWriter()

  get length (): number {
    return this.facts.length + this.passing.length
  }

  /** Both in one value, facts first. Nothing is left. */
  take (): Uint8Array<ArrayBuffer> {
    const { facts, passing } = this
    const all = facts.length === 0 ? passing : facts

    if (all !== passing) {
      all.join(passing)
    }

    const value = all.copy()
    this.clear()

    return value
  }

  clear (): void {
    this.facts.clear()
    this.passing.clear()
  }
}

/**
 * Turns changes into store operations: each call that changed something writes one small
 * journal value, and now and then the journal is folded into a block of facts and a snapshot,
 * in one transaction. Serialised `Records` one after the other are their union, so facts are
 * encoded once, and the cost of a call stays the same however long the log is.
 */
export class Recorder {
  /** since `takeOps()` */
  private readonly changes = new Changes()
  /** of what is staged just now */
  private readonly staging = new Changes()
  private sequence = 0
  /** numbers of the journal's values */
  private journal: number[] = []
  private journalBytes = 0
  /** numbers of those that the snapshot replaced, and that are still to be deleted: from the last to the first */
  private replaced: number[] = []
  private snapshotBytes = 0
  /** the last snapshot, and what began to wait since: so each is serialised once, and no snapshot takes long */
  private kept = new RecordsWriter()
  /** facts of the journal: the next block */
  private readonly facts = new RecordsWriter()
  private readonly blocks: Block[] = []
  /** the block that the facts of the journal will be in */
  private open: Block = { number: 0, maxLamport: 0, live: 0 }

  constructor (private readonly enabled: boolean) {}

  get block (): number {
    return this.open.number
  }

  /** @param hint - packed bytes */
  logged (messageId: MessageId, lamport: number, senderId: string, hint: string | undefined): void {
    this.count(lamport, 1)

    if (this.enabled) {
      this.changes.facts.log(messageId, lamport, senderId, hint)
    }
  }

  state (state: StateRecord): void {
    if (this.enabled) {
      this.changes.passing.state(state)
    }
  }

  /** A fact with this timestamp goes into the open block. */
  count (lamport: number, rows: number): void {
    this.open.maxLamport = Math.max(this.open.maxLamport, lamport)
    this.open.live += rows
  }

  forgotten (messageId: MessageId, block: number): void {
    this.dropped(block)

    if (this.enabled) {
      this.changes.facts.forgotten(messageId)
    }
  }

  lost (messageId: MessageId): void {
    if (this.enabled) {
      this.changes.passing.lost(messageId)
    }
  }

  covered (messageId: MessageId): void {
    if (this.enabled) {
      this.changes.passing.covered(messageId)
    }
  }

  receipt (messageId: MessageId, senderId: string): void {
    if (this.enabled) {
      this.changes.facts.receipt(messageId, senderId)
    }
  }

  attempt (messageId: MessageId, attempts: number, exhausted: boolean): void {
    if (this.enabled) {
      this.changes.facts.attempt(messageId, attempts, exhausted)
    }
  }

  parked (parked: StoredParked, unmet: readonly HistoryEntry[]): void {
    if (this.enabled) {
      this.keep(parked, unmet)
      this.changes.passing.join(this.kept, parked.recordFrom, parked.recordEnd)
    }
  }

  /** It waits, and is stored already. */
  keep (parked: StoredParked, unmet: readonly HistoryEntry[]): void {
    if (this.enabled) {
      parked.recordFrom = this.kept.length
      this.kept.parked(parked, unmet)
      parked.recordEnd = this.kept.length
    }
  }

  /** It waits for less than it did: what was at `place` of that is met, or given up. */
  met (parked: StoredParked, place: number): void {
    if (this.enabled) {
      this.kept.met(parked, place)
    }
  }

  hint (messageId: MessageId, hint: Uint8Array): void {
    if (this.enabled) {
      this.changes.facts.hint(messageId, hint)
    }
  }

  seen (messageId: MessageId, lamport: number): void {
    this.count(lamport, 0)

    if (this.enabled) {
      this.changes.facts.seen(messageId, lamport)
    }
  }

  /** A journal value of its own for something that may never be committed. */
  stage (write: (changes: Changes) => void): { ops: StoreOp[], commit: () => void } {
    if (!this.enabled) {
      return { ops: [], commit: () => {} }
    }

    write(this.staging)

    if (this.staging.length === 0) {
      return { ops: [], commit: () => {} }
    }

    const number = this.sequence++
    const facts = this.staging.facts.length
    const value = this.staging.take()

    return {
      ops: [{ key: journalKey(number), value }],
      commit: () => {
        this.facts.append(value.subarray(0, facts))
        this.written(number, value.byteLength)
      }
    }
  }

  /** A row of that block is no longer in the log. */
  dropped (block: number): void {
    const holder = block === this.open.number ? this.open : this.blocks.find(other => other.number === block)

    if (holder != null) {
      holder.live--
    }
  }

  /**
   * @param floor - what is at or below it is not looked up any more
   * @param waiting - bytes of what a snapshot would have in it that waits, at most
   * @param snapshot - writes the volatile rest as it is now; what waits is in `kept`
   */
  takeOps (floor: number, waiting: number, snapshot: (records: RecordsWriter, kept: RecordsWriter) => void): StoreOp[] {
    const { changes } = this

    if (waiting === 0) {
      this.kept.clear()
    }

    if (changes.length === 0) {
      return []
    }

    const bytes = changes.length
    const replaced = Math.min(this.snapshotBytes, waiting)
    this.facts.join(changes.facts)

    if (this.journalBytes + bytes > Math.max(CHECKPOINT_BYTES, 2 * replaced) ||
      this.journal.length >= Math.max(CHECKPOINT_VALUES, replaced / SNAPSHOT_BYTES_PER_VALUE) ||
      this.kept.length > Math.max(waiting, MAX_KEPT * this.snapshotBytes) + CHECKPOINT_BYTES) {
      changes.clear()

      return this.checkpoint(floor, snapshot)
    }

    const number = this.sequence++
    this.written(number, bytes)

    return [{ key: journalKey(number), value: changes.take() }, ...this.deletions(DELETED_LATER)]
  }

  /** While a state is read back: the block that the facts which follow are in. */
  reading (number: number): void {
    if (this.open.live > 0 || this.open.maxLamport > 0 || number > this.open.number) {
      this.blocks.push(this.open)
    }

    this.open = { number, maxLamport: 0, live: 0 }
  }

  /** Takes up where a stored journal ended. */
  resume ({ snapshot, journal, replaced, next }: StoredJournal): void {
    this.snapshotBytes = snapshot?.value.byteLength ?? 0
    this.replaced = replaced
    this.sequence = next

    for (const { number, value, records } of journal) {
      this.sequence = Math.max(this.sequence, number + 1)
      const { log, receipts, hints, attempts, forgotten, seen } = records
      this.facts.append(Records.encode({ log, receipts, hints, attempts, forgotten, seen }))
      this.written(number, value.byteLength)
    }
  }

  private written (number: number, bytes: number): void {
    this.journal.push(number)
    this.journalBytes += bytes
  }

  private checkpoint (floor: number, snapshot: (records: RecordsWriter, kept: RecordsWriter) => void): StoreOp[] {
    const records = new RecordsWriter()
    snapshot(records, this.kept)
    this.snapshotBytes = records.length
    this.kept = records

    // a message of ours may be applied behind values that were written after it was staged
    this.replaced = this.journal.sort((a, b) => b - a).concat(this.replaced)
    this.journal = []
    this.journalBytes = 0

    const deletions = this.deletions(DELETED_AT_ONCE)
    const value = new RecordsWriter()
    writeRuns(this.replaced, value)
    value.join(records)

    const ops: StoreOp[] = [
      { key: SNAPSHOT, value: value.take() },
      { key: BLOCKS + pad(this.open.number), value: this.facts.take() },
      ...deletions
    ]

    this.blocks.push(this.open)
    this.open = { number: this.open.number + 1, maxLamport: 0, live: 0 }

    // oldest first, and never one in the middle: a later block may say what became of an earlier one's messages
    while (this.blocks[0].live <= 0 && this.blocks[0].maxLamport <= floor) {
      ops.push({ key: BLOCKS + pad(this.blocks[0].number) })
      this.blocks.shift()

      if (this.blocks.length === 0) {
        break
      }
    }

    return ops
  }

  /** Of replaced values, the oldest, and no more than `count` of them: a large journal is not deleted in one call. */
  private deletions (count: number): StoreOp[] {
    return this.replaced.splice(-count).reverse().map(number => ({ key: journalKey(number) }))
  }
}

/** Consecutive numbers together, of numbers that fall. */
function writeRuns (numbers: readonly number[], records: RecordsWriter): void {
  let count = 0

  for (let i = 0; i < numbers.length; i++) {
    count++

    if (numbers[i + 1] !== numbers[i] - 1) {
      records.replaced(numbers[i], count)
      count = 0
    }
  }
}

function journalKey (number: number): string {
  return JOURNAL + pad(number)
}

function pad (number: number): string {
  return String(number).padStart(DIGITS, '0')
}
