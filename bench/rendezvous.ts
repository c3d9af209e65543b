/**
 * The registration store of a point at 1 000, 100 000 and 1 000 000 registrations, over many
 * namespaces and in one, with the memory that it takes; then points over TCP, each in a process
 * of its own. Beside it the store and the server of @canvas-js/libp2p-rendezvous 0.5.2, up to
 * 100 000: it is far too slow for more.
 *
 * Targets: register and discover at 1 000 000 within 2 times of 1 000; discover 64 in at most
 * 50 µs, flat to 100 000 in one namespace; over the wire at least 2 000 discoveries a second.
 *
 * Usage: npm run bench -- rendezvous
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { peerIdFromString } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { rendezvousClient, rendezvousPoint } from '../dist/src/rendezvous/index.js'
import { RegistrationStore } from '../dist/src/rendezvous/point/registration-store.js'
import type { RendezvousClient } from '../dist/src/rendezvous/index.js'
import type { ServiceFactoryMap } from 'libp2p'
import type { Libp2p, ServiceMap } from '@libp2p/interface'

/** The interop test's copy of canvas: it runs on the SQLite that Node.js has built in. */
const CANVAS = new URL('../test/interop/canvas-rendezvous/', import.meta.url)
const CANVAS_STORE = new URL('node_modules/@canvas-js/libp2p-rendezvous/lib/server/RegistrationStore.js', CANVAS)
const CANVAS_PEER = fileURLToPath(new URL('peer.js', CANVAS))
const hasCanvas = existsSync(CANVAS_STORE)

const RECORD_BYTES = 164
const PAGE = 64

const peerOf = (i: number): string => `12D3KooW${createHash('sha256').update(`${i}`).digest('hex').slice(0, 44)}`
const recordOf = (i: number): Uint8Array => new Uint8Array(RECORD_BYTES).fill(i)
const namespaceOf = (i: number, namespaces: number): string => `namespace-${i % namespaces}`

/** Microseconds for one `fn`, the median of several rounds. */
function measure (rounds: number, calls: number, fn: (i: number) => void): number {
  const times: number[] = []
  let i = 0

  for (let round = 0; round < rounds; round++) {
    const start = performance.now()

    for (let call = 0; call < calls; call++) {
      fn(i++)
    }

    times.push((performance.now() - start) * 1_000 / calls)
  }

  return times.sort((a, b) => a - b)[rounds >> 1]
}

function heldBytes (): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()

  return heapUsed + Math.max(arrayBuffers, external)
}

interface Row { register: number, discover: number, bytes: number }

function benchStore (size: number, namespaces: number): Row {
  const before = heldBytes()
  const store = new RegistrationStore()

  for (let i = 0; i < size; i++) {
    store.put({ namespace: namespaceOf(i, namespaces), peer: peerOf(i), expiresAt: 1e13 + i, standard: recordOf(i) })
  }

  const bytes = (heldBytes() - before) / size
  const page = (i: number): void => {
    store.page({ namespace: namespaceOf(i, namespaces), after: (i * 7919) % (size >> 1), now: 0, limit: PAGE, maxBytes: 61_440, formats: ['standard'] })
  }

  // refreshes: a removal and an insertion each
  const peers = Array.from({ length: 1_000 }, (_, i) => peerOf(i))
  const register = (i: number): void => {
    const n = i % 1_000
    store.put({ namespace: namespaceOf(n, namespaces), peer: peers[n], expiresAt: 2e13 + i, standard: recordOf(n) })
  }

  measure(3, 1_000, register)
  measure(3, 1_000, page)

  return { register: measure(15, 1_000, register), discover: measure(15, 1_000, page), bytes }
}

interface CanvasStore {
  register (namespace: string, peer: { toString (): string }, record: Uint8Array, ttl: bigint): void
  discover (namespace: string, limit: bigint, cookie: Uint8Array | null): unknown
  close (): void
}

async function benchCanvasStore (size: number, namespaces: number): Promise<Omit<Row, 'bytes'>> {
  const { RegistrationStore: CanvasStore } = await import(CANVAS_STORE.href) as { RegistrationStore: new () => CanvasStore }
  const store = new CanvasStore()

  for (let i = 0; i < size; i++) {
    store.register(namespaceOf(i, namespaces), { toString: () => peerOf(i) }, recordOf(i), 7_200n)
  }

  const peers = Array.from({ length: 100 }, (_, i) => peerOf(i))
  const register = measure(5, 20, i => { store.register(namespaceOf(i % 100, namespaces), { toString: () => peers[i % 100] }, recordOf(i), 7_200n) })
  const discover = measure(5, 5, i => { store.discover(namespaceOf(i, namespaces), BigInt(PAGE), null) })
  store.close()

  return { register, discover }
}

