import { MAX_FAILED_OPENS, MAX_SESSIONS_PER_STREAM, NONCE_BYTES } from '../constants.js'
import { ExchangeProtocolError, SessionClosedError } from '../errors.js'
import { CloseCode, Role as WireRole } from '../pb/exchange.js'
import { FrameStream } from './frame-stream.js'
import { identify, prove } from './proof.js'
import { LinkSession, trySend } from './session.js'
import type { ProofContext } from './proof.js'
import type { Session, SessionHandlers } from './session.js'
import type { Random } from '../../clock.js'
import type { Frame, Open } from '../pb/exchange.js'
import type { ExchangeChannel } from '../types.js'
import type { PeerId, Stream } from '@libp2p/interface'

export interface InboundLinkInit {
  self: PeerId
  peer: PeerId
  random: Random
  /** the channels that a stranger's proof is tried against */
  channels (): Iterable<ExchangeChannel>
  /** resolves in a later turn of the event loop */
  pause (): Promise<void>
  /** whether the peer may open a session of this channel at all */
  welcome (channel: ExchangeChannel): boolean
  /** takes an opened session; what it returns gets its frames */
  onSession (channel: ExchangeChannel, session: Session): SessionHandlers
  /** a proof fitted nothing */
  onDenied (): void
  onClose (err?: Error): void
}

/** A stream on which a peer asks us. */
export class InboundLink {
  private readonly init: InboundLinkInit
  private readonly frames: FrameStream
  private readonly sessions = new Map<number, LinkSession>()
  private readonly nonce: Uint8Array
  private context?: ProofContext
  private failures = 0
  private ended = false

  constructor (stream: Stream, init: InboundLinkInit) {
    this.init = init
    this.nonce = init.random.bytes(NONCE_BYTES)
    this.frames = new FrameStream(stream, {
      onFrame: (frame) => this.onFrame(frame),
      onClose: (err) => { this.onClose(err) }
    })
    trySend(this.frames, { hello: { nonce: this.nonce } })
  }

  get size (): number {
    return this.sessions.size
  }

  close (): void {
    this.frames.close()
  }

  abort (err: Error): void {
    this.frames.abort(err)
  }

  private onFrame (frame: Frame): void | Promise<void> {
    if (this.context == null) {
      if (frame.hello?.nonce.byteLength !== NONCE_BYTES) {
        throw new ExchangeProtocolError(`the first frame must carry a nonce of ${NONCE_BYTES} bytes`)
      }

      this.context = { asker: this.init.peer, server: this.init.self, askerNonce: frame.hello.nonce, serverNonce: this.nonce }

      return
    }

    if (frame.open != null) {
      return this.onOpen(frame.session, frame.open, this.context)
    }

    const session = this.sessions.get(frame.session)

    if (session == null) {
      // it was closed by us while this was under way
      return
    }

    if (frame.close != null) {
      session.ended()

      return
    }

    return session.handlers.onFrame(frame)
  }

  private async onOpen (number: number, open: Open, context: ProofContext): Promise<void> {
    if (number === 0 || this.sessions.has(number)) {
      throw new ExchangeProtocolError(`session ${number} cannot be opened: it is taken`)
    }

    if (this.sessions.size >= MAX_SESSIONS_PER_STREAM) {
      trySend(this.frames, { session: number, close: { code: CloseCode.LIMIT } })

      return
    }

    const role = open.role === WireRole.HOLDER ? 'holder' : 'member'
    const found = await identify(this.init.channels(), open.proofs, role, context, this.init.pause)

    if (this.ended) {
      return
    }

    if (found == null) {
      this.init.onDenied()

      if (++this.failures > MAX_FAILED_OPENS) {
        throw new ExchangeProtocolError(`more than ${MAX_FAILED_OPENS} proofs on one stream fit no channel`)
      }
    }

    // a banned peer learns no more than a stranger
    if (found == null || !this.init.welcome(found.channel)) {
      trySend(this.frames, { session: number, close: { code: CloseCode.DENIED } })

      return
    }

    const { channel, key } = found
    const ours = channel.role ?? 'member'

    trySend(this.frames, {
      session: number,
      opened: {
        role: ours === 'member' ? WireRole.MEMBER : WireRole.HOLDER,
        proof: prove(key, 'server', ours, channel.channelId, context)
      }
    })

    const session = new LinkSession({
      peer: this.init.peer,
      role,
      number,
      frames: this.frames,
      handlers: {
        onFrame: (frame) => served.onFrame(frame),
        onClose: (err) => {
          this.sessions.delete(number)
          served.onClose(err)
        }
      }
    })
    const served = this.init.onSession(channel, session)
    this.sessions.set(number, session)
  }

  private onClose (err?: Error): void {
    this.ended = true
    const reason = err ?? new SessionClosedError('the peer closed the exchange stream')
    const sessions = [...this.sessions.values()]
    this.sessions.clear()
    sessions.forEach(session => { session.ended(reason) })
    this.init.onClose(err)
  }
}
