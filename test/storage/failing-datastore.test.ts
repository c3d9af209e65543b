import { InvalidParametersError } from '@libp2p/interface'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournaledStore, StoreClosedError } from '../../src/storage/index.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { nextTask } from '../../src/next-task.js'
import { contents, op } from './compliance.js'
import { RecordingDatastore } from './recording-datastore.js'
import type { Failure } from './recording-datastore.js'

const prefix = '/holdfast/failing'
const open = async (datastore: RecordingDatastore): Promise<JournaledStore> => await JournaledStore.open({ datastore, prefix })

/** fails what is below `folder` */
const failAt = (folder: string, failure: Failure = 'before') => ({ key }: { key: string }): Failure | undefined =>
  key.startsWith(`${prefix}/${folder}`) ? failure : undefined

describe('a datastore that refuses writes', () => {
  it('makes the commit reject and stores nothing of it', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit([op('a', '1')])
    const before = datastore.dump()
    datastore.fail = failAt('journal/')

    await expect(store.commit([op('a', '2'), op('b', '2')])).rejects.toThrow('no space left')
    expect(await contents(store)).toEqual({ a: '1' })
    expect(datastore.dump()).toEqual(before)

    datastore.fail = () => undefined
    await store.commit([op('c', '3')])
    expect(await contents(store)).toEqual({ a: '1', c: '3' })
    expect(await contents(await open(datastore))).toEqual({ a: '1', c: '3' })
  })

  it('takes back a commit that was stored and yet reported as failed', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    let failed = false
    datastore.fail = ({ value }) => value != null && !failed ? (failed = true) && 'after' : undefined

    await expect(store.commit([op('a', '1')])).rejects.toThrow('no space left')
    expect(await contents(store)).toEqual({})
    expect(await contents(await open(datastore))).toEqual({})
  })

  it('gives the place of a commit that it would not take back to the next one', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    datastore.fail = ({ value }) => value == null ? 'before' : 'after'
    await expect(store.commit([op('a', '1'), op('b', '1')])).rejects.toThrow('no space left')

    // a crash now may bring it back, but only as a whole
    expect(await contents(await open(datastore.crashed(Infinity)))).toEqual({ a: '1', b: '1' })

    datastore.fail = () => undefined
    await store.commit([op('b', '2')])
    expect(await contents(store)).toEqual({ b: '2' })
    expect(await contents(await open(datastore))).toEqual({ b: '2' })
  })

  it('fails the commits that were called before it was known, so that none is stored without the one before it', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    let writes = 0
    datastore.fail = ({ value }) => value != null && ++writes === 1 ? 'before' : undefined

    const first = store.commit([op('sequence', '1')])
    await Promise.resolve()
    await Promise.resolve()
    // the write of the first is under way: these wait for the next journal value
    const later = [store.commit([op('sequence', '2')]), store.commit([op('message', '2')])]
    const results = await Promise.allSettled([first, ...later])

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(writes).toBe(1)
    await store.commit([op('sequence', '3')])
    expect(await contents(await open(datastore))).toEqual({ sequence: '3' })
  })

  it('survives a datastore that throws instead of rejecting', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    const { put } = datastore
    datastore.put = datastore.delete = () => { throw new Error('thrown') }

    await expect(store.commit([op('a', '1')])).rejects.toThrow('thrown')
    datastore.put = put.bind(datastore)
    await store.commit([op('a', '2')])
    expect(await contents(store)).toEqual({ a: '2' })
  })

  it.each(['data/', 'applied', 'data/key/3'])('in the checkpoint, at %s, costs nothing that was committed', async (folder) => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit(Array.from({ length: 8 }, (_, i) => op(`key/${i}`, '1')))
    await store.flush()
    await store.commit(Array.from({ length: 8 }, (_, i) => i % 2 === 0 ? op(`key/${i}`) : op(`key/${i}`, '2')))
    const expected = await contents(store)

    for (const failure of ['before', 'after'] as const) {
      datastore.fail = failAt(folder, failure)
      await expect(store.flush()).rejects.toThrow('no space left')
      expect(await contents(store)).toEqual(expected)
      expect(await contents(await open(datastore.crashed(Infinity)))).toEqual(expected)
    }

    datastore.fail = () => undefined
    await store.commit([op('more', 'x')])
    await store.close()
    expect(Object.keys(datastore.dump()).filter(key => key.includes('/journal/'))).toEqual([])
    expect(await contents(await open(datastore))).toEqual({ ...expected, more: 'x' })
  })

  it('in a checkpoint does not let a slow write of it overtake the next one', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const put = datastore.put.bind(datastore)
    datastore.put = async (key, value) => {
      await (key.toString().endsWith('/slow') && value[0] === 0x31 ? held : undefined)

      return await put(key, value)
    }
    datastore.fail = failAt('data/fast')
    await store.commit([op('slow', '1'), op('fast', '1')])
    const jobs = [expect(store.flush()).rejects.toThrow('no space left')]
    await nextTask()
    datastore.fail = () => undefined
    jobs.push(store.commit([op('slow', '2')]), store.flush())
    await nextTask()
    release()
    await Promise.all(jobs)

    expect(await contents(await open(datastore))).toEqual({ slow: '2', fast: '1' })
  })

  it('is cleaned up after later when it would not delete the journal', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit([op('a', '1')])
    datastore.fail = failAt('journal/')
    await expect(store.flush()).rejects.toThrow('no space left')
    datastore.fail = () => undefined
    await store.commit([op('a')])
    await store.close()
    await open(datastore)

    expect(Object.keys(datastore.dump()).sort()).toEqual([`${prefix}/applied`, `${prefix}/version`])
  })

  it('is refused further commits when checkpoints have failed for long, and takes them again when they work', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    datastore.fail = failAt('data/')
    let committed = 0

    await expect((async () => {
      for (; committed < 10_000; committed++) {
        await store.commit([op('count', `${committed}`)])
      }
    })()).rejects.toThrow('no space left')

    // four times the 512 journal values of one checkpoint
    expect(committed).toBeGreaterThan(2_000)
    expect(committed).toBeLessThan(2_100)
    expect(await contents(store)).toEqual({ count: `${committed - 1}` })

    datastore.fail = () => undefined
    await store.commit([op('count', 'on')])
    expect(await contents(await open(datastore))).toEqual({ count: 'on' })
  })

  it('can be erased again after an erase that failed, and shows all of it until then', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit([op('a', '1')])
    datastore.fail = failAt('erasing')
    await expect(store.erase()).rejects.toThrow('no space left')
    expect(await contents(await open(datastore.crashed(Infinity)))).toEqual({ a: '1' })

    datastore.fail = failAt('version')
    await expect(store.erase()).rejects.toThrow('no space left')
    datastore.fail = () => undefined
    await store.erase()
    expect(datastore.dump()).toEqual({})
  })

  it('keeps what it accepted and nothing else, whichever writes fail and wherever it crashes', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), async (seed) => {
      const random = seededRandom(seed)
      const datastore = new RecordingDatastore()
      const store = await open(datastore)
      datastore.fail = () => random.chance(0.2) ? 'before' : undefined
      const states: Array<Record<string, string>> = [{}]
      const resolvedAt = [0]

      for (let i = 0; i < 40; i++) {
        const ops = random.shuffle([op('a', `${i}`), op('b', `${i}`), op(`only/${i}`, 'x'), op(`only/${i - 3}`)])

        try {
          await store.commit(ops)
          const state = { ...states[states.length - 1], a: `${i}`, b: `${i}`, [`only/${i}`]: 'x' }
          delete state[`only/${i - 3}`]
          states.push(state)
          resolvedAt.push(datastore.writes.length)
        } catch {}

        if (random.chance(0.2)) {
          await store.flush().catch(() => {})
        }
      }

      expect(await contents(store)).toEqual(states[states.length - 1])

      for (let i = 0; i < states.length; i++) {
        // a commit that resolved is the last of its writes, unless a checkpoint followed
        expect(await contents(await open(datastore.crashed(resolvedAt[i])))).toEqual(states[i])
      }
    }), { numRuns: 40, seed: 1 })
  })
})

