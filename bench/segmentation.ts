/**
 * Segmentation and its parity, beside a wasm Reed-Solomon from npm and with Keccak alone as the
 * floor, in one run. Prints Markdown: `node bench/segmentation.ts` after `npm run build`;
 * `--quick` for a look.
 */

import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm'
import { keccak256, loadFastKeccak } from '../dist/src/keccak.js'
import { atOnce, Reassembly, segmentPayload, verifySegmentationConfig } from '../dist/src/segmentation/index.js'
import { decodeData, encodeParity } from '../dist/src/segmentation/leopard/index.js'
import type { SegmentInput } from '../dist/src/segmentation/index.js'
import type { KernelChoice } from '../dist/src/segmentation/leopard/index.js'

const SHARD_BYTES = 100 * 1024
const SENDER = 'alice'
const rounds = process.argv.includes('--quick') ? 3 : 25

/** Median milliseconds of `job`, each on what `prepare` makes. */
function time<T> (prepare: () => T, job: (input: T) => unknown, count = rounds): number {
  const samples = Array.from({ length: count + 1 }, () => {
    const input = prepare()
    const start = performance.now()

    job(input)

    return performance.now() - start
  })

  // the first one warms up
  return samples.slice(1).sort((a, b) => a - b)[count >> 1]
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
  // small ones many times over, so that the clock can tell
  const times = Math.ceil(500_000 / length)
  const repeat = (job: () => unknown): number => time(() => {}, () => {
    for (let i = 0; i < times; i++) {
      job()
    }
  }) / times
  const keccak = repeat(() => keccak256(payload))
  const cut = repeat(() => segmentPayload(payload, config))
  let salt = 0n
  // every time another send
  const join = repeat(() => {
    salt += 1_000n
    reassemble(reassembly, lost.map((segment, i) => ({ ...segment, messageId: `${salt}-${i}`, idSalt: salt + (segment.idSalt ?? 0n) })))
  })
  const name = parityRate > 0 ? `${length}, parity ${parityRate}, one lost` : length

  row(name, rate(length, cut), (cut / keccak).toFixed(2), rate(length, join), (join / keccak).toFixed(2), rate(length, keccak))
}

/** Megabytes of data a second, for encoding and for decoding with as much data lost as there is parity. */
function ours (data: Uint8Array[], m: number, choice: KernelChoice): [number, number] {
  const parity = atOnce(encodeParity(data, m, SHARD_BYTES, choice))
  const encode = time(() => {}, () => atOnce(encodeParity(data, m, SHARD_BYTES, choice)))
  const decode = time(() => data.map((_, i) => i < m ? new Uint8Array(SHARD_BYTES) : undefined), into => {
    atOnce(decodeData({ data: data.map((shard, i) => i < m ? undefined : shard), parity, shardBytes: SHARD_BYTES, into }, choice))

    if (into[0]?.[SHARD_BYTES - 1] !== data[0][SHARD_BYTES - 1]) {
      throw new Error('it decoded something else')
    }
  })

  return [encode, decode]
}

function peer (rs: ReedSolomonErasure, data: Uint8Array[], m: number): [number, number] {
  const shards = new Uint8Array((data.length + m) * SHARD_BYTES)

  data.forEach((shard, i) => { shards.set(shard, i * SHARD_BYTES) })

  const encode = time(() => {}, () => rs.encode(shards, data.length, m), Math.min(rounds, 5))
  const present = Array.from({ length: data.length + m }, (_, i) => i >= m)
  const decode = time(() => shards.slice().fill(0, 0, m * SHARD_BYTES), broken => {
    if (rs.reconstruct(broken, data.length, m, present) !== ReedSolomonErasure.RESULT_OK) {
      throw new Error('it did not decode')
    }
  }, Math.min(rounds, 5))

  return [encode, decode]
}

await loadFastKeccak()

process.stdout.write('\nCutting and reassembly at 102 400 bytes a segment, MB/s of payload; × Keccak: time against hashing the payload once.\n\n')
row('payload bytes', 'cut', '× Keccak', 'reassemble', '× Keccak', 'Keccak alone')
row('--', '--', '--', '--', '--', '--')

for (const [length, parityRate] of [[1_000, 0], [100_000, 0], [1_000_000, 0], [6_500_000, 0], [6_500_000, 0.125]]) {
  cutting(length, parityRate)
}

const rs = ReedSolomonErasure.fromBytes(await readFile(new URL(import.meta.resolve('@subspace/reed-solomon-erasure.wasm/dist/reed_solomon_erasure_bg.wasm'))))

process.stdout.write('\nParity over shards of 100 KiB, MB/s of data; decoding with as many data shards lost as there is parity; × peer: how many times as fast as @subspace/reed-solomon-erasure.wasm.\n\n')
row('shards', 'with', 'encode', '× peer', 'decode', '× peer')
row('--', '--', '--', '--', '--', '--')

for (const [k, m] of [[64, 8], [128, 16]]) {
  const data = Array.from({ length: k }, (_, i) => noise(SHARD_BYTES).fill(i, 0, 8))
  const bytes = k * SHARD_BYTES
  const [peerEncode, peerDecode] = peer(rs, data, m)

  for (const choice of ['wasm', 'portable'] as const) {
    const [encode, decode] = ours(data, m, choice)

    row(`${k} + ${m}`, `ours, ${choice}`, rate(bytes, encode), (peerEncode / encode).toFixed(1), rate(bytes, decode), (peerDecode / decode).toFixed(1))
  }

  const keccak = time(() => {}, () => keccak256(...data))

  row(`${k} + ${m}`, 'peer', rate(bytes, peerEncode), 1, rate(bytes, peerDecode), 1)
  row(`${k} + ${m}`, 'Keccak alone', rate(bytes, keccak), '', '', '')
}
