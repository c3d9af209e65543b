import { UnexpectedEOFError } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'
import { nextTask } from '../next-task.js'
import { InvalidRequestError } from './errors.js'
import { varintLength, writeVarint } from '../varint.js'
import type { AbortOptions, Stream } from '@libp2p/interface'

/** Bytes that may wait to be read, unless it is set. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024

/** Bytes that leave together, at least, when there is more to send in one turn of the event loop. */
const POSTED_BYTES = 64 * 1024

/**
 * Frames behind their length as a varint. As `lpStream` of @libp2p/utils, without what that
 * spends on each read whose frame is there already. One `next`, `read` or `write` at a time.
 */
export class Frames {
  private readonly stream: Stream
  private readonly maxFrameBytes: number
  private readonly received = new Uint8ArrayList()
  private readonly posted = new Uint8ArrayList()
  private failure?: Error
  private wake?: () => void

  /** @param maxBufferedBytes - beyond it the stream is reset */
  constructor (stream: Stream, maxFrameBytes: number, maxBufferedBytes = MAX_BUFFERED_BYTES) {
    this.stream = stream
    this.maxFrameBytes = maxFrameBytes

    const wake = (): void => { this.wake?.() }
    stream.addEventListener('message', ({ data }) => {
      this.received.append(data)

      if (this.received.byteLength > maxBufferedBytes && this.failure == null) {
        const error = this.failure = new InvalidRequestError(`more than ${maxBufferedBytes} bytes wait to be read`)
        // once this event is through
        queueMicrotask(() => { stream.abort(error) })
      }

      wake()
    })
    stream.addEventListener('close', ({ error }) => {
      this.failure ??= error
      wake()
    })
    stream.addEventListener('remoteCloseWrite', wake)
    stream.addEventListener('drain', wake)
  }

  /** A frame that is there already. */
  get (): Uint8Array | undefined {
    let length = 0

    for (let i = 0; i < this.received.byteLength; i++) {
      const byte = this.received.get(i)
      length += (byte & 0x7f) * 2 ** (7 * i)

      if (byte >= 0x80 && i + 1 >= varintLength(this.maxFrameBytes)) {
        throw new InvalidRequestError('the length of the message does not end')
      }

      if (byte < 0x80 && length > this.maxFrameBytes) {
        throw new InvalidRequestError(`the length of the message is ${length} bytes, of at most ${this.maxFrameBytes}`)
      }

      if (byte < 0x80) {
        return this.take(i + 1, length)
      }
    }

    return undefined
  }

  /** The next frame; undefined when the other side ended the stream before it was whole. */
  async next (options?: AbortOptions): Promise<Uint8Array | undefined> {
    while (true) {
      const frame = this.failure == null ? this.get() : undefined

      if (frame != null) {
        return frame
      }

      if (this.failure != null) {
        throw this.failure
      }

      if (this.stream.remoteWriteStatus !== 'writable' && this.stream.readBufferLength === 0) {
        return undefined
      }

      await this.event(options)
    }
  }

  /** @throws {UnexpectedEOFError} the other side ended the stream before the frame was whole */
  async read (options?: AbortOptions): Promise<Uint8Array> {
    const frame = await this.next(options)

    if (frame == null) {
      throw new UnexpectedEOFError('the stream ended before a message did')
    }

    return frame
  }

  async write (frame: Uint8Array, options?: AbortOptions): Promise<void> {
    this.append(frame)
    this.flush()
    await this.drained(options)
  }

  /**
   * Sends a frame, together with the others of this turn of the event loop: each on its own
   * would be encrypted on its own, and take a system call.
   *
   * @returns false when the stream is full: wait until it has {@link drained}
   */
  post (frame: Uint8Array): boolean {
    const isFirst = this.posted.byteLength === 0
    this.append(frame)

    if (this.posted.byteLength >= POSTED_BYTES) {
      this.flush()
    } else if (isFirst) {
      // a stream that closed meanwhile says so to its reader
      nextTask().then(() => { this.flush() }).catch(() => {})
    }

    return !this.stream.writableNeedsDrain
  }

  /** Sends what was posted. */
  flush (): void {
    if (this.posted.byteLength > 0) {
      this.stream.send(this.posted.sublist())
      this.posted.consume(this.posted.byteLength)
    }
  }

  async drained (options?: AbortOptions): Promise<void> {
    while (this.stream.writableNeedsDrain) {
      if (this.failure != null || this.stream.writeStatus !== 'writable') {
        throw this.failure ?? new UnexpectedEOFError('the stream ended before a message was sent')
      }

      await this.event(options)
    }
  }

  private append (frame: Uint8Array): void {
    const length = new Uint8Array(varintLength(frame.byteLength))
    writeVarint(length, 0, frame.byteLength)
    this.posted.append(length)
    this.posted.append(frame)
  }

  private take (start: number, length: number): Uint8Array | undefined {
    if (this.received.byteLength < start + length) {
      return undefined
    }

    const frame = this.received.subarray(start, start + length)
    this.received.consume(start + length)

    return frame
  }

  /** Until something happens to the stream. */
  private async event ({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()

    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => { reject(signal?.reason) }
      signal?.addEventListener('abort', onAbort)
      this.wake = () => {
        this.wake = undefined
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
    })
  }
}
