import { MemoryDatastore } from 'datastore-core'
import type { Datastore } from 'interface-datastore'

/** Whether what is written to `datastore` outlives this process: not when it is absent or a `MemoryDatastore`. */
export function isDurable (datastore?: Datastore): datastore is Datastore {
  return datastore != null && !(datastore instanceof MemoryDatastore)
}
