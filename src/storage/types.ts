import type { StoreEntry } from './keyspace.js'
import type { AbortOptions } from '@libp2p/interface'

/** One change of a transaction. */
export interface StoreOp {
  /** relative to the store, not empty, without a slash at its end */
  key: string
  /** absent: delete */
  value?: Uint8Array
}

/** Values by key, changed by transactions. */
export interface Store {
  /** The value at `key` as of the last resolved commit. */
  get (key: string, options?: AbortOptions): Promise<Uint8Array | undefined>
  /** Every entry whose key starts with `prefix`, in no particular order. What is committed meanwhile may or may not be seen. */
  list (prefix: string, options?: AbortOptions): AsyncIterable<StoreEntry>
  /** Applies `ops`, all of them or none, after every commit that was called before. Values belong to the store from now on. */
  commit (ops: readonly StoreOp[]): Promise<void>
  /** Waits for the commits under way, and tidies up. */
  flush (): Promise<void>
  /** Flushes, and takes no more commits. */
  close (): Promise<void>
}
