import { Records } from './pb/state.js'
import { idToBytes, unpackBytes } from './ids.js'
import type { Parked } from './parked.js'
import type { ParkedRecord, StateRecord } from './pb/state.js'
import type { HistoryEntry, MessageId } from './types.js'
import type { StoreOp } from '../storage/index.js'

/** Keys: `j/<n>` one call each, `b/<n>` facts of many calls, `snapshot` the volatile rest. */
export const JOURNAL = 'sds/j/'
export const BLOCKS = 'sds/b/'
export const SNAPSHOT = 'sds/snapshot'

/** Journal bytes and values after which they become a block and a snapshot. */
const CHECKPOINT_BYTES = 262_144
const CHECKPOINT_VALUES = 1_024

/** Values, in the journal and in blocks, sort by their keys. */
const DIGITS = 12

interface Block {
  number: number
  maxLamport: number
  /** rows of the log that are in it */
  live: number
}

/** What changed: facts go into blocks, the passing rest is replaced by snapshots. */
export class Changes {
  readonly facts: Partial<Records> = {}
  readonly passing: Partial<Records> = {}
  /** messages that began to wait, encoded */
  readonly parked: Uint8Array[] = []

  encode (): { value: Uint8Array, facts: Uint8Array } {
    const facts = Records.encode(this.facts)

    return { value: joinRecords([facts, Records.encode(this.passing), ...this.parked]), facts }
  }
}

/**
 * Turns changes into store operations: each call that changed something writes one small
 * journal value, and now and then the journal is folded into a block of facts and a snapshot,
 * in one transaction. Nothing is encoded twice, since serialised `Records` one after the other
 * are their union: the cost of a call stays the same however long the log is, and however many
 * messages wait.
 */
export class Recorder {
  /** since `takeOps()` */
  private changes?: Changes
  private sequence = 0
  private journalKeys: string[] = []
  private journalBytes = 0
  private snapshotBytes = 0
  /** facts of the journal: the next block */
  private facts: Uint8Array[] = []
  private readonly blocks: Block[] = []
  /** the block that the facts of the journal will be in */
  private open: Block = { number: 0, maxLamport: 0, live: 0 }

  constructor (private readonly enabled: boolean) {}

  get block (): number {
    return this.open.number
  }

  logged (messageId: MessageId, lamportTimestamp: number, senderId: string, hint: string | undefined): void {
    this.count(lamportTimestamp, 1)
    this.change(changes => { (changes.facts.log ??= []).push({ messageId: idToBytes(messageId), lamportTimestamp, senderId, retrievalHint: hint == null ? undefined : unpackBytes(hint) }) })
  }

  state (state: StateRecord): void {
    this.change(changes => { changes.passing.state = state })
  }

  /** A fact with this timestamp goes into the open block. */
  count (lamport: number, rows: number): void {
    this.open.maxLamport = Math.max(this.open.maxLamport, lamport)
    this.open.live += rows
  }

  forgotten (messageId: MessageId, block: number): void {
    this.dropped(block)
    this.change(changes => { (changes.facts.forgotten ??= []).push(idToBytes(messageId)) })
  }

  lost (messageId: MessageId): void {
    this.change(changes => { (changes.passing.lost ??= []).push(idToBytes(messageId)) })
  }

  covered (messageId: MessageId): void {
    this.change(changes => { (changes.passing.covered ??= []).push(idToBytes(messageId)) })
  }

  receipt (messageId: MessageId, senderId: string): void {
    this.change(changes => { (changes.facts.receipts ??= []).push({ messageId: idToBytes(messageId), senderId }) })
  }

  attempt (messageId: MessageId, attempts: number, exhausted: boolean): void {
    this.change(changes => { (changes.facts.attempts ??= []).push({ messageId: idToBytes(messageId), attempts, exhausted }) })
  }

  parked (parked: Parked, unmet: readonly HistoryEntry[]): void {
    if (this.enabled) {
      parked.record = Records.encode({ parked: [parkedRecord(parked, unmet)] })
      this.change(changes => { changes.parked.push(parked.record) })
    }
  }

  hint (messageId: MessageId, hint: Uint8Array): void {
    this.change(changes => { (changes.facts.hints ??= []).push({ messageId: idToBytes(messageId), retrievalHint: new Uint8Array(hint) }) })
  }

