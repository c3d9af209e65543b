import { Key } from 'interface-datastore'
import { StoreClosedError, StoreCorruptError, StoreVersionError } from './errors.js'
import { JournalEntry } from './pb/journal.js'
import type { JournalOp } from './pb/journal.js'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Layout of what is under a prefix. A store with a higher one is refused. */
const STORE_VERSION = 1

/** Committed bytes that may wait to be moved from the journal to their keys. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024

/** Journal values that may wait likewise. */
const CHECKPOINT_ENTRIES = 512

/** Commits that arrive while a write is under way share the next journal value, up to this size. */
const GROUP_BYTES = 1024 * 1024

/** One change of a transaction. Keys are relative to the store, without a leading slash. */
export interface StoreOp {
  key: string
  /** absent: delete */
  value?: Uint8Array
}

/** One stored value. */
export interface StoreEntry {
  key: string
  value: Uint8Array
}

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
export class JournaledStore {
  private readonly datastore: Datastore
  private readonly prefix: string
  /** committed, not yet at its key */
  private overlay = new Map<string, Uint8Array | undefined>()
  private overlayBytes = 0
  private overlayEntries = 0
  private sequence: number
  private applied: number
  private waiting: Group[] = []
  private writing?: Promise<void>
  private closed = false

  private constructor (init: JournaledStoreInit, applied: number) {
    this.datastore = init.datastore
    this.prefix = init.prefix
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
    const store = new JournaledStore(init, 0)

    if (await store.read('erasing') != null) {
      await store.deleteAll()
    }

    const version = await store.readNumber('version')

    if (version == null) {
      await store.write('version', numberValue(STORE_VERSION))
    } else if (version > STORE_VERSION) {
      throw new StoreVersionError(`${init.prefix} has layout version ${version}, this library reads up to ${STORE_VERSION}`)
    }

    store.applied = store.sequence = await store.readNumber('applied') ?? 0
    await store.replay()

    return store
  }

  /** The value at `key` as of the last resolved commit. */
  async get (key: string, options?: AbortOptions): Promise<Uint8Array | undefined> {
    if (this.overlay.has(key)) {
      return this.overlay.get(key)
    }

    return await this.read(`data/${key}`, options)
  }

  /** Every entry whose key starts with `prefix`, in no particular order. */
  async * list (prefix: string, options?: AbortOptions): AsyncGenerator<StoreEntry> {
    const overlay = new Map(this.overlay)

    for (const [key, value] of overlay) {
      if (value != null && key.startsWith(prefix)) {
        yield { key, value }
      }
    }

    const root = `${this.prefix}/data/`

    for await (const { key, value } of this.datastore.query({ prefix: root + prefix }, options)) {
      const name = key.toString().slice(root.length)

      if (!overlay.has(name)) {
        yield { key: name, value }
      }
    }
  }

  /**
   * Makes `ops` durable, all of them or none, after every commit that was called before.
   * Rejects when the datastore refuses the write: then nothing of it is stored.
   */
  async commit (ops: readonly StoreOp[]): Promise<void> {
    if (this.closed) {
      throw new StoreClosedError(`the store at ${this.prefix} is closed`)
    }

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
    if (!this.closed) {
      this.closed = true
      await this.flush()
    }
  }

