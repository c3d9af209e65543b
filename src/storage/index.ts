/**
 * Durable state over any `interface-datastore`.
 *
 * {@link JournaledStore} turns a datastore whose `batch()` promises nothing into one with
 * transactions: a commit is one journal value under one key, applied idempotently when the
 * store is opened again. Everything that must survive `kill -9` is written through it.
 * {@link MemoryStore} keeps what need not.
 *
 * {@link openDatastore} opens the platform's own database: LevelDB on Node.js, IndexedDB in
 * a browser.
 */

export { JournaledStore } from './journaled-store.js'
export type { JournaledStoreInit } from './journaled-store.js'
export { MemoryStore } from './memory-store.js'
export type { MemoryEntries } from './memory-store.js'
export type { StoreEntry } from './keyspace.js'
export type { Store, StoreOp } from './types.js'
export { isDurable } from './is-durable.js'
export { openDatastore } from './open.js'
export type { OpenedDatastore } from './open.js'
export { StoreClosedError, StoreCorruptError, StoreLockedError, StoreVersionError } from './errors.js'