  seen (messageId: MessageId, lamportTimestamp: number): void {
    this.count(lamportTimestamp, 0)
    this.change(changes => { (changes.facts.seen ??= []).push({ messageId: idToBytes(messageId), lamportTimestamp }) })
  }

  /** A journal value of its own for something that may never be committed. */
  stage (changes: Changes): { ops: StoreOp[], commit: () => void } {
    if (!this.enabled) {
      return { ops: [], commit: () => {} }
    }

    const key = this.nextKey()
    const { value, facts } = changes.encode()

    return {
      ops: [{ key, value }],
      commit: () => { this.written(key, value.byteLength, facts) }
    }
  }

  /** A row of that block is no longer in the log. */
  dropped (block: number): void {
    const holder = block === this.open.number ? this.open : this.blocks.find(other => other.number === block)

    if (holder != null) {
      holder.live--
    }
  }

  /** `floor`: what is at or below it is not looked up any more. */
  takeOps (floor: number, snapshot: () => Uint8Array): StoreOp[] {
    if (this.changes == null) {
      return []
    }

    const { value, facts } = this.changes.encode()
    this.changes = undefined

    if (this.journalBytes + value.byteLength <= Math.max(CHECKPOINT_BYTES, 2 * this.snapshotBytes) && this.journalKeys.length < CHECKPOINT_VALUES) {
      const key = this.nextKey()
      this.written(key, value.byteLength, facts)

      return [{ key, value }]
    }

    this.facts.push(facts)

    return this.checkpoint(floor, snapshot())
  }

  /** While a state is read back: the block that the facts which follow are in. */
  reading (number: number): void {
    if (this.open.live > 0 || this.open.maxLamport > 0 || number > this.open.number) {
      this.blocks.push(this.open)
    }

    this.open = { number, maxLamport: 0, live: 0 }
  }

  /** Takes up where a stored journal ended. */
  resume (journal: Array<{ key: string, value: Uint8Array, records: Records }>, snapshotBytes: number): void {
    this.snapshotBytes = snapshotBytes

    for (const { key, value, records } of journal) {
      this.sequence = Math.max(this.sequence, Number(key.slice(JOURNAL.length)) + 1)
      const { log, receipts, hints, attempts, forgotten, seen } = records
      this.written(key, value.byteLength, Records.encode({ log, receipts, hints, attempts, forgotten, seen }))
    }
  }

  private change (apply: (changes: Changes) => void): void {
    if (this.enabled) {
      this.changes ??= new Changes()
      apply(this.changes)
    }
  }

  private written (key: string, bytes: number, facts: Uint8Array): void {
    this.journalKeys.push(key)
    this.journalBytes += bytes
    this.facts.push(facts)
  }

  private checkpoint (floor: number, snapshot: Uint8Array): StoreOp[] {
    const ops: StoreOp[] = [
      { key: SNAPSHOT, value: snapshot },
      { key: BLOCKS + pad(this.open.number), value: joinRecords(this.facts) },
      ...this.journalKeys.map(key => ({ key }))
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

    this.snapshotBytes = snapshot.byteLength
    this.journalKeys = []
    this.journalBytes = 0
    this.facts = []

    return ops
  }

  private nextKey (): string {
    return JOURNAL + pad(this.sequence++)
  }
}

function parkedRecord (parked: Parked, unmet: Iterable<HistoryEntry>): ParkedRecord {
  return {
    message: {
      messageId: idToBytes(parked.messageId),
      lamportTimestamp: parked.lamport,
      senderId: parked.sender.senderId,
      retrievalHint: parked.hint == null ? undefined : unpackBytes(parked.hint)
    },
    unmet: Array.from(unmet, entry => ({
      messageId: idToBytes(entry.messageId),
      retrievalHint: entry.retrievalHint == null ? undefined : new Uint8Array(entry.retrievalHint),
      senderId: entry.senderId,
      lamportTimestamp: entry.lamportTimestamp
    })),
    cites: parked.cites.map(idToBytes),
    late: parked.late,
    fetched: parked.fetched
  }
}

function pad (number: number): string {
  return number.toString().padStart(DIGITS, '0')
}

/** Serialised `Records` that hold what all of these do. */
export function joinRecords (parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0))
  let at = 0

  for (const part of parts) {
    out.set(part, at)
    at += part.byteLength
  }

  return out
}
