import { NotFoundError } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import type { Pair } from 'interface-datastore'

/** One change that reached the disk; no value: a delete. */
export interface Write {
  key: string
  value?: Uint8Array
}

/** `before`: refused, nothing is stored; `after`: stored, and yet reported as failed. */
export type Failure = 'before' | 'after'

/**
 * A datastore that promises as little as the interface allows: every change takes a turn of the
 * event loop, keys are listed in their order, and batches are single changes one after another. It remembers each of them, so
 * that the state after a crash at any point can be had, and fails on request.
 */
export class RecordingDatastore extends BaseDatastore {
  readonly writes: Write[] = []
  fail: (write: Write) => Failure | undefined = () => undefined
  private readonly values = new Map<string, Uint8Array>()

  constructor (writes: Iterable<Write> = []) {
    super()

    for (const write of writes) {
      this.store(write)
    }
  }

  /** What a new process finds when the old one was killed after its first `count` writes. */
  crashed (count: number): RecordingDatastore {
    return new RecordingDatastore(this.writes.slice(0, count))
  }

  /** Everything that is stored, as text that can be compared. */
  dump (): Record<string, string> {
    return Object.fromEntries(Array.from(this.values, ([key, value]) => [key, value.join()]))
  }

  override async put (key: Key, value: Uint8Array): Promise<Key> {
    await this.write({ key: key.toString(), value: Uint8Array.from(value) })

    return key
  }

  override async delete (key: Key): Promise<void> {
    await this.write({ key: key.toString() })
  }

  override get (key: Key): Uint8Array {
    const value = this.values.get(key.toString())

    if (value == null) {
      throw new NotFoundError(`nothing at ${key.toString()}`)
    }

    return value
  }

  override has (key: Key): boolean {
    return this.values.has(key.toString())
  }

  override async * _all (): AsyncGenerator<Pair> {
    for (const key of [...this.values.keys()].sort()) {
      yield { key: new Key(key), value: this.get(new Key(key)) }
    }
  }

  override async * _allKeys (): AsyncGenerator<Key> {
    for (const key of [...this.values.keys()].sort()) {
      yield new Key(key)
    }
  }

  private async write (write: Write): Promise<void> {
    await Promise.resolve()
    const failure = this.fail(write)

    if (failure !== 'before') {
      this.writes.push(write)
      this.store(write)
    }

    if (failure != null) {
      throw new Error(`no space left for ${write.key}`)
    }
  }

  private store ({ key, value }: Write): void {
    if (value == null) {
      this.values.delete(key)
    } else {
      this.values.set(key, value)
    }
  }
}
