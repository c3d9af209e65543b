import { Uint8ArrayList } from 'uint8arraylist'
import { toError } from '../../to-error.js'
import { MAX_DELIVERIES, MAX_FRAME_BYTES, MAX_KEYS, MAX_LIST, MAX_PARTS } from '../constants.js'
import { ExchangeProtocolError, SessionClosedError } from '../errors.js'
import { Frame } from '../pb/exchange.js'
import { encodeDeliveries, pushVarint } from './encode-deliveries.js'
import type { FrameInput } from './frame-input.js'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'

/** Bytes that a muxer may still deliver after it was told to pause: the largest window of yamux, and a little. */
const PAUSED_BYTES = 17 * 1024 * 1024

/** Bytes that may be queued before writers wait: the next batch is ready when the last has left. */
const QUEUED_BYTES = 256 * 1024

/** Deliveries in a frame up to which it is cheaper not to copy their payloads. */
const MAX_UNCOPIED = 32

/** Pieces in which an unfinished frame may be kept: a small one takes, and keeps alive, far more memory than its bytes. */
const MAX_CHUNKS = 512

/** Bytes of the longest length prefix. */
const MAX_PREFIX = 3

const LIMITS = {
  presences: MAX_LIST,
  deliveries: MAX_DELIVERIES,
  open: { proofs: MAX_KEYS },
  wantList: { entries: MAX_LIST },
  busy: { ids: MAX_LIST },
  page: { entries: MAX_LIST },
  digest: { parts: MAX_PARTS }
}

export interface FrameStreamInit {
  /** Called for one frame at a time. While what it returns is pending, nothing more is read. */
  onFrame (frame: Frame, bytes: number): void | Promise<void>
  /** Called once. Without an error, the peer has ended the stream in order. */
  onClose (err?: Error): void
}

/** Frames over a libp2p stream, with back-pressure in both directions. */
export class FrameStream {
  private readonly stream: Stream
  private readonly init: FrameStreamInit
  private chunks: Uint8Array[] = []
  private buffered = 0
  private busy = false
  private ended = false
  /** continuations of drained() */
  private waiters: Array<() => void> = []

  constructor (stream: Stream, init: FrameStreamInit) {
    this.stream = stream
    this.init = init
    stream.maxReadBufferLength = Math.max(stream.maxReadBufferLength, PAUSED_BYTES)
    stream.addEventListener('close', this.onClose)
    stream.addEventListener('remoteCloseWrite', this.onRemoteClose)
    stream.addEventListener('drain', this.wake)
    stream.addEventListener('idle', this.wake)
    stream.addEventListener('message', this.onMessage)
  }

  /** False: enough is queued; {@link drained} tells when there is room again. */
  get writable (): boolean {
    return this.stream.writeBufferLength < QUEUED_BYTES
  }

  /** @throws {SessionClosedError} the stream has ended */
  send (input: FrameInput): void {
    if (this.ended) {
      throw new SessionClosedError('the exchange stream has ended')
    }

    const { session = 0, deliveries, ...rest } = input
    const large = deliveries != null && deliveries.length <= MAX_UNCOPIED && Object.keys(rest).length === 0
    const data = large ? encodeDeliveries(session, deliveries) : Frame.encode({ session: 0, presences: [], deliveries: [], ...input } as Frame)

    if (data.byteLength > MAX_FRAME_BYTES) {
      throw new ExchangeProtocolError(`a frame of ${data.byteLength} bytes is over the limit of ${MAX_FRAME_BYTES}`)
    }

    const prefix: number[] = []
    pushVarint(prefix, data.byteLength)
    this.stream.send(new Uint8ArrayList(Uint8Array.from(prefix), data))
  }

  /** Resolves when there is room again; rejects when the stream ends before that. */
  async drained (): Promise<void> {
    while (!this.writable && !this.ended) {
      // onDrain() of the stream keeps its first promise for ever, so we listen ourselves
      await new Promise<void>(resolve => { this.waiters.push(resolve) })
    }

    if (this.ended) {
      throw new SessionClosedError('the exchange stream has ended')
    }
  }

  /** Ends our side in order, and reads nothing more. */
  close (): void {
    this.end()
    this.stream.close().catch((err: unknown) => { this.stream.abort(toError(err)) })
  }