describe('JournaledStore', () => {
  it.each(['', 'a/', '/'])('refuses the key %j before anything is stored', async (key) => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)

    await expect(store.commit([op('good', '1'), op(key, '1')])).rejects.toThrow(InvalidParametersError)
    expect(await contents(store)).toEqual({})
  })

  it.each(['', '/', 'holdfast', '/holdfast/'])('refuses the prefix %j', async (prefix) => {
    await expect(JournaledStore.open({ datastore: new RecordingDatastore(), prefix })).rejects.toThrow(InvalidParametersError)
  })

  it('writes what is committed in one turn as one journal value', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    const before = datastore.writes.length
    await Promise.all(Array.from({ length: 100 }, async (_, i) => { await store.commit([op(`${i}`, 'x')]) }))

    expect(datastore.writes.length - before).toBe(1)
  })

  it('never writes to its key what was deleted before the next checkpoint', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    await store.commit([op('outbox/1', 'x')])
    await store.commit([op('outbox/1')])
    await store.flush()

    expect(datastore.writes.filter(({ key, value }) => key.includes('outbox') && value != null)).toEqual([])
  })

  it('takes no commits once it is closed, and waits for those that were called before', async () => {
    const datastore = new RecordingDatastore()
    const store = await open(datastore)
    const commit = store.commit([op('a', '1')])
    const closing = [store.close(), store.close()]
    await expect(store.commit([op('b', '1')])).rejects.toThrow(StoreClosedError)
    await closing[1]
    const written = datastore.writes.length
    await Promise.all([commit, ...closing])

    expect(datastore.writes.length, 'both calls wait for the flush').toBe(written)
    expect(datastore.dump()).toHaveProperty([`${prefix}/data/a`])
    expect(Object.keys(datastore.dump()).filter(key => key.includes('/journal/'))).toEqual([])
  })

  it('stops at an abort', async () => {
    const store = await open(new RecordingDatastore())
    const signal = AbortSignal.abort()

    await expect(store.get('a', { signal })).rejects.toHaveProperty('name', 'AbortError')
  })
})
