import { AbortError } from '@libp2p/interface'
import { MAX_KEYS, MAX_SESSIONS_PER_STREAM, NONCE_BYTES } from '../constants.js'
import { AccessDeniedError, ExchangeProtocolError, SessionClosedError } from '../errors.js'
import { CloseCode, Role as WireRole } from '../pb/exchange.js'
import { race } from '../race.js'
import { FrameStream } from './frame-stream.js'
import { prove, verify } from './proof.js'
import { LinkSession, trySend } from './session.js'
import type { ProofContext } from './proof.js'
import type { Session, SessionHandlers } from './session.js'
import type { Random } from '../../clock.js'
import type { Frame } from '../pb/exchange.js'
import type { ExchangeChannel, Role } from '../types.js'
import type { AbortOptions, PeerId, Stream } from '@libp2p/interface'

export interface OutboundLinkInit {
  self: PeerId
  peer: PeerId
  random: Random
  onClose (err?: Error): void
}

interface Opening {
  channel: ExchangeChannel
  role: Role
  handlers: SessionHandlers
  resolve (session: Session): void
  reject (err: Error): void
}

/** The stream on which we ask a peer, with a session for each channel. */
export class OutboundLink {
  private readonly init: OutboundLinkInit
  private readonly frames: FrameStream
  private readonly nonce: Uint8Array
  private readonly context = Promise.withResolvers<ProofContext>()
  private readonly openings = new Map<number, Opening>()
  private readonly sessions = new Map<number, LinkSession>()
  private known?: ProofContext
  private numbers = 0

  constructor (stream: Stream, init: OutboundLinkInit) {
    this.init = init
    this.nonce = init.random.bytes(NONCE_BYTES)
    // nobody may be waiting for it when the stream ends
    this.context.promise.catch(() => {})
    this.frames = new FrameStream(stream, {
      onFrame: (frame) => this.onFrame(frame),
      onClose: (err) => { this.onClose(err) }
    })
    trySend(this.frames, { hello: { nonce: this.nonce } })
  }

  /** Sessions that are open or being opened. */
  get size (): number {
    return this.sessions.size + this.openings.size
  }

  /**
   * Opens a session: both ends prove that they know the channel.
   *
   * @throws {AccessDeniedError} the peer is not in the channel, or could not prove it
   * @throws {SessionClosedError} the stream ended, or carries too many sessions
   */
  async open (channel: ExchangeChannel, handlers: SessionHandlers, options: AbortOptions = {}): Promise<Session> {
    const context = await race(this.context.promise, options.signal)

    if (this.size >= MAX_SESSIONS_PER_STREAM) {
      throw new SessionClosedError(`the stream carries ${MAX_SESSIONS_PER_STREAM} sessions already`)
    }

    const number = ++this.numbers
    const role = channel.role ?? 'member'
    const proofs = channel.keys().slice(0, MAX_KEYS).map(key => prove(key, 'asker', role, channel.channelId, context))
    const { promise, resolve, reject } = Promise.withResolvers<Session>()

    this.openings.set(number, { channel, role, handlers, resolve, reject })
    trySend(this.frames, { session: number, open: { role: role === 'member' ? WireRole.MEMBER : WireRole.HOLDER, proofs } })

    try {
      return await race(promise, options.signal)
    } catch (err) {
      if (this.openings.delete(number) && err instanceof AbortError) {
        trySend(this.frames, { session: number, close: { code: CloseCode.NORMAL } })
      }

      // it may have been opened in the same turn
      this.sessions.get(number)?.close(CloseCode.NORMAL)

      throw err
    }
  }

  close (): void {
    this.frames.close()
  }

  abort (err: Error): void {
    this.frames.abort(err)
  }

  private onFrame (frame: Frame): void | Promise<void> {
    if (this.known == null) {
      if (frame.hello?.nonce.byteLength !== NONCE_BYTES) {
        throw new ExchangeProtocolError(`the first frame must carry a nonce of ${NONCE_BYTES} bytes`)
      }

      this.known = { asker: this.init.self, server: this.init.peer, askerNonce: this.nonce, serverNonce: frame.hello.nonce }
      this.context.resolve(this.known)

      return
    }

    const opening = this.openings.get(frame.session)

    if (opening != null) {
      this.openings.delete(frame.session)
      this.finish(opening, frame, this.known)

      return
    }

    const session = this.sessions.get(frame.session)

    if (session == null) {
      // it was closed by us while this was under way
      return
    }

    if (frame.close != null) {
      this.sessions.delete(frame.session)
      session.ended(closeError(frame.close.code))

      return
    }

    return session.handlers.onFrame(frame)
  }

  private finish (opening: Opening, frame: Frame, context: ProofContext): void {
    const { channel, handlers } = opening

    if (frame.opened == null) {
      opening.reject(closeError(frame.close?.code) ?? new AccessDeniedError('the peer closed the session before it was open'))

      return
    }

    const role = frame.opened.role === WireRole.HOLDER ? 'holder' : 'member'

    if (verify(channel.keys(), frame.opened.proof, 'server', role, channel.channelId, context) == null) {
      trySend(this.frames, { session: frame.session, close: { code: CloseCode.DENIED } })
      opening.reject(new AccessDeniedError('the peer could not prove that it knows the channel'))

      return
    }

    const session = new LinkSession({
      peer: this.init.peer,
      role,
      number: frame.session,
      frames: this.frames,
      handlers: {
        onFrame: (next) => handlers.onFrame(next),
        onClose: (err) => {
          this.sessions.delete(frame.session)
          handlers.onClose(err)
        }
      }
    })

    this.sessions.set(frame.session, session)
    opening.resolve(session)
  }

  private onClose (err?: Error): void {
    const reason = err ?? new SessionClosedError('the peer closed the exchange stream')
    this.context.reject(reason)
    this.openings.forEach(opening => { opening.reject(reason) })
    this.openings.clear()
    const sessions = [...this.sessions.values()]
    this.sessions.clear()
    sessions.forEach(session => { session.ended(reason) })
    this.init.onClose(err)
  }
}

function closeError (code?: CloseCode): Error | undefined {
  switch (code) {
    case undefined:
      return undefined
    case CloseCode.DENIED:
      return new AccessDeniedError('the peer does not serve us in this channel')
    case CloseCode.NORMAL:
      return new SessionClosedError('the peer ended the session')
    default:
      return new ExchangeProtocolError(`the peer ended the session with ${code}`)
  }
}
