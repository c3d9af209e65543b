import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, it } from 'vitest'
import { plaintext, signed, symmetric } from '../../src/encryption/index.js'
import { createNode } from '../../src/node/index.js'
import { LISTEN, nextMessage, node, stopAll, text } from './nodes.js'
import { collect } from '../collect.js'

const encryption = symmetric({ key: new Uint8Array(32).fill(7) })

it('two nodes that know only a point find each other and talk', async () => {
  const point = await node({ actAsRendezvousPoint: true })
  const rendezvousPoints = point.libp2p.getMultiaddrs()
  const a = await node({ rendezvousPoints })
  const b = await node({ rendezvousPoints: rendezvousPoints.map(String) })
  const atA = await a.channels.createChannel('tea', { encryption: signed(encryption, { privateKey: a.privateKey }) })
  const atB = await b.channels.createChannel('tea', { encryption: signed(encryption, { privateKey: b.privateKey }) })
  const received = nextMessage(atB)
  const request = await atA.send(text('hi'))

  expect(await received).toBe('hi')
  await atA.settled(request, 'delivered')
  expect(atA.receipts(request)).toEqual([b.libp2p.peerId.toString()])
  // each under the name of the day, around midnight of two
  expect([2, 4]).toContain(point.rendezvousPoint?.registrations)

  // whoever is not in the channel has no part in it
  expect(point.channels.listChannels()).toEqual([])

  const [message] = await collect(atB.history())

  expect(message.sender?.toString()).toBe(a.libp2p.peerId.toString())
  await stopAll(a, b, point)
})

it('with no options gives a working node', async () => {
  const alone = await createNode()

  expect(alone.libp2p.status).toBe('started')
  expect(alone.libp2p.getMultiaddrs().length).toBeGreaterThan(0)
  expect(alone.channels.durable).toBe(false)
  expect(alone.rendezvousPoint).toBeUndefined()
  expect(alone.privateKey.publicKey.equals(alone.libp2p.peerId.publicKey)).toBe(true)

  const channel = await alone.channels.createChannel('tea', { encryption })

  expect(channel.status().state).toBe('waiting-for-peers')
  await alone.stop()
})

it('P45: starts, stops and starts again, and again', async () => {
  const point = await node({ actAsRendezvousPoint: true })
  const rendezvousPoints = point.libp2p.getMultiaddrs()
  const a = await node({ rendezvousPoints, start: false })
  const b = await node({ rendezvousPoints })

  expect(a.libp2p.status).not.toBe('started')

  const atA = await a.channels.createChannel('tea', { encryption })
  const atB = await b.channels.createChannel('tea', { encryption })

  for (const round of ['one', 'two', 'three']) {
    await a.start()
    await a.start()
    expect(a.libp2p.status).toBe('started')

    const received = nextMessage(atB)

    await atA.send(text(round))
    expect(await received).toBe(round)

    await a.stop()
    await a.stop()
    expect(a.libp2p.status).toBe('stopped')
    expect(atA.status().state).toBe('stopped')
    await expect(atA.send(text('nobody hears'))).rejects.toThrow(expect.objectContaining({ name: 'NotStartedError' }))
  }

  await stopAll(b, point)
})

it('starts and stops that overlap happen one after the other', async () => {
  const a = await node({ start: false })

  await Promise.all([a.start(), a.stop(), a.start()])
  expect(a.libp2p.status).toBe('started')
  await Promise.all([a.stop(), a.start(), a.stop()])
  expect(a.libp2p.status).toBe('stopped')
})

it('is disposed of by leaving its scope', async () => {
  let libp2p

  {
    await using a = await node()

    libp2p = a.libp2p
    expect(libp2p.status).toBe('started')
  }

  expect(libp2p.status).toBe('stopped')
})

it('libp2p options go over ours, and add to them', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const mine = { mine: true }
  const a = await createNode({
    libp2p: {
      privateKey,
      addresses: { listen: LISTEN, announce: ['/dns4/a.example.org/tcp/1'] },
      nodeInfo: { userAgent: 'mine/1.0.0' },
      services: { mine: () => mine }
    }
  })

  expect(a.libp2p.peerId.equals(peerIdFromPrivateKey(privateKey))).toBe(true)
  expect(a.libp2p.getMultiaddrs().map(String)).toEqual([`/dns4/a.example.org/tcp/1/p2p/${a.libp2p.peerId.toString()}`])
  expect((a.libp2p.services as Record<string, unknown>).mine).toBe(mine)
  // ours are there as well
  expect((await a.channels.createChannel('tea', { encryption: plaintext() })).senderId).toBe(a.libp2p.peerId.toString())
  await a.stop()
})

it('our own options win over those of libp2p', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const other = await generateKeyPair('Ed25519')
  const a = await createNode({ privateKey, listen: LISTEN, libp2p: { privateKey: other, addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] } } })

  expect(a.libp2p.peerId.equals(peerIdFromPrivateKey(privateKey))).toBe(true)
  expect(a.libp2p.getMultiaddrs().map(String).some(address => address.includes('/ws'))).toBe(false)
  await a.stop()
})
