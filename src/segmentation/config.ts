import { InvalidParametersError } from '@libp2p/interface'
import { MAX_FRAME_HEADER_BYTES } from './stream-frame.js'

/** Data and parity segments of one set together: the shards of GF(2^8), and LIP 243's limit. */
export const MAX_SEGMENTS = 256

/** LIP 243: room that a serialised segment keeps for everything but its chunk. */
const HEADER_RESERVE_BYTES = 128

/** Chunks are a multiple of this, as Leopard wants its shards. */
export const SHARD_ALIGNMENT = 64

/** LIP 243: the parity count is computed in integers over this scale. */
const PARITY_RATE_SCALE = 1_000_000

/** Bytes that a held segment counts beyond its content: its entries in maps and in storage. */
export const HELD_OVERHEAD_BYTES = 512

const MIB = 1024 * 1024

/** How payloads are cut, and what reassembly may hold. */
export interface SegmentationConfig {
  /** bound of one serialised segment, 256 to 1 048 576 bytes. @default 102_400 */
  segmentSizeBytes: number
  /** parity segments per data segment, 0 to 1; 0.125 where the transport loses. @default 0 */
  parityRate: number
  /** largest payload that is sent or received, streams included. @default 67_108_864 */
  maxPayloadBytes: number
  /** an incomplete set or stream that got nothing new for this long is dropped. @default 300_000 */
  reconstructionTimeoutMs: number
  /** sets held at once; beyond that the one that was not updated for longest goes. @default 1_000 */
  maxSets: number
  /** the same for one sender. @default 100 */
  maxSetsPerSender: number
  /** bytes of segments held at once, in memory and in storage. @default 134_217_728 */
  maxBytes: number
  /** the same for one sender; no less than `maxPayloadBytes` and than the largest set. @default 67_108_864 */
  maxBytesPerSender: number
  /** completed sets that are remembered, so that their late segments are known. @default 10_000 */
  maxCompleted: number
  /** data segments in one set of a stream, at most. @default 64 */
  streamSegments: number
  /** incomplete streams at once; beyond that the one that was not updated for longest goes. @default 100 */
  maxStreams: number
  /** the same for one sender. @default 10 */
  maxStreamsPerSender: number
  /** bytes of incomplete streams in storage. @default 268_435_456 */
  maxStreamBytes: number
  /** the same for one sender; no less than `maxPayloadBytes` with 512 bytes for each of its sets. @default 134_217_728 */
  maxStreamBytesPerSender: number
}

const DEFAULTS: SegmentationConfig = {
  segmentSizeBytes: 102_400,
  parityRate: 0,
  maxPayloadBytes: 64 * MIB,
  reconstructionTimeoutMs: 300_000,
  maxSets: 1_000,
  maxSetsPerSender: 100,
  maxBytes: 128 * MIB,
  maxBytesPerSender: 64 * MIB,
  maxCompleted: 10_000,
  streamSegments: 64,
  maxStreams: 100,
  maxStreamsPerSender: 10,
  maxStreamBytes: 256 * MIB,
  maxStreamBytesPerSender: 128 * MIB
}

/** Inclusive bounds of the whole numbers; `original_payload_length` is a uint32. */
const LIMITS: Partial<Record<keyof SegmentationConfig, readonly [number, number]>> = {
  segmentSizeBytes: [256, MIB],
  reconstructionTimeoutMs: [1, 2 ** 31 - 1],
  maxPayloadBytes: [1, 2 ** 32 - 1],
  streamSegments: [1, MAX_SEGMENTS]
}

/**
 * The whole configuration, defaults filled in. Bounds of bytes that are not given grow with
 * `maxPayloadBytes`.
 *
 * @throws {InvalidParametersError} a value is out of its range, or two contradict each other
 */
