import { checkKeys } from './check-keys.js'
import { StoreClosedError, StoreCorruptError, StoreVersionError } from './errors.js'
import { Keyspace } from './keyspace.js'
import { JournalEntry } from './pb/journal.js'
import type { StoreEntry } from './keyspace.js'
import type { JournalOp } from './pb/journal.js'
import type { Store, StoreOp } from './types.js'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Layout of what is under a prefix. A store with a higher one is refused. */
const STORE_VERSION = 1

/** Committed bytes that may wait to be moved from the journal to their keys. */
const CHECKPOINT_BYTES = 1024 * 1024

/** Journal values that may wait likewise. */
const CHECKPOINT_ENTRIES = 512

/** While checkpoints fail, this many times as much may gather; then commits are refused. */
const CHECKPOINT_OVERDUE = 4

/** Commits that arrive while a write is under way share the next journal value, up to this size. */
const GROUP_BYTES = 1024 * 1024

/** Keys that are held in memory at once while a store is erased. */
const ERASE_ENTRIES = 1_000

export interface JournaledStoreInit {
  datastore: Datastore
  /** everything is kept under this key, e.g. `/holdfast/channels/ab12` */
  prefix: string
}

interface Waiter {
  resolve (): void
  reject (err: unknown): void
}

interface Group extends Waiter {
  ops: readonly StoreOp[]
}

/**
 * Transactions over a datastore that has none.
 *
 * A commit is durable when its promise resolves: it is then one value in the journal. From
 * there it moves to its keys at the next checkpoint, together with what came after it, so that
 * a value written and deleted between two checkpoints never reaches its key. A crash at any
 * point leaves every commit whole or absent, in the order of the calls.
 *
 * Keys of the layout: `version`, `journal/<sequence>`, `applied` (the last sequence that has
 * reached its keys), `erasing`, and `data/<key>`.
 */
export class JournaledStore implements Store {
  private readonly keyspace: Keyspace
  /** committed, not yet at its key */
  private overlay = new Map<string, Uint8Array | undefined>()
  private overlayBytes = 0
  private overlayEntries = 0
  private sequence: number
  private applied: number
  private waiting: Group[] = []
  private writing?: Promise<void>
  private closed = false
  private closing?: Promise<void>

  private constructor (keyspace: Keyspace, applied: number) {
    this.keyspace = keyspace
    this.sequence = applied
    this.applied = applied
  }

  /**
   * Opens what is under `prefix`, and finishes what a crash interrupted.
   *
   * @throws {StoreVersionError} it was written by a newer version
   * @throws {StoreCorruptError} it cannot be read back
   */
  static async open (init: JournaledStoreInit): Promise<JournaledStore> {
    const keyspace = new Keyspace(init.datastore, init.prefix)

    if (await keyspace.get('erasing') != null) {
      await deleteAll(keyspace)
    }

    const version = await keyspace.getNumber('version')

    if (version == null) {
      const name = await keyspace.any()

      // the version is the first thing that is ever written
      if (name != null) {
        throw new StoreCorruptError(`${init.prefix} has ${name} but no layout version`)
      }

      await keyspace.putNumber('version', STORE_VERSION)
    } else if (version > STORE_VERSION) {
      throw new StoreVersionError(`${init.prefix} has layout version ${version}, this library reads up to ${STORE_VERSION}`)
    }

    const store = new JournaledStore(keyspace, await keyspace.getNumber('applied') ?? 0)
    await store.replay()

    return store
  }

  /** The value at `key` as of the last resolved commit. */
  async get (key: string, options?: AbortOptions): Promise<Uint8Array | undefined> {
    if (this.overlay.has(key)) {
      return this.overlay.get(key)
    }

    return await this.keyspace.get(`data/${key}`, options)
  }

  /**
   * Every entry whose key starts with `prefix`, in no particular order. What is committed
   * meanwhile may or may not be seen.
   */
  async * list (prefix: string, options?: AbortOptions): AsyncGenerator<StoreEntry> {
    const overlay = new Map(this.overlay)

    for (const [key, value] of overlay) {
      if (value != null && key.startsWith(prefix)) {
        yield { key, value }
      }
    }

    for await (const entry of this.keyspace.list('data/', prefix, options)) {
      if (!overlay.has(entry.key)) {
        yield entry
      }
    }
  }

