import { defaultLogger } from '@libp2p/logger'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../src/exchange/ledger/ledger.js'
import { SimulatedClock } from '../../../src/testing/simulated-clock.js'
import { testPeers } from '../peers.js'

const peers = await testPeers(6)

function create (datastore = new MemoryDatastore(), clock = new SimulatedClock(), maxPeers = 3): { ledger: Ledger, datastore: MemoryDatastore, clock: SimulatedClock } {
  return { ledger: new Ledger({ datastore, maxPeers, banMs: 60_000, clock, log: defaultLogger().forComponent('test') }), datastore, clock }
}

describe('ledger', () => {
  it('survives a restart, bans included', async () => {
    const first = create()
    first.ledger.update(peers[0], account => {
      account.bytesIn += 100
      account.latency = 12.4
    })
    first.ledger.ban(peers[0], 'lobby')
    await first.ledger.close()

    const second = create(first.datastore, first.clock)
    await second.ledger.load()
    expect(second.ledger.account(peers[0])).toMatchObject({ bytesIn: 100, latency: 12 })
    expect(second.ledger.banned(peers[0], 'lobby')).toBe(true)
    expect(second.ledger.banned(peers[0], 'other')).toBe(false)
    expect(second.ledger.banned(peers[1], 'lobby')).toBe(false)

    await second.clock.advance(60_001)
    expect(second.ledger.banned(peers[0], 'lobby')).toBe(false)
  })

  it('is written every now and then', async () => {
    const { ledger, datastore, clock } = create()
    ledger.update(peers[0], account => { account.bytesOut = 5 })
    await clock.advance(30_000)

    const again = create(datastore, clock)
    await again.ledger.load()
    expect(again.ledger.account(peers[0]).bytesOut).toBe(5)
  })

  it('a ban outlives a process that is killed right after it', async () => {
    const { ledger, datastore, clock } = create()
    ledger.ban(peers[0], 'lobby')
    await clock.settle()

    const again = create(datastore, clock)
    await again.ledger.load()
    expect(again.ledger.banned(peers[0], 'lobby')).toBe(true)
  })

  it('is bounded: the one used longest ago goes, a banned one last', async () => {
    const { ledger, datastore, clock } = create()
    ledger.ban(peers[0], 'lobby')

    for (const peer of peers.slice(1)) {
      ledger.update(peer, account => { account.bytesIn = 1 })
      await clock.advance(1)
    }

    await ledger.close()
    const keys: string[] = []

    for await (const key of datastore.queryKeys({})) {
      keys.push(key.name())
    }

    expect(keys.sort()).toEqual([peers[0], peers[4], peers[5]].map(String).sort())
  })

  it('what cannot be read counts as absent', async () => {
    const { ledger, datastore } = create()
    await datastore.put(new Key('/holdfast/exchange/ledger/nobody'), new Uint8Array([1, 2]))
    await datastore.put(new Key(`/holdfast/exchange/ledger/${peers[0].toString()}`), new Uint8Array([0xff]))
    await ledger.load()

    expect(ledger.account(peers[0]).bytesIn).toBe(0)
  })

  it('a datastore that refuses a write loses bookkeeping only', async () => {
    const { ledger, datastore } = create()
    datastore.batch = () => ({ put: () => {}, delete: () => {}, commit: async () => { throw new Error('full') } })
    ledger.update(peers[0], account => { account.bytesIn = 1 })
    await ledger.close()

    expect(ledger.account(peers[0]).bytesIn).toBe(1)
  })
})
