/**
 * SDS beside @waku/sds 0.0.8, in one run. Prints Markdown: `node bench/sds.ts` after `npm run build`.
 */

import { ContentMessage, Message, MessageChannel } from '@waku/sds'
import { keccak256, loadFastKeccak } from '../dist/src/keccak.js'
import { decodeFilter, encodeCompact, hashId, WakuFilter } from '../dist/src/sds/bloom/index.js'
import { encodeMessage } from '../dist/src/sds/codec.js'
import { isMessageIdOf, toHex } from '../dist/src/sds/ids.js'
import { computeMessageId, decodeMessage, Sds } from '../dist/src/sds/index.js'
import type { StagedMessage } from '../dist/src/sds/index.js'

const START = Date.now()
const quick = process.argv.includes('--quick')
const random = {
  bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  float: () => Math.random()
}

await loadFastKeccak()

function create (senderId: string, persistent = true): Sds {
  return new Sds({ channelId: 'bench', senderId, random, now: START, persistent })
}

/** Messages of one sender, each of which cites the two before it. */
function messages (count: number, size: number): StagedMessage[] {
  const sds = create('alice', false)
  const out: StagedMessage[] = []

  for (let i = 0; i < count; i++) {
    const staged = sds.stage([[content(size, i)]], START + i)
    staged.apply(START + i)
    out.push(...staged.messages)
  }

  return out
}

function content (size: number, i: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, i)

  return bytes
}

function median (samples: number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1]
}

/** Median and, since other processes of the machine are felt in all figures, the least. */
function spread (samples: number[]): string {
  return `${median(samples).toFixed(2)} (${Math.min(...samples).toFixed(2)})`
}

/** Median over batches, in µs for each call. */
function timed (count: number, batch: number, run: (i: number) => void): number {
  const samples: number[] = []

  for (let i = 0; i < count; i += batch) {
    const begin = performance.now()

    for (let j = i; j < i + batch; j++) {
      run(j)
    }

    samples.push((performance.now() - begin) * 1_000 / batch)
  }

  return median(samples)
}

/** Has all of them receive so many messages of one sender. */
function fill (count: number, ...receivers: Sds[]): void {
  const sender = create('alice', false)

  for (let i = 0; i < count; i++) {
    const staged = sender.stage([[content(16, i)]], START + i)
    staged.apply(START + i)

    for (const sds of receivers) {
      sds.receive(staged.messages[0].bytes, START + count, { retrievalHint: keccak256(staged.messages[0].bytes) })
      sds.takeOps()
    }
  }

  globalThis.gc?.()
}

interface Cost { wrap: number, receive: number }

/** What a channel does for each message, store operations made and dropped. */
function ours (history: number, size: number, count: number): Cost {
  const sender = create('bob')
  const receiver = create('carol')
  fill(history, sender, receiver)
  const batch = Math.max(1, count / 20)
  const out: StagedMessage[] = []
  const now = START + history

  const wrap = timed(count, batch, i => {
    const staged = sender.stage([[content(size, i)]], now)
    staged.apply(now)
    out.push(...staged.messages)
    sender.takeOps()
  })
  const receive = timed(count, batch, i => {
    receiver.receive(out[i].bytes, now)
    receiver.takeOps()
  })

  globalThis.gc?.()

  return { wrap, receive }
}

/** The same for several lengths of the log, in turns: what the machine does meanwhile is shared. */
function growth (...histories: number[]): Cost[] {
  const now = START + Math.max(...histories)
  const members = histories.map(history => {
    const pair = { sender: create('bob'), receiver: create('carol'), wraps: [] as number[], receives: [] as number[] }
    fill(history, pair.sender, pair.receiver)

    return pair
  })

  for (let i = 0; i < 60; i++) {
    for (const { sender, receiver, wraps, receives } of members) {
      const out: StagedMessage[] = []

      wraps.push(timed(200, 200, j => {
        const staged = sender.stage([[content(100, i * 200 + j)]], now)
        staged.apply(now)
        out.push(...staged.messages)
        sender.takeOps()
      }))
      receives.push(timed(200, 200, j => {
        receiver.receive(out[j].bytes, now)
        receiver.takeOps()
      }))
    }
  }

  // the first rounds warm up
  return members.map(({ wraps, receives }) => ({ wrap: median(wraps.slice(10)), receive: median(receives.slice(10)) }))
}

