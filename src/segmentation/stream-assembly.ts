import { StoreCorruptError } from '../storage/index.js'
import { InvalidStreamFrameError } from './errors.js'
import { HELD_OVERHEAD_BYTES } from './config.js'
import { PendingOps } from './pending-ops.js'
import { StoredFrame } from './pb/stored.js'
import { CONTENT_PREFIX, PartialStream } from './partial-stream.js'
import type { SegmentationConfig } from './config.js'
import type { HeldFrame } from './partial-stream.js'
import type { StreamFrame } from './stream-frame.js'
import type { CompleteStream, DroppedStream, StreamDropReason, StreamFrameInput, StreamRejectReason, StreamResult, StreamStatus } from './stream-types.js'
import type { Bytes } from '../clock.js'
import type { StoreEntry, StoreOp } from '../storage/index.js'

/** Where it is stored which frames are here; their bytes are under the same number at {@link CONTENT_PREFIX}. */
export const FRAME_PREFIX = 'seg/f/'

/** The next number: contents outlive what is known of their streams, and their keys must not come again. */
const NEXT_KEY = `${FRAME_PREFIX}next`

/** Frames kept for one place: the one that came first, and what contradicts it. */
const MAX_ALTERNATIVES = 4

/** Completed streams that are remembered, so that their late frames are known. */
const MAX_COMPLETED = 1_000

export interface StreamAssemblyInit {
  config: SegmentationConfig
  /** called when a stream is given up; must not call back */
  onDrop? (stream: DroppedStream): void
}

/**
 * Keeps account of which frames of which streams are here. The bytes go to storage, each frame
 * under its own key, and are never put together in memory: whoever reads a complete stream
 * reads them one after the other.
 *
 * A frame must be added in the transaction that removes its set from reassembly, and a stream
 * be removed in the one that delivers it. From then on its contents belong to the caller.
 */
export class StreamAssembly {
  private readonly config: SegmentationConfig
  private readonly onDrop: (stream: DroppedStream) => void
  /** the longest without an update first */
  private readonly streams = new Map<string, PartialStream>()
  private readonly finished = new Set<string>()
  private readonly ops = new PendingOps()
  private nextKey = 0
  private readonly counters = {
    completed: 0,
    duplicates: 0,
    rejected: { 'too-large': 0, contradicting: 0, full: 0 },
    dropped: { expired: 0, evicted: 0 }
  }

  constructor (init: StreamAssemblyInit) {
    this.config = init.config
    this.onDrop = init.onDrop ?? (() => {})
  }

  /**
   * Continues from what was stored under {@link FRAME_PREFIX}; time starts over for every stream.
   *
   * @throws {StoreCorruptError}
   */
  static restore (init: StreamAssemblyInit, entries: Iterable<StoreEntry>, now: number): StreamAssembly {
    const assembly = new StreamAssembly(init)
    const sorted: Array<StoreEntry & { number: number }> = []

    for (const { key, value } of entries) {
      if (key === NEXT_KEY) {
        assembly.nextKey = Number(new TextDecoder().decode(value))
      } else {
        sorted.push({ key, value, number: Number(key.slice(FRAME_PREFIX.length)) })
      }
    }

    for (const { key, value, number } of sorted.sort((a, b) => a.number - b.number)) {
      let stored

      try {
        stored = StoredFrame.decode(value)
      } catch (err) {
        throw new StoreCorruptError(`the stored frame ${key} cannot be read`, { cause: err })
      }

      const count = Math.ceil(stored.size / stored.frameSize)
      const byteLength = Math.min(stored.frameSize, stored.size - stored.index * stored.frameSize)

      if (!(count > stored.index && byteLength > 0)) {
        throw new StoreCorruptError(`the stored frame ${key} cannot be of its stream`)
      }

      assembly.hold({ ...stored, count, previous: stored.previous, hash: stored.hash, number, byteLength }, now)
    }

    return assembly
  }

  /** Takes a frame. Never throws on what a peer sent. */
  add (input: StreamFrameInput, now: number): StreamResult {
    const { frame, senderId } = input
    const key = streamKey(senderId, frame)
    const stream = this.streams.get(key)

    if (frame.size > this.config.maxPayloadBytes) {
      return this.reject('too-large', `a stream of ${frame.size} bytes is more than maxPayloadBytes (${this.config.maxPayloadBytes})`)
    }

    if (this.finished.has(key) || stream?.complete != null || stream?.has(frame.index, input.hash) === true) {
      this.counters.duplicates++

      return { state: 'duplicate' }
    }

    if (stream != null && stream.alternatives(frame.index) >= MAX_ALTERNATIVES) {
      return this.reject('contradicting', `${MAX_ALTERNATIVES} other frames are held for the same place`)
    }

    const bytes = frame.content.byteLength + HELD_OVERHEAD_BYTES

    if ((stream?.bytes ?? 0) + bytes > this.config.maxStreamBytesPerSender) {
      return this.reject('full', 'the stream alone would hold more than maxStreamBytesPerSender')
    }

    this.makeRoom(senderId, bytes, stream)

    const number = this.nextKey++
    const content = frame.content as Bytes

    this.ops.put(NEXT_KEY, () => new TextEncoder().encode(this.nextKey.toString()))
    this.ops.put(CONTENT_PREFIX + number, () => content)
    this.ops.put(FRAME_PREFIX + number, () => StoredFrame.encode({
      senderId,
      messageId: input.messageId,
      hash: input.hash as Bytes,
      streamId: frame.streamId,
      index: frame.index,
      size: frame.size,
      frameSize: frame.frameSize,
      previous: frame.previous as Bytes | undefined
    }))

    const taken = this.hold({ ...frame, senderId, messageId: input.messageId, hash: input.hash, number, byteLength: content.byteLength }, now)

    if (taken.complete == null) {
      return taken.progress()
    }

    this.counters.completed++

    return taken.complete
  }

