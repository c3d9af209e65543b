import { IDBDatastore } from 'datastore-idb'
import { StoreCorruptError, StoreLockedError } from './errors.js'
import type { OpenedDatastore } from './open.js'

export type { OpenedDatastore } from './open.js'

/**
 * Opens the IndexedDB called `name`, for one tab at a time: the Web Locks API holds it where
 * the browser has one.
 *
 * @throws {StoreLockedError} another tab has it open
 * @throws {StoreCorruptError} there is something that cannot be opened
 */
export async function openDatastore (name: string): Promise<OpenedDatastore> {
  const datastore = new IDBDatastore(name)
  let release: (() => Promise<void>) | undefined
  const opened: OpenedDatastore = {
    datastore,
    open: async () => {
      if (release != null) {
        return
      }

      release = await lock(`holdfast:${name}`)

      if (release == null) {
        throw new StoreLockedError(`the database ${name} is in use by another tab`)
      }

      try {
        await datastore.open()
      } catch (err) {
        await release()
        release = undefined

        throw new StoreCorruptError(`the database ${name} cannot be opened`, { cause: err })
      }
    },
    close: async () => {
      await datastore.close()
      await release?.()
      release = undefined
    },
    // a browser cannot tell whether it was there
    discard: async () => { await opened.close() }
  }

  await opened.open()

  return opened
}

/** Holds a named lock until the function that it resolves to is called; nothing when it is taken. */
async function lock (name: string): Promise<(() => Promise<void>) | undefined> {
  if (globalThis.navigator?.locks == null) {
    return async () => {}
  }

  const { promise: released, resolve: release } = Promise.withResolvers<void>()

  return await new Promise((resolve, reject) => {
    const request = globalThis.navigator.locks.request(name, { ifAvailable: true }, async (held) => {
      if (held == null) {
        resolve(undefined)

        return
      }

      resolve(async () => {
        release()
        // the next one who asks gets it only when the browser has taken it back
        await request
      })
      await released
    })

    request.catch(reject)
  })
}
