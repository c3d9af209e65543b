/**
 * The registration store of a point at 1 000, 100 000 and 1 000 000 registrations, over many
 * namespaces and in one, with the memory that it takes; then points over TCP, each in a process
 * of its own. Beside it the store and the server of @canvas-js/libp2p-rendezvous 0.5.2, up to
 * 100 000: it is far too slow for more.
 *
 * Targets: register and discover at 1 000 000 within 2 times of 1 000; discover 64 in at most
 * 50 µs, flat to 100 000 in one namespace; over the wire at least 2 000 discoveries a second.
 *
 * Usage: npm run bench -- rendezvous [rows, such as 1000/100 or tcp; all of them by default]
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { systemClock, systemRandom } from '../dist/src/clock.js'
import { Emitter } from '../dist/src/rendezvous/emitter.js'
import { ResponseStatus, rendezvousClient, rendezvousPoint, standardRecord } from '../dist/src/rendezvous/index.js'
import { Message } from '../dist/src/rendezvous/pb/rendezvous.js'
import { pointConfig } from '../dist/src/rendezvous/point/config.js'
import { DiscoverPage } from '../dist/src/rendezvous/point/discover-page.js'
import { RegistrationStore } from '../dist/src/rendezvous/point/registration-store.js'
import { PointService } from '../dist/src/rendezvous/point/service.js'
import { sealRecord } from '../dist/src/rendezvous/records.js'
import type { RendezvousClient } from '../dist/src/rendezvous/index.js'
import type { ServiceFactoryMap } from 'libp2p'
import type { Libp2p, ServiceMap, Stream } from '@libp2p/interface'

/** The interop test's copy of canvas: it runs on the SQLite that Node.js has built in. */
const CANVAS = new URL('../test/interop/canvas-rendezvous/', import.meta.url)
const CANVAS_STORE = new URL('node_modules/@canvas-js/libp2p-rendezvous/lib/server/RegistrationStore.js', CANVAS)
const CANVAS_PEER = fileURLToPath(new URL('peer.js', CANVAS))
const hasCanvas = existsSync(CANVAS_STORE)

const NOW = Date.now() + 3_600_000
const RECORD_BYTES = 164
const PAGE = 64

const peerOf = (i: number): string => `12D3KooW${createHash('sha256').update(`${i}`).digest('hex').slice(0, 44)}`
const recordOf = (i: number): Uint8Array => new Uint8Array(RECORD_BYTES).fill(i)
/** as they come from the wire: one flat string, not two behind a third */
const namespaceOf = (i: number, namespaces: number): string => new TextDecoder().decode(new TextEncoder().encode(`namespace-${i % namespaces}`))

/** Microseconds for one `fn`, in the best of several rounds: the others were interrupted. */
function measure (rounds: number, calls: number, fn: (i: number) => void): number {
  let best = Infinity
  let i = 0

  for (let round = 0; round < rounds; round++) {
    const start = performance.now()

    for (let call = 0; call < calls; call++) {
      fn(i++)
    }

    best = Math.min(best, (performance.now() - start) * 1_000 / calls)
  }

  return best
}

function heldBytes (): number {
  // more than once: buffers are freed beside the collection that finds them
  [1, 2, 3].forEach(() => { globalThis.gc?.() })
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()

  return heapUsed + Math.max(arrayBuffers, external)
}

interface Row { register: number, discover: number, bytes: number }

function fill (size: number, namespaces: number): RegistrationStore {
  const store = new RegistrationStore()

  for (let i = 0; i < size; i++) {
    store.put({ namespace: namespaceOf(i, namespaces), peer: peerOf(i), expiresAt: NOW + i, standard: recordOf(i) })
  }

  return store
}

function benchStore (size: number, namespaces: number): Row {
  const before = heldBytes()
  const store = fill(size, namespaces)
  const bytes = (heldBytes() - before) / size
  const span = size / namespaces
  const names = Array.from({ length: Math.min(namespaces, 10_000) }, (_, i) => namespaceOf(i * Math.max(namespaces / 10_000, 1), namespaces))
  const peers = Array.from({ length: 1_000 }, (_, i) => peerOf(i))
  const records = peers.map((_, i) => recordOf(i))
  const theirs = peers.map((_, i) => namespaceOf(i, namespaces))
  const page = new DiscoverPage(systemRandom)

  return {
    bytes,
    // anywhere in the namespace that leaves a whole page behind
    discover: measure(100, 200, i => {
      const after = span > PAGE ? (i * 7919) % (size - PAGE * namespaces) : 0
      page.clear()
      store.page({ namespace: names[(i * 7919) % names.length], after, now: NOW - 1, limit: PAGE, maxBytes: 61_440, formats: ['standard'] }, page)
    }),
    // refreshes: a removal and an insertion each
    register: measure(100, 200, i => {
      const n = i % 1_000
      store.put({ namespace: theirs[n], peer: peers[n], expiresAt: NOW + 7_200_000 + i, standard: records[n] })
    })
  }
}

