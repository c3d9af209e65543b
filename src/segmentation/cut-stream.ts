import { InvalidParametersError } from '@libp2p/interface'
import { createKeccak256 } from '../keccak.js'
import { frameBytes } from './config.js'
import { cut } from './cut.js'
import { EmptyPayloadError, PayloadTooLargeError, StreamSizeError } from './errors.js'
import { frameHeader, STREAM_ID_BYTES } from './stream-frame.js'
import { inSlices, SLICE_BYTES } from './slices.js'
import type { SegmentationConfig } from './config.js'
import type { SegmentSet } from './cut.js'
import type { Bytes } from '../clock.js'

export interface CutStreamInit {
  config: SegmentationConfig
  /** 16 random bytes */
  streamId: Bytes
  /** bytes that the source will yield, in all */
  size: number
  /** lets the event loop turn */
  pause (): Promise<void>
}

/** One set of a stream, ready to be staged. */
export interface StreamSet extends SegmentSet {
  /** from 0 */
  index: number
  /** sets in the stream */
  count: number
  /** the payload of the set: a header, then the content */
  payload: Bytes
  /** bytes of the stream in this set, a view of the payload */
  content: Bytes
}

/**
 * Cuts a stream into sets. The next one is read from the source when it is asked for, so that
 * whoever takes them sets the pace, and one set is all that is in memory. The source may yield
 * pieces of any length; each is copied once, and not looked at after the next is asked for.
 *
 * The last set is not yielded before the source has ended.
 *
 * @throws {InvalidParametersError} the size is no whole number, or the source yields something other than bytes
 * @throws {EmptyPayloadError}
 * @throws {PayloadTooLargeError} the size is more than `maxPayloadBytes`
 * @throws {StreamSizeError} the source yields fewer or more bytes
 */
export function cutStream (source: AsyncIterable<Uint8Array>, init: CutStreamInit): AsyncGenerator<StreamSet, void, undefined> {
  const { config, size, streamId } = init

  if (!Number.isSafeInteger(size) || size < 0) {
    throw new InvalidParametersError(`the size of a stream is a whole number of bytes, not ${size}`)
  }

  if (streamId.byteLength !== STREAM_ID_BYTES) {
    throw new InvalidParametersError(`a stream ID has ${STREAM_ID_BYTES} bytes, not ${streamId.byteLength}`)
  }

  if (size === 0) {
    throw new EmptyPayloadError('a stream must have at least one byte')
  }

  if (size > config.maxPayloadBytes) {
    throw new PayloadTooLargeError(`a stream of ${size} bytes is more than maxPayloadBytes (${config.maxPayloadBytes})`)
  }

  return cutSets(source, init)
}

async function * cutSets (source: AsyncIterable<Uint8Array>, { config, streamId, size, pause }: CutStreamInit): AsyncGenerator<StreamSet, void, undefined> {
  const frameSize = Math.min(frameBytes(config), size)
  const count = Math.ceil(size / frameSize)
  const reader = new SourceReader(source, size)
  let previous: Bytes | undefined

  try {
    for (let index = 0; index < count; index++) {
      const header = frameHeader({ streamId, index, size, frameSize, previous })
      const payload = new Uint8Array(header.byteLength + Math.min(frameSize, size - index * frameSize))
      const content = payload.subarray(header.byteLength)

      payload.set(header)

      const hash = createKeccak256().update(header)

      for (let at = 0; at < content.byteLength;) {
        const end = at + await reader.read(content.subarray(at, at + SLICE_BYTES))

        hash.update(content.subarray(at, end))
        at = end
        await pause()
      }

      if (index === count - 1) {
        await reader.end()
      }

      previous = hash.digest()
      yield { ...await inSlices(cut(payload, config, previous), pause), index, count, payload, content }
    }
  } finally {
    await reader.close()
  }
}

/** Reads a source in pieces of our own length. */
class SourceReader {
  private readonly iterator: AsyncIterator<Uint8Array>
  private readonly size: number
  private rest: Uint8Array = new Uint8Array(0)
  private received = 0
  private done = false

  constructor (source: AsyncIterable<Uint8Array>, size: number) {
    this.iterator = source[Symbol.asyncIterator]()
    this.size = size
  }

  /** Fills some of `out`; how many bytes. */
  async read (out: Uint8Array): Promise<number> {
    if (!await this.next()) {
      throw new StreamSizeError(`the source ended after ${this.received} bytes; ${this.size} were announced`)
    }

    const bytes = this.rest.subarray(0, out.byteLength)

    out.set(bytes)
    this.rest = this.rest.subarray(bytes.byteLength)

    return bytes.byteLength
  }

  async end (): Promise<void> {
    if (await this.next()) {
      throw new StreamSizeError(`the source yields more than the ${this.size} bytes that were announced`)
    }
  }

  /** Tells the source that no more is wanted, unless it has ended. */
  async close (): Promise<void> {
    if (!this.done) {
      await this.iterator.return?.()
    }
  }

  /** Whether there is at least one more byte, which is then in `rest`. */
  private async next (): Promise<boolean> {
    while (this.rest.byteLength === 0 && !this.done) {
      let result

      try {
        result = await this.iterator.next()
      } catch (err) {
        this.done = true

        throw err
      }

      if (result.done === true) {
        this.done = true
      } else if (!(result.value instanceof Uint8Array)) {
        throw new InvalidParametersError('the source of a stream must yield Uint8Arrays')
      } else {
        this.rest = result.value
        this.received += result.value.byteLength
      }
    }

    return this.rest.byteLength > 0
  }
}