async function theirs (history: number, size: number, count: number): Promise<Cost & { overhead: number }> {
  const options = { causalHistorySize: 2 }
  const sender = new MessageChannel('bench', 'bob', options)
  const receiver = new MessageChannel('bench', 'carol', options)

  for (const channel of [sender, receiver]) {
    // its own way in would take hours: the same entries, pushed at once
    const entries = Array.from({ length: history }, (_, i) => new ContentMessage(
      i.toString(16).padStart(64, '0'), 'bench', 'alice', [], BigInt(START - history + i), undefined, content(16, i)))
    const log = Reflect.get(channel, 'localHistory') as { items: ContentMessage[] }
    log.items = entries
  }

  const wraps: number[] = []
  const receives: number[] = []
  let overhead = 0

  for (let i = 0; i < count; i++) {
    let bytes = new Uint8Array()
    let begin = performance.now()
    sender.pushOutgoingMessage(content(size, i), async (message) => {
      bytes = message.encode()

      return { success: true }
    })
    await sender.processTasks()
    wraps.push((performance.now() - begin) * 1_000)
    overhead = bytes.byteLength - size

    begin = performance.now()
    const message = Message.decode(bytes)

    if (message != null) {
      receiver.pushIncomingMessage(message, undefined)
      await receiver.processTasks()
    }

    receives.push((performance.now() - begin) * 1_000)
  }

  return { wrap: median(wraps), receive: median(receives), overhead }
}

/** CPU time of this thread in µs, so that other processes on the machine do not count. In steps of some ms: time long batches. */
function cpu (): number {
  const { user, system } = process.threadCpuUsage()

  return user + system
}

function row (...cells: Array<string | number>): void {
  console.log(`| ${cells.map(cell => typeof cell === 'number' ? cell.toFixed(cell < 10 ? 2 : cell < 100 ? 1 : 0) : cell).join(' | ')} |`)
}

/** Bytes of memory in use, after what can be collected is gone. */
async function used (): Promise<number> {
  for (let i = 0; i < 3; i++) {
    // the usual collection leaves megabytes that nothing refers to any more
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    // finalizers of buffers run between turns of the event loop
    await new Promise(resolve => { setImmediate(resolve) })
  }

  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}

// --- wrap and receive ---------------------------------------------------------------------

// warm up
ours(1_000, 100, 20_000)
await theirs(100, 100, 50)

console.log('\n### Wrap and receive, µs a message, causal history 2 (ours with store operations)\n')
row('size', 'log', 'wrap', 'receive', '@waku/sds wrap', 'receive', 'ratio wrap', 'ratio receive')
row('---', '---', '---', '---', '---', '---', '---', '---')

for (const [size, history, count] of [
  [100, 1_000, 60], [100, 10_000, 20], [100, 100_000, quick ? 1 : 3],
  [102_400, 1_000, 40], [102_400, 10_000, 10], [102_400, 100_000, quick ? 1 : 3]
]) {
  // the first time warms up
  const [, mine] = [1, 2].map(() => ours(history, size, size > 1_000 ? 200 : 4_000))
  const other = await theirs(history, size, count)
  row(`${size} B`, history.toString(), mine.wrap, mine.receive, other.wrap, other.receive, other.wrap / mine.wrap, other.receive / mine.receive)
}

if (!quick) {
  console.log('\n### Growth, µs a message of 100 B, the two in turn\n')
  row('log', '1000', '1000000', 'ratio')
  row('---', '---', '---', '---')
  const [small, large] = growth(1_000, 1_000_000)
  row('wrap', small.wrap, large.wrap, large.wrap / small.wrap)
  row('receive', small.receive, large.receive, large.receive / small.receive)
}

// --- parked -------------------------------------------------------------------------------

console.log('\n### 10 000 parked messages\n')
row('what', 'ours', '@waku/sds', 'ratio')
row('---', '---', '---', '---')