/** One request of a point, from the decoded message to the encoded answer. */
async function benchServed (size: number, namespaces: number): Promise<Omit<Row, 'bytes'>> {
  const store = fill(size, namespaces)
  globalThis.gc?.()
  const privateKey = await generateKeyPair('Ed25519')
  const peer = peerIdFromPrivateKey(privateKey)
  const signedPeerRecord = await sealRecord(standardRecord, { peer, sequence: 1n, multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/4001')] }, privateKey) as Uint8Array<ArrayBuffer>
  const service = new PointService({
    config: pointConfig({ maxRegistrations: 2 * size, recordFormat: 'standard' }),
    store,
    page: new DiscoverPage(systemRandom),
    epoch: 1,
    events: new Emitter(() => {}),
    clock: systemClock,
    random: systemRandom,
    onChange: () => {},
    isLegacy: async () => false
  }, err => { throw err })

  const time = async (fn: (i: number) => Promise<Uint8Array | undefined>): Promise<number> => {
    let best = Infinity
    let answer: Uint8Array | undefined

    for (let round = 0; round < 200; round++) {
      const start = performance.now()

      for (let i = 0; i < 50; i++) {
        answer = await fn(round * 50 + i)
      }

      best = Math.min(best, (performance.now() - start) * 1_000 / 50)
      const { registerResponse, discoverResponse } = Message.decode(answer ?? new Uint8Array())

      if ((registerResponse ?? discoverResponse)?.status !== ResponseStatus.OK) {
        throw new Error('the point refused')
      }
    }

    return best
  }

  const names = Array.from({ length: 10_000 }, (_, i) => new TextEncoder().encode(namespaceOf(i * 7919, namespaces)))

  return {
    register: await time(async i => await service.serve(peer, { type: 0, register: { ns: names[i % 900], signedPeerRecord } })),
    discover: await time(async i => await service.serve(peer, { type: 3, discover: { ns: names[i], limit: BigInt(PAGE) } }))
  }
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
  const register = measure(10, 20, i => { store.register(namespaceOf(i % 100, namespaces), { toString: () => peers[i % 100] }, recordOf(i), 7_200n) })
  const discover = measure(size / namespaces > 10_000 ? 2 : 10, 2, i => { store.discover(namespaceOf(i, namespaces), BigInt(PAGE), null) })
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

/** What is served beside our point, so that what libp2p itself costs is seen. */
const BARE = '/bench/bare/1.0.0'

/** Frames of as many bytes as the requests ask for: no rendezvous, no limits, no deadlines. */
async function answerBare (stream: Stream): Promise<void> {
  const lp = lpStream(stream)

  try {
    while (true) {
      await lp.write(new Uint8Array((await lp.read()).getUint32(0)))
    }
  } catch {
    await stream.close()
  }
}

/** Our point, when this file is run as a process of its own. */
async function servePoint (): Promise<void> {
  const point = await createNode({ rendezvous: rendezvousPoint({ requestsPerSecond: 1e9 }) })
  await point.handle(BARE, stream => { void answerBare(stream) })

  process.on('message', (message: { id: number }) => { process.send?.({ id: message.id, result: { address: point.getMultiaddrs()[0].toString() } }) })
  process.on('disconnect', () => { process.exit() })
  process.send?.({ ready: true })
}

async function onClient<T> (address: string, fn: (node: Libp2p<{ rendezvous: RendezvousClient }>) => Promise<T>): Promise<T> {
  const node = await createNode({ rendezvous: rendezvousClient({ points: [address], recordFormat: 'standard' }) })

  try {
    return await fn(node)
  } finally {
    await node.stop()
  }
}

type Rates = Record<string, number>

/**
 * Requests a second of one client: each on a stream of its own, as it makes them, and all on one.
 * Beside them the same bytes on bare streams, where `hasBare`.
 */
async function benchWire (hasBare: boolean, file: string, args: string[]): Promise<Rates[]> {
  const server = fork(file, args)
  await once(server, 'message')
  server.send({ id: 0, command: 'address' })
  const [{ result: { address } }] = await once(server, 'message') as [{ result: { address: string } }]
  const point = peerIdFromString(address.split('/p2p/')[1])

  for (let i = 0; i < PAGE; i++) {
    await onClient(address, async ({ services }) => await services.rendezvous.registerAt(point, 'full'))
  }

  const rates = await onClient(address, async node => {
    const client = node.services.rendezvous
    const connection = await node.dial(multiaddr(address))
    const requestOf = (namespace: string): Uint8Array<ArrayBuffer> => Message.encode({ type: 3, discover: { ns: new TextEncoder().encode(namespace), limit: BigInt(PAGE) } })

    /** the same bytes, to be answered with as many as the point answers */
    const bareOf = async (request: Uint8Array): Promise<Uint8Array> => {
      const bare = new Uint8Array(request.byteLength)
      new DataView(bare.buffer).setUint32(0, await onStream('/rendezvous/1.0.0', request))

      return bare
    }

    /** @returns bytes of the answer */
    const onStream = async (protocol: string, request: Uint8Array): Promise<number> => {
      const stream = await connection.newStream(protocol)
      const lp = lpStream(stream)
      await lp.write(request)
      await stream.close()

      return (await lp.read()).byteLength
    }

    const oneStream = async (protocol: string, count: number, request: Uint8Array): Promise<number> => {
      const stream = await connection.newStream(protocol)
      const lp = lpStream(stream)

      // eight under way
      const frames = await rate(count / 8, 1, async () => {
        await lp.writeV(Array.from({ length: 8 }, () => request))

        for (let i = 0; i < 8; i++) {
          await lp.read()
        }
      })
      await stream.close()

      return frames * 8
    }

    const nobody = requestOf('nobody')
    const full = requestOf('full')
    const ours: Rates = {
      register: await rate(1_000, 5, async i => await client.registerAt(point, `namespace-${i % 500}`)),
      'discover 0': await rate(1_000, 5, async () => await client.discoverAt(point, 'nobody')),
      [`discover ${PAGE}`]: await rate(300, 5, async () => await client.discoverAt(point, 'full', { limit: PAGE })),
      'one stream, 0': await oneStream('/rendezvous/1.0.0', 16_000, nobody),
      [`one stream, ${PAGE}`]: await oneStream('/rendezvous/1.0.0', 8_000, full)
    }

    if (!hasBare) {
      return [ours]
    }

    const [bareNobody, bareFull] = [await bareOf(nobody), await bareOf(full)]

    return [ours, {
      'discover 0': await rate(1_000, 5, async () => await onStream(BARE, bareNobody)),
      [`discover ${PAGE}`]: await rate(300, 5, async () => await onStream(BARE, bareFull)),
      'one stream, 0': await oneStream(BARE, 16_000, bareNobody),
      [`one stream, ${PAGE}`]: await oneStream(BARE, 8_000, bareFull)
    }]
  })
  server.disconnect()

  return rates
}

async function rate (count: number, width: number, fn: (i: number) => Promise<unknown>): Promise<number> {
  let start = 0

  // the first round warms up
  for (const rounds of [count / 5, count]) {
    let next = 0
    start = performance.now()

    await Promise.all(Array.from({ length: width }, async () => {
      while (next < rounds) {
        await fn(next++)
      }
    }))
  }

  return count / (performance.now() - start) * 1_000
}

const shapes = [[1_000, 15], [100_000, 1_500], [1_000_000, 15_000], [1_000, 100], [100_000, 10_000], [1_000_000, 100_000], [1_000, 1], [100_000, 1]]
const us = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} µs`
const perSecond = (value: number): string => `${Math.round(value)}/s`

async function main (): Promise<void> {
  const wanted = process.argv.slice(2)
  const isWanted = (row: string): boolean => wanted.length === 0 || wanted.includes(row)

  if (!hasCanvas) {
    console.info('canvas is left out: it is not installed (npm ci --ignore-scripts --prefix test/interop/canvas-rendezvous)')
  }

  const rows: Record<string, Record<string, string>> = {}

  for (const [size, namespaces] of shapes.filter(shape => isWanted(shape.join('/')))) {
    const ours = benchStore(size, namespaces)
    const served = await benchServed(size, namespaces)
    const row: Record<string, string> = {
      register: us(ours.register),
      discover: us(ours.discover),
      'served register': us(served.register),
      'served discover': us(served.discover),
      'bytes each': size < 100_000 ? '' : ours.bytes.toFixed(0)
    }

    if (hasCanvas && size <= 100_000) {
      const canvas = await benchCanvasStore(size, namespaces)
      Object.assign(row, {
        'canvas register': `${us(canvas.register)} (x${(canvas.register / ours.register).toFixed(0)})`,
        'canvas discover': `${us(canvas.discover)} (x${(canvas.discover / ours.discover).toFixed(0)})`
      })
    }

    rows[`${size} in ${namespaces}`] = row
  }

  if (Object.keys(rows).length > 0) {
    console.info(`registrations in namespaces; records of ${RECORD_BYTES} bytes, a peer each; pages of up to ${PAGE}; served: from the decoded request to the encoded answer`)
    console.table(rows)
  }

  if (isWanted('tcp')) {
    await reportWire()
  }
}

async function reportWire (): Promise<void> {
  const format = (rates: Rates): Record<string, string> => Object.fromEntries(Object.entries(rates).map(([key, value]) => [key, perSecond(value)]))
  const [ours, bare] = await benchWire(true, import.meta.filename, ['point'])
  const rows = { holdfast: format(ours), 'the same bytes on bare streams': format(bare) }

  if (hasCanvas) {
    const [canvas] = await benchWire(false, CANVAS_PEER, [])
    Object.assign(rows, { canvas: format(canvas) })
  }

  console.info('over TCP, one connection: five at once on streams of their own, the client checking each record once; and on one stream, eight under way')
  console.table(rows)
}

await (process.argv[2] === 'point' ? servePoint() : main())
