/**
 * Segmentation and its parity, beside the wasm Reed-Solomons of npm and with Keccak alone as the
 * floor, in one run. CPU time of the main thread; contestants take turns, round by round. Prints
 * Markdown: `node bench/segmentation.ts` after `npm run build`; `--quick` for a look.
 */

import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import * as typeberry from '@typeberry/native'
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm'
import { keccak256, loadFastKeccak } from '../dist/src/keccak.js'
import { atOnce, Reassembly, segmentPayload, verifySegmentationConfig } from '../dist/src/segmentation/index.js'
import { decodeData, encodeParity } from '../dist/src/segmentation/leopard/index.js'
import type { SegmentInput } from '../dist/src/segmentation/index.js'
import type { KernelChoice } from '../dist/src/segmentation/leopard/index.js'

const SHARD_BYTES = 100 * 1024
const SENDER = 'alice'
const rounds = process.argv.includes('--quick') ? 3 : 11

/** The clock of CPU time ticks in milliseconds: a round of a job takes at least this long, in ms. */
const ROUND_MS = 60

/** Median milliseconds of each job. They take turns, so that a busy moment of the machine is everybody's. */
function time (...jobs: Array<() => unknown>): number[] {
  const contestants = jobs.map((job) => {
    job()
    const start = performance.now()
    job()

    return { job, times: Math.ceil(ROUND_MS / (performance.now() - start)), samples: [] as number[] }
  })

  for (let round = 0; round < rounds; round++) {
    for (const { job, times, samples } of contestants) {
      const start = process.threadCpuUsage()

      for (let i = 0; i < times; i++) {
        job()
      }

      const { user, system } = process.threadCpuUsage(start)

      samples.push((user + system) / 1_000 / times)
    }
  }

  return contestants.map(({ samples }) => samples.sort((a, b) => a - b)[rounds >> 1])
}

function noise (length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let state = 1

  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }

  return bytes
}

function row (...cells: Array<string | number>): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

function rate (bytes: number, ms: number): string {
  return (bytes / ms / 1_000).toFixed(0)
}

function inputs (payload: Uint8Array, parityRate: number): SegmentInput[] {
  return segmentPayload(payload, verifySegmentationConfig({ parityRate })).contents.map(([header, chunk], i) => {
    const content = new Uint8Array(header.byteLength + chunk.byteLength)

    content.set(header)
    content.set(chunk, header.byteLength)

    return { content, senderId: SENDER, messageId: `message-${i}`, idSalt: 1_000n + BigInt(i) }
  })
}

function reassemble (reassembly: Reassembly, segments: readonly SegmentInput[]): void {
  for (const segment of segments) {
    const result = reassembly.add(segment, 0)
    const done = result.state === 'ready' ? atOnce(reassembly.assemble(result.setKey)) : result

    if (done?.state === 'complete') {
      reassembly.remove(done.setKey)

      return
    }
  }

  throw new Error('it did not complete')
}

function cutting (length: number, parityRate: number): void {
  const payload = noise(length)
  const config = verifySegmentationConfig({ parityRate })
  const segments = inputs(payload, parityRate)
  const lost = segments.length > 1 && parityRate > 0 ? segments.slice(1) : segments
  const reassembly = new Reassembly({ config })
  let salt = 0n
  const [keccak, cut, join] = time(
    () => keccak256(payload),
    () => segmentPayload(payload, config),
    // every time another send
    () => {
      salt += 1_000n
      reassemble(reassembly, lost.map((segment, i) => ({ ...segment, messageId: `${salt}-${i}`, idSalt: salt + (segment.idSalt ?? 0n) })))
    }
  )
  const name = parityRate > 0 ? `${length}, parity ${parityRate}, one lost` : length

  row(name, rate(length, cut), (cut / keccak).toFixed(2), rate(length, join), (join / keccak).toFixed(2), rate(length, keccak))
}

/** Encodes; decodes with the first data shard lost; with as many data shards lost as there is parity. */
type Contestant = [string, () => unknown, () => unknown, () => unknown]

function ours (data: Uint8Array[], m: number, choice: KernelChoice): Contestant {
  const parity = atOnce(encodeParity(data, m, SHARD_BYTES, choice))
  const into = Array.from({ length: m }, () => new Uint8Array(SHARD_BYTES))
  const decode = (lost: number) => () => {
    atOnce(decodeData({ data: data.map((shard, i) => i < lost ? undefined : shard), parity, shardBytes: SHARD_BYTES, into: into.slice(0, lost) }, choice))

    if (Buffer.compare(into[0], data[0]) !== 0) {
      throw new Error('it decoded something else')
    }
  }

  return [`ours, ${choice}`, () => atOnce(encodeParity(data, m, SHARD_BYTES, choice)), decode(1), decode(m)]
}

