import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, it } from 'vitest'
import { plaintext, symmetric } from '../../src/encryption/index.js'
import { exchange, EXCHANGE_PROTOCOL } from '../../src/exchange/index.js'
import { gossipsubOptions } from '../../src/messaging/index.js'
import { createNode, reliableChannels } from '../../src/node/index.js'
import { LISTEN, nextMessage, node, text } from './nodes.js'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import type { ServiceFactoryMap } from 'libp2p'

const running: Array<{ stop (): Promise<void> }> = []

afterEach(async () => {
  await Promise.all(running.splice(0).map(async ({ stop }) => { await stop() }))
})

async function given<T extends ServiceMap> (services: ServiceFactoryMap<T>): Promise<Libp2p<T>> {
  const libp2p = await createLibp2p<T>({
    addresses: { listen: LISTEN },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services
  })

  running.push({ stop: async () => { await libp2p.stop() } })

  return libp2p
}

async function peer (...args: Parameters<typeof node>): ReturnType<typeof node> {
  const made = await node(...args)

  running.push({ stop: async () => { await made.stop() } })

  return made
}

const encryption = symmetric({ key: new Uint8Array(32).fill(7) })

it('adds itself to a libp2p that is given, and neither starts nor stops it', async () => {
  const libp2p = await given({ identify: identify(), pubsub: gossipsub(gossipsubOptions()) })
  const point = await peer({ actAsRendezvousPoint: true })
  const rendezvousPoints = point.libp2p.getMultiaddrs()
  const a = await createNode({ libp2p, rendezvousPoints })
  const b = await peer({ rendezvousPoints })

  expect(a.libp2p).toBe(libp2p)
  expect(a.privateKey.publicKey.equals(libp2p.peerId.publicKey)).toBe(true)

  const atA = await a.channels.createChannel('tea', { encryption })
  const atB = await b.channels.createChannel('tea', { encryption })
  const received = nextMessage(atB)

  await atA.settled(await atA.send(text('hi')), 'delivered')
  expect(await received).toBe('hi')

  await a.stop()
  expect(libp2p.status).toBe('started')

  // it can be taken up again
  await a.start()

  const again = nextMessage(atB)

  await atA.send(text('back'))
  expect(await again).toBe('back')
  await a.stop()
  expect(libp2p.status).toBe('started')
})

it('uses the services that it has', async () => {
  const libp2p = await given({ identify: identify(), pubsub: gossipsub(gossipsubOptions()), exchange: exchange() })
  const a = await createNode({ libp2p })

  expect(a.exchange).toBe(libp2p.services.exchange)
  await a.stop()
  // and does not stop them
  expect(libp2p.getProtocols()).toContain(EXCHANGE_PROTOCOL)
})

it('refuses a gossipsub that does not fit, and one that is not there', async () => {
  const signing = await given({ identify: identify(), pubsub: gossipsub() })
  const without = await given({ identify: identify() })

  await expect(createNode({ libp2p: signing })).rejects.toThrow(expect.objectContaining({ name: 'GossipsubConfigError' }))
  await expect(createNode({ libp2p: without })).rejects.toThrow(expect.objectContaining({ name: 'GossipsubConfigError', message: expect.stringContaining('pubsub') }))
  expect([signing.status, without.status]).toEqual(['started', 'started'])
})

it('refuses a gossipsub option of its own that does not fit', async () => {
  await expect(createNode({ listen: LISTEN, libp2p: { services: { pubsub: gossipsub() } } })).rejects.toThrow(expect.objectContaining({ name: 'GossipsubConfigError' }))
})

it('channels are a plain libp2p service as well', async () => {
  const services = () => ({
    identify: identify(),
    pubsub: gossipsub(gossipsubOptions()),
    channels: reliableChannels({ datastore: new MemoryDatastore(), maxChannels: 1 })
  })
  const a = await given(services())
  const b = await given(services())
  const atA = await a.services.channels.createChannel('tea', { encryption: plaintext() })
  const atB = await b.services.channels.createChannel('tea', { encryption: plaintext() })
  const received = nextMessage(atB)

  await a.dial(b.getMultiaddrs())

  const request = await atA.send(text('hi'))

  expect(await received).toBe('hi')
  await atA.settled(request, 'delivered')
  expect(atA.receipts(request)).toEqual([b.peerId.toString()])
  await expect(a.services.channels.createChannel('cup', { encryption: plaintext() })).rejects.toThrow(expect.objectContaining({ name: 'TooManyChannelsError' }))

  await a.stop()
  expect(atA.status().state).toBe('stopped')
})
