import { toError } from '../../to-error.js'
import type { FrameInput } from './frame-input.js'
import type { FrameStream } from './frame-stream.js'
import type { CloseCode, Frame } from '../pb/exchange.js'
import type { Role } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** What an end of a session does with what comes in. */
export interface SessionHandlers {
  /** while what it returns is pending, the stream is not read */
  onFrame (frame: Frame): void | Promise<void>
  /** called once, also when we closed it */
  onClose (err?: Error): void
}

/** One channel on one stream, proven by both ends. */
export interface Session {
  readonly peer: PeerId
  /** the peer's, as it declared it */
  readonly role: Role
  readonly closed: boolean
  /** false: enough is queued */
  readonly writable: boolean
  /** Nothing happens on a closed session. */
  send (frame: FrameInput): void
  /** Resolves when there is room again; rejects when the stream ends before that. */
  drained (): Promise<void>
  /** Ends the session and tells the peer why; other sessions on the stream go on. */
  close (code: CloseCode): void
  /** Resets the stream with every session on it, never the connection. */
  abort (err: Error): void
}

export interface LinkSessionInit {
  peer: PeerId
  role: Role
  number: number
  frames: FrameStream
  handlers: SessionHandlers
}

export class LinkSession implements Session {
  readonly peer: PeerId
  readonly role: Role
  readonly number: number
  readonly handlers: SessionHandlers
  closed = false
  private readonly frames: FrameStream

  constructor (init: LinkSessionInit) {
    this.peer = init.peer
    this.role = init.role
    this.number = init.number
    this.frames = init.frames
    this.handlers = init.handlers
  }

  get writable (): boolean {
    return this.frames.writable
  }

  send (frame: FrameInput): void {
    if (!this.closed) {
      trySend(this.frames, { ...frame, session: this.number })
    }
  }

  async drained (): Promise<void> {
    await this.frames.drained()
  }

  close (code: CloseCode): void {
    this.send({ close: { code } })
    this.ended()
  }

  abort (err: Error): void {
    this.frames.abort(err)
  }

  /** The other end, or the stream, has ended it. */
  ended (err?: Error): void {
    if (!this.closed) {
      this.closed = true
      this.handlers.onClose(err)
    }
  }
}

/** A stream that fails to take a frame is of no use: its sessions end. */
export function trySend (frames: FrameStream, frame: FrameInput): void {
  try {
    frames.send(frame)
  } catch (err) {
    frames.abort(toError(err))
  }
}
