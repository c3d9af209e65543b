import { TypedEventEmitter } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { createLibp2p } from 'libp2p'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { legacyRecord, standardRecord } from '../../src/rendezvous/index.js'
import { Introductions } from '../../src/rendezvous/client/introductions.js'
import { openRecord } from '../../src/rendezvous/records.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { createPeer } from './fixtures.js'
import type { TestPeer } from './fixtures.js'
import type { RegisteredPeer } from '../../src/rendezvous/index.js'
import type { RecordCodecs } from '../../src/rendezvous/record-formats.js'
import type { PeerDiscoveryEvents, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'

const MINUTE_MS = 60_000

let bob: TestPeer
let clock: SimulatedClock
/** libp2p's own */
let peerStore: PeerStore
let reported: PeerInfo[]
let introductions: Introductions

beforeEach(async () => {
  // the peer store reads no clock but this one
  vi.useFakeTimers({ toFake: ['Date'] })
  bob = await createPeer(2)
  clock = new SimulatedClock()
  vi.setSystemTime(clock.now())
  peerStore = (await createLibp2p({ start: false })).peerStore
  reported = []
  introductions = create()
})

afterEach(() => { vi.useRealTimers() })

function create (codecs: RecordCodecs = { standard: standardRecord, legacy: legacyRecord }): Introductions {
  const discovery = new TypedEventEmitter<PeerDiscoveryEvents>()
  discovery.addEventListener('peer', ({ detail }) => { reported.push(detail) })

  return new Introductions({ peerStore, discovery, codecs, clock, log: defaultLogger().forComponent('test') })
}

async function pass (minutes: number): Promise<void> {
  await clock.advance(minutes * MINUTE_MS)
  vi.setSystemTime(clock.now())
}

async function found (sequence: bigint, addresses: string[], codec = standardRecord): Promise<RegisteredPeer> {
  const record = await bob.seal({ sequence, addresses, codec })

  return { ...await openRecord(codec, record), id: bob.id, namespace: 'foo', ttl: 7_200, record }
}

async function addresses (id: PeerId = bob.id): Promise<string[]> {
  return (await peerStore.get(id)).addresses.map(({ multiaddr, isCertified }) => `${multiaddr.toString()} ${isCertified ? 'certified' : ''}`.trim())
}

describe('the peer store', () => {
  it('holds a record as if it had consumed it, without a signature being checked again', async () => {
    const peer = await found(5n, ['/ip4/1.1.1.1/tcp/1', '/ip4/2.2.2.2/tcp/2'])
    const other = (await createLibp2p({ start: false })).peerStore
    const verify = vi.spyOn(Object.getPrototypeOf(bob.id.publicKey), 'verify')
    await introductions.introduce([peer])

    expect(verify).not.toHaveBeenCalled()
    await other.consumePeerRecord(peer.record, { expectedPeer: bob.id })
    expect(verify).toHaveBeenCalled()
    expect(await peerStore.get(bob.id)).toEqual(await other.get(bob.id))
    expect(await addresses()).toEqual(['/ip4/1.1.1.1/tcp/1 certified', '/ip4/2.2.2.2/tcp/2 certified'])
  })

  it('replaces an older record by a newer one, and never a newer one', async () => {
    await peerStore.consumePeerRecord(await bob.seal({ sequence: 5n, addresses: ['/ip4/5.5.5.5/tcp/5'] }))
    const newer = await found(6n, ['/ip4/6.6.6.6/tcp/6'])
    await introductions.introduce([newer])
    expect(await addresses()).toEqual(['/ip4/6.6.6.6/tcp/6 certified'])

    await create().introduce([await found(5n, ['/ip4/5.5.5.5/tcp/5'])])
    expect(await addresses()).toEqual(['/ip4/5.5.5.5/tcp/5', '/ip4/6.6.6.6/tcp/6 certified'])
    expect((await peerStore.get(bob.id)).peerRecordEnvelope).toEqual(newer.record)
  })

  it('of two records with one number, keeps the first', async () => {
    const first = await found(5n, ['/ip4/1.1.1.1/tcp/1'])
    await introductions.introduce([first])
    await create().introduce([await found(5n, ['/ip4/2.2.2.2/tcp/2'])])

    expect((await peerStore.get(bob.id)).peerRecordEnvelope).toEqual(first.record)
  })

  it('keeps protocols and tags', async () => {
    await peerStore.merge(bob.id, { protocols: ['/a/1'], tags: { mine: { value: 5 } } })
    await introductions.introduce([await found(5n, ['/ip4/1.1.1.1/tcp/1'])])
    await pass(61)
    await introductions.introduce([await found(5n, ['/ip4/1.1.1.1/tcp/1'])])
    const { protocols, tags } = await peerStore.get(bob.id)

    expect(protocols).toEqual(['/a/1'])
    expect([...tags.keys()]).toEqual(['mine'])
  })

  it.each<[string, RecordCodecs, typeof standardRecord]>([
    ['a legacy record', { standard: standardRecord, legacy: legacyRecord }, legacyRecord],
    ['what only looks like a standard one', { legacy: { ...legacyRecord, payloadType: standardRecord.payloadType } }, { ...legacyRecord, payloadType: standardRecord.payloadType }],
    ['one of a codec of the user\'s', { standard: { ...standardRecord, domain: 'mine' } }, { ...standardRecord, domain: 'mine' }]
  ])('%s is not certified for it', async (_name, codecs, codec) => {
    await create(codecs).introduce([await found(5n, ['/ip4/1.1.1.1/tcp/1'], codec)])

    expect(await addresses()).toEqual(['/ip4/1.1.1.1/tcp/1'])
    expect((await peerStore.get(bob.id)).peerRecordEnvelope).toBeUndefined()
    expect(reported).toHaveLength(1)
  })

  it('has the addresses of a peer that is found again for as long as that is so', async () => {
    const peer = await found(5n, ['/ip4/1.1.1.1/tcp/1'])

    for (let minutes = 0; minutes < 300; minutes += 20) {
      await introductions.introduce([peer])
      expect(await addresses()).toEqual(['/ip4/1.1.1.1/tcp/1 certified'])
      await pass(20)
    }

    // libp2p forgets an address an hour after it saw it first, and would not take it back
    await pass(60)
    expect(await addresses()).toEqual([])
    await introductions.introduce([await found(6n, ['/ip4/1.1.1.1/tcp/1', '/ip4/2.2.2.2/tcp/2'])])
    expect(await addresses()).toEqual(['/ip4/1.1.1.1/tcp/1 certified', '/ip4/2.2.2.2/tcp/2 certified'])
    expect(reported).toHaveLength(1)
  })

  it('is written no more often than in 10 minutes for one record, and again after a failure', async () => {
    const peer = await found(5n, ['/ip4/1.1.1.1/tcp/1'])
    const get = vi.spyOn(peerStore, 'get').mockRejectedValueOnce(new Error('disk full'))

    for (const calls of [1, 2, 2, 2]) {
      await introductions.introduce([peer])
      expect(get).toHaveBeenCalledTimes(calls)
    }

    expect(reported).toEqual([{ id: bob.id, multiaddrs: peer.multiaddrs }])
    await pass(10)
    await introductions.introduce([peer])
    expect(get).toHaveBeenCalledTimes(3)
  })
})