{
  const chain = messages(10_001, 100)
  // something waits all the time: where nothing does, `gc()` takes the compiled code too, and each round makes it anew
  const waiting = create('dave')
  waiting.receive(chain[10_000].bytes, START + 10_000)
  const costs: Record<'arrival' | 'stored arrival' | 'release' | 'stored release' | 'decode', number[]> = {
    arrival: [], 'stored arrival': [], release: [], 'stored release': [], decode: []
  }
  const sweeps: number[] = []
  const each = (kind: keyof typeof costs, round: number, run: () => void): void => {
    globalThis.gc?.()
    const begin = cpu()
    run()

    // the first rounds warm up
    if (round >= 0) {
      costs[kind].push((cpu() - begin) / 10_000)
    }
  }

  for (let round = -3; round < 12; round++) {
    for (const stored of [false, true]) {
      const sds = create('carol', stored)
      const take = (): void => {
        // as a channel does after each call
        if (stored) {
          sds.takeOps()
        }
      }

      each(stored ? 'stored arrival' : 'arrival', round, () => {
        for (let i = 10_000; i > 0; i--) {
          sds.receive(chain[i].bytes, START + 10_000)
          take()
        }
      })

      const swept = performance.now()
      sds.tick(START + 10_001)
      sweeps.push(performance.now() - swept)
      take()

      each(stored ? 'stored release' : 'release', round, () => {
        sds.receive(chain[0].bytes, START + 10_000)
        take()

        // each call releases a part
        while ((sds.nextDeadline() ?? Infinity) <= START + 10_000) {
          sds.tick(START + 10_000)
          take()
        }
      })

      if (sds.status().log !== 10_001) {
        throw new Error(`the chain was not released: ${sds.status().log} of 10 001`)
      }
    }

    each('decode', round, () => {
      for (const { bytes } of chain) {
        const { messageId, senderId, idSalt, content } = decodeMessage(bytes)
        isMessageIdOf(messageId, senderId, idSalt ?? 0n, content ?? bytes)
      }
    })
  }

  const channel = new MessageChannel('bench', 'carol', { causalHistorySize: 2 })
  // a fifth of them: its cost is quadratic
  const parked = chain.slice(1, 2_001).flatMap(({ bytes }) => Message.decode(bytes) ?? [])
  Reflect.set(channel, 'incomingBuffer', parked)
  const begin = performance.now()
  channel.sweepIncomingBuffer()
  const swept = performance.now() - begin

  row('arrival with unmet dependencies, µs of CPU: median (least)', spread(costs.arrival), '-', '-')
  row('the same, with store operations', spread(costs['stored arrival']), '-', '-')
  row('of that, decoding and hashing the content for the ID', spread(costs.decode), '-', '-')
  row('release of the reversed chain, µs of CPU each: median (least)', spread(costs.release), '-', '-')
  row('the same, with store operations', spread(costs['stored release']), '-', '-')
  row('sweep, ms (theirs: of 2 000)', median(sweeps), swept, swept / median(sweeps))
}

// --- acknowledgement review -----------------------------------------------------------------

{
  const alice = create('alice')
  const staged = alice.stage(Array.from({ length: 1_000 }, (_, i) => [content(16, i)]), START)
  staged.apply(START)
  // they hold something of somebody else: their filters are full of what is not ours
  const members = Array.from({ length: 200 }, (_, i) => create(`bob-${i}`, false))
  fill(1_000, ...members)
  const bobs = members.map(bob => bob.tick(START + 5_000).flatMap(effect => effect.type === 'sync' ? [effect.bytes] : [])[0])
  // each filter has a salt of its own, and is looked at once: 40 to warm up, 160 that count
  bobs.slice(0, 40).forEach(bytes => { alice.receive(bytes, START + 5_000) })
  const cost = timed(160, 8, i => { alice.receive(bobs[40 + i], START + 5_000) })

  const channel = new MessageChannel('bench', 'alice', { causalHistorySize: 2 })

  for (let i = 0; i < 1_000; i++) {
    channel.pushOutgoingMessage(content(16, i), async () => ({ success: true }))
  }

  await channel.processTasks()
  const peer = new MessageChannel('bench', 'bob')
  let bytes = new Uint8Array()
  peer.pushOutgoingMessage(content(20, 1), async (message) => {
    bytes = message.encode()

    return { success: true }
  })
  await peer.processTasks()
  const begin = performance.now()
  const message = Message.decode(bytes)

  if (message != null) {
    channel.pushIncomingMessage(message, undefined)
    await channel.processTasks()
  }

  const reviewed = performance.now() - begin
  row('acknowledgement review, 1 000 outgoing, ms', cost / 1_000, reviewed, reviewed * 1_000 / cost)
}

// --- what is due at one time --------------------------------------------------------------

/** A message that cites others, without a salt. */
function citing (messageId: string, senderId: string, cites: string[]): Uint8Array {
  return encodeMessage({
    senderId,
    messageId,
    channelId: 'bench',
    lamportTimestamp: START + 10,
    causalHistory: cites.map(cited => ({ messageId: cited, lamportTimestamp: START + 1 })),
    repairRequest: [],
    content: [content(100, 0)]
  })
}

