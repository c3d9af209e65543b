import { Acknowledgements } from './acknowledgements.js'
import { encodeMessage, MAX_HINT_BYTES } from './codec.js'
import { verifyConfig } from './config.js'
import { Core } from './core.js'
import { Delivery } from './delivery.js'
import { Dependencies } from './dependencies.js'
import { Ephemerals } from './ephemerals.js'
import { holdersOf } from './holders.js'
import { toHex } from './ids.js'
import { JoinMark } from './join.js'
import { OwnClock } from './own-clock.js'
import { RecentIds } from './recent-ids.js'
import { Receiver } from './receiver.js'
import { RepairRequests, RepairResponses } from './repair.js'
import { readStored, Restorer } from './restore.js'
import { Stager } from './stager.js'
import { Sync } from './sync.js'
import type { Stored } from './restore.js'
import type { Parts } from './receiver.js'
import type { RecordsWriter } from './records-writer.js'
import type { Acknowledgement, LogEntry, LogRange, MessageId, ReceiveContext, SdsEffect, SdsInit, SdsStatus, Staged, StageOptions } from './types.js'
import type { StoreEntry, StoreOp } from '../storage/index.js'

const HEARD: ReceiveContext = {}

/** Deadlines that one tick looks after; the rest is due still, and left to the next. */
const MAX_FIRED = 128

/** Random bytes in the ID of a sync message. */
const SYNC_ID_BYTES = 16

/**
 * Scalable Data Sync for one member of one channel: a pure core, without timers, network or
 * storage of its own. Every `now` is the wall clock in ms.
 *
 * After each call that changes something, commit what `takeOps()` answers, and only then act on
 * the effects. The bytes of messages are the caller's to keep: `transmit` names them by ID.
 *
 * No call takes long: when many messages become ready, or are given up, at one time, a call does
 * a part of it, and `nextDeadline()` asks for the next `tick()` at once.
 */
export class Sds {
  private readonly core: Core
  private readonly parts: Parts
  private readonly receiver: Receiver
  private readonly stager: Stager

  /**
   * @param stored - what `restore()` read
   * @throws {InvalidParametersError} the configuration contradicts itself
   */
  constructor (init: SdsInit, stored?: Stored) {
    const join = new JoinMark({
      createdAt: stored?.state.createdAt ?? init.now,
      mark: stored?.state.joinMark ?? init.now,
      firstLiveAt: stored?.state.firstLiveAt
    })
    const core = this.core = new Core(init, verifyConfig(init.config), join)
    const acknowledgements = new Acknowledgements(core)
    const sync: Sync = new Sync(core, {
      send: () => this.sendSync(),
      hasRequests: () => requests.size > 0
    })
    const dependencies: Dependencies = new Dependencies(core, {
      requestDue: (missing, now) => {
        requests.due(missing, now)

        if (requests.size > 0) {
          sync.repairDue()
        }
      },
      gone: missing => { requests.gone(missing) },
      ready: parked => { delivery.enqueue(parked) }
    })
    const requests = new RepairRequests(core)
    const delivery = new Delivery(core, dependencies, acknowledgements)

    this.parts = {
      core,
      acknowledgements,
      delivery,
      dependencies,
      ephemerals: new Ephemerals(stored?.state.ephemeralCeiling ?? 0n),
      recent: new RecentIds(core),
      requests,
      responses: new RepairResponses(core),
      sync
    }
    this.receiver = new Receiver(this.parts)
    this.stager = new Stager(this.parts)

    if (stored != null) {
      core.clock = new OwnClock({ lamport: stored.state.lamportCeiling, salt: stored.state.saltCeiling })
      core.ephemeralCeiling = stored.state.ephemeralCeiling
      core.lostCount = stored.state.lost
      new Restorer(this.parts).restore(stored)
      sync.changed()
      // the first tick reports what is still missing, and releases what became ready
      core.schedule(core.timer(() => {}), 0)
    }
  }

  /**
   * The SDS as it was when the last committed operations were taken; a new one when there are
   * no entries. Timers start again. What became of requests while the process was down is for
   * the caller to reconcile: see `acknowledgement()`.
   *
   * @param entries - everything in the store under `sds/`, in any order
   * @throws {StoreCorruptError} an entry that `takeOps()` never made
   */
  static restore (init: SdsInit, entries: Iterable<StoreEntry>): Sds {
    return new Sds(init, readStored(entries))
  }

