import { StoreCorruptError } from '../storage/index.js'
import { assemble } from './assemble.js'
import { CompletedSets } from './completed-sets.js'
import { InvalidSegmentError } from './errors.js'
import { heldBytes, hold } from './held-segment.js'
import { InstantMessages } from './instant-messages.js'
import { locate } from './locate.js'
import { MAX_ALTERNATIVES, PartialSet } from './partial-set.js'
import { PendingOps } from './pending-ops.js'
import { StoredSegment } from './pb/stored.js'
import { isAlone, parseSegment } from './segment.js'
import { paritySegmentIds } from './segment-ids.js'
import { SetTable } from './set-table.js'
import { SLICE_BYTES } from './slices.js'
import type { SegmentationConfig } from './config.js'
import type { Complete, DroppedSet, DropReason, ReassemblyInit, ReassemblyStatus, RejectReason, SegmentInput, SegmentResult } from './reassembly-types.js'
import type { Segment } from './segment.js'
import type { Steps } from './slices.js'
import type { Bytes } from '../clock.js'
import type { StoreEntry, StoreOp } from '../storage/index.js'

/** Where segments are stored, followed by a number that grows in the order of their arrival. */
export const SEGMENT_PREFIX = 'seg/s/'

/** Messages of one segment that may wait for `takeOps()` before they are held like all others. */
const MAX_INSTANT = 1_000

/**
 * Puts segments back together.
 *
 * One rule: every segment that was taken is held, in memory and through `takeOps()` in storage,
 * until `remove()` of its set; what comes and goes between two `takeOps()` leaves no operation.
 * So the segments must be stored in the transaction in which SDS remembers their IDs, and a
 * set be removed in the one that delivers its message.
 */
export class Reassembly {
  private readonly config: SegmentationConfig
  private readonly onDrop: (set: DroppedSet) => void
  private readonly table: SetTable
  private readonly completed: CompletedSets
  private readonly setKeys = new Map<string, string>()
  /** by set key, which is the message ID: most are removed in the transaction in which they come, and never cost more */
  private readonly instant = new InstantMessages()
  private readonly ops = new PendingOps()
  private nextKey = 0
  private readonly counters = {
    completed: 0,
    duplicates: 0,
    rejected: { malformed: 0, 'too-large': 0, contradicting: 0, full: 0 },
    dropped: { expired: 0, evicted: 0 }
  }

  constructor (init: ReassemblyInit) {
    this.config = init.config
    this.onDrop = init.onDrop ?? (() => {})
    this.table = new SetTable(init.config)
    this.completed = new CompletedSets(init.config.maxCompleted)
  }

  /**
   * Continues from what was stored under {@link SEGMENT_PREFIX}; time starts over for every set.
   * Sets that are complete, or were so before, are in `ready()`.
   *
   * @throws {StoreCorruptError}
   */
  static restore (init: ReassemblyInit, entries: Iterable<StoreEntry>, now: number): Reassembly {
    const reassembly = new Reassembly(init)
    const sorted = [...entries].map(({ key, value }) => ({ key, value, number: Number(key.slice(SEGMENT_PREFIX.length)) }))

    for (const { key, value, number } of sorted.sort((a, b) => a.number - b.number)) {
      reassembly.nextKey = number + 1

      try {
        const { content, senderId, messageId, idSalt } = StoredSegment.decode(value)
        const input = { content, senderId, messageId, idSalt }

        if (!(reassembly.take(input, parseSegment(content), now, key) instanceof PartialSet)) {
          // the bounds are lower than they were
          reassembly.ops.delete(key)
        }
      } catch (err) {
        throw new StoreCorruptError(`the stored segment ${key} cannot be read`, { cause: err })
      }
    }

    return reassembly
  }

  /** Takes a segment. Its set is complete at once when little is left to do. Never throws on what a peer sent. */
  add (input: SegmentInput, now: number): SegmentResult {
    let segment: Segment

    try {
      segment = parseSegment(input.content)
    } catch (err) {
      return this.reject('malformed', err instanceof InvalidSegmentError ? err : new InvalidSegmentError(String(err)))
    }

    if (segment.length > this.config.maxPayloadBytes) {
      return this.reject('too-large', new InvalidSegmentError(`a payload of ${segment.length} bytes is more than maxPayloadBytes (${this.config.maxPayloadBytes})`))
    }

    if (input.idSalt != null && input.idSalt < BigInt(segment.slot)) {
      return this.reject('malformed', new InvalidSegmentError(`the salt ${input.idSalt} leaves no room for ${segment.slot} segments before it`))
    }

    if (isAlone(segment) && segment.length <= SLICE_BYTES) {
      return this.addInstant(input, segment, now)
    }

    const taken = this.takeAndStore(input, segment, now)

    if (!(taken instanceof PartialSet)) {
      return taken
    }

    if (taken.work == null || taken.started) {
      return taken.progress()
    }

    return this.advance(taken) ?? { state: 'ready', setKey: taken.key }
  }

