/**
 * A channel beside what its users would pick instead, and beside the least that it could cost.
 * In process over a messaging layer in memory: `ReliableChannel` of @waku/sdk on mocked nodes,
 * and our own stages run bare. Over TCP, in two processes: gossipsub alone at the same wire size.
 * Then the bytes of an envelope, and memory. Prints one Markdown table against the budgets:
 * in process in CPU time of the main thread, sender and receiver together; over TCP in wall-clock time.
 *
 * Usage: npm run bench -- channel [--quick]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFastKeccak } from '../dist/src/keccak.js'
import { openDatastore } from '../dist/src/storage/index.js'
import { bareCores, bareStages } from './channel/bare.ts'
import { envelopeBytes, idleChannelBytes, LOG_MESSAGES, LOG_MESSAGE_BYTES, logBytes, wakuEnvelopeBytes } from './channel/footprint.ts'
import { compare, median, Table, times, us } from './channel/measure.ts'
import { createMembers } from './channel/ours.ts'
import { overTcp } from './channel/tcp.ts'
import { createWakuMembers } from './channel/waku.ts'
import type { OpenedDatastore } from '../dist/src/storage/index.js'

const quick = process.argv.includes('--quick')
const rounds = quick ? 7 : 25
const HISTORY = 1_000
const LONG_HISTORY = 20_000

const table = new Table()
const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))

await loadFastKeccak()

try {
  // first: what the others leave behind would be counted
  await memory()

  for (const { size, messages, wakuTimes } of [
    { size: 1_024, messages: 64, wakuTimes: 20 },
    { size: 102_400, messages: 16, wakuTimes: 2.5 }
  ]) {
    await inProcess(size, messages, wakuTimes)
  }

  await flat()
  await tcp(1_024, 500, 1.5)
  await tcp(102_400, 60, 1.8)
  await envelopes()
} finally {
  await rm(folder, { recursive: true, force: true })
}

console.log(`\n${String(table)}`)
// connections of mocked nodes and timers of others would keep the process
process.exit()

async function inProcess (size: number, messages: number, wakuTimes: number): Promise<void> {
  const stores = await openStores()
  const memory = await createMembers({ size: 100 })
  const level = await createMembers({ size: 100, datastores: stores.map(store => store.datastore) })
  const waku = await createWakuMembers({ size: 100 })

  for (let i = 0; i < HISTORY / 100; i++) {
    for (const members of [memory, level, waku]) {
      await members.run(100)
    }
  }

  for (const members of [memory, level, waku]) {
    members.resize(size)
  }

  const [ours, theirs, durable] = await compare([memory, waku, level], { rounds, messages, clock: 'cpu' })
  // CPU time comes in steps of some ms: of so many messages one step is little
  const [beside, stages, cores] = await compare([memory, bareStages(size), bareCores(size)], { rounds, messages: 4 * messages, clock: 'cpu' })
  const what = `${size / 1_024} KiB in process`

  row(`${what}, beside @waku/sdk ReliableChannel`, ours, theirs, theirs / ours, { atLeast: wakuTimes })
  row(`${what}, beside its own hashes, cipher and codecs bare`, beside, stages, beside / stages, { atMost: 1.5 })
  row(`${what}, beside its own cores bare, with their state`, beside, cores, beside / cores)
  row(`${what}, on LevelDB, beside @waku/sdk, which keeps nothing`, durable, theirs, theirs / durable)

  waku.close()
  await memory.close()
  await level.close()
  await Promise.all(stores.map(async store => { await store.close() }))
}

async function flat (): Promise<void> {
  const short = await createMembers({ size: 100 })
  const long = await createMembers({ size: 100 })

  for (let i = 0; i < LONG_HISTORY / 100; i++) {
    await long.run(100)

    if (i < HISTORY / 100) {
      await short.run(100)
    }
  }

  short.resize(1_024)
  long.resize(1_024)

  const [atShort, atLong] = await compare([short, long], { rounds: quick ? 5 : 11, messages: 256, clock: 'cpu' })

  row(`1 KiB with ${LONG_HISTORY} messages in the log, beside ${HISTORY}`, atLong, atShort, atLong / atShort, { atMost: 1.25, name: 'flat' })
  await short.close()
  await long.close()
}

async function tcp (size: number, messages: number, atMost: number): Promise<void> {
  const { channel, bare, staged, envelopeBytes, close } = await overTcp(size)
  const contestants = [channel, bare, staged]
  const cpu: number[][] = contestants.map(() => [])
  const watched = contestants.map((contestant, i) => ({
    run: async (count: number) => {
      await contestant.run(count)
      cpu[i].push(contestant.cpu / count)
    }
  }))
  const [ours, gossipsub] = await compare(watched, { rounds: quick ? 3 : 9, messages, clock: 'wall' })
  const [oursCpu, gossipsubCpu, stagedCpu] = cpu.map(median)
  const what = `${size / 1_024} KiB over TCP`

  row(`${what}, beside bare gossipsub with ${envelopeBytes} B`, ours, gossipsub, ours / gossipsub, { atMost })
  row(`${what}, CPU time of the busier process, beside bare gossipsub`, oursCpu, gossipsubCpu, oursCpu / gossipsubCpu)
  row(`${what}, CPU time likewise, beside bare gossipsub with the channel's own stages bare`, oursCpu, stagedCpu, oursCpu / stagedCpu)
  await close()
}

async function envelopes (): Promise<void> {
  const waku = await wakuEnvelopeBytes()

  for (const [kind, most] of [['symmetric', 700], ['signed', 800]] as const) {
    const envelope = await envelopeBytes(kind)

    table.add(`envelope of "hi" among 3, \`${kind}()\`, beside @waku/sdk`, `${envelope.most} B at most, ${envelope.usual} usually`, `${waku} B`, times(waku / envelope.most), `≤ ${most} B`, envelope.most <= most)
  }
}

async function memory (): Promise<void> {
  const idle = await idleChannelBytes()
  const payloadBytes = LOG_MESSAGES * LOG_MESSAGE_BYTES
  const stores = await openStores()
  const level = await logBytes(stores.map(store => store.datastore))
  const inMemory = await logBytes() - payloadBytes

  table.add('memory of an idle channel', `${(idle / 1_000).toFixed(1)} KB`, '', '', '≤ 50 KB', idle <= 50_000)
  table.add(`memory of ${LOG_MESSAGES} messages of ${LOG_MESSAGE_BYTES} B, on LevelDB`, `${(level / 1e6).toFixed(1)} MB`, '', '', '≤ 10 MB', level <= 10e6)
  table.add('the same without a datastore, beyond the payloads', `${(inMemory / 1e6).toFixed(1)} MB`, '', '', '≤ 10 MB', inMemory <= 10e6)
  await Promise.all(stores.map(async store => { await store.close() }))
}

function row (what: string, ours: number, other: number, ratio: number, budget: { atLeast?: number, atMost?: number, name?: string } = {}): void {
  const { atLeast, atMost, name } = budget

  if (atLeast != null) {
    table.add(what, us(ours), us(other), times(ratio), `≥ ${atLeast} ×`, ratio >= atLeast)
  } else if (atMost != null) {
    table.add(what, us(ours), us(other), times(ratio), name == null ? `≤ ${atMost} ×` : `${name} (≤ ${atMost} ×)`, ratio <= atMost)
  } else {
    table.add(what, us(ours), us(other), times(ratio))
  }
}

async function openStores (): Promise<OpenedDatastore[]> {
  return await Promise.all([0, 1].map(async () => await openDatastore(await mkdtemp(join(folder, 'store-')))))
}