  /** Resets the stream; the connection stays. */
  abort (err: Error): void {
    this.end(err)
    this.stream.abort(err)
  }

  private readonly onMessage = (event: StreamMessageEvent): void => {
    if (this.ended) {
      return
    }

    const { data } = event

    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      if (chunk.byteLength > 0) {
        this.chunks.push(chunk)
        this.buffered += chunk.byteLength
      }
    }

    this.read()

    if (this.chunks.length > MAX_CHUNKS) {
      const whole = this.take(this.buffered)
      this.chunks = [whole]
      this.buffered = whole.byteLength
    }
  }

  private readonly wake = (): void => {
    const { waiters } = this
    this.waiters = []
    waiters.forEach(resolve => { resolve() })
  }

  private readonly onClose = (event: StreamCloseEvent): void => {
    this.end(event.error)
  }

  private readonly onRemoteClose = (): void => {
    // what was sent before the end is read first
    if (!this.busy) {
      this.end()
      this.stream.close().catch(() => {})
    }
  }

  private read (): void {
    try {
      while (!this.busy && !this.ended) {
        const frame = this.next()

        if (frame == null) {
          break
        }

        const pending = this.init.onFrame(decode(frame), frame.byteLength)

        if (pending != null) {
          this.pauseFor(pending)
        }
      }
    } catch (err) {
      this.abort(toError(err))
    }
  }

  private pauseFor (pending: Promise<void>): void {
    this.busy = true

    if (this.stream.readStatus === 'readable') {
      this.stream.pause()
    }

    pending.then(() => {
      this.busy = false
      this.read()

      if (this.busy || this.ended) {
        return
      }

      if (this.stream.readStatus === 'paused') {
        this.stream.resume()
      }

      if (this.stream.remoteWriteStatus === 'closed') {
        this.onRemoteClose()
      }
    }).catch((err: unknown) => { this.abort(toError(err)) })
  }

  /** One whole frame in one buffer, or nothing yet. */
  private next (): Uint8Array | undefined {
    let length = 0
    let prefix = 0
    let chunk = 0
    let offset = 0

    while (true) {
      while (chunk < this.chunks.length && offset >= this.chunks[chunk].byteLength) {
        chunk++
        offset = 0
      }

      if (chunk >= this.chunks.length) {
        return undefined
      }

      const byte = this.chunks[chunk][offset++]
      length |= (byte & 0x7f) << (7 * prefix++)

      if (byte < 0x80) {
        break
      }

      if (prefix >= MAX_PREFIX) {
        throw new ExchangeProtocolError(`a length prefix is longer than ${MAX_PREFIX} bytes`)
      }
    }

    if (length > MAX_FRAME_BYTES) {
      throw new ExchangeProtocolError(`a frame of ${length} bytes is over the limit of ${MAX_FRAME_BYTES}`)
    }

    if (this.buffered < prefix + length) {
      return undefined
    }

    this.take(prefix)

    return this.take(length)
  }

  private take (length: number): Uint8Array {
    const first = this.chunks[0]
    this.buffered -= length

    if (first != null && first.byteLength > length) {
      this.chunks[0] = first.subarray(length)

      return first.subarray(0, length)
    }

    const out = new Uint8Array(length)
    let filled = 0
    let used = 0

    while (filled < length) {
      const chunk = this.chunks[used]
      const part = chunk.subarray(0, length - filled)
      out.set(part, filled)
      filled += part.byteLength

      if (part.byteLength < chunk.byteLength) {
        this.chunks[used] = chunk.subarray(part.byteLength)
      } else {
        used++
      }
    }

    this.chunks.splice(0, used)

    return out
  }

  private end (err?: Error): void {
    if (this.ended) {
      return
    }

    this.ended = true
    this.chunks = []
    this.buffered = 0
    this.stream.removeEventListener('message', this.onMessage)
    this.stream.removeEventListener('drain', this.wake)
    this.stream.removeEventListener('idle', this.wake)
    this.stream.removeEventListener('close', this.onClose)
    this.stream.removeEventListener('remoteCloseWrite', this.onRemoteClose)
    this.wake()
    this.init.onClose(err)
  }
}

function decode (frame: Uint8Array): Frame {
  try {
    return Frame.decode(frame, { limits: LIMITS })
  } catch (err) {
    throw new ExchangeProtocolError('a frame cannot be decoded', { cause: err })
  }
}
