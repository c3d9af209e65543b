import { utf8Length, writeUtf8 } from '../utf8.js'
import { countBits } from './bits.js'
import type { HashedId, ReceivedFilter } from './types.js'
import type { Bytes } from '../../clock.js'
import type { MessageId } from '../types.js'

/** Size and shape of a bloom filter of @waku/sds. */
export interface WakuShape {
  /** hash functions */
  hashes: number
  bits: number
  bytes: number
}

/** What @waku/sds 0.0.8 makes of a capacity and an error rate. */
export function wakuShape (capacity: number, errorRate: number): WakuShape {
  const bitsPerId = Math.ceil(-Math.log(errorRate) / Math.LN2 ** 2)
  const bits = capacity * bitsPerId

  return { hashes: Math.round(Math.LN2 * bitsPerId), bits, bytes: (1 + Math.floor(bits / 64)) * 8 }
}

export const WAKU_CAPACITY = 10_000
/** 10 hashes, 150 000 bits, 18 752 bytes */
export const WAKU_SHAPE = wakuShape(WAKU_CAPACITY, 0.001)

const SUFFIX = new TextEncoder().encode(' b')
const scratch = new Uint8Array(256)

/**
 * The filter of @waku/sds that we send: 64-bit words, big-endian, `hashA + i * hashB`.
 *
 * It rolls over, which theirs does not: a second filter fills up behind it from half its capacity
 * on and takes its place when it is full, so that at least the newest half is always in it.
 */
export class WakuFilter {
  private active: Bytes
  private upcoming: Bytes
  private count = 0

  constructor (private readonly capacity = WAKU_CAPACITY, readonly shape: WakuShape = WAKU_SHAPE) {
    this.active = new Uint8Array(shape.bytes)
    this.upcoming = new Uint8Array(shape.bytes)
  }

  insert (id: HashedId): void {
    if (this.count === this.capacity) {
      const spare = this.active.fill(0)
      this.active = this.upcoming
      this.upcoming = spare
      this.count = this.capacity >> 1
    }

    const hashes = wakuHashes(id)
    setBits(this.active, hashes, this.shape)

    if (++this.count > this.capacity >> 1) {
      setBits(this.upcoming, hashes, this.shape)
    }
  }

  has (id: HashedId): boolean {
    return testBits(this.active, wakuHashes(id), this.shape)
  }

  /** A copy of the bytes as they go on the wire. */
  toBytes (): Bytes {
    return this.active.slice()
  }
}

/** Reads a filter of @waku/sds' default shape; undefined when the size is another. */
export function decodeWaku (bytes: Uint8Array, shape: WakuShape = WAKU_SHAPE): ReceivedFilter | undefined {
  if (bytes.byteLength !== shape.bytes) {
    return undefined
  }

  const data = new Uint8Array(bytes)
  const fill = countBits(data) / shape.bits

  return {
    fill,
    rate: fill ** shape.hashes,
    byteLength: data.byteLength,
    has: (id) => testBits(data, wakuHashes(id), shape)
  }
}

/** Position of hash `n` of `item` in a filter of `bits` bits, as `hashN` of @waku/sds has it. */
export function hashN (item: MessageId, n: number, bits: number): number {
  const [a, b] = hashBoth(item)

  return (a % bits + n * (b % bits)) % bits
}

function wakuHashes (id: HashedId): readonly [number, number] {
  id.waku ??= hashBoth(id.messageId)

  return id.waku
}

/** Murmur3 of the ID, and of the ID and `SUFFIX`: what they begin with is hashed once. */
function hashBoth (item: MessageId): readonly [number, number] {
  const length = utf8Length(item)
  const all = length + SUFFIX.byteLength
  const bytes = all <= scratch.byteLength ? scratch : new Uint8Array(all)
  writeUtf8(item, bytes, 0, length)
  bytes.set(SUFFIX, length)

  const whole = length & ~3
  const state = murmurBody(0, bytes, 0, whole)

  return [Math.abs(murmurTail(state, bytes, whole, length)), Math.abs(murmurTail(state, bytes, whole, all))]
}

function setBits (data: Bytes, [hashA, hashB]: readonly [number, number], { bits, hashes }: WakuShape): void {
  let bit = hashA % bits
  const step = hashB % bits

  for (let i = 0; i < hashes; i++) {
    data[byteOf(bit)] |= 1 << (bit & 7)
    bit += step

    if (bit >= bits) {
      bit -= bits
    }
  }
}

function testBits (data: Bytes, [hashA, hashB]: readonly [number, number], { bits, hashes }: WakuShape): boolean {
  let bit = hashA % bits
  const step = hashB % bits

  for (let i = 0; i < hashes; i++) {
    if ((data[byteOf(bit)] & (1 << (bit & 7))) === 0) {
      return false
    }

    bit += step

    if (bit >= bits) {
      bit -= bits
    }
  }

  return true
}

/** Bit `i` counts from the low end of its word, and words are big-endian: the bytes run backwards within one. */
function byteOf (bit: number): number {
  return (bit >>> 3) ^ 7
}

/** The state of murmur3 (32 bits, seed 0) after whole words. */
function murmurBody (hash: number, bytes: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i += 4) {
    hash ^= scramble(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }

  return hash
}

/** Murmur3 of the first `length` bytes, as a signed number; the state is that at `from`. */
function murmurTail (state: number, bytes: Uint8Array, from: number, length: number): number {
  const whole = length & ~3
  let hash = murmurBody(state, bytes, from, whole)
  let rest = 0

  for (let i = length - 1; i >= whole; i--) {
    rest = (rest << 8) | bytes[i]
  }

  hash ^= scramble(rest)
  hash ^= length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)

  return hash ^ (hash >>> 16)
}

function scramble (word: number): number {
  word = Math.imul(word, 0xcc9e2d51)

  return Math.imul((word << 15) | (word >>> 17), 0x1b873593)
}
