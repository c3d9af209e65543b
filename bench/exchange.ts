/**
 * The exchange against a raw stream: 64 MiB of history from 1, 4 and 8 members to a newcomer, all
 * nodes in one process, over TCP with noise and yamux. Targets: 0.5 of the raw stream's MB/s with
 * one server, less than 5 % of wasted bytes.
 *
 * Contestants take turns, round by round, and a ratio is the median of those within each round.
 * As all nodes share one thread, more servers cannot be quicker here: what they show is that
 * nothing is done twice. CPU time is that of the transfer, both ends together.
 *
 * Usage: npm run build && node bench/exchange.ts
 */
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { noise } from '@libp2p/noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { exchange } from '../dist/src/exchange/index.js'
import type { DeliveryVerdict, ExchangeChannel, ExchangeComponents, ExchangeMembership, LogEntry, LogPosition, MessageExchange, PayloadKey } from '../dist/src/exchange/index.js'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'

const MiB = 1024 * 1024
const RAW = '/bench/raw/1.0.0'
const ROUNDS = 5

interface Message extends LogEntry { payload: Uint8Array }

function makeMessages (count: number, size: number): Message[] {
  return Array.from({ length: count }, (_, i) => {
    const payload = new Uint8Array(size)
    new DataView(payload.buffer).setUint32(0, i)

    return { messageId: idOf(payload), senderId: 'alice', lamportTimestamp: 1_700_000_000_000 + i, size, payload }
  })
}

function idOf (payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex')
}

/** Holds messages in memory; believes what has the hash that is its ID. */
class BenchChannel implements ExchangeChannel {
  readonly channelId = 'bench'
  readonly messages = new Map<string, Message>()
  readonly log: Message[]
  others: PeerId[] = []
  membership?: ExchangeMembership
  received = 0
  wasted = 0

  constructor (log: Message[] = []) {
    this.log = log
    log.forEach(message => { this.messages.set(message.messageId, message) })
  }

  keys (): Uint8Array[] { return [new Uint8Array(32).fill(1)] }
  async payload (key: PayloadKey): Promise<Uint8Array | undefined> { return 'hash' in key ? undefined : this.messages.get(key.messageId)?.payload }
  has (key: PayloadKey): boolean { return !('hash' in key) && this.messages.has(key.messageId) }
  gone (): boolean { return false }
  holders (): PeerId[] { return [] }
  peers (): PeerId[] { return this.others }

  entries ({ after, before, limit, reverse }: { after?: LogPosition, before?: LogPosition, limit: number, reverse?: boolean }): LogEntry[] {
    // timestamps are distinct, in steps of 1
    const first = this.log[0]?.lamportTimestamp ?? 0
    const from = after == null ? 0 : Math.max(after.lamportTimestamp - first + 1, 0)
    const to = before == null ? this.log.length : Math.min(before.lamportTimestamp - first + (before.messageId.endsWith('\u0000') ? 1 : 0), this.log.length)

    return reverse === true ? this.log.slice(Math.max(to - limit, from), to).reverse() : this.log.slice(from, Math.min(from + limit, to))
  }

  async accept (payload: Uint8Array, from: PeerId, wanted?: string): Promise<DeliveryVerdict> {
    const messageId = idOf(payload)

    if (wanted !== messageId) {
      return { result: 'mismatch', messageId }
    }

    if (this.messages.has(messageId)) {
      this.wasted += payload.byteLength

      return { result: 'duplicate', messageId }
    }

    this.received += payload.byteLength
    this.messages.set(messageId, { messageId, senderId: 'alice', lamportTimestamp: 0, size: payload.byteLength, payload })
    this.membership?.arrived(messageId)

    return { result: 'accepted', messageId }
  }
}

interface Counters { received: number, wasted: number }

async function createNode (counters?: Counters): Promise<Libp2p<{ exchange: MessageExchange }>> {
  const metrics = counters == null ? undefined : counting(counters)

  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000 },
    services: {
      identify: identify(),
      exchange: ({ peerId, registrar, connectionManager, logger }: ExchangeComponents) => exchange({ reconcileIntervalMs: 0 })({ peerId, registrar, connectionManager, logger, metrics })
    }
  })
}

/** Just enough of libp2p's metrics to read what the exchange counts. */
function counting (counters: Counters): ExchangeComponents['metrics'] {
  const group = {
    increment: (values: Record<string, number | unknown>) => {
      counters.received += typeof values.received === 'number' ? values.received : 0
      counters.wasted += typeof values.wasted === 'number' ? values.wasted : 0
    },
    decrement: () => {},
    reset: () => {}
  }

  return { registerCounterGroup: () => group } as unknown as ExchangeComponents['metrics']
}

