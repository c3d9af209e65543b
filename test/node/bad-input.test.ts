import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plaintext, symmetric } from '../../src/encryption/index.js'
import { openDatastore } from '../../src/storage/index.js'
import { node, stopAll, text } from './nodes.js'
import type { NodeInit } from '../../src/node/index.js'
import type { AddressInfo } from 'node:net'

const NAMELESS = '/ip4/127.0.0.1/tcp/1'

it.each<[string, NodeInit]>([
  ['a point that is no multiaddr', { rendezvousPoints: ['nonsense'] }],
  ['a point without its peer ID', { rendezvousPoints: [NAMELESS] }],
  ['an address to listen on that is none', { listen: ['nonsense'] }],
  ['a bootstrap peer that is no multiaddr', { discovery: { bootstrap: ['nonsense'] } }],
  ['a point whose bounds make no sense', { actAsRendezvousPoint: { minTtl: 10, maxTtl: 5 } }],
  ['walkers below 0', { discovery: { walkers: -1 } }]
])('refuses %s', async (_, init) => {
  await expect(node(init)).rejects.toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
})

it('says what it needs where Node.js is too old', async () => {
  const withResolvers = Object.getOwnPropertyDescriptor(Promise, 'withResolvers')!

  Object.defineProperty(Promise, 'withResolvers', { ...withResolvers, value: undefined })

  try {
    await expect(node()).rejects.toThrow(expect.objectContaining({ name: 'UnsupportedRuntimeError', message: expect.stringContaining('Node.js 22') }))
  } finally {
    Object.defineProperty(Promise, 'withResolvers', withResolvers)
  }
})

it('leaves nothing behind when a port is in use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-port-'))
  const server = createServer()

  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })

  const { port } = server.address() as AddressInfo

  await expect(node({ storage: folder, listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toThrow(String(port))

  // neither the lock nor a listener is left
  const opened = await openDatastore(folder)

  await opened.close()

  // and nothing where nothing was
  await expect(node({ storage: join(folder, 'new'), listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toThrow(String(port))
  expect(await readdir(folder)).not.toContain('new')
  server.close()
  await rm(folder, { recursive: true })
})

it('refuses channels that cannot be', async () => {
  const a = await node()
  const channel = await a.channels.createChannel('tea', { encryption: plaintext() })

  await expect(a.channels.createChannel('tea', { encryption: plaintext() })).rejects.toThrow(expect.objectContaining({ name: 'DuplicateChannelError' }))
  await expect(a.channels.createChannel('cup', {} as never)).rejects.toThrow(expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining('encryption') }))
  await expect(a.channels.createChannel('', { encryption: plaintext() })).rejects.toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  await expect(channel.send(new Uint8Array())).rejects.toThrow(expect.objectContaining({ name: 'EmptyPayloadError' }))
  await expect(a.channels.send('cup', text('x'))).rejects.toThrow(expect.objectContaining({ name: 'UnknownChannelError' }))

  expect(channel.pending()).toEqual([])
  expect(await a.channels.storedChannels()).toEqual(['tea'])
  await a.stop()
})

it('a wrong secret: errors that are counted and rare, and no message', async () => {
  const sends = 50
  const a = await node()
  const b = await node()
  const atA = await a.channels.createChannel('tea', { encryption: symmetric({ passphrase: 'right' }) })
  const atB = await b.channels.createChannel('tea', { encryption: symmetric({ passphrase: 'wrong' }) })
  const errors: Array<{ name: string, count: number }> = []

  atB.events.on('reliable:channel:error', ({ error, count }) => { errors.push({ name: error.name, count }) })
  atB.events.on('reliable:message:received', () => { expect.unreachable() })
  // secrets that differ do not find each other: they meet by chance
  await a.libp2p.dial(b.libp2p.getMultiaddrs())

  const requests = await Promise.all(Array.from({ length: sends }, async (_, i) => await atA.send(text(`for members only ${i}`))))

  await Promise.all(requests.map(async request => { await atA.settled(request, 'sent') }))

  while (errors.reduce((sum, { count }) => sum + count, 0) < sends) {
    await delay(50)
  }

  expect(errors.every(({ name }) => name === 'ForeignPayloadError')).toBe(true)
  expect(errors.length).toBeLessThan(sends / 4)
  expect(await atB.count()).toBe(0)
  expect(requests.map(request => atA.receipts(request))).toEqual(requests.map(() => []))
  await stopAll(a, b)
})