export function verifySegmentationConfig (partial: Partial<SegmentationConfig> = {}): SegmentationConfig {
  const given = Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as Partial<SegmentationConfig>
  const unknown = Object.keys(given).find(key => !(key in DEFAULTS))

  if (unknown != null) {
    throw new InvalidParametersError(`segmentation.${unknown} is no setting; there are ${Object.keys(DEFAULTS).join(', ')}`)
  }

  const config = { ...DEFAULTS, ...given }

  for (const [key, value] of Object.entries(config) as Array<[keyof SegmentationConfig, number]>) {
    const [min, max] = LIMITS[key] ?? [1, Number.MAX_SAFE_INTEGER]

    if (key !== 'parityRate' && !(Number.isInteger(value) && value >= min && value <= max)) {
      throw new InvalidParametersError(`segmentation.${key} must be a whole number from ${min} to ${max}, not ${value}`)
    }
  }

  if (!(config.parityRate >= 0 && config.parityRate <= 1)) {
    throw new InvalidParametersError(`segmentation.parityRate must be from 0 to 1, not ${config.parityRate}`)
  }

  const { maxPayloadBytes: largest } = config
  const needed = Math.max(largest, largestHeldSet(config))
  const neededOfStreams = largest + Math.ceil(largest / frameBytes(config)) * HELD_OVERHEAD_BYTES

  config.maxBytesPerSender = given.maxBytesPerSender ?? Math.max(config.maxBytesPerSender, needed)
  config.maxBytes = given.maxBytes ?? Math.max(config.maxBytes, config.maxBytesPerSender)
  config.maxStreamBytesPerSender = given.maxStreamBytesPerSender ?? Math.max(config.maxStreamBytesPerSender, neededOfStreams)
  config.maxStreamBytes = given.maxStreamBytes ?? Math.max(config.maxStreamBytes, config.maxStreamBytesPerSender)

  if (config.maxBytesPerSender < needed) {
    throw new InvalidParametersError(`segmentation.maxBytesPerSender (${config.maxBytesPerSender}) must be no less than maxPayloadBytes and than the largest set with all its segments: ${needed}`)
  }

  if (config.maxStreamBytesPerSender < neededOfStreams) {
    throw new InvalidParametersError(`segmentation.maxStreamBytesPerSender (${config.maxStreamBytesPerSender}) must be no less than the largest stream with all its frames: ${neededOfStreams}`)
  }

  for (const [less, more] of [['maxBytesPerSender', 'maxBytes'], ['maxStreamBytesPerSender', 'maxStreamBytes']] as const) {
    if (config[more] < config[less]) {
      throw new InvalidParametersError(`segmentation.${more} (${config[more]}) must be no less than ${less} (${config[less]})`)
    }
  }

  if (config.streamSegments > maxDataSegments(config)) {
    throw new InvalidParametersError(`segmentation.streamSegments can be ${maxDataSegments(config)} at most with a parityRate of ${config.parityRate}: ` +
      `${config.streamSegments} data and ${parityCount(config.streamSegments, config.parityRate)} parity segments are more than ${MAX_SEGMENTS}`)
  }

  return config
}

/** Payload bytes in every data segment but the last. */
export function chunkBytes (config: Pick<SegmentationConfig, 'segmentSizeBytes'>): number {
  return Math.floor((config.segmentSizeBytes - HEADER_RESERVE_BYTES) / SHARD_ALIGNMENT) * SHARD_ALIGNMENT
}

/** LIP 243: `min(ceil(rate * dataCount), dataCount)`, in integers so that all senders agree. */
export function parityCount (dataCount: number, rate: number): number {
  const scaled = Math.round(rate * PARITY_RATE_SCALE)

  return Math.min(Math.floor((dataCount * scaled + PARITY_RATE_SCALE - 1) / PARITY_RATE_SCALE), dataCount)
}

/** The largest payload that fits into one set. */
export function maxSetBytes (config: SegmentationConfig): number {
  return maxDataSegments(config) * chunkBytes(config)
}

/** What the largest set counts while it waits for its last segment. */
function largestHeldSet (config: SegmentationConfig): number {
  const dataCount = Math.ceil(Math.min(config.maxPayloadBytes, maxSetBytes(config)) / chunkBytes(config))

  return (dataCount + parityCount(dataCount, config.parityRate)) * (config.segmentSizeBytes + HELD_OVERHEAD_BYTES)
}

/** Bytes of a stream in every set of it but the last. */
export function frameBytes (config: SegmentationConfig): number {
  return config.streamSegments * chunkBytes(config) - MAX_FRAME_HEADER_BYTES
}

function maxDataSegments (config: SegmentationConfig): number {
  let count = MAX_SEGMENTS

  while (count + parityCount(count, config.parityRate) > MAX_SEGMENTS) {
    count--
  }

  return count
}