function idOf (text: string): string {
  return toHex(keccak256(new TextEncoder().encode(text)))
}

{
  const MANY = 30_000
  const longest: Record<'release' | 'giving up' | 'takeOps', number[]> = { release: [], 'giving up': [], takeOps: [] }
  const snapshots: number[] = []
  const totals: Record<'release' | 'giving up', number[]> = { release: [], 'giving up': [] }
  const time = (run: () => unknown): number => {
    const begin = performance.now()
    run()

    return performance.now() - begin
  }

  for (let round = 0; round < (quick ? 2 : 6); round++) {
    for (const kind of ['release', 'giving up'] as const) {
      const sds = create('carol')
      const calls: number[] = []
      const commits: number[] = []
      const end = START + (kind === 'release' ? 1_000 : 61_000)
      // else the first of them would begin the joining
      sds.receive(citing(idOf('hello'), 'alice', []), START)

      for (let i = 0; i < MANY; i++) {
        // none waits for one thing alone
        const cites = kind === 'release' ? ['cause', 'last'] : ['last', `gone ${i % 1_000}`]
        sds.receive(citing(idOf(`${i}`), `sender-${i % 2}`, cites.map(idOf)), START)
        sds.takeOps()
      }

      if (kind === 'release') {
        sds.receive(citing(idOf('cause'), 'alice', []), START)
        let hasSnapshot = false

        for (let i = 0; !hasSnapshot; i++) {
          sds.receive(citing(idOf(`other ${i}`), 'alice', []), START)
          const ms = time(() => { hasSnapshot = sds.takeOps().some(({ key }) => key === 'sds/snapshot') })

          if (hasSnapshot && round > 0) {
            snapshots.push(ms)
          }
        }

        sds.receive(citing(idOf('last'), 'alice', []), START)
      }

      while ((sds.nextDeadline() ?? Infinity) <= end) {
        calls.push(time(() => sds.tick(end)))
        commits.push(time(() => sds.takeOps()))
      }

      if (sds.status().parked > 0 || calls.length < 2) {
        throw new Error('what waited is waiting still')
      }

      // the first rounds warm up
      if (round > 0) {
        longest[kind].push(Math.max(...calls))
        totals[kind].push(calls.reduce((sum, ms) => sum + ms, 0) / calls.length)
        longest.takeOps.push(Math.max(...commits))
      }
    }
  }

  console.log(`\n### What is due at one time: ${MANY} messages wait, ms a call\n`)
  row('what', 'median', 'the longest of all calls, in the median round')
  row('---', '---', '---')
  row('release of what became ready', median(totals.release), median(longest.release))
  row('giving up what is missing, and release', median(totals['giving up']), median(longest['giving up']))
  row('store operations of each', '-', median(longest.takeOps))
  row('the snapshot while all of them wait: median, and the longest of all', median(snapshots), Math.max(...snapshots))
}

// --- bloom filter, bytes, memory --------------------------------------------------------------

console.log('\n### Bloom filter, bytes, memory\n')
row('what', 'ours', '@waku/sds')
row('---', '---', '---')

{
  const ids = Array.from({ length: 10_000 }, (_, i) => hashId(computeMessageId('a', BigInt(i))))
  const filter = new WakuFilter()
  row('`waku` filter, insert with its hashes, µs', timed(10_000, 500, i => { filter.insert(ids[i]) }), '-')
  row('`waku` filter, test, µs', timed(10_000, 500, i => { filter.has(ids[i]) }), '-')
  const compact = decodeFilter(encodeCompact(ids.slice(0, 1_000), random))
  row('`compact` filter, test, µs', timed(10_000, 500, i => { compact?.has(ids[i]) }), '-')
  row('Keccak-256 of 100 B, µs', timed(10_000, 500, i => { keccak256(content(100, i)) }), '-')
}

{
  const [message] = messages(3, 100).slice(-1)
  const { overhead } = await theirs(100, 100, 5)
  row('overhead of a message of 100 B, bytes', message.bytes.byteLength - 100, overhead)
}

if (globalThis.gc != null) {
  const count = 100_000
  // nothing of the sender is left when it is done
  fill(count, create('dave'))
  const before = await used()
  const sds = create('carol')
  fill(count, sds)
  const bytes = await used() - before
  row(`memory of a message in a log of ${count}, its retrieval hint included, bytes`, sds.status().log === count ? bytes / count : NaN, '-')
  row('of that, what stays when it is only remembered, in the tables, bytes', sds.status().bytes / count, '-')
}