  /** Sets with enough segments that are not assembled yet: after `restore()`, and after a result `ready`. */
  ready (): string[] {
    return [...this.table.values()].filter(set => set.work != null).map(set => set.key)
  }

  /**
   * Assembles a set that is ready, one slice a step. `partial`: what came so far cannot have the
   * announced hash, so some of it is forged, and the set waits for more. Nothing when the set
   * was given up, or is not there.
   */
  * assemble (setKey: string): Steps<SegmentResult | undefined> {
    const set = this.table.get(setKey)

    while (set?.work != null) {
      const result = this.advance(set)

      if (result != null) {
        return result
      }

      yield
    }

    if (set == null || this.table.get(setKey) !== set) {
      return undefined
    }

    return set.complete ?? set.progress()
  }

  /** A complete set that waits for its release. */
  complete (setKey: string): Complete | undefined {
    return this.instant.get(setKey) ?? this.table.get(setKey)?.complete
  }

  /** The set that holds the segment with this SDS ID. */
  setOf (messageId: string): string | undefined {
    return this.instant.has(messageId) ? messageId : this.setKeys.get(messageId)
  }

  /** The segments of a set that are not here: place, and the salt when it is known. */
  missing (setKey: string): Array<{ index: number, isParity: boolean, idSalt?: bigint }> {
    const set = this.table.get(setKey)
    const missing = []

    for (let slot = 0; set != null && slot < set.shape.dataCount + set.shape.parityCount; slot++) {
      if (set.complete == null && set.at(slot).length === 0) {
        const isParity = slot >= set.shape.dataCount

        missing.push({
          index: isParity ? slot - set.shape.dataCount : slot,
          isParity,
          idSalt: set.saltBase == null ? undefined : set.saltBase + BigInt(slot)
        })
      }
    }

    return missing
  }

  /**
   * Completed sets of a sender that lack parity: what SDS reports as missing may be of them, and
   * need not be fetched. To be asked only then, since parity mostly comes right behind.
   */
  lackingParity (senderId: string): Array<{ setKey: string, messageId: string }> {
    return this.completed.lacking(senderId)
  }

  /** The SDS IDs of a completed set's parity segments that did not come; `payload` is its payload. */
  * absentParity (setKey: string, payload: Uint8Array): Steps<string[]> {
    const set = this.completed.salted(setKey)

    return set == null ? [] : yield * paritySegmentIds(set, this.completed.unseen(setKey), payload)
  }

  /** Forgets a set: its message is delivered, or will not be. */
  remove (setKey: string): void {
    if (this.instant.delete(setKey)) {
      return
    }

    const set = this.table.get(setKey)

    if (set != null) {
      this.discard(set)
    }
  }

  /** Gives up what got nothing new for `reconstructionTimeoutMs`. Complete sets stay. */
  expire (now: number): void {
    for (let set = this.table.oldest(); set != null && now >= set.updated + this.config.reconstructionTimeoutMs; set = this.table.oldest()) {
      this.drop(set, 'expired')
    }
  }

  /** When `expire()` has something to do, in ms. */
  nextDeadline (): number | undefined {
    const set = this.table.oldest()

    return set == null ? undefined : set.updated + this.config.reconstructionTimeoutMs
  }

  /** What has to be stored since the last call. */
  takeOps (): StoreOp[] {
    this.holdInstant()

    return this.ops.take()
  }

  status (): ReassemblyStatus {
    const { completed, duplicates, rejected, dropped } = this.counters

    return {
      sets: this.table.size + this.instant.size,
      complete: this.table.size - this.table.incomplete + this.instant.size,
      bytes: this.table.bytes,
      completed,
      duplicates,
      rejected: { ...rejected },
      dropped: { ...dropped }
    }
  }