  /**
   * Wraps contents, each given in parts that are concatenated. The first cites the frontier,
   * each later one its predecessor. Apply one `Staged` before making the next, so that the next
   * cites it.
   *
   * @throws {InvalidParametersError} a content is empty, or a salt was used before
   */
  stage (contents: ReadonlyArray<readonly Uint8Array[]>, now: number, options: StageOptions = {}): Staged {
    this.core.advance(now)

    return this.stager.stage(contents, options)
  }

  /** The first of `count` consecutive salts that `stage()` will not hand out by itself. */
  reserveSalts (count: number, now: number): bigint {
    this.core.advance(now)

    return this.core.clock.reserve(count, this.core.wall)
  }

  /** The message left for the first time: the wait for acknowledgements begins. Later calls do nothing. */
  dispatched (messageId: MessageId, now: number): void {
    this.core.advance(now)

    if (this.parts.acknowledgements.dispatched(this.core.seen.find(messageId))) {
      this.core.recorder.attempt(messageId, 0, false)
    }
  }

  /** Where the bytes of a message in the log can be had; cited from now on. At most 64 bytes. */
  hint (messageId: MessageId, hash: Uint8Array): void {
    const row = this.core.log.get(this.core.seen.find(messageId))

    if (row != null && hash.byteLength > 0 && hash.byteLength <= MAX_HINT_BYTES) {
      this.core.log.setHint(row, hash)
      this.core.recorder.hint(messageId, hash)
    }
  }

  /** Takes in what came from the network. Never throws: what is wrong with it is an effect. */
  receive (bytes: Uint8Array, now: number, context: ReceiveContext = HEARD): SdsEffect[] {
    this.core.advance(now)
    this.receiver.receive(bytes, context)

    return this.finish()
  }

  /** The same ciphertext came again, and was recognised before it was decrypted. */
  duplicate (messageId: MessageId, senderId: string, now: number): SdsEffect[] {
    this.core.advance(now)
    this.receiver.duplicate(messageId, senderId)

    return this.finish()
  }

  /**
   * These need not come any more: their contents were made from parity. They count as held.
   *
   * @param first - what belongs together with them: released before all else that they held up, and not in parts
   */
  present (messageIds: readonly MessageId[], now: number, first: readonly MessageId[] = []): SdsEffect[] {
    const { core, parts } = this
    const resolved: MessageId[] = []
    core.advance(now)

    for (const messageId of messageIds) {
      if (core.seen.find(messageId) >= 0) {
        continue
      }

      const missing = parts.dependencies.getMissing(messageId)
      const lamport = missing?.first.lamportTimestamp ?? core.clock.lamport

      core.recorder.seen(messageId, lamport)
      const slot = core.seen.add(messageId, lamport)
      parts.recent.insert(slot, false)
      core.seen.retire(slot)
      parts.sync.owe(messageId)

      if (missing != null) {
        core.emit({ type: 'found', messageId })
      }

      resolved.push(messageId)
    }

    parts.delivery.present(resolved, new Set(first))

    return this.finish()
  }

  /** We are about to go: a sync message acknowledges what we still owe, if anything. */
  leave (now: number): SdsEffect[] {
    this.core.advance(now)
    this.parts.sync.leave()

    return this.finish()
  }

  /** Whoever was asked for a missing message cannot deliver it: SDS-R goes ahead with the next `tick()`. */
  unavailable (messageId: MessageId, now: number): void {
    this.core.advance(now)
    this.parts.dependencies.getMissing(messageId)?.hurry()
  }

  /**
   * Does what is due, or a part of that: no call takes long, however much became due or ready at
   * once. Call it at `nextDeadline()`; sooner does no harm.
   */
  tick (now: number): SdsEffect[] {
    const at = this.core.advance(now)

    if (this.core.timeline.online) {
      for (let i = 0, due; i < MAX_FIRED && (due = this.core.deadlines.take(at)) != null; i++) {
        due.fire(at)
      }
    }

    return this.finish()
  }

  /** Wall clock at which `tick()` has something to do, or had already; undefined while nothing waits. */
  nextDeadline (): number | undefined {
    if (this.parts.delivery.isBehind) {
      return this.core.wall
    }

    const { next } = this.core.deadlines

    return next == null || !this.core.timeline.online ? undefined : this.core.timeline.toWall(next)
  }

  /**
   * Whether anybody is subscribed. While nobody is, every timer stands still. Coming online, or
   * saying so again when members joined the topic, makes us tell them what we have.
   */
  setOnline (online: boolean, now: number): void {
    this.core.advance(now)
    this.core.timeline.online = online

    if (online && this.core.log.size > 0) {
      this.parts.sync.changed()
    }
  }

