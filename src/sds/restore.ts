import { extended, packBytes } from '../interned.js'
import { StoreCorruptError } from '../storage/index.js'
import { WAKU_CAPACITY } from './bloom/index.js'
import { idFromBytes } from './ids.js'
import { createParked } from './parked.js'
import { Records } from './pb/state.js'
import { BLOCKS, JOURNAL, SNAPSHOT } from './recorder.js'
import type { AttemptRecord, DependencyRecord, LogRecord, ParkedRecord, StateRecord } from './pb/state.js'
import type { Parts } from './receiver.js'
import type { Numbered, StoredJournal, Value } from './recorder.js'
import type { HistoryEntry, MessageId } from './types.js'
import type { StoreEntry } from '../storage/index.js'

/** Messages of ours that are looked up in filters after a restart though they are not resent. */
const REVIEWED = 1_024

/** What a store held, in order. */
export interface Stored extends StoredJournal {
  /** decoded one at a time: all at once they take several times what they are kept in */
  blocks: Numbered[]
  state: StateRecord
}

/**
 * Sorts what was stored, and decodes all but the blocks; undefined when there is nothing.
 *
 * @throws {StoreCorruptError} something that was not written by `takeOps()`
 */
export function readStored (entries: Iterable<StoreEntry>): Stored | undefined {
  const blocks: Numbered[] = []
  const values: Numbered[] = []
  let snapshot: Value | undefined

  for (const { key, value } of entries) {
    if (key === SNAPSHOT) {
      snapshot = { key, number: 0, value, records: decode(key, value) }
    } else if (key.startsWith(BLOCKS)) {
      blocks.push(numbered(key, BLOCKS, value))
    } else if (key.startsWith(JOURNAL)) {
      values.push(numbered(key, JOURNAL, value))
    } else {
      throw new StoreCorruptError(`${key} is no key of the SDS state`)
    }
  }

  blocks.sort((a, b) => a.number - b.number)
  values.sort((a, b) => a.number - b.number)

  const runs = snapshot?.records.replaced.map(({ first, count }) => ({ first, end: first + count })).sort((a, b) => a.first - b.first) ?? []
  const next = runs.at(-1)?.end ?? 0
  const journal: Value[] = []
  const replaced: number[] = []
  let run = 0

  for (const value of values) {
    while (run < runs.length && runs[run].end <= value.number) {
      run++
    }

    if (run < runs.length && runs[run].first <= value.number) {
      replaced.push(value.number)
    } else {
      journal.push({ ...value, records: decode(value.key, value.value) })
    }
  }

  if (snapshot == null && blocks.length > 0) {
    throw new StoreCorruptError('the SDS state has blocks and no snapshot')
  }

  const states = [snapshot, ...journal].flatMap(value => value?.records.state ?? [])

  if (states.length === 0) {
    if (journal.length > 0) {
      throw new StoreCorruptError('the SDS state has no state record')
    }

    return undefined
  }

  return { snapshot, blocks, journal, replaced: replaced.reverse(), next, state: states.reduce(mergeStates) }
}

/** Ceilings only ever rise; of the rest the last counts. */
function mergeStates (a: StateRecord, b: StateRecord): StateRecord {
  return {
    ...b,
    lamportCeiling: Math.max(a.lamportCeiling, b.lamportCeiling),
    saltCeiling: a.saltCeiling > b.saltCeiling ? a.saltCeiling : b.saltCeiling,
    ephemeralCeiling: a.ephemeralCeiling > b.ephemeralCeiling ? a.ephemeralCeiling : b.ephemeralCeiling,
    floor: Math.max(a.floor, b.floor),
    firstLiveAt: b.firstLiveAt ?? a.firstLiveAt,
    joinMark: b.firstLiveAt == null ? a.joinMark : b.joinMark,
    lost: Math.max(a.lost, b.lost)
  }
}

