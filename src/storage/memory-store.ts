import { checkKeys } from './check-keys.js'
import { StoreClosedError } from './errors.js'
import type { StoreEntry } from './keyspace.js'
import type { Store, StoreOp } from './types.js'

/** A view that pins a buffer this much larger than itself is copied. */
const PIN_BYTES = 1_024

/** State that ends with the process. A commit is one synchronous step: it is whole without a journal. */
export class MemoryStore implements Store {
  private readonly entries: Map<string, Uint8Array>
  private closed = false

  /** @param entries - what an earlier store left; changed in place */
  constructor (entries = new Map<string, Uint8Array>()) {
    this.entries = entries
  }

  async get (key: string): Promise<Uint8Array | undefined> {
    return this.entries.get(key)
  }

  async * list (prefix: string): AsyncGenerator<StoreEntry> {
    for (const [key, value] of this.entries) {
      if (key.startsWith(prefix)) {
        yield { key, value }
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
        this.entries.set(key, value.buffer.byteLength > value.byteLength + PIN_BYTES ? new Uint8Array(value) : value)
      }
    }
  }

  /** Nothing waits. */
  async flush (): Promise<void> {}

  async close (): Promise<void> {
    this.closed = true
  }
}