  /**
   * Makes `ops` durable, all of them or none, after every commit that was called before.
   * Values belong to the store from now on.
   *
   * Rejects when the datastore refuses the write, and with it whatever was called before that
   * was known, so that no commit is stored without the ones before it. Later ones are tried again.
   */
  async commit (ops: readonly StoreOp[]): Promise<void> {
    if (this.closed) {
      throw new StoreClosedError(`the store at ${this.keyspace.prefix} is closed`)
    }

    checkKeys(ops)

    if (ops.length === 0) {
      return
    }

    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ ops, resolve, reject })

      if (this.writing == null) {
        void this.run(this.writeAll())
      }
    })
  }

  /** Waits for the commits under way and moves everything to its keys. */
  async flush (): Promise<void> {
    // no await between the check and the start of the checkpoint: there is one writer
    while (this.writing != null) {
      await this.writing
    }

    await this.run(this.checkpoint())
  }

  /** Flushes, and takes no more commits. The datastore stays open: it belongs to the caller. */
  async close (): Promise<void> {
    this.closed = true
    this.closing ??= this.flush()
    await this.closing
  }

  /** Deletes everything under the prefix and closes; a crash in the middle is finished by the next `open()`. */
  async erase (): Promise<void> {
    this.closed = true

    while (this.writing != null) {
      await this.writing
    }

    await this.run(this.eraseAll())
  }

  /** Writers run one at a time; commits that arrive meanwhile are written when `job` is over. */
  private async run (job: Promise<void>): Promise<void> {
    this.writing = job.catch(() => {}).then(() => {
      this.writing = undefined

      if (this.waiting.length > 0) {
        void this.run(this.writeAll())
      }
    })

    await job
  }

  private async writeAll (): Promise<void> {
    // commits made in this turn of the event loop share the first journal value as well
    await Promise.resolve()

    while (this.waiting.length > 0) {
      const groups = this.takeGroups()
      const ops = groups.length === 1 ? groups[0].ops : groups.flatMap(group => group.ops)

      try {
        await this.append(JournalEntry.encode({ ops: ops as JournalOp[] }))
      } catch (err) {
        groups.concat(this.waiting.splice(0)).forEach(group => { group.reject(err) })
        continue
      }

      this.sequence++
      this.overlayEntries++

      for (const { key, value } of ops) {
        this.overlayBytes += key.length + (value?.byteLength ?? 0)
        this.overlay.set(key, value)
      }

      groups.forEach(group => { group.resolve() })

      if (this.isDue(1)) {
        // a failed checkpoint loses nothing: the journal still has it, and the next one tries again
        await this.checkpoint().catch(() => {})
      }
    }
  }

  private async append (value: Uint8Array): Promise<void> {
    if (this.isDue(CHECKPOINT_OVERDUE)) {
      await this.checkpoint()
    }

    const name = journalName(this.sequence + 1)

    try {
      // same name again after a failure: what may have been written of it is replaced
      await this.keyspace.put(name, value)
    } catch (err) {
      await this.keyspace.delete(name).catch(() => {})

      throw err
    }
  }

  private isDue (times: number): boolean {
    return this.overlayBytes > CHECKPOINT_BYTES * times || this.overlayEntries > CHECKPOINT_ENTRIES * times
  }

  private takeGroups (): Group[] {
    let bytes = 0
    let count = 0

    while (count < this.waiting.length && (count === 0 || bytes < GROUP_BYTES)) {
      for (const op of this.waiting[count].ops) {
        bytes += op.key.length + (op.value?.byteLength ?? 0)
      }

      count++
    }

    return this.waiting.splice(0, count)
  }

  /** Moves what is committed to its keys. Only ever run by the one writer. */
  private async checkpoint (): Promise<void> {
    const { sequence, overlay } = this

    if (overlay.size > 0) {
      await this.keyspace.apply(Array.from(overlay, ([key, value]) => [`data/${key}`, value] as const))
      this.overlay = new Map()
      this.overlayBytes = this.overlayEntries = 0
    }

    if (sequence === this.applied) {
      return
    }

    // the marker comes first: whatever is left of the journal below it is never applied again
    await this.keyspace.putNumber('applied', sequence)

    const first = this.applied + 1
    this.applied = sequence
    await this.keyspace.apply(Array.from({ length: sequence - first + 1 }, (_, i) => [journalName(first + i), undefined] as const))
  }

  private async eraseAll (): Promise<void> {
    await this.keyspace.putNumber('erasing', 1)
    this.overlay = new Map()
    this.overlayBytes = this.overlayEntries = 0
    this.applied = this.sequence
    await deleteAll(this.keyspace)
  }

  private async replay (): Promise<void> {
    const entries: Array<{ sequence: number, value: Uint8Array }> = []

    for await (const { key, value } of this.keyspace.list('journal/')) {
      entries.push({ sequence: /^[0-9]{15}$/.test(key) ? parseInt(key, 10) : NaN, value })
    }

    entries.sort((a, b) => a.sequence - b.sequence)

    for (const { sequence, value } of entries) {
      if (sequence <= this.applied) {
        await this.keyspace.delete(journalName(sequence))
        continue
      }

      if (sequence !== this.sequence + 1) {
        throw new StoreCorruptError(`the journal at ${this.keyspace.prefix} has ${sequence} after ${this.sequence}`)
      }

      for (const op of this.decode(sequence, value)) {
        this.overlay.set(op.key, op.value)
      }

      this.sequence = sequence
    }

    await this.checkpoint()
  }

  private decode (sequence: number, value: Uint8Array): StoreOp[] {
    try {
      return JournalEntry.decode(value).ops
    } catch (err) {
      throw new StoreCorruptError(`journal value ${sequence} at ${this.keyspace.prefix} cannot be decoded`, { cause: err })
    }
  }
}

/** The mark goes last, so that a crash in the middle is seen. */
async function deleteAll (keyspace: Keyspace): Promise<void> {
  let names: Array<readonly [string, undefined]> = []

  for await (const name of keyspace.names()) {
    if (name !== 'erasing' && names.push([name, undefined]) === ERASE_ENTRIES) {
      await keyspace.apply(names)
      names = []
    }
  }

  await keyspace.apply(names)
  await keyspace.delete('erasing')
}

function journalName (sequence: number): string {
  return `journal/${sequence.toString().padStart(15, '0')}`
}