function numbered (key: string, prefix: string, value: Uint8Array): Numbered {
  const digits = key.slice(prefix.length)

  if (!/^[0-9]{12}$/.test(digits)) {
    throw new StoreCorruptError(`${key} is no key of the SDS state`)
  }

  return { key, number: Number(digits), value }
}

function decode (key: string, value: Uint8Array): Records {
  try {
    return Records.decode(value)
  } catch (err) {
    throw new StoreCorruptError(`${key} cannot be decoded`, { cause: err })
  }
}

/** Puts stored state into an SDS that was just made. */
export class Restorer {
  private readonly attempts = new Map<MessageId, AttemptRecord>()
  private readonly parked = new Map<MessageId, ParkedRecord>()
  /** all that the values name as lost or delivered, of which not all is remembered: nothing waits for it */
  private readonly ended = new Set<MessageId>()

  constructor (private readonly parts: Parts) {}

  /** @throws {StoreCorruptError} */
  restore (stored: Stored): void {
    const { core } = this.parts
    const { snapshot, blocks, journal } = stored

    core.seen.floor = stored.state.floor

    for (const { key, number, value } of blocks) {
      core.recorder.reading(number)
      this.facts(decode(key, value))
    }

    core.recorder.reading((blocks.at(-1)?.number ?? -1) + 1)
    core.log.resetFrontier([])

    if (snapshot != null) {
      this.volatile(snapshot.records)
      core.log.resetFrontier(snapshot.records.frontier.map(bytes => core.seen.find(toId(bytes))))
    }

    for (const { records } of journal) {
      this.facts(records)
      this.volatile(records)

      for (const { messageId } of [...records.log, ...records.seen]) {
        const id = toId(messageId)
        this.parked.delete(id)
        this.ended.add(id)
      }
    }

    core.recorder.resume(stored)
    this.own()
    this.recent()
    this.park()
  }

  private facts (records: Records): void {
    const { core } = this.parts

    records.log.forEach(record => { this.logged(record) })

    for (const { messageId, senderId } of records.receipts) {
      const row = core.log.get(core.seen.find(toId(messageId)))

      if (row != null && row.receipts?.includes(senderId) !== true) {
        row.receipts = extended(row.receipts ?? [], senderId)
      }
    }

    for (const { messageId, retrievalHint } of records.hints) {
      const row = core.log.get(core.seen.find(toId(messageId)))

      if (row != null) {
        core.log.setHint(row, retrievalHint)
      }
    }

    records.attempts.forEach(record => { this.attempts.set(toId(record.messageId), record) })

    for (const { messageId, lamportTimestamp } of records.seen) {
      const id = toId(messageId)
      core.recorder.count(lamportTimestamp, 0)

      if (core.seen.find(id) < 0) {
        core.seen.retire(core.seen.add(id, lamportTimestamp))
      }
    }

    for (const bytes of records.forgotten) {
      const slot = core.seen.find(toId(bytes))
      const row = core.log.get(slot)

      if (row != null) {
        core.recorder.dropped(row.block)
        core.log.remove(slot)
        core.seen.retire(slot)
      }
    }
  }

  private logged ({ messageId, lamportTimestamp, senderId, retrievalHint }: LogRecord): void {
    const { core } = this.parts
    const id = toId(messageId)

    if (core.seen.find(id) >= 0) {
      return
    }

    core.recorder.count(lamportTimestamp, 1)
    core.clock.merge(lamportTimestamp)
    core.log.add({
      slot: core.seen.add(id, lamportTimestamp),
      // one string for all rows of a sender
      senderId: senderId === core.senderId ? core.senderId : core.senders.get(senderId).senderId,
      hint: retrievalHint == null ? undefined : packBytes(retrievalHint),
      block: core.recorder.block,
      receipts: undefined
    })
  }

