import { NotFoundError } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { seededRandom } from './seeded-random.js'
import type { SeededRandom } from './seeded-random.js'
import type { Clock } from '../clock.js'
import type { Batch, KeyQuery, Pair, Query } from 'interface-datastore'

export interface CrashableDatastoreInit {
  /** decides what a crash keeps. @default seededRandom(0) */
  random?: SeededRandom
  /** with it, a write takes `writeMs` of its time; without it, one turn of the microtask queue */
  clock?: Clock
  /** the longest that one write takes, in ms. @default 2 */
  writeMs?: number
}

interface Op {
  key: string
  /** absent: delete */
  value?: Uint8Array
}

/** One `put()`, `delete()` or `commit()` that has not resolved. */
interface Write {
  ops: Op[]
  done (): void
}

/**
 * A datastore in memory that a test can crash, as `kill -9` or a power cut would.
 *
 * Of what had not resolved by then, a single write is kept or lost, and of a batch any number of
 * its first operations is kept: no store promises more. From the crash on every call hangs, as
 * the process that made it is gone; {@link CrashableDatastore.restart} gives the next process's
 * view of what survived. Writes are seen by reads once they resolved.
 */
export class CrashableDatastore extends BaseDatastore {
  private readonly disk: Map<string, Uint8Array>
  private readonly random: SeededRandom
  private readonly clock?: Clock
  private readonly writeMs: number
  /** under way, oldest first */
  private readonly writes: Write[] = []
  private freeAt = 0
  private asked = 0
  private failure?: { at: number, onCrash: () => void }
  private dead = false

  constructor (init: CrashableDatastoreInit = {}, disk = new Map<string, Uint8Array>()) {
    super()
    this.disk = disk
    this.random = init.random ?? seededRandom(0)
    this.clock = init.clock
    this.writeMs = init.writeMs ?? 2
  }

  get crashed (): boolean {
    return this.dead
  }

  /** Operations asked for so far, each of a batch counted. */
  get operations (): number {
    return this.asked
  }

  /** Bytes stored, keys included. */
  get bytes (): number {
    let bytes = 0

    for (const [key, value] of this.disk) {
      bytes += key.length + value.byteLength
    }

    return bytes
  }

  /**
   * Crashes in the middle of the `count`-th operation from now: those before it in the same batch
   * are kept, it is kept or lost. `onCrash` is called at once, within the call that asked for it.
   */
  crashAtOperation (count: number, onCrash: () => void = () => {}): void {
    this.failure = { at: this.asked + count, onCrash }
  }

  /** Ends this incarnation. What had not resolved is kept in part, as the seed has it. */
  crash (): void {
    if (this.dead) {
      return
    }

    this.dead = true

    for (const { ops } of this.writes.splice(0)) {
      this.apply(ops.slice(0, this.random.integer(ops.length + 1)))
    }
  }

  /** The store as the next process finds it. Crashes this one, if it was not yet. */
  restart (): CrashableDatastore {
    this.crash()

    return new CrashableDatastore({ random: this.random, clock: this.clock, writeMs: this.writeMs }, this.disk)
  }

  async put (key: Key, value: Uint8Array): Promise<Key> {
    await this.write([{ key: key.toString(), value: value.slice() }])

    return key
  }

  async delete (key: Key): Promise<void> {
    await this.write([{ key: key.toString() }])
  }

  async get (key: Key): Promise<Uint8Array> {
    await this.alive()
    const value = this.disk.get(key.toString())

    if (value == null) {
      throw new NotFoundError(`${key.toString()} is not stored`)
    }

    return value.slice()
  }

  async has (key: Key): Promise<boolean> {
    await this.alive()

    return this.disk.has(key.toString())
  }

  batch (): Batch {
    let ops: Op[] = []

    return {
      put: (key, value) => { ops.push({ key: key.toString(), value: value.slice() }) },
      delete: (key) => { ops.push({ key: key.toString() }) },
      commit: async () => {
        const committed = ops

        ops = []
        await this.write(committed)
      }
    }
  }

  async * _all (query: Query): AsyncGenerator<Pair> {
    await this.alive()

    for (const [name, value] of this.matching(query.prefix)) {
      await this.alive()
      yield { key: new Key(name, false), value: value.slice() }
    }
  }

  async * _allKeys (query: KeyQuery): AsyncGenerator<Key> {
    await this.alive()

    for (const [name] of this.matching(query.prefix)) {
      await this.alive()
      yield new Key(name, false)
    }
  }

  private matching (prefix = ''): Array<[string, Uint8Array]> {
    const found: Array<[string, Uint8Array]> = []

    for (const entry of this.disk) {
      if (entry[0].startsWith(prefix)) {
        found.push(entry)
      }
    }

    return found
  }

  private async write (ops: Op[]): Promise<void> {
    await this.alive()

    if (ops.length === 0) {
      return
    }

    this.asked += ops.length
    const { failure } = this

    if (failure != null && this.asked >= failure.at) {
      const before = ops.length - 1 - (this.asked - failure.at)

      this.crash()
      this.apply(ops.slice(0, before + this.random.integer(2)))
      failure.onCrash()
      await this.alive()
    }

    await new Promise<void>(resolve => {
      const write: Write = { ops, done: resolve }

      this.writes.push(write)
      this.schedule(() => { this.finish(write) })
    })
  }

  /** Writes resolve in the order in which they were asked for. */
  private schedule (fn: () => void): void {
    if (this.clock == null) {
      void Promise.resolve().then(fn)

      return
    }

    const now = this.clock.now()

    this.freeAt = Math.max(this.freeAt, now + this.random.integer(this.writeMs + 1))
    this.clock.setTimer(fn, this.freeAt - now)
  }

  private finish (write: Write): void {
    if (!this.dead) {
      this.writes.splice(this.writes.indexOf(write), 1)
      this.apply(write.ops)
      write.done()
    }
  }

  private apply (ops: Op[]): void {
    for (const { key, value } of ops) {
      if (value == null) {
        this.disk.delete(key)
      } else {
        this.disk.set(key, value)
      }
    }
  }

  /** Never resolves once crashed. */
  private async alive (): Promise<void> {
    if (this.dead) {
      await new Promise<never>(() => {})
    }
  }
}