function subspace (rs: ReedSolomonErasure, data: Uint8Array[], m: number): Contestant {
  const shards = join(data, (data.length + m) * SHARD_BYTES)
  const encode = (): number => rs.encode(shards, data.length, m)

  encode()

  const decode = (lost: number) => () => {
    shards.fill(0, 0, lost * SHARD_BYTES)

    if (rs.reconstruct(shards, data.length, m, Array.from({ length: data.length + m }, (_, i) => i >= lost)) !== ReedSolomonErasure.RESULT_OK ||
      Buffer.compare(shards.subarray(0, SHARD_BYTES), data[0]) !== 0) {
      throw new Error('it did not decode')
    }
  }

  return ['@subspace/reed-solomon-erasure.wasm', encode, decode(1), decode(m)]
}

/** Its shards have less than 64 KiB, so that it does each half by itself. */
function halves (data: Uint8Array[], m: number): Contestant {
  const { ShardsCollection, encode, decode } = typeberry.reedSolomon
  const bytes = SHARD_BYTES / 2
  const halves = [0, 1].map(half => data.map(shard => shard.subarray(half * bytes, (half + 1) * bytes)))
  const all = halves.map(shards => join(shards, data.length * bytes))
  const parity = all.map(shards => encode(m, new ShardsCollection(bytes, shards)).take_data())
  const recover = (lost: number): () => void => {
    const left = all.map((shards, half) => join([shards.subarray(lost * bytes), parity[half].subarray(0, lost * bytes)], data.length * bytes))
    const places = Uint16Array.from(data, (_, i) => i + lost)

    return () => {
      for (const [half, shards] of left.entries()) {
        // parity is behind the data, and comes in its order
        const result = decode(data.length, m, new ShardsCollection(bytes, shards, places))

        if (Buffer.compare(result.take_data().subarray(0, bytes), halves[half][0]) !== 0) {
          throw new Error('it did not decode')
        }
      }
    }
  }

  return ['@typeberry/native, in halves', () => all.map(shards => encode(m, new ShardsCollection(bytes, shards)).take_data()), recover(1), recover(m)]
}

function join (parts: Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length)

  parts.reduce((at, part) => {
    out.set(part, at)

    return at + part.byteLength
  }, 0)

  return out
}

await loadFastKeccak()

process.stdout.write('\nCutting and reassembly at 102 400 bytes a segment, MB/s of payload; × Keccak: time against hashing the payload once.\n\n')
row('payload bytes', 'cut', '× Keccak', 'reassemble', '× Keccak', 'Keccak alone')
row('--', '--', '--', '--', '--', '--')

for (const [length, parityRate] of [[1_000, 0], [100_000, 0], [1_000_000, 0], [6_500_000, 0], [6_500_000, 0.125]]) {
  cutting(length, parityRate)
}

const rs = ReedSolomonErasure.fromBytes(await readFile(new URL(import.meta.resolve('@subspace/reed-solomon-erasure.wasm/dist/reed_solomon_erasure_bg.wasm'))))

await typeberry.init.reedSolomon()

process.stdout.write('\nParity over shards of 100 KiB, MB/s of data; decoding with one data shard lost, and with as many as there is parity; × best: how many times as fast as the better peer.\n\n')
row('shards', 'with', 'encode', '× best', 'decode 1', '× best', 'decode all', '× best')
row('--', '--', '--', '--', '--', '--', '--', '--')

for (const [k, m] of [[64, 8], [128, 16]]) {
  const data = Array.from({ length: k }, (_, i) => noise(SHARD_BYTES).fill(i + 1, 0, 8))
  const bytes = k * SHARD_BYTES
  const contestants = [ours(data, m, 'wasm'), ours(data, m, 'portable'), subspace(rs, data, m), halves(data, m)]
  const times = [1, 2, 3].map(job => time(...contestants.map(contestant => contestant[job] as () => unknown)))

  contestants.forEach(([name], i) => {
    row(`${k} + ${m}`, name, ...times.flatMap(ms => [rate(bytes, ms[i]), (Math.min(ms[2], ms[3]) / ms[i]).toFixed(1)]))
  })

  const [keccak] = time(() => keccak256(...data))

  row(`${k} + ${m}`, 'Keccak alone', rate(bytes, keccak), '', '', '', '', '')
}
