import { identify } from '@libp2p/identify'
import { gossipsub } from '@libp2p/gossipsub'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { createKeyring, discovery, exchange, gossipsubOptions, reliableChannels, rendezvousClient, symmetric } from '../../src/index.js'
import { Ear, folder, history, KEY, located, node, open, point, SDS, send, texts, until } from './harness.js'
import type { ChannelManager } from '../../src/index.js'
import type { Libp2p } from '@libp2p/interface'

test('three members that know one point find each other and agree on one causal log', async () => {
  const { addresses } = await point()
  const nodes = await Promise.all([0, 1, 2].map(async () => await node({ rendezvousPoints: addresses })))
  const channels = await Promise.all(nodes.map(async on => await open(on)))
  const ears = channels.map(channel => new Ear(channel))
  const [a, b, c] = channels

  await located(nodes, 2)

  // a question, its answers, and what is said upon those: each has heard what it answers to
  await send(a, 'a1')
  await Promise.all([ears[1].hears(1), ears[2].hears(1)])
  await Promise.all([send(b, 'b1'), send(c, 'c1')])
  await ears[0].hears(2)
  const last = await send(a, 'a2')

  await Promise.all([ears[1].hears(3), ears[2].hears(3)])

  const log = await history(a)

  expect([...log].sort()).toEqual(['a1', 'a2', 'b1', 'c1'])
  expect(log[0]).toBe('a1')
  expect(log[3]).toBe('a2')
  expect(await history(b)).toEqual(log)
  expect(await history(c)).toEqual(log)
  expect(texts(ears[0].received).sort()).toEqual(['b1', 'c1'])
  expect(ears.flatMap(ear => ear.lost)).toEqual([])
  await until(a, ['reliable:message:receipt'], () => a.receipts(last).length === 2)
  expect([...a.receipts(last)].sort()).toEqual([b.senderId, c.senderId].sort())
  expect(new Set(a.members().map(member => member.senderId))).toEqual(new Set(channels.map(channel => channel.senderId)))
})

test('when the point is gone, members bring a fourth one in through discovery', async () => {
  const { node: meeting, addresses } = await point()
  const nodes = await Promise.all([0, 1, 2].map(async () => await node({ rendezvousPoints: addresses })))
  const channels = await Promise.all(nodes.map(async on => await open(on)))

  await located(nodes, 2)
  await meeting.stop()

  // it knows one member and the dead point
  const fourth = await node({ rendezvousPoints: addresses, discovery: { bootstrap: nodes[0].libp2p.getMultiaddrs() } })
  const late = await open(fourth)
  const ears = [...channels, late].map(channel => new Ear(channel))

  await located([fourth], 3)
  await send(late, 'am I alone?')
  await Promise.all(ears.slice(0, 3).map(async ear => { await ear.hears(1) }))
  await send(channels[2], 'no')
  await Promise.all([0, 1, 3].map(async i => { await ears[i].hearsText('no') }))
  expect(fourth.channels.peers('tea').map(String).sort()).toEqual(nodes.map(({ libp2p }) => libp2p.peerId.toString()).sort())
})

test('after a restart without any point, members are found from what was on disk', async () => {
  const { node: meeting, addresses } = await point()
  const storage = await folder()
  const other = await node({ rendezvousPoints: addresses })
  const first = await node({ rendezvousPoints: addresses, storage })
  const [a, b] = [await open(first), await open(other)]
  const heard = new Ear(b)

  await located([first, other], 1)
  await until(a, ['reliable:channel:status', 'reliable:channel:members'], () => a.status().peers === 1)
  await first.stop()
  await meeting.stop()

  const second = await node({ storage })
  const again = await open(second)

  await located([second], 1)
  await send(again, 'back')
  await heard.hearsText('back')
  expect(second.channels.peers('tea').map(String)).toEqual([other.libp2p.peerId.toString()])
  expect(second.libp2p.peerId.equals(first.libp2p.peerId)).toBe(true)
})