async function createNode<T extends ServiceMap> (services: ServiceFactoryMap<T>): Promise<Libp2p<T>> {
  return await createLibp2p<T>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services
  })
}

/** Our point, when this file is run as a process of its own. */
async function servePoint (): Promise<void> {
  const point = await createNode({ rendezvous: rendezvousPoint({ requestsPerSecond: 1e9 }) })

  process.on('message', (message: { id: number }) => { process.send?.({ id: message.id, result: { address: point.getMultiaddrs()[0].toString() } }) })
  process.on('disconnect', () => { process.exit() })
  process.send?.({ ready: true })
}

async function onClient<T> (address: string, fn: (client: RendezvousClient) => Promise<T>): Promise<T> {
  const node = await createNode({ rendezvous: rendezvousClient({ points: [address], recordFormat: 'standard' }) })

  try {
    return await fn(node.services.rendezvous)
  } finally {
    await node.stop()
  }
}

/** Requests a second of one client, five at a time on one connection, a stream each. */
async function benchWire (file: string, args: string[]): Promise<Record<string, number>> {
  const server = fork(file, args)
  await once(server, 'message')
  server.send({ id: 0, command: 'address' })
  const [{ result: { address } }] = await once(server, 'message') as [{ result: { address: string } }]
  const point = peerIdFromString(address.split('/p2p/')[1])

  for (let i = 0; i < PAGE; i++) {
    await onClient(address, async client => await client.registerAt(point, 'full'))
  }

  const rates = await onClient(address, async client => ({
    register: await rate(1_000, async i => await client.registerAt(point, `namespace-${i % 500}`)),
    discover: await rate(1_000, async () => await client.discoverAt(point, 'nobody')),
    full: await rate(300, async () => await client.discoverAt(point, 'full', { limit: PAGE }))
  }))
  server.disconnect()

  return rates
}

async function rate (count: number, fn: (i: number) => Promise<unknown>): Promise<number> {
  let start = 0

  for (const rounds of [count / 5, count]) {
    let next = 0
    start = performance.now()

    await Promise.all(Array.from({ length: 5 }, async () => {
      while (next < rounds) {
        await fn(next++)
      }
    }))
  }

  return count / (performance.now() - start) * 1_000
}

const us = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} µs`
const perSecond = (value: number): string => `${Math.round(value)}/s`

async function main (): Promise<void> {
  const most = Number(process.argv[2] ?? 1_000_000)

  if (!hasCanvas) {
    console.info('canvas is left out: it is not installed (npm ci --ignore-scripts --prefix test/interop/canvas-rendezvous)')
  }

  const shapes = [[1_000, 100], [100_000, 10_000], [1_000_000, 100_000], [1_000, 1], [100_000, 1]]
  const rows: Record<string, Record<string, string>> = {}

  for (const [size, namespaces] of shapes.filter(([size]) => size <= most)) {
    const ours = benchStore(size, namespaces)
    const row: Record<string, string> = { register: us(ours.register), [`discover ${PAGE}`]: us(ours.discover), 'bytes each': ours.bytes.toFixed(0) }

    if (hasCanvas && size <= 100_000) {
      const canvas = await benchCanvasStore(size, namespaces)
      Object.assign(row, {
        'canvas register': `${us(canvas.register)} (x${(canvas.register / ours.register).toFixed(0)})`,
        'canvas discover': `${us(canvas.discover)} (x${(canvas.discover / ours.discover).toFixed(0)})`
      })
    }

    rows[`${size} in ${namespaces}`] = row
  }

  console.info(`store: registrations in namespaces; a record is ${RECORD_BYTES} bytes, of which each has its own`)
  console.table(rows)

  const wire: Record<string, Record<string, string>> = {}

  for (const [name, file, ...args] of [['holdfast', import.meta.filename, 'point'], ['canvas', CANVAS_PEER]]) {
    if (name === 'holdfast' || hasCanvas) {
      wire[name] = Object.fromEntries(Object.entries(await benchWire(file, args)).map(([key, value]) => [key, perSecond(value)]))
    }
  }

  console.info(`over TCP: one client; discover finds nobody, full finds ${PAGE} and checks their signatures`)
  console.table(wire)
}

await (process.argv[2] === 'point' ? servePoint() : main())
