import { IDBDatastore } from 'datastore-idb'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { JournaledStore, openDatastore, StoreLockedError } from '../../src/storage/index.js'
import { bytes, contents, journaledStoreCompliance, op } from '../storage/compliance.js'

let databases = 0
const fresh = (): string => `holdfast-${Date.now()}-${databases++}`

journaledStoreCompliance('IndexedDB', async () => {
  const name = fresh()
  let opened = await openDatastore(name)

  return {
    datastore: opened.datastore,
    reopen: async () => {
      await opened.close()
      opened = await openDatastore(name)

      return opened.datastore
    },
    destroy: async () => {
      await opened.close()
      await new IDBDatastore(name).destroy()
    }
  }
}, { runs: 10 })

describe('openDatastore in a browser', () => {
  it('opens the IndexedDB of that name, and finds its content again', async () => {
    const name = fresh()
    const first = await openDatastore(name)
    expect(first.datastore).toBeInstanceOf(IDBDatastore)
    await first.datastore.put(new Key('/k'), bytes('v'))
    await first.close()
    const second = await openDatastore(name)

    expect(await second.datastore.get(new Key('/k'))).toEqual(bytes('v'))
    await second.close()
  })

  it('refuses a database that is open already, until it is closed', async () => {
    const name = fresh()
    const first = await openDatastore(name)
    await expect(openDatastore(name)).rejects.toThrow(StoreLockedError)
    await first.close()
    await (await openDatastore(name)).close()
  })

  it('loses nothing that it promised when the quota is used up', async () => {
    const opened = await openDatastore(fresh())
    const store = await JournaledStore.open({ datastore: opened.datastore, prefix: '/s' })
    await store.commit([op('a', '1')])
    const put = opened.datastore.put.bind(opened.datastore)
    opened.datastore.put = async () => { throw new DOMException('full', 'QuotaExceededError') }
    await expect(store.commit([op('a', '2')])).rejects.toThrow('full')
    await expect(store.flush()).rejects.toThrow('full')
    opened.datastore.put = put

    expect(await contents(await JournaledStore.open({ datastore: opened.datastore, prefix: '/s' }))).toEqual({ a: '1' })
    await opened.close()
  })
})