  private addInstant (input: SegmentInput, segment: Segment, now: number): SegmentResult {
    if (this.setOf(input.messageId) != null) {
      this.counters.duplicates++

      return { state: 'duplicate' }
    }

    const complete = this.instant.add(input, segment, now)

    if (complete == null) {
      return this.reject('malformed', new InvalidSegmentError('the payload has another hash than the segment says'))
    }

    this.counters.completed++

    if (this.instant.size > MAX_INSTANT) {
      this.holdInstant()
    }

    return complete
  }

  /** What was not removed at once is held and stored like any other set. */
  private holdInstant (): void {
    for (const { input, segment, now, complete } of this.instant.drain()) {
      const set = this.takeAndStore(input, segment, now)

      if (set instanceof PartialSet) {
        set.work = undefined
        set.complete = { ...complete, hash: set.shape.hash, payload: set.at(0)[0].chunk }
        this.table.resize(set, set.release())
      } else {
        this.counters.dropped.evicted++
        this.onDrop({ setKey: complete.setKey, senderId: input.senderId, reason: 'evicted', complete: true, messageIds: [input.messageId] })
      }
    }
  }

  private takeAndStore (input: SegmentInput, segment: Segment, now: number): PartialSet | SegmentResult {
    const storeKey = input.ephemeral === true ? undefined : SEGMENT_PREFIX + this.nextKey++
    const taken = this.take(input, segment, now, storeKey)

    if (storeKey != null && taken instanceof PartialSet) {
      this.ops.put(storeKey, () => StoredSegment.encode({ ...input, content: input.content as Bytes }))
    }

    return taken
  }

  private take (input: SegmentInput, segment: Segment, now: number, storeKey?: string): PartialSet | SegmentResult {
    const place = this.setKeys.has(input.messageId) ? undefined : locate(input, segment, this.table, this.completed)
    const set = place?.set ?? (place == null ? undefined : new PartialSet({ ...place, senderId: input.senderId, shape: segment }))

    if (set == null || set.complete != null) {
      this.counters.duplicates++

      return { state: 'duplicate' }
    }

    if (set.at(segment.slot).length >= MAX_ALTERNATIVES) {
      return this.reject('contradicting', new InvalidSegmentError(`${MAX_ALTERNATIVES} other contents are held for the same segment`))
    }

    const held = hold(input, segment, storeKey)

    for (;;) {
      const victim = this.table.overflow(set, heldBytes(held))

      if (victim === undefined) {
        break
      }

      if (victim === null) {
        return this.reject('full', new InvalidSegmentError(`no room for ${held.content.byteLength} more bytes`))
      }

      this.drop(victim, 'evicted')
    }

    this.table.put(set, held, now)
    this.setKeys.set(held.messageId, set.key)

    if (set.enough && set.work == null) {
      set.work = assemble(set)
      set.started = false
      this.table.settle(set, true)
    }

    return set
  }

  /** One step of assembling; nothing while there are more. */
  private advance (set: PartialSet): SegmentResult | undefined {
    const step = set.work?.next()
    set.started = true

    if (step?.done !== true) {
      return undefined
    }

    set.work = undefined

    if (step.value == null && isAlone(set.shape)) {
      this.discard(set)

      return this.reject('malformed', new InvalidSegmentError('the payload has another hash than the segment says'))
    }

    if (step.value == null) {
      this.table.settle(set, false)

      return set.progress()
    }

    this.counters.completed++

    if (!isAlone(set.shape)) {
      this.completed.add(set, step.value.messageId)
    }

    set.complete = step.value
    this.table.resize(set, set.release())

    return step.value
  }

  private reject (reason: RejectReason, error: InvalidSegmentError): SegmentResult {
    this.counters.rejected[reason]++

    return { state: 'rejected', reason, error }
  }

  private drop (set: PartialSet, reason: DropReason): void {
    const { key: setKey, senderId } = set
    const dropped = { setKey, senderId, reason, complete: set.complete != null, messageIds: [...set.entries()].map(({ messageId }) => messageId) }

    this.counters.dropped[reason]++
    this.discard(set)
    this.onDrop(dropped)
  }

  private discard (set: PartialSet): void {
    for (const { storeKey, messageId } of set.entries()) {
      this.setKeys.delete(messageId)

      if (storeKey != null) {
        this.ops.delete(storeKey)
      }
    }

    this.table.delete(set)
  }
}
