import { describe, expect, it } from 'vitest'
import { JournaledStore } from '../../src/storage/index.js'
import { contents, op } from './compliance.js'
import { RecordingDatastore } from './recording-datastore.js'
import type { StoreOp } from '../../src/storage/index.js'

const prefix = '/holdfast/crash'
const open = async (datastore: RecordingDatastore): Promise<JournaledStore> => await JournaledStore.open({ datastore, prefix })

interface Commit {
  ops: StoreOp[]
  /** writes that had reached the disk when commit() was called, and when it resolved */
  called: number
  resolved: number
}

/** Runs a session on `datastore` and notes when each commit was called and when it was promised. */
class Session {
  readonly commits: Commit[] = []
  readonly store: JournaledStore
  private readonly datastore: RecordingDatastore

  constructor (store: JournaledStore, datastore: RecordingDatastore) {
    this.store = store
    this.datastore = datastore
  }

  async commit (...ops: StoreOp[]): Promise<void> {
    const commit: Commit = { ops, called: this.datastore.writes.length, resolved: Infinity }
    this.commits.push(commit)
    await this.store.commit(ops)
    commit.resolved = this.datastore.writes.length
  }

  /** The states that a crash after `count` writes may leave: all that was promised, in order, each commit whole. */
  allowed (count: number): Array<Record<string, string>> {
    const state = new Map<string, string>()
    const states = [{}]

    for (const { ops } of this.commits.filter(commit => commit.called < count)) {
      for (const { key, value } of ops) {
        if (value == null) {
          state.delete(key)
        } else {
          state.set(key, new TextDecoder().decode(value))
        }
      }

      states.push(Object.fromEntries(state))
    }

    return states.slice(this.commits.filter(commit => commit.resolved <= count).length)
  }
}

/** Three keys that change in every commit, so that a commit that is not whole shows, and one that comes and goes. */
const turn = (i: number): StoreOp[] => [op('a', `${i}`), op('b', `${i}`), op('日', `${i}`), i % 2 === 0 ? op('odd') : op('odd', `${i}`)]

async function session (): Promise<{ datastore: RecordingDatastore, session: Session }> {
  const datastore = new RecordingDatastore()
  const session = new Session(await open(datastore), datastore)

  for (let i = 0; i < 12; i++) {
    await session.commit(...turn(i))
  }

  await session.store.flush()
  const pending: Array<Promise<void>> = []

  // grouped, and with checkpoints in between
  for (let i = 12; i < 48; i++) {
    pending.push(session.commit(...turn(i), op(`log/${i}`, `${i}`), op(`log/${i - 6}`)))

    if (i % 5 === 0) {
      await Promise.resolve()
    }

    if (i % 9 === 0) {
      pending.push(session.store.flush())
    }
  }

  await Promise.all(pending)
  await session.commit(op('a'), op('b'), op('日'))
  await session.commit(...turn(99))
  await session.store.close()

  return { datastore, session }
}

describe('a crash', () => {
  it('after any write leaves every commit whole or absent, in order, and none that was promised is lost', async () => {
    const { datastore, session: run } = await session()
    expect(datastore.writes.length).toBeGreaterThan(80)
    expect(run.commits.every(commit => commit.resolved < Infinity)).toBe(true)
    let unpromised = 0

    for (let count = 0; count <= datastore.writes.length; count++) {
      const found = await contents(await open(datastore.crashed(count)))
      const allowed = run.allowed(count)
      unpromised += allowed.length - 1

      expect(allowed, `after ${count} writes`).toContainEqual(found)
    }

    // else the loop above would not have seen a commit under way
    expect(unpromised).toBeGreaterThan(20)
  })

  it('of the recovery itself changes nothing', async () => {
    const { datastore } = await session()

    for (let count = 0; count <= datastore.writes.length; count += 7) {
      const recovering = datastore.crashed(count)
      const expected = await contents(await open(recovering))

      for (let again = 0; again <= recovering.writes.length; again++) {
        const twice = new RecordingDatastore([...datastore.writes.slice(0, count), ...recovering.writes.slice(0, again)])

        expect(await contents(await open(twice)), `after ${count} and ${again} writes`).toEqual(expected)
      }
    }
  })

  it('leaves a store that works on as before', async () => {
    const { datastore } = await session()

    for (let count = 1; count <= datastore.writes.length; count += 11) {
      const crashed = datastore.crashed(count)
      const store = await open(crashed)
      const before = await contents(store)
      await store.commit([op('after', 'x'), op('a', 'y')])

      expect(before).not.toHaveProperty('after')
      expect(await contents(await open(crashed)), `after ${count} writes`).toEqual({ ...before, after: 'x', a: 'y' })
    }
  })

  it('in a checkpoint that started by itself loses nothing', async () => {
    const datastore = new RecordingDatastore()
    const run = new Session(await open(datastore), datastore)

    for (let i = 0; i < 530; i++) {
      await run.commit(op(`key/${i % 40}`, `${i}`), op('last', `${i}`))
    }

    const start = datastore.writes.findIndex(({ key }) => key.startsWith(`${prefix}/data/`))
    const end = datastore.writes.findLastIndex(({ value }) => value == null)
    expect(start).toBeGreaterThan(500)
    expect(end - start).toBeGreaterThan(500)

    for (let count = start - 1; count <= end + 2; count += 5) {
      expect(run.allowed(count), `after ${count} writes`).toContainEqual(await contents(await open(datastore.crashed(count))))
    }
  })

  it('while the store is erased leaves all of it or nothing', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit(Array.from({ length: 30 }, (_, i) => op(`key/${i}`, `${i}`)))
    await store.flush()
    await store.commit([op('key/3'), op('journalled', 'x')])
    const full = await contents(store)
    const start = datastore.writes.length
    await store.erase()
    const end = datastore.writes.length
    const found: number[] = []

    for (let count = start; count <= end; count++) {
      const crashed = datastore.crashed(count)
      const left = await contents(await open(crashed))
      found.push(Object.keys(left).length)

      expect([full, {}], `after ${count - start} writes`).toContainEqual(left)
      expect(Object.keys(crashed.dump()).filter(key => key.includes('erasing'))).toEqual([])
    }

    expect(found[0]).toBe(30)
    expect(found.slice(1).every(size => size === 0), 'once begun it is finished').toBe(true)
    expect(datastore.dump()).toEqual({})
  })
})