  private volatile (records: Records): void {
    const { core, dependencies } = this.parts

    for (const record of records.parked) {
      if (record.message == null) {
        throw new StoreCorruptError('a parked message is empty')
      }

      this.parked.set(toId(record.message.messageId), record)
    }

    records.covered.forEach(bytes => { core.log.cover(core.seen.find(toId(bytes))) })

    for (const bytes of records.lost) {
      const messageId = toId(bytes)
      this.ended.add(messageId)
      dependencies.addLost(messageId)
    }
  }

  /** Resending goes on where it was, with the timers of those that had left started again. */
  private own (): void {
    const { core, acknowledgements } = this.parts
    const own: Array<{ slot: number, settled: boolean, attempt?: AttemptRecord }> = []
    let reviewed = 0

    for (const slot of core.log.newest()) {
      const row = core.log.get(slot)

      if (row?.senderId !== core.senderId) {
        continue
      }

      const attempt = this.attempts.get(core.seen.id(slot))
      const settled = attempt?.exhausted === true || (row.receipts?.length ?? 0) >= core.config.deliveredAt

      if (!settled || reviewed++ < REVIEWED) {
        own.push({ slot, settled, attempt })
      }
    }

    // as they were sent
    for (const { slot, settled, attempt } of own.reverse()) {
      acknowledgements.track(slot, settled, attempt?.attempts)

      if (attempt != null) {
        acknowledgements.dispatched(slot)
      }
    }
  }

  private recent (): void {
    const { core, recent } = this.parts
    const slots: number[] = []

    for (const slot of core.log.newest()) {
      if (slots.push(slot) === WAKU_CAPACITY) {
        break
      }
    }

    for (const slot of slots.reverse()) {
      recent.insert(slot, core.log.get(slot)?.senderId === core.senderId)
    }
  }

  /** Parked messages wait on; a dependency that is neither here nor lost is missing again. */
  private park (): void {
    const { core, dependencies, delivery, recent } = this.parts
    const waiting: Array<{ slot: number, record: ParkedRecord, message: LogRecord }> = []

    for (const [messageId, record] of this.parked) {
      const { message } = record

      if (message != null && core.seen.find(messageId) < 0) {
        const slot = core.seen.add(messageId, message.lamportTimestamp)
        waiting.push({ slot, record, message })
        dependencies.foundLost(messageId)
        recent.insert(slot, false)
      }
    }

    const slots = new Set(waiting.map(({ slot }) => slot))

    for (const { slot, record, message } of waiting) {
      const lamport = message.lamportTimestamp
      const unmet = record.unmet.map(toEntry).filter((entry, place) => {
        if (isMet(record, place)) {
          return false
        }

        const other = core.seen.find(entry.messageId)

        return other < 0 ? !this.ended.has(entry.messageId) : slots.has(other) && core.seen.lamports[other] < lamport
      })

      const parked = createParked({
        slot,
        messageId: core.seen.id(slot),
        lamport,
        sender: core.senders.get(message.senderId),
        hint: message.retrievalHint == null ? undefined : packBytes(message.retrievalHint),
        cites: [...new Set([...record.unmet, ...record.cites.map(messageId => ({ messageId }))].map(({ messageId }) => toId(messageId)))],
        late: record.late,
        fetched: record.fetched
      })

      dependencies.park(parked, unmet)
      core.recorder.keep(parked, unmet)

      if (unmet.length === 0) {
        delivery.enqueue([parked])
      }
    }
  }
}

/** See pb/state.proto. */
function isMet ({ met }: ParkedRecord, place: number): boolean {
  const index = met.byteLength - 1 - (place >> 3)

  return index >= 0 && ((met[index] >> (place & 7)) & 1) === 1
}

function toId (bytes: Uint8Array): MessageId {
  if (bytes.byteLength === 0) {
    throw new StoreCorruptError('a stored message ID is empty')
  }

  return idFromBytes(bytes)
}

function toEntry (record: DependencyRecord): HistoryEntry {
  return {
    messageId: toId(record.messageId),
    retrievalHint: record.retrievalHint,
    senderId: record.senderId,
    lamportTimestamp: record.lamportTimestamp
  }
}
