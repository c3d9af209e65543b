import { cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatastore } from '../../src/storage/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { collect, device, texts, utf8 } from './harness.js'
import type { OpenedDatastore } from '../../src/storage/index.js'
import type { Datastore, Key } from 'interface-datastore'

/** A datastore on disk, for which virtual time waits. */
function tracked (datastore: Datastore, clock: SimulatedClock, written: () => Promise<void> = async () => {}): Datastore {
  const write = async (job: () => Promise<unknown> | unknown): Promise<void> => {
    await clock.track((async () => {
      await job()
      await written()
    })())
  }

  return new Proxy(datastore, {
    get: (target, name) => {
      if (name === 'put') {
        return async (key: Key, value: Uint8Array) => { await write(() => target.put(key, value)) }
      }

      if (name === 'delete') {
        return async (key: Key) => { await write(() => target.delete(key)) }
      }

      if (name === 'get') {
        return async (key: Key) => await clock.track(Promise.resolve(target.get(key)))
      }

      const value: unknown = Reflect.get(target, name)

      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

/** Cuts into the record that LevelDB wrote last. False when there is none. */
async function tear (copy: string): Promise<boolean> {
  const log = (await readdir(copy)).filter(name => name.endsWith('.log')).sort().at(-1)
  const path = join(copy, log ?? '')
  const { size } = await stat(path)

  if (log == null || size === 0) {
    return false
  }

  await truncate(path, size - 1)

  return true
}

describe('durability on LevelDB', () => {
  let folder: string
  let opened: OpenedDatastore | undefined

  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-')) })

  afterEach(async () => {
    await opened?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('P10: a folder as any write leaves it, the last record whole or torn, is taken up: what was promised is kept, and nothing is there in part', async () => {
    const source = join(folder, 'source')
    const copyOf = (write: number): string => join(folder, `copy-${write}`)
    const clock = new SimulatedClock()
    const options = { segmentation: { segmentSizeBytes: 256 } }

    opened = await openDatastore(source)

    let writes = 0
    const datastore = tracked(opened.datastore, clock, async () => { await cp(source, copyOf(writes++), { recursive: true }) })
    const alice = await device({ datastore, clock })
    const channel = await clock.track(alice.open('tea', options))
    const promised: Array<{ writes: number, id: string }> = []

    for (const payload of [utf8('one'), new Uint8Array(400).fill(1), utf8('three')]) {
      const id = await clock.track(channel.send(payload))

      promised.push({ writes, id })
      await clock.advance(200)
    }

    await clock.track(channel.close())
    await opened.close()

    const endedAt = clock.now()
    let replayed = 0

    for (let write = 0; write < writes; write++) {
      const torn = `${copyOf(write)}-torn`

      await cp(copyOf(write), torn, { recursive: true })

      for (const { path, kept } of [{ path: copyOf(write), kept: write + 1 }, { path: torn, kept: write }]) {
        if (path === torn && !await tear(torn)) {
          continue
        }

        opened = await openDatastore(path)

        const later = new SimulatedClock(endedAt)
        const again = await device({ datastore: tracked(opened.datastore, later), clock: later })
        const reopened = await later.track(again.open('tea', options))
        const ids = promised.filter(promise => promise.writes <= kept).map(({ id }) => id)

        await later.track(Promise.all(ids.map(async id => { await reopened.settled(id, 'sent') })))
        await later.advance(1_000)

        const log = await later.track(collect(reopened.history()))

        expect(log.map(message => message.payload.byteLength), path).toEqual([3, 400, 5].slice(0, log.length))
        expect(log.length).toBeGreaterThanOrEqual(ids.length)
        expect(reopened.pending()).toEqual([])
        await later.track(reopened.close())
        await opened.close()
        replayed++
      }
    }

    expect(replayed).toBeGreaterThan(20)
  }, 60_000)

  test('history survives close and reopen, payloads, streams and requests included', async () => {
    const system = { name: 'alice', confirm: 'auto' as const }

    opened = await openDatastore(folder)

    const first = await device({ ...system, datastore: opened.datastore })
    const clock = first.clock
    const channel = await clock.track(first.open())
    const ids: string[] = []

    expect(first.channels.durable).toBe(true)

    for (let i = 0; i < 50; i++) {
      ids.push(await channel.send(utf8(`line ${i}`)))
    }

    await clock.track(channel.settled(ids[49], 'sent'))
    await channel.close()
    await opened.close()
    opened = await openDatastore(folder)

    const second = await device({ ...system, datastore: opened.datastore, clock })
    const again = await second.open()

    expect(texts(await collect(again.history()))).toEqual(ids.map((_, i) => `line ${i}`))
    expect(ids.map(id => again.request(id)?.state)).toEqual(ids.map(() => 'sent'))
    await again.close()
  })
})
