import { LevelDatastore } from 'datastore-level'
import { StoreCorruptError, StoreLockedError } from './errors.js'
import { makeFolder } from './make-folder.js'
import type { Datastore } from 'interface-datastore'

/** A datastore that was opened, and the ways to close it and to open it again. */
export interface OpenedDatastore {
  datastore: Datastore
  /** Does nothing while it is open. Throws what {@link openDatastore} throws. */
  open (): Promise<void>
  close (): Promise<void>
  /** Closes it, and erases it where it was made by this {@link openDatastore}: something else failed, and nothing shall be left. */
  discard (): Promise<void>
}

/**
 * Opens a LevelDB in `folder`, which is created when it is not there. In a browser the same
 * call opens the IndexedDB of that name.
 *
 * @throws {StoreLockedError} another process has it open
 * @throws {StoreCorruptError} there is something that cannot be opened
 */
export async function openDatastore (folder: string): Promise<OpenedDatastore> {
  const made = await named(folder, async () => await makeFolder(folder))
  // only now: it opens by itself in a moment, and would for ever try to make what cannot be made
  const datastore = new LevelDatastore(folder)

  await openLevel(datastore, folder)

  return {
    datastore,
    open: async () => {
      await named(folder, async () => await makeFolder(folder))
      await openLevel(datastore, folder)
    },
    close: async () => { await datastore.close() },
    discard: async () => {
      await datastore.close()

      if (made) {
        // under the database's own lock, and its own files only; the folder goes when it is empty then
        await (datastore.db.constructor as unknown as { destroy (location: string): Promise<void> }).destroy(folder)
      }
    }
  }
}

async function openLevel ({ db }: LevelDatastore, folder: string): Promise<void> {
  if (db.status !== 'open') {
    // not datastore.open(), which hides what went wrong
    await named(folder, async () => { await db.open({ createIfMissing: true, compression: false }) })
  }
}

/** Says which folder it is that cannot be opened. */
async function named<T> (folder: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job()
  } catch (err) {
    if (causes(err).some(cause => cause.code === 'LEVEL_LOCKED')) {
      throw new StoreLockedError(`the data folder ${folder} is in use by another process`, { cause: err })
    }

    throw new StoreCorruptError(`the data folder ${folder} cannot be opened: ${causes(err).map(cause => cause.message).join(': ')}`, { cause: err })
  }
}

/** The error and what it wraps, outermost first: abstract-level nests the reason. */
function causes (err: unknown): Array<Error & { code?: string }> {
  const out: Array<Error & { code?: string }> = []

  for (let cause = err; cause instanceof Error && out.length < 8; cause = cause.cause) {
    out.push(cause)
  }

  return out
}
