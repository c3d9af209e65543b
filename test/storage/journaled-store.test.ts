import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { openDatastore } from '../../src/storage/index.js'
import { journaledStoreCompliance } from './compliance.js'
import { RecordingDatastore } from './recording-datastore.js'

journaledStoreCompliance('MemoryDatastore', async () => {
  const datastore = new MemoryDatastore()

  return { datastore, reopen: async () => datastore, destroy: async () => {} }
}, { runs: 200 })

journaledStoreCompliance('a datastore without atomic batches', async () => {
  const datastore = new RecordingDatastore()

  return { datastore, reopen: async () => datastore, destroy: async () => {} }
}, { runs: 100 })

journaledStoreCompliance('LevelDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'))
  let opened = await openDatastore(folder)

  return {
    datastore: opened.datastore,
    reopen: async () => {
      await opened.close()
      opened = await openDatastore(folder)

      return opened.datastore
    },
    destroy: async () => {
      await opened.close()
      await rm(folder, { recursive: true })
    }
  }
}, { runs: 40 })