  /** What to commit for the calls since the last one: all of it or nothing, in the order of the calls. */
  takeOps (): StoreOp[] {
    const { core, parts: { dependencies } } = this
    core.noteState()

    return core.recorder.takeOps(core.seen.floor, dependencies.byteLength, (records, kept) => { this.snapshot(records, kept) })
  }

  /** Sender IDs known to hold a message of ours. */
  receipts (messageId: MessageId): readonly string[] {
    return this.core.log.get(this.core.seen.find(messageId))?.receipts ?? []
  }

  /** State of a message of ours; undefined when there is none of that ID in the log. */
  acknowledgement (messageId: MessageId): Acknowledgement | undefined {
    return this.parts.acknowledgements.state(this.core.seen.find(messageId))
  }

  /** What a parked message waits for; nothing when it is not parked. */
  unmet (messageId: MessageId): MessageId[] {
    return this.parts.dependencies.unmetOf(messageId)
  }

  /** Senders that are likely to hold a message: its author, then by their own word, by citing it, by a filter. */
  holders (messageId: MessageId): string[] {
    return holdersOf(messageId, this.core, this.parts.dependencies)
  }

  /** Other senders heard within ten minutes. */
  senders (now: number): number {
    return this.core.senders.active(now)
  }

  /** Other senders that are told apart, and the wall clock in ms at which each was last heard live. */
  * knownSenders (): Generator<{ senderId: string, lastSeen?: number }> {
    for (const { senderId, lastSeen } of this.core.senders.all()) {
      yield { senderId, lastSeen: lastSeen === -Infinity ? undefined : lastSeen }
    }
  }

  /** Whether the message came before, and is not forgotten: in the log, parked, or only remembered. */
  has (messageId: MessageId): boolean {
    return this.core.seen.find(messageId) >= 0
  }

  /** Entries of the log in the order of (Lamport timestamp, message ID by code unit). */
  entries (range: LogRange): LogEntry[] {
    return [...this.core.log.entries(range)]
  }

  entry (messageId: MessageId): LogEntry | undefined {
    const slot = this.core.seen.find(messageId)

    return this.core.log.get(slot) == null ? undefined : this.core.log.view(slot)
  }

  /** Takes messages out of the log: they are no longer cited, served or resent, but still recognised. */
  forget (messageIds: readonly MessageId[]): void {
    const { core } = this

    for (const messageId of messageIds) {
      const slot = core.seen.find(messageId)
      const row = core.log.get(slot)

      if (row != null) {
        this.parts.acknowledgements.untrack(slot)
        core.log.remove(slot)
        core.recorder.forgotten(messageId, row.block)
        core.seen.retire(slot)
      }
    }
  }

  status (): SdsStatus {
    const { core, parts: { acknowledgements, dependencies, recent } } = this

    return {
      unacknowledged: acknowledgements.unacknowledged,
      parked: dependencies.parkedCount,
      missing: dependencies.missing,
      lost: core.lostCount,
      log: core.log.size,
      seen: core.seen.size,
      lamportTimestamp: core.clock.lamport,
      bytes: dependencies.byteLength + core.senders.byteLength + recent.byteLength + core.seen.byteLength,
      floor: core.seen.floor,
      rejected: { ...this.receiver.rejected }
    }
  }

  private finish (): SdsEffect[] {
    this.parts.delivery.flush()
    const entries = this.parts.dependencies.takeReports()

    if (entries.length > 0) {
      this.core.emit({ type: 'missing', entries })
    }

    return this.core.takeEffects()
  }

  private sendSync (): boolean {
    const { core, parts: { recent, requests } } = this
    const history = core.log.cite(core.config.maxCausalHistory)
    const repairRequest = requests.take()

    if (history.length === 0 && repairRequest.length === 0) {
      return false
    }

    core.emit({
      type: 'sync',
      bytes: encodeMessage({
        senderId: core.senderId,
        messageId: `sync-${toHex(core.random.bytes(SYNC_ID_BYTES))}`,
        channelId: core.channelId,
        lamportTimestamp: core.clock.tick(core.wall),
        causalHistory: history.map(slot => core.log.citation(slot)),
        bloomFilter: recent.toBytes(true),
        repairRequest
      })
    })

    return true
  }

  private snapshot (records: RecordsWriter, kept: RecordsWriter): void {
    const { core, parts: { dependencies } } = this
    records.state(core.stateRecord())

    for (const slot of core.log.frontierSlots()) {
      records.frontier(core.seen.id(slot))
    }

    for (const messageId of dependencies.lostIds()) {
      records.lost(messageId)
    }

    records.waiting(dependencies.parkedMessages(), kept)
  }
}