  /** Deletes everything under the prefix and closes; a crash in the middle is finished by the next `open()`. */
  async erase (): Promise<void> {
    this.closed = true

    while (this.writing != null) {
      await this.writing
    }

    this.overlay.clear()
    await this.write('erasing', numberValue(1))
    await this.deleteAll()
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
      const key = this.journalKey(this.sequence + 1)

      try {
        // same key again after a failure: what may have been written of it is replaced
        await this.datastore.put(key, JournalEntry.encode({ ops: ops as JournalOp[] }))
      } catch (err) {
        await Promise.resolve(this.datastore.delete(key)).catch(() => {})
        groups.forEach(group => { group.reject(err) })
        continue
      }

      this.sequence++
      this.overlayEntries++

      for (const { key, value } of ops) {
        this.overlayBytes += key.length + (value?.byteLength ?? 0)
        this.overlay.set(key, value)
      }

      groups.forEach(group => { group.resolve() })

      if (this.overlayBytes > CHECKPOINT_BYTES || this.overlayEntries > CHECKPOINT_ENTRIES) {
        // a failed checkpoint loses nothing: the journal still has it, and the next one tries again
        await this.checkpoint().catch(() => {})
      }
    }
  }

  private takeGroups (): Group[] {
    let bytes = 0
    let count = 0

    while (count < this.waiting.length && (count === 0 || bytes < GROUP_BYTES)) {
      for (const op of this.waiting[count].ops) {
        bytes += op.value?.byteLength ?? 0
      }

      count++
    }

    return this.waiting.splice(0, count)
  }

  /** Moves what is committed to its keys. Only ever run by the one writer. */
  private async checkpoint (): Promise<void> {
    const { sequence, overlay } = this

    if (overlay.size > 0) {
      const batch = this.datastore.batch()

      for (const [key, value] of overlay) {
        const full = this.key(`data/${key}`)

        if (value == null) {
          batch.delete(full)
        } else {
          batch.put(full, value)
        }
      }

      await batch.commit()
      this.overlay = new Map()
      this.overlayBytes = this.overlayEntries = 0
    }

    if (sequence === this.applied) {
      return
    }

    // the marker comes first: whatever is left of the journal below it is never applied again
    await this.write('applied', numberValue(sequence))

    const batch = this.datastore.batch()

    for (let i = this.applied + 1; i <= sequence; i++) {
      batch.delete(this.journalKey(i))
    }

    this.applied = sequence
    await batch.commit()
  }

  private async replay (): Promise<void> {
    const entries: Array<{ sequence: number, value: Uint8Array }> = []
    const root = `${this.prefix}/journal/`

    for await (const { key, value } of this.datastore.query({ prefix: root })) {
      entries.push({ sequence: parseInt(key.toString().slice(root.length), 10), value })
    }

    entries.sort((a, b) => a.sequence - b.sequence)

    for (const { sequence, value } of entries) {
      if (sequence <= this.applied) {
        await this.datastore.delete(this.journalKey(sequence))
        continue
      }

      if (sequence !== this.sequence + 1) {
        throw new StoreCorruptError(`the journal at ${this.prefix} has ${sequence} after ${this.sequence}`)
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
      throw new StoreCorruptError(`journal value ${sequence} at ${this.prefix} cannot be decoded`, { cause: err })
    }
  }

  private async deleteAll (): Promise<void> {
    const erasing = this.key('erasing').toString()
    let batch = this.datastore.batch()
    let count = 0

    for await (const key of this.datastore.queryKeys({ prefix: `${this.prefix}/` })) {
      if (key.toString() === erasing) {
        continue
      }

      batch.delete(key)

      if (++count % 1_000 === 0) {
        await batch.commit()
        batch = this.datastore.batch()
      }
    }

    await batch.commit()
    await this.datastore.delete(this.key('erasing'))
  }

  private async read (name: string, options?: AbortOptions): Promise<Uint8Array | undefined> {
    try {
      return await this.datastore.get(this.key(name), options)
    } catch (err) {
      if (err instanceof Error && err.name === 'NotFoundError') {
        return undefined
      }

      throw err
    }
  }

  private async readNumber (name: string): Promise<number | undefined> {
    const value = await this.read(name)

    if (value == null) {
      return undefined
    }

    const text = new TextDecoder().decode(value)

    if (!/^[0-9]{1,15}$/.test(text)) {
      throw new StoreCorruptError(`${this.prefix}/${name} is not a number`)
    }

    return Number(text)
  }

  private async write (name: string, value: Uint8Array): Promise<void> {
    await this.datastore.put(this.key(name), value)
  }

  private journalKey (sequence: number): Key {
    return this.key(`journal/${sequence.toString().padStart(15, '0')}`)
  }

  private key (name: string): Key {
    return new Key(`${this.prefix}/${name}`, false)
  }
}

function numberValue (value: number): Uint8Array {
  return new TextEncoder().encode(value.toString())
}
