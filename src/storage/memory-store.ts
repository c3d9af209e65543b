import { packBytes, unpackBytes } from '../interned.js'
import { checkKeys } from './check-keys.js'
import { StoreClosedError } from './errors.js'
import type { StoreEntry } from './keyspace.js'
import type { Store, StoreOp } from './types.js'

/** A view that pins a buffer this much larger than itself is copied. */
const PIN_BYTES = 1_024
/** Values up to so many bytes are packed: hundreds of bytes go for the `Uint8Array` alone. */
const PACKED_BYTES = 512

/** What a {@link MemoryStore} holds. */
export type MemoryEntries = Map<string, Uint8Array | string>

/** State that ends with the process. A commit is one synchronous step: it is whole without a journal. */
export class MemoryStore implements Store {
  private readonly entries: MemoryEntries
  private closed = false

  /** @param entries - what an earlier store left; changed in place */
  constructor (entries: MemoryEntries = new Map()) {
    this.entries = entries
  }

  async get (key: string): Promise<Uint8Array | undefined> {
    const held = this.entries.get(key)

    return held == null ? undefined : unpack(held)
  }

  async * list (prefix: string): AsyncGenerator<StoreEntry> {
    for (const [key, held] of this.entries) {
      if (key.startsWith(prefix)) {
        yield { key, value: unpack(held) }
      }
    }
  }

  async commit (ops: readonly StoreOp[]): Promise<void> {
    if (this.closed) {
      throw new StoreClosedError('the store is closed')
    }

    checkKeys(ops)

    for (const { key, value } of ops) {
      if (value == null) {
        this.entries.delete(key)
      } else {
        this.entries.set(key, pack(value))
      }
    }
  }

  /** Nothing waits. */
  async flush (): Promise<void> {}

  async close (): Promise<void> {
    this.closed = true
  }
}

function pack (value: Uint8Array): Uint8Array | string {
  if (value.byteLength <= PACKED_BYTES) {
    return packBytes(value)
  }

  return value.buffer.byteLength > value.byteLength + PIN_BYTES ? new Uint8Array(value) : value
}

function unpack (held: Uint8Array | string): Uint8Array {
  return typeof held === 'string' ? unpackBytes(held) : held
}