interface Outcome { seconds: number, cpu: number, wasted: number }

/** How long something takes, on the clock and of the processor. */
async function measured (run: () => Promise<void>): Promise<Omit<Outcome, 'wasted'>> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await run()
  const { user, system } = process.cpuUsage(cpu)

  return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 }
}

/** One stream between two nodes, 100 KiB at a time. */
async function raw (bytes: number): Promise<Outcome> {
  const [a, b] = await Promise.all([createNode(), createNode()])
  const received = Promise.withResolvers<void>()

  await b.handle(RAW, (stream: Stream) => {
    let count = 0
    stream.addEventListener('message', ({ data }) => {
      count += data.byteLength

      if (count >= bytes) {
        received.resolve()
      }
    })
  })

  const stream = await a.dialProtocol(b.getMultiaddrs(), RAW)
  const chunk = new Uint8Array(100 * 1024)

  const outcome = await measured(async () => {
    for (let sent = 0; sent < bytes; sent += chunk.byteLength) {
      if (!stream.send(chunk)) {
        await new Promise(resolve => { stream.addEventListener('drain', resolve, { once: true }) })
      }
    }

    await received.promise
  })

  await Promise.all([a.stop(), b.stop()])

  return { ...outcome, wasted: 0 }
}

async function fetchHistory (servers: number, messages: Message[]): Promise<Outcome> {
  const counters: Counters = { received: 0, wasted: 0 }
  const newcomer = await createNode(counters)
  const members = await Promise.all(Array.from({ length: servers }, async () => await createNode()))
  const channel = new BenchChannel()

  channel.membership = newcomer.services.exchange.join(channel)

  for (const member of members) {
    member.services.exchange.join(new BenchChannel(messages))
    await newcomer.dial(member.getMultiaddrs())
    channel.others.push(member.peerId)
  }

  const { membership } = channel
  const outcome = await measured(async () => {
    const result = await membership.history({ mode: 'full' })

    if (!result.complete || result.held !== messages.length) {
      throw new Error(`the history is not complete: ${JSON.stringify(result)}`)
    }
  })

  await Promise.all([newcomer.stop(), ...members.map(async member => { await member.stop() })])

  return { ...outcome, wasted: counters.wasted / (counters.received + counters.wasted) }
}

function median (values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

const SERVERS = [1, 4, 8]
const size = 100 * 1024
const large = makeMessages(Math.ceil(64 * MiB / size), size)
const small = makeMessages(20_000, 100)
const largeBytes = large.length * size

interface Round { raw: Outcome, large: Outcome[], small: Outcome[] }

async function round (): Promise<Round> {
  const out: Round = { raw: await raw(largeBytes), large: [], small: [] }

  for (const servers of SERVERS) {
    out.large.push(await fetchHistory(servers, large))
    out.small.push(await fetchHistory(servers, small))
  }

  return out
}

// the first one warms up
await round()
const rounds: Round[] = []

for (let i = 0; i < ROUNDS; i++) {
  rounds.push(await round())
}

const middle = (of: (round: Round) => number): number => median(rounds.map(of))

console.info('| | MB/s | of raw | of raw, by CPU time | wasted | messages of 100 B | CPU time of one |')
console.info('| --- | --- | --- | --- | --- | --- | --- |')
console.info(`| raw stream | ${middle(({ raw: { seconds } }) => largeBytes / 1e6 / seconds).toFixed(0)} | 1 | 1 | | | |`)

for (const [i, servers] of SERVERS.entries()) {
  const rate = middle(({ large: { [i]: { seconds } } }) => largeBytes / 1e6 / seconds)
  const ofRaw = middle(({ raw: { seconds }, large: { [i]: ours } }) => seconds / ours.seconds)
  const byCpu = middle(({ raw: { cpu }, large: { [i]: ours } }) => cpu / ours.cpu)
  const wasted = middle(({ large: { [i]: ours } }) => ours.wasted)
  const perSecond = middle(({ small: { [i]: { seconds } } }) => small.length / seconds)
  const each = middle(({ small: { [i]: { cpu } } }) => 1e6 * cpu / small.length)

  console.info(`| history, ${servers} server${servers > 1 ? 's' : ''} | ${rate.toFixed(0)} | ${ofRaw.toFixed(2)} | ${byCpu.toFixed(2)} | ${(100 * wasted).toFixed(1)} % | ${perSecond.toFixed(0)}/s | ${each.toFixed(0)} µs |`)
}
