import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { CODE_P2P } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { discovery, DISCOVERY_PROTOCOL, discoveryKey } from '../../src/discovery/index.js'
import { Frame } from '../../src/discovery/pb/session.js'
import { rendezvousClient, rendezvousPoint } from '../../src/rendezvous/index.js'
import { createNode } from './nodes.js'
import type { Node } from './nodes.js'
import type { DiscoveryInit, DiscoveryManager } from '../../src/discovery/index.js'
import type { Libp2p, PrivateKey, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

const CATS = { channelId: 'cats', keys: [discoveryKey(new Uint8Array(32).fill(7))] }

const HELLO = Frame.encode({ hello: { versions: [1], nonce: new Uint8Array(32) } })

const base = (): { addresses: { listen: string[] }, transports: Array<ReturnType<typeof tcp>>, connectionEncrypters: Array<ReturnType<typeof noise>>, streamMuxers: Array<ReturnType<typeof yamux>> } => ({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

describe('discovery as a libp2p service', () => {
  const nodes: Libp2p[] = []

  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => { await node.stop() })) })

  async function createPoint (): Promise<{ addresses: Multiaddr[], registrations: () => number }> {
    const node = await createLibp2p({ ...base(), services: { identify: identify(), rendezvous: rendezvousPoint() } })
    nodes.push(node)

    return { addresses: node.getMultiaddrs(), registrations: () => node.services.rendezvous.registrations }
  }

  async function createMember (points: Multiaddr[], init: DiscoveryInit = {}, own: { privateKey?: PrivateKey, datastore?: Datastore } = {}): Promise<Libp2p<ServiceMap & { discovery: DiscoveryManager }>> {
    const node = await createLibp2p({
      ...base(),
      ...own,
      services: {
        identify: identify(),
        rendezvous: rendezvousClient({ points }),
        discovery: discovery(init)
      }
    })
    nodes.push(node)

    return node
  }

  /** Two connected nodes; the second has discovery, and does not call by itself. */
  async function createPair (init: DiscoveryInit): Promise<[Libp2p, Node]> {
    const a = await createLibp2p({ ...base(), services: { identify: identify() } })
    const b = await createNode({ init: { walkers: 0, ...init } })
    nodes.push(a, b)
    await a.dial(b.getMultiaddrs())

    return [a, b]
  }

  const open = async (a: Libp2p, b: Node): Promise<ReturnType<typeof lpStream>> => lpStream(await a.dialProtocol(b.peerId, DISCOVERY_PROTOCOL))

  it('finds the rendezvous client among the services, registers, locates, connects, proves, and withdraws', async () => {
    const point = await createPoint()
    const [a, b] = await Promise.all([createMember(point.addresses), createMember(point.addresses)])
    const channels = [a, b].map(node => node.services.discovery.join(CATS))
    const changes = a.services.discovery.watchMembers('cats')[Symbol.asyncIterator]()

    expect(await changes.next()).toMatchObject({ value: { added: [b.peerId] } })
    await changes.return?.()
    await until(() => channels.every(channel => channel.members().some(({ connected, proven }) => connected && proven)))
    expect(channels[0].peers().map(String)).toEqual([b.peerId.toString()])
    expect(a.services.discovery.status()).toMatchObject({ started: true, rendezvous: true, channels: [{ channelId: 'cats', located: 1, proven: 1, connected: 1 }] })
    await until(async () => [...(await a.peerStore.get(b.peerId)).tags.keys()].includes('keep-alive-holdfast'))
    expect(a.services.discovery.peer(b.peerId)).toMatchObject({ channels: ['cats'], bootstrap: false, stale: undefined })

    const before = point.registrations()
    expect(before).toBeGreaterThanOrEqual(2)
    await channels[0].leave()
    await until(() => point.registrations() === before / 2)
    await b.stop()
    await until(() => point.registrations() === 0)
  })

  it('needs no rendezvous client when it has a bootstrap peer', async () => {
    const boot = await createNode()
    nodes.push(boot)
    const [a, b] = await Promise.all([1, 2].map(async () => await createNode({ init: { bootstrap: boot.getMultiaddrs() } })))
    nodes.push(a, b)
    const channels = [boot, a, b].map(node => node.services.discovery.join(CATS))

    await until(() => channels.every(channel => channel.members().filter(({ proven }) => proven).length === 2))
    expect(a.services.discovery.status().rendezvous).toBe(false)
    expect(a.services.discovery.peer(boot.peerId)).toMatchObject({ bootstrap: true })
    // what was learned is there for other protocols too
    expect((await a.peerStore.get(b.peerId)).addresses.some(({ isCertified }) => isCertified)).toBe(true)
  })

  it('lets one watch the members of a channel, the channels of a peer and its addresses, from before there are any', async () => {
    const [a, b] = [await createNode(), await createNode()]
    nodes.push(a, b)
    const { discovery: service } = a.services
    const members = service.watchMembers('cats')[Symbol.asyncIterator]()
    const channels = service.watchChannels(b.peerId)[Symbol.asyncIterator]()
    const addresses = service.watchPeer(b.peerId)[Symbol.asyncIterator]()
    const [joined, located, reachable] = [members.next(), channels.next(), addresses.next()]
    const channel = service.join(CATS)
    b.services.discovery.join(CATS)
    await a.dial(b.getMultiaddrs())

    expect((await joined).value).toMatchObject({ value: [b.peerId], added: [b.peerId], removed: [] })
    expect((await located).value).toEqual({ value: ['cats'], added: ['cats'], removed: [] })
    const [{ value }] = [await reachable]
    expect(value.added.map(String)).toEqual(b.getMultiaddrs().map(address => address.decapsulateCode(CODE_P2P).toString()))
    expect(value.value).toMatchObject({ id: b.peerId, bootstrap: false, seq: expect.any(BigInt) })

    // another channel under the same key: nothing changes in the address book, and yet there is something to see
    service.join({ ...CATS, channelId: 'more cats' })
    expect((await channels.next()).value).toMatchObject({ added: ['more cats'], removed: [] })
    await channel.leave()
    expect((await channels.next()).value).toEqual({ value: ['more cats'], added: [], removed: ['cats'] })
    expect((await members.next()).value).toMatchObject({ value: [], added: [], removed: [b.peerId] })
    await Promise.all([members, channels, addresses].map(async changes => { await changes.return?.() }))
  })

  it('takes the tag off a connection that is not needed any more', async () => {
    const [a, b] = [await createNode(), await createNode()]
    nodes.push(a, b)
    const [channel] = [a, b].map(node => node.services.discovery.join(CATS))
    const tags = async (): Promise<string[]> => [...(await a.peerStore.get(b.peerId)).tags.keys()]
    await a.dial(b.getMultiaddrs())
    await until(async () => (await tags()).includes('keep-alive-holdfast'))
    await channel.leave()
    await until(async () => !(await tags()).includes('keep-alive-holdfast'))
    expect(a.getConnections(b.peerId)).toHaveLength(1)
  })

  it('remembers over a restart, and starts and stops at will', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const datastore = new MemoryDatastore()
    const point = await createPoint()
    const other = await createMember(point.addresses)
    const first = await createMember(point.addresses, {}, { privateKey, datastore })
    other.services.discovery.join(CATS)
    const before = first.services.discovery.join(CATS)
    await until(() => before.members().some(({ proven }) => proven))
    await first.stop()
    await first.start()
    await until(() => before.members().some(({ connected }) => connected))
    await first.stop()

    const second = await createMember([], {}, { privateKey, datastore })
    const after = second.services.discovery.join(CATS)
    await until(() => after.members().some(({ proven, connected }) => proven && connected))
  })

  it('P54: over a real stream refuses a second session within the cooldown, with the time to wait', async () => {
    const [a, b] = await createPair({})
    const first = await open(a, b)
    await first.write(HELLO)
    expect(Frame.decode(await first.read()).hello?.versions).toEqual([1])
    const second = await open(a, b)
    const { busy } = Frame.decode(await second.read())
    expect(busy?.retryAfterMs).toBeGreaterThanOrEqual(1000)
    expect(b.services.discovery.stats().sessionsRefused).toBe(1)
  })

  it('P48: over a real stream cuts off a peer that falls silent', async () => {
    const [a, b] = await createPair({ sessionMs: 200 })
    const stream = await open(a, b)
    await stream.write(HELLO)
    await stream.read()
    await expect(stream.read()).rejects.toThrow()
    expect(b.services.discovery.stats().sessionsFailed).toBe(1)
  })

  it('cuts off a peer that announces a frame of a megabyte, or sends garbage', async () => {
    for (const bytes of [new Uint8Array([0x80, 0x80, 0x40]), new Uint8Array([5, 255, 255, 255, 255, 255])]) {
      const [a, b] = await createPair({})
      const stream = (await open(a, b)).unwrap()
      stream.send(bytes)
      await until(() => b.services.discovery.stats().sessionsFailed === 1)
      expect(a.getConnections(b.peerId)).toHaveLength(1)
    }
  })

  it('refuses bootstrap addresses without a peer ID, and numbers out of range, when it is made', async () => {
    for (const init of [{ bootstrap: ['/ip4/127.0.0.1/tcp/1'] }, { walkers: -1 }, { maxPeers: 0 }, { sessionMs: 1.5 }, { targetMembers: NaN }]) {
      await expect(createNode({ init })).rejects.toHaveProperty('name', 'InvalidParametersError')
    }
  })

  it('counts what it does for the metrics of the node', async () => {
    const counters = new Map<string, () => unknown>()
    const register = (name: string, options?: { calculate?: () => unknown }): undefined => {
      if (options?.calculate != null) {
        counters.set(name, options.calculate)
      }
    }
    const node = await createLibp2p({
      ...base(),
      services: {
        identify: identify(),
        discovery: (components: Parameters<ReturnType<typeof discovery>>[0]) => discovery()({
          ...pick(components),
          // only what discovery calls
          metrics: { registerCounter: register, registerMetric: register } as unknown as NonNullable<typeof components.metrics>
        })
      }
    })
    nodes.push(node)

    expect(counters.get('holdfast_discovery_sessions_succeeded_total')?.()).toBe(0)
    expect(counters.get('holdfast_discovery_peers')?.()).toBe(0)
    node.services.discovery.resetWalkers()
    expect(counters.get('holdfast_discovery_walker_resets_total')?.()).toBe(1)
    expect(node.services.discovery.stats().walkerResets).toBe(1)
  })
})

function pick (components: Parameters<ReturnType<typeof discovery>>[0]): Parameters<ReturnType<typeof discovery>>[0] {
  const { peerId, privateKey, registrar, connectionManager, peerStore, addressManager, events, logger, datastore } = components

  return { peerId, privateKey, registrar, connectionManager, peerStore, addressManager, events, logger, datastore }
}

async function until (holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) {
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
}
