import type { FrameInput } from '../../src/exchange/link/frame-input.js'
import type { Session, SessionHandlers } from '../../src/exchange/link/session.js'
import type { CloseCode, Frame } from '../../src/exchange/pb/exchange.js'
import type { Role } from '../../src/exchange/types.js'
import type { PeerId } from '@libp2p/interface'

/** One end of a session that records what is sent, and plays the other end. */
export class FakeSession implements Session {
  readonly peer: PeerId
  readonly role: Role
  readonly sent: FrameInput[] = []
  closed = false
  aborted?: Error
  writable = true
  handlers?: SessionHandlers
  private readonly waiting: Array<() => void> = []

  constructor (peer: PeerId, role: Role = 'member') {
    this.peer = peer
    this.role = role
  }

  send (frame: FrameInput): void {
    if (!this.closed) {
      this.sent.push(frame)
    }
  }

  async drained (): Promise<void> {
    if (!this.writable) {
      await new Promise<void>(resolve => { this.waiting.push(resolve) })
    }
  }

  drain (): void {
    this.writable = true
    this.waiting.splice(0).forEach(resolve => { resolve() })
  }

  close (_code?: CloseCode): void {
    if (!this.closed) {
      this.closed = true
      this.handlers?.onClose()
    }
  }

  abort (err: Error): void {
    if (!this.closed) {
      this.aborted = err
      this.closed = true
      this.handlers?.onClose(err)
    }
  }

  /** What the other end sends. */
  receive (frame: FrameInput): void | Promise<void> {
    return this.handlers?.onFrame({ session: 1, presences: [], deliveries: [], ...frame } as Frame)
  }

  /** Entries of all want lists so far. */
  get entries (): Array<NonNullable<NonNullable<FrameInput['wantList']>['entries']>[number]> {
    return this.sent.flatMap(frame => frame.wantList?.entries ?? [])
  }

  get deliveries (): NonNullable<FrameInput['deliveries']> {
    return this.sent.flatMap(frame => frame.deliveries ?? [])
  }

  get presences (): NonNullable<FrameInput['presences']> {
    return this.sent.flatMap(frame => frame.presences ?? [])
  }
}
