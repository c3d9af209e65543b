import { InvalidParametersError } from '@libp2p/interface'
import type { Bits } from './field.js'

/** Shards are a multiple of this, in bytes. */
export const SHARD_ALIGNMENT = 64

/** Work memory that stays in a core's cache. */
const WORK_BYTES = 256 * 1024

const MAX_STRIP_BYTES = 8 * 1024

export function nextPowerOfTwo (n: number): number {
  return 2 ** Math.ceil(Math.log2(n))
}

/** Places of all shards: parity, rounded up to a power of two, then data. */
export function places (dataCount: number, parityCount: number): number {
  return nextPowerOfTwo(nextPowerOfTwo(parityCount) + dataCount)
}

/** The field that the reference takes, whose choice shows in the bytes of the parity. */
export function fieldBits (dataCount: number, parityCount: number): Bits {
  return places(dataCount, parityCount) <= 256 ? 8 : 16
}

/** Bytes of each shard that are worked on at once: all rows of one strip fit into the cache. */
export function stripBytes (rows: number, shardBytes: number): number {
  const fit = Math.floor(WORK_BYTES / rows / SHARD_ALIGNMENT) * SHARD_ALIGNMENT

  return Math.min(Math.max(fit, SHARD_ALIGNMENT), MAX_STRIP_BYTES, shardBytes)
}

/** Copies `length` bytes of a shard from `at` on; what it is short of is zero, and so is a missing one. */
export function load (memory: Uint8Array, row: number, shard: Uint8Array | undefined, at: number, length: number): void {
  const bytes = shard?.subarray(at, at + length) ?? new Uint8Array(0)

  memory.set(bytes, row)
  memory.fill(0, row + bytes.byteLength, row + length)
}

/** The other way round; a shard that is shorter takes what it has room for. */
export function store (memory: Uint8Array, row: number, shard: Uint8Array, at: number, length: number): void {
  const bytes = Math.min(length, shard.byteLength - at)

  if (bytes > 0) {
    shard.set(memory.subarray(row, row + bytes), at)
  }
}

/** @throws {InvalidParametersError} */
export function checkShards (shards: ReadonlyArray<Uint8Array | undefined>, dataCount: number, parityCount: number, shardBytes: number): void {
  if (dataCount < 1 || parityCount < 1 || parityCount > dataCount || places(dataCount, parityCount) > 2 ** 16) {
    throw new InvalidParametersError(`${dataCount} data and ${parityCount} parity shards cannot be: there is at least one of each and no more parity than data`)
  }

  if (!Number.isInteger(shardBytes) || shardBytes < 1 || shardBytes % SHARD_ALIGNMENT !== 0) {
    throw new InvalidParametersError(`a shard has a multiple of ${SHARD_ALIGNMENT} bytes, not ${shardBytes}`)
  }

  for (const shard of shards) {
    if (shard != null && shard.byteLength > shardBytes) {
      throw new InvalidParametersError(`a shard of ${shard.byteLength} bytes is longer than ${shardBytes}`)
    }
  }
}
