import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { rendezvousClient, rendezvousPoint, wakuRendezvous } from '../../src/rendezvous/index.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { collect } from './fixtures.js'
import type { RendezvousClient, RendezvousClientInit, RendezvousPoint, RendezvousPointInit } from '../../src/rendezvous/index.js'
import type { Libp2p, PeerInfo, ServiceMap } from '@libp2p/interface'
import type { Libp2pOptions, ServiceFactoryMap } from 'libp2p'

const nodes: Array<{ stop (): void | Promise<void> }> = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
})

async function createNode<T extends ServiceMap> (services: ServiceFactoryMap<T>, options: Partial<Libp2pOptions> = {}): Promise<Libp2p<T>> {
  const node = await createLibp2p<T>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100 },
    ...options,
    services
  })
  nodes.push(node)

  return node
}

const createPoint = async (init?: RendezvousPointInit, options?: Partial<Libp2pOptions>): Promise<Libp2p<{ rendezvous: RendezvousPoint }>> => await createNode({ rendezvous: rendezvousPoint(init) }, options)
const createClient = async (init: RendezvousClientInit, options?: Partial<Libp2pOptions>): Promise<Libp2p<{ rendezvous: RendezvousClient }>> => await createNode({ rendezvous: rendezvousClient(init) }, options)
const ids = (peers: PeerInfo[]): string[] => peers.map(({ id }) => id.toString()).sort()

describe('over TCP', () => {
  it('register, discover, dial, unregister', async () => {
    const point = await createPoint()
    const [alice, bob] = await Promise.all([1, 2].map(async () => await createClient({ points: point.getMultiaddrs() })))
    const discovered = new Promise<PeerInfo>(resolve => {
      bob.addEventListener('peer:discovery', ({ detail }) => { detail.id.equals(alice.peerId) && resolve(detail) })
    })

    expect(await alice.services.rendezvous.register('chat')).toEqual([{ point: point.peerId, ttl: 7_200 }])
    const found = await collect(bob.services.rendezvous.discover('chat'))
    expect(ids(found)).toEqual([alice.peerId.toString()])
    expect((await discovered).id.equals(alice.peerId)).toBe(true)

    // certified, under the registrant
    const stored = await bob.peerStore.get(alice.peerId)
    expect(stored.addresses).toMatchObject([{ isCertified: true }])
    expect((await bob.dial(alice.peerId)).remotePeer.equals(alice.peerId)).toBe(true)

    await alice.services.rendezvous.unregister('chat')
    expect([point.services.rendezvous.registrations, point.services.rendezvous.namespaces]).toEqual([0, 0])
    expect(await collect(bob.services.rendezvous.discover('chat'))).toEqual([])
    expect(bob.services.rendezvous.requestLocally('chat')).toMatchObject([{ id: alice.peerId }])
  })

  it('merges two points, one of which is down', async () => {
    const [one, two] = await Promise.all([createPoint(), createPoint()])
    const points = [...one.getMultiaddrs(), ...two.getMultiaddrs()]
    const [alice, bob, carol] = await Promise.all([points, one.getMultiaddrs(), points].map(async points => await createClient({ points })))
    await Promise.all([alice.services.rendezvous.register('chat'), bob.services.rendezvous.register('chat')])
    expect(ids(await collect(carol.services.rendezvous.discover('chat')))).toEqual(ids([alice, bob].map(({ peerId }) => ({ id: peerId, multiaddrs: [] }))))

    await two.stop()
    const results = await carol.services.rendezvous.register('chat')
    expect(results.map(({ ttl }) => ttl)).toEqual([7_200, undefined])
    expect(results[1].error).toBeInstanceOf(Error)
    expect(ids(await collect(alice.services.rendezvous.discover('chat')))).toContain(carol.peerId.toString())
  })

  it('client and point in one node', async () => {
    const hub = await createNode({ point: rendezvousPoint(), client: rendezvousClient() })
    const spoke = await createNode({ point: rendezvousPoint(), client: rendezvousClient({ points: hub.getMultiaddrs() }) })
    hub.services.client.addPoint(spoke.getMultiaddrs()[0])

    await Promise.all([hub.services.client.register('chat'), spoke.services.client.register('chat')])
    expect([hub.services.point.registrations, spoke.services.point.registrations]).toEqual([1, 1])
    expect(ids(await collect(hub.services.client.discover('chat')))).toEqual([])
    await hub.services.client.unregister('chat')
    expect(spoke.services.point.registrations).toBe(0)
  })

  it('finds points by identify when none is configured', async () => {
    const point = await createNode({ identify: identify(), rendezvous: rendezvousPoint() })
    const client = await createNode({ identify: identify(), rendezvous: rendezvousClient() })
    expect(await client.services.rendezvous.register('chat')).toEqual([])

    await client.dial(point.getMultiaddrs())
    await expect.poll(() => point.services.rendezvous.registrations, { interval: 10, timeout: 5_000 }).toBe(1)
    expect(client.services.rendezvous.status()).toMatchObject([{ source: 'found', connected: true }])
  })

  it('registers again after the point came back, without what it knew', async () => {
    const point = await createPoint()
    const options = { addresses: { listen: [point.getMultiaddrs()[0].toString().split('/p2p/')[0]] }, privateKey: Reflect.get(Reflect.get(point, 'components'), 'privateKey') }
    const random = { ...seededRandom(1), float: () => 0 }
    const alice = await createClient({ points: point.getMultiaddrs(), random })
    await alice.services.rendezvous.register('chat')
    await point.stop()

    const again = await createPoint({}, options)
    expect(again.services.rendezvous.registrations).toBe(0)
    await expect.poll(() => again.services.rendezvous.registrations, { interval: 20, timeout: 10_000 }).toBe(1)
  })

  it('a restarted point on the same datastore still has its registrations', async () => {
    const datastore = new MemoryDatastore()
    const point = await createPoint({}, { datastore })
    const alice = await createClient({ points: point.getMultiaddrs() })
    await alice.services.rendezvous.register('chat')
    await alice.services.rendezvous.stop()
    await point.stop()

    const again = await createPoint({}, { datastore })
    expect(again.services.rendezvous.registrations).toBe(1)
  })

  it('the libp2p node itself stops and starts again', async () => {
    const point = await createPoint()
    const alice = await createClient({ points: point.getMultiaddrs() })
    await alice.services.rendezvous.register('chat')
    const [address] = point.getMultiaddrs()
    await Promise.all([alice.stop(), point.stop()])
    await Promise.all([alice.start(), point.start()])

    alice.services.rendezvous.addPoint(point.getMultiaddrs()[0])
    await expect.poll(() => point.services.rendezvous.registrations, { interval: 20, timeout: 10_000 }).toBe(1)
    expect(alice.services.rendezvous.points).toHaveLength(1)
    expect(address.toString()).toContain(point.peerId.toString())
  })

  it('the Waku variant: protocol, record, TTL and limit', async () => {
    const { protocol } = wakuRendezvous
    const point = await createPoint(wakuRendezvous)
    const [alice, bob] = await Promise.all([1, 2].map(async () => await createClient({ ...wakuRendezvous, points: point.getMultiaddrs() })))

    expect(point.getProtocols()).toContain(protocol)
    expect(await alice.services.rendezvous.register('rs/1')).toMatchObject([{ ttl: 60 }])
    expect(ids(await collect(bob.services.rendezvous.discover('rs/1')))).toEqual([alice.peerId.toString()])
    expect((await bob.dial(alice.peerId)).remotePeer.equals(alice.peerId)).toBe(true)
  })
})