  /** Streams that are complete and not removed: after `restore()`, those that were before. */
  completed (): CompleteStream[] {
    return [...this.streams.values()].flatMap(stream => stream.complete ?? [])
  }

  /** Forgets a complete stream: its message is delivered. Its contents stay in storage. */
  remove (key: string): void {
    const stream = this.streams.get(key)

    if (stream?.complete == null) {
      return
    }

    const kept = new Set(stream.complete.frames.map(({ contentKey }) => contentKey))

    this.discard(stream, kept)
    this.finished.add(key)

    if (this.finished.size > MAX_COMPLETED) {
      this.finished.delete(this.finished.values().next().value as string)
    }
  }

  /** Gives up what got nothing new for `reconstructionTimeoutMs`. Complete streams stay. */
  expire (now: number): void {
    for (const stream of this.incomplete()) {
      if (now < stream.updated + this.config.reconstructionTimeoutMs) {
        return
      }

      this.drop(stream, 'expired')
    }
  }

  /** When `expire()` has something to do, in ms. */
  nextDeadline (): number | undefined {
    for (const stream of this.incomplete()) {
      return stream.updated + this.config.reconstructionTimeoutMs
    }

    return undefined
  }

  /** What has to be stored since the last call. */
  takeOps (): StoreOp[] {
    return this.ops.take()
  }

  status (): StreamStatus {
    const { completed, duplicates, rejected, dropped } = this.counters
    let bytes = 0

    for (const stream of this.streams.values()) {
      bytes += stream.bytes
    }

    return { streams: this.streams.size, bytes, completed, duplicates, rejected: { ...rejected }, dropped: { ...dropped } }
  }

  private hold (held: HeldFrame & Omit<StreamFrame, 'content'>, now: number): PartialStream {
    const key = streamKey(held.senderId, held)
    const stream = this.streams.get(key) ?? new PartialStream(key, held)

    stream.put(held, now)
    this.streams.delete(key)
    this.streams.set(key, stream)

    return stream
  }

  /** Evicts until `bytes` more fit: streams of the sender when it is over its own bounds, the longest without an update first. */
  private makeRoom (senderId: string, bytes: number, joined?: PartialStream): void {
    const { maxStreams, maxStreamsPerSender, maxStreamBytes, maxStreamBytesPerSender } = this.config

    for (const [bySender, maxCount, maxBytes] of [[true, maxStreamsPerSender, maxStreamBytesPerSender], [false, maxStreams, maxStreamBytes]] as const) {
      const rivals = [...this.incomplete()].filter(stream => !bySender || stream.senderId === senderId)
      let total = rivals.reduce((sum, stream) => sum + stream.bytes, bytes)
      let count = rivals.length + (joined == null ? 1 : 0)

      for (const stream of rivals) {
        if (stream !== joined && (total > maxBytes || count > maxCount)) {
          total -= stream.bytes
          count--
          this.drop(stream, 'evicted')
        }
      }
    }
  }

  private * incomplete (): Generator<PartialStream> {
    for (const stream of this.streams.values()) {
      if (stream.complete == null) {
        yield stream
      }
    }
  }

  private reject (reason: StreamRejectReason, message: string): StreamResult {
    this.counters.rejected[reason]++

    return { state: 'rejected', reason, error: new InvalidStreamFrameError(message) }
  }

  private drop (stream: PartialStream, reason: StreamDropReason): void {
    const { key, senderId } = stream
    const dropped = { streamKey: key, senderId, reason, messageIds: [...stream.frames()].map(({ messageId }) => messageId) }

    this.counters.dropped[reason]++
    this.discard(stream, new Set())
    this.onDrop(dropped)
  }

  private discard (stream: PartialStream, kept: Set<string>): void {
    for (const { number } of stream.frames()) {
      this.ops.delete(FRAME_PREFIX + number)

      if (!kept.has(CONTENT_PREFIX + number)) {
        this.ops.delete(CONTENT_PREFIX + number)
      }
    }

    this.streams.delete(stream.key)
  }
}

/** Frames that say different things about the whole are of different streams. */
function streamKey (senderId: string, { streamId, size, frameSize }: Pick<StreamFrame, 'streamId' | 'size' | 'frameSize'>): string {
  return `${streamId}/${size}/${frameSize}/${senderId}`
}
