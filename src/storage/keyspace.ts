import { InvalidParametersError } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import { StoreCorruptError } from './errors.js'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** Writes that are under way at once. Each takes its turn with the event loop, unlike one large batch. */
const WRITE_CONCURRENCY = 128

/** One stored value. */
export interface StoreEntry {
  key: string
  value: Uint8Array
}

/**
 * The part of a datastore that is under a prefix, with the differences between backends evened
 * out: `datastore-level` hands out Buffers and does not list what follows the asked prefix with a
 * character above U+00FE; `datastore-idb` resolves a batch that failed, and stores the whole
 * buffer behind a view.
 */
export class Keyspace {
  readonly prefix: string
  private readonly datastore: Datastore

  constructor (datastore: Datastore, prefix: string) {
    if (!/^\/.*[^/]$/s.test(prefix)) {
      throw new InvalidParametersError(`the prefix of a store starts with a slash and does not end with one, not ${JSON.stringify(prefix)}`)
    }

    this.datastore = datastore
    this.prefix = prefix
  }

  async get (name: string, options?: AbortOptions): Promise<Uint8Array | undefined> {
    options?.signal?.throwIfAborted()

    try {
      return plain(await this.datastore.get(this.key(name), options))
    } catch (err) {
      options?.signal?.throwIfAborted()

      if (err instanceof Error && err.name === 'NotFoundError') {
        return undefined
      }

      throw err
    }
  }

  /** @throws {StoreCorruptError} there is something else than a whole number */
  async getNumber (name: string): Promise<number | undefined> {
    const value = await this.get(name)

    if (value == null) {
      return undefined
    }

    const text = new TextDecoder().decode(value)

    if (!/^[0-9]{1,15}$/.test(text)) {
      throw new StoreCorruptError(`${this.prefix}/${name} is not a number`)
    }

    return Number(text)
  }

  async put (name: string, value: Uint8Array): Promise<void> {
    const owned = value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)

    await this.datastore.put(this.key(name), owned)
  }

  async putNumber (name: string, value: number): Promise<void> {
    await this.put(name, new TextEncoder().encode(value.toString()))
  }

  async delete (name: string): Promise<void> {
    await this.datastore.delete(this.key(name))
  }

  /** Puts, or deletes what has no value: in no order, and some of it may be done when it rejects. */
  async apply (changes: Iterable<readonly [name: string, value: Uint8Array | undefined]>): Promise<void> {
    let jobs: Array<Promise<void>> = []

    for (const [name, value] of changes) {
      jobs.push(value == null ? this.delete(name) : this.put(name, value))

      if (jobs.length === WRITE_CONCURRENCY) {
        await allDone(jobs)
        jobs = []
      }
    }

    await allDone(jobs)
  }

  /** Every entry whose name starts with `folder` and then `start`, with the names relative to `folder`. */
  async * list (folder: string, start = '', options?: AbortOptions): AsyncGenerator<StoreEntry> {
    const root = `${this.prefix}/${folder}`

    for await (const { key, value } of this.datastore.query({ prefix: root + escape(start) }, options)) {
      yield { key: unescape(key.toString().slice(root.length)), value: plain(value) }
    }
  }

  /** The name of everything there is. */
  async * names (): AsyncGenerator<string, undefined> {
    const root = `${this.prefix}/`

    for await (const key of this.datastore.queryKeys({ prefix: root })) {
      yield unescape(key.toString().slice(root.length))
    }

    return undefined
  }

  /** The name of something there is. */
  async any (): Promise<string | undefined> {
    const names = this.names()
    const { value } = await names.next()
    await names.return(undefined)

    return value
  }

  private key (name: string): Key {
    return new Key(`${this.prefix}/${escape(name)}`, false)
  }
}

/** Waits for all of them even when one fails: a write left behind could overtake a later one. */
async function allDone (jobs: Array<Promise<void>>): Promise<void> {
  for (const result of await Promise.allSettled(jobs)) {
    if (result.status === 'rejected') {
      throw result.reason
    }
  }
}

/** A Buffer's `slice()` does not copy, and it compares unequal to the same bytes. */
function plain (value: Uint8Array): Uint8Array {
  return value.constructor === Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** Printable ASCII stays; the rest, code unit by code unit, so that prefixes of names stay prefixes. */
function escape (name: string): string {
  return name.replace(/[^!-~]|%/g, unit => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function unescape (name: string): string {
  return name.replace(/%([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
}
