import { Key } from 'interface-datastore'
import { beforeEach, describe, expect, it } from 'vitest'
import { JournaledStore, StoreCorruptError, StoreVersionError } from '../../src/storage/index.js'
import { bytes, op } from './compliance.js'
import { RecordingDatastore } from './recording-datastore.js'

const prefix = '/holdfast/corrupt'

describe('a store that cannot be read back', () => {
  let datastore: RecordingDatastore

  /** changes one value, or removes it */
  const tamper = async (name: string, value?: Uint8Array): Promise<void> => {
    const key = new Key(`${prefix}/${name}`)
    await (value == null ? datastore.delete(key) : datastore.put(key, value))
  }

  const journal = (sequence: number): string => `journal/${sequence.toString().padStart(15, '0')}`

  beforeEach(async () => {
    datastore = new RecordingDatastore()
    const store = await JournaledStore.open({ datastore, prefix })
    await store.commit([op('a', '1')])
    await store.flush()
    await store.commit([op('b', '2')])
    await store.commit([op('c', '3')])
    await store.commit([op('d', '4')])
  })

  const cases: Array<[string, () => Promise<void>, typeof StoreCorruptError]> = [
    ['a newer version', async () => { await tamper('version', bytes('2')) }, StoreVersionError],
    ['a version that is no number', async () => { await tamper('version', bytes('one')) }, StoreCorruptError],
    ['an empty version', async () => { await tamper('version', bytes('')) }, StoreCorruptError],
    ['a version of absurd length', async () => { await tamper('version', bytes('1'.repeat(400))) }, StoreCorruptError],
    ['no version, but data', async () => { await tamper('version') }, StoreCorruptError],
    ['a mark of the checkpoint that is no number', async () => { await tamper('applied', bytes('-1')) }, StoreCorruptError],
    ['a mark that went back', async () => { await tamper('applied', bytes('0')) }, StoreCorruptError],
    ['no mark any more', async () => { await tamper('applied') }, StoreCorruptError],
    ['a hole in the journal', async () => { await tamper(journal(3)) }, StoreCorruptError],
    ['a journal without its first value', async () => { await tamper(journal(2)) }, StoreCorruptError],
    ['a journal value that is no message', async () => { await tamper(journal(3), bytes('\xff\xff\xff')) }, StoreCorruptError],
    ['a journal value cut short', async () => {
      const value = datastore.get(new Key(`${prefix}/${journal(4)}`))
      await tamper(journal(4), value.subarray(0, -1))
    }, StoreCorruptError],
    ['a journal key that is none of ours', async () => { await tamper('journal/x', bytes('')) }, StoreCorruptError],
    ['a journal key with more than a number', async () => { await tamper(`${journal(5)}x`, bytes('')) }, StoreCorruptError]
  ]

  it.each(cases)('is refused and left as it is: %s', async (_, damage, error) => {
    await damage()
    const before = datastore.dump()

    await expect(JournaledStore.open({ datastore, prefix })).rejects.toThrow(error)
    expect(datastore.dump()).toEqual(before)
    await expect(JournaledStore.open({ datastore, prefix })).rejects.toThrow(prefix)
  })
})
