import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { beforeEach, expect, it } from 'vitest'
import { standardRecord, wakuRendezvous } from '../../src/rendezvous/index.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { openRecord } from '../../src/rendezvous/records.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { ClientHarness, collect, createPeer, utf8 } from './fixtures.js'
import type { TestPeer } from './fixtures.js'
import type { RendezvousClientInit } from '../../src/rendezvous/index.js'

const START = 1_735_689_600_000
const HOUR_MS = 3_600_000
const KEY = new Key('/holdfast/rendezvous/client/%2Frendezvous%2F1.0.0/sequence')

let alice: TestPeer
let robert: TestPeer

beforeEach(async () => {
  [alice, robert] = await Promise.all([1, 101].map(createPeer))
})

/** One life of a process, and what its point was sent. */
async function start (datastore: MemoryDatastore | undefined, now: number, init: RendezvousClientInit = {}): Promise<{ harness: ClientHarness, register: (addresses?: string[]) => Promise<number> }> {
  const sequences: bigint[] = []
  const clock = new SimulatedClock(now)
  const harness = await ClientHarness.start(alice, { ...init, clock }, [[robert, async ({ register }) => {
    sequences.push((await openRecord(init.recordCodec ?? standardRecord, register?.signedPeerRecord ?? new Uint8Array())).sequence)

    return { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0, ttl: 7_200n } }
  }]], [], datastore)

  return {
    harness,
    register: async (addresses = harness.addresses) => {
      harness.addresses = addresses
      await harness.client.registerAt(robert.id, 'foo')

      return Number(sequences.at(-1))
    }
  }
}

/** The wall clock is set, unlike time that passes. */
function setClock (harness: ClientHarness, now: number): void {
  Reflect.set(harness.clock, 'time', now)
}

it('is the time, and stays for as long as the addresses do', async () => {
  const { harness, register } = await start(undefined, START)

  expect(await register()).toBe(START)
  await harness.clock.advance(HOUR_MS)
  expect(await register()).toBe(START)
  expect(await register(['/ip4/1.1.1.1/tcp/1'])).toBe(START + HOUR_MS)
})

it.each([['with a datastore', new MemoryDatastore()], ['without', undefined]])('grows although the clock was set back, %s', async (_name, datastore) => {
  const { harness, register } = await start(datastore, START)
  await register()
  setClock(harness, START - 24 * HOUR_MS)

  expect(await register(['/ip4/1.1.1.1/tcp/1'])).toBe(START + 1)
  expect(await register(['/ip4/2.2.2.2/tcp/2'])).toBe(START + 2)
  setClock(harness, START + HOUR_MS)
  expect(await register(['/ip4/3.3.3.3/tcp/3'])).toBe(START + HOUR_MS)
})

it('grows over restarts with a clock that was set back', async () => {
  const datastore = new MemoryDatastore()
  await (await start(datastore, START)).register()

  for (let restart = 1; restart <= 3; restart++) {
    const { register } = await start(datastore, START - restart * HOUR_MS)
    expect(await register()).toBe(START + restart)
  }

  expect(await (await start(datastore, START + HOUR_MS)).register()).toBe(START + HOUR_MS)
})

it('grows by a second where the record is written in seconds, as that of Waku', async () => {
  const datastore = new MemoryDatastore()
  const { harness, register } = await start(datastore, START + 999, wakuRendezvous)
  expect(await register()).toBe(START)
  expect(await register(['/ip4/1.1.1.1/tcp/1'])).toBe(START + 1_000)
  setClock(harness, START - HOUR_MS)
  expect(await register(['/ip4/2.2.2.2/tcp/2'])).toBe(START + 2_000)

  expect(await (await start(datastore, START - HOUR_MS, wakuRendezvous)).register()).toBe(START + 3_000)
})

it('is stored before it is used', async () => {
  const datastore = new MemoryDatastore()
  const { harness, register } = await start(datastore, START)
  const put = datastore.put.bind(datastore)
  let dialledBefore: number | undefined

  datastore.put = async (key, value) => {
    await new Promise(resolve => setImmediate(resolve))
    dialledBefore = harness.dialled.length

    return await put(key, value)
  }

  await register()
  expect(dialledBefore).toBe(0)
  expect(new TextDecoder().decode(await datastore.get(KEY))).toBe(`${START}`)
})

it('of two that are made at once, the later addresses have the higher one', async () => {
  const datastore = new MemoryDatastore()
  const { harness, register } = await start(datastore, START)
  const both = [register(['/ip4/1.1.1.1/tcp/1']), register(['/ip4/2.2.2.2/tcp/2'])]
  await Promise.all(both)

  expect(await register()).toBe(START + 1)
  expect(harness.addresses).toEqual(['/ip4/2.2.2.2/tcp/2'])
  expect(new TextDecoder().decode(await datastore.get(KEY))).toBe(`${START + 1}`)
})

it('is kept under the protocol: a client of another variant has numbers of its own', async () => {
  const datastore = new MemoryDatastore()
  await (await start(datastore, START)).register()

  expect((await collect(datastore.queryKeys({}))).map(String)).toEqual([KEY.toString()])
})

it('is the time where the datastore fails, or holds something else', async () => {
  const datastore = new MemoryDatastore()
  await datastore.put(KEY, utf8('soon'))
  expect(await (await start(datastore, START)).register()).toBe(START)

  datastore.get = () => { throw new Error('disk gone') }
  datastore.put = () => { throw new Error('disk gone') }
  const { register } = await start(datastore, START)
  expect(await register()).toBe(START)
  expect(await register(['/ip4/1.1.1.1/tcp/1'])).toBe(START + 1)
})

it('one caller that gives up does not end it for the others', async () => {
  const { harness } = await start(new MemoryDatastore(), START)
  const aborted = AbortSignal.abort(new Error('mine'))
  const [one, other] = await Promise.allSettled([
    harness.client.registerAt(robert.id, 'foo', { signal: aborted }),
    harness.client.registerAt(robert.id, 'bar')
  ])

  expect(one).toMatchObject({ status: 'rejected', reason: { message: 'mine' } })
  expect(other).toEqual({ status: 'fulfilled', value: 7_200 })
})