test('a node with the wrong secret finds nobody and reads nothing', async () => {
  const { addresses } = await point()
  const [alice, bob, eve] = await Promise.all([0, 1, 2].map(async () => await node({ rendezvousPoints: addresses })))
  const [a, b] = await Promise.all([open(alice), open(bob)])
  const e = await open(eve, { encryption: symmetric({ key: new Uint8Array(32).fill(8) }) })
  const [atA, heard, overheard] = [a, b, e].map(channel => new Ear(channel))

  // it is a neighbour on the topic all the same
  await Promise.all([alice, bob].map(async ({ libp2p }) => await eve.libp2p.dial(libp2p.getMultiaddrs())))
  await located([alice, bob], 1)

  const request = await send(a, 'for us only')

  await heard.hearsText('for us only')
  await a.settled(request, 'delivered')
  await until(e, ['reliable:channel:error'], () => overheard.errors.length > 0)
  expect(overheard.errors[0].name).toBe('ForeignPayloadError')
  expect(overheard.received).toEqual([])
  expect(await history(e)).toEqual([])
  expect(eve.channels.peers('tea')).toEqual([])
  expect(alice.channels.peers('tea').map(String)).toEqual([bob.libp2p.peerId.toString()])
  expect(a.receipts(request)).toEqual([b.senderId])

  // and nobody reads what it says
  await send(e, 'let me in')
  await until(a, ['reliable:channel:error'], () => atA.errors.length > 0)
  expect(atA.errors[0].name).toBe('ForeignPayloadError')
  expect(await history(a)).toEqual(['for us only'])
})

test('members keep finding each other through a key rotation, and old messages stay readable', async () => {
  const { addresses } = await point()
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const rings = [createKeyring(first), createKeyring(first)]
  const nodes = await Promise.all(rings.map(async () => await node({ rendezvousPoints: addresses })))
  const [a, b] = await Promise.all(nodes.map(async (on, i) => await open(on, { encryption: symmetric({ keyring: rings[i] }) })))
  const [atA, atB] = [new Ear(a), new Ear(b)]

  await located(nodes, 1)
  await send(a, 'under the old key')
  await atB.hears(1)

  rings.forEach(ring => { ring.rotate(second) })
  await send(b, 'under the new key')
  await atA.hears(1)

  // one who was given both keys, and one who got the new one alone
  const both = await node({ rendezvousPoints: addresses })
  const c = await open(both, { encryption: symmetric({ keyring: createKeyring(rings[0].export()) }), history: { join: 'full' } })

  await c.ready('synced')
  expect(await history(c)).toEqual(['under the old key', 'under the new key'])

  const young = await node({ rendezvousPoints: addresses })
  const d = await open(young, { encryption: symmetric({ key: second }) })
  const atD = new Ear(d)

  await located([young], 1)
  await send(a, 'to everybody')
  await atD.hearsText('to everybody')
  await atB.hearsText('to everybody')
  expect(await history(b)).toEqual(['under the old key', 'under the new key', 'to everybody'])
})

test('a libp2p of one\'s own carries channels as services', async () => {
  const { addresses } = await point()
  const [one, two] = await Promise.all([ownLibp2p(addresses), ownLibp2p(addresses)])
  const encryption = symmetric({ key: KEY })
  const [a, b] = await Promise.all([one, two].map(async ({ services }) => await services.channels.createChannel('tea', { encryption, sds: SDS })))
  const ear = new Ear(b)
  const request = await send(a, 'by hand')

  await ear.hearsText('by hand')
  await a.settled(request, 'delivered')
  expect(a.senderId).toBe(one.peerId.toString())
  expect(ear.received[0].senderId).toBe(a.senderId)
  expect(two.services.channels.peers('tea').map(String)).toEqual([one.peerId.toString()])
})

async function ownLibp2p (points: string[]): Promise<Libp2p<{ channels: ChannelManager }>> {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub(gossipsubOptions()),
      rendezvous: rendezvousClient({ points }),
      discovery: discovery(),
      exchange: exchange(),
      channels: reliableChannels()
    }
  })

  onTestFinished(async () => { await libp2p.stop() })

  return libp2p
}
