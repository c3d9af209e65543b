import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { CrashableDatastore } from '../../src/testing/crashable-datastore.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'

const key = (name: number | string): Key => new Key(`/${name}`)
const value = Uint8Array.of(1)

async function keys (datastore: CrashableDatastore): Promise<string[]> {
  const out: string[] = []

  for await (const found of datastore.queryKeys({})) {
    out.push(found.toString())
  }

  return out
}

async function isPending (promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => false), new Promise<boolean>(resolve => { setImmediate(() => { resolve(true) }) })])
}

describe('CrashableDatastore', () => {
  it('is a datastore: puts, gets, deletes, queries, batches', async () => {
    const datastore = new CrashableDatastore()
    const bytes = Uint8Array.of(1, 2)

    await datastore.put(key('a/1'), bytes)
    bytes[0] = 9
    const batch = datastore.batch()
    batch.put(key('a/2'), value)
    batch.put(key('b/1'), value)
    batch.delete(key('a/1'))
    expect(await datastore.get(key('a/1'))).to.deep.equal(Uint8Array.of(1, 2))
    await batch.commit()

    expect(await datastore.has(key('a/1'))).to.equal(false)
    await expect(Promise.resolve(datastore.get(key('a/1')))).rejects.toHaveProperty('name', 'NotFoundError')
    expect(await keys(datastore)).to.deep.equal(['/a/2', '/b/1'])
    const found: string[] = []

    for await (const pair of datastore.query({ prefix: '/b/' })) {
      found.push(pair.key.toString())
    }

    expect(found).to.deep.equal(['/b/1'])
  })

  it('keeps what had resolved, and every prefix of a batch that had not', async () => {
    const kept = new Set<number>()

    for (let seed = 0; seed < 60; seed++) {
      const clock = new SimulatedClock()
      const timed = new CrashableDatastore({ random: seededRandom(seed), clock, writeMs: 2 })

      void timed.put(key('before'), value)
      await clock.advance(5)
      const batch = timed.batch()
      ;[0, 1, 2, 3].forEach(i => { batch.put(key(i), value) })
      void batch.commit()
      await clock.settle()
      const found = await keys(timed.restart())

      expect(found).to.deep.equal(['/before', '/0', '/1', '/2', '/3'].slice(0, found.length))
      kept.add(found.length - 1)
    }

    expect([...kept].sort()).to.deep.equal([0, 1, 2, 3, 4])
  })

  it('keeps or loses a write that had not resolved', async () => {
    const outcomes = new Set<boolean>()

    for (let seed = 0; seed < 20; seed++) {
      const clock = new SimulatedClock()
      const datastore = new CrashableDatastore({ random: seededRandom(seed), clock })

      const write = datastore.put(key(1), value)
      await clock.settle()
      const survivor = datastore.restart()
      outcomes.add(await survivor.has(key(1)))
      await clock.advance(100)
      expect(await isPending(write) || await survivor.has(key(1))).to.equal(true)
    }

    expect(outcomes.size).to.equal(2)
  })

  it('hangs every call of the crashed incarnation', async () => {
    const datastore = new CrashableDatastore()

    await datastore.put(key(1), value)
    const survivor = datastore.restart()
    const calls = [datastore.put(key(2), value), datastore.get(key(1)), datastore.has(key(1)), datastore.delete(key(1)), keys(datastore)]

    for (const call of calls) {
      expect(await isPending(call)).to.equal(true)
    }

    expect(await keys(survivor)).to.deep.equal(['/1'])
  })

  it('crashes at the operation that it is told to, in the middle of a batch too', async () => {
    const lengths = new Set<number>()

    for (let seed = 0; seed < 20; seed++) {
      const datastore = new CrashableDatastore({ random: seededRandom(seed) })
      let crashed = 0

      datastore.crashAtOperation(4, () => { crashed++ })
      await datastore.put(key(0), value)
      const batch = datastore.batch()
      ;[1, 2, 3, 4].forEach(i => { batch.put(key(i), value) })

      expect(await isPending(Promise.resolve(batch.commit()))).to.equal(true)
      expect([crashed, datastore.crashed, datastore.operations]).to.deep.equal([1, true, 5])
      lengths.add((await keys(datastore.restart())).length)
    }

    expect([...lengths].sort()).to.deep.equal([3, 4])
  })

  it('resolves writes in the order in which they were asked for', async () => {
    const clock = new SimulatedClock()
    const datastore = new CrashableDatastore({ clock, writeMs: 50, random: seededRandom(3) })
    const order: number[] = []

    for (let i = 0; i < 20; i++) {
      void datastore.put(key('same'), Uint8Array.of(i)).then(() => { order.push(i) })
    }

    await clock.advance(1_000)
    expect(order).to.deep.equal(Array.from({ length: 20 }, (_, i) => i))
    expect(await datastore.get(key('same'))).to.deep.equal(Uint8Array.of(19))
  })
})
