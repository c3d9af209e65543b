import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LevelDatastore } from 'datastore-level'
import { StoreCorruptError, StoreLockedError } from './errors.js'
import type { Datastore } from 'interface-datastore'

/** A datastore that was opened, and the ways to close it and to open it again. */
export interface OpenedDatastore {
  datastore: Datastore
  /** Does nothing while it is open. Throws what {@link openDatastore} throws. */
  open (): Promise<void>
  close (): Promise<void>
}

/**
 * Opens a LevelDB in `folder`, which is created when it is not there. In a browser the same
 * call opens the IndexedDB of that name.
 *
 * @throws {StoreLockedError} another process has it open
 * @throws {StoreCorruptError} there is something that cannot be opened
 */
export async function openDatastore (folder: string): Promise<OpenedDatastore> {
  const datastore = new LevelDatastore(folder)
  const opened = {
    datastore,
    open: async () => { await openLevel(datastore, folder) },
    close: async () => { await datastore.close() }
  }

  await opened.open()

  return opened
}

async function openLevel (datastore: LevelDatastore, folder: string): Promise<void> {
  if (datastore.db.status === 'open') {
    return
  }

  try {
    await makeFolder(folder)
    // not datastore.open(), which hides what went wrong
    await datastore.db.open({ createIfMissing: true, compression: false })
  } catch (err) {
    if (causes(err).some(cause => cause.code === 'LEVEL_LOCKED')) {
      throw new StoreLockedError(`the data folder ${folder} is in use by another process`, { cause: err })
    }

    throw new StoreCorruptError(`the data folder ${folder} cannot be opened: ${causes(err).map(cause => cause.message).join(': ')}`, { cause: err })
  }
}

/** With its parents. Not `mkdir()`'s own `recursive`, which never ends where the system refuses with ENOENT, as under /proc. */
async function makeFolder (folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) {
    return
  }

  if (dirname(folder) !== folder) {
    await makeFolder(dirname(folder))
  }

  try {
    await mkdir(folder)
  } catch (err) {
    // somebody else made it meanwhile; a file in its place shows when it is opened
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw err
    }
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
