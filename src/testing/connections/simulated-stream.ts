import { AbstractStream } from '@libp2p/utils'
import { Pipe } from './pipe.js'
import type { PipeInit } from './pipe.js'
import type { Logger } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** How long an end may take to notice that the other one is gone, in ms. */
const NOTICE_MS = 20_000

interface Process {
  alive: boolean
  /** bytes that it has put on connections */
  sent: number
}

interface StreamInit {
  id: string
  protocol: string
  log: Logger
  process: Process
  direction: 'inbound' | 'outbound'
}

/** One end of a stream between two processes. */
class StreamEnd extends AbstractStream {
  readonly process: Process
  /** the way to the other end, and from it */
  out!: Pipe
  in!: Pipe
  other!: StreamEnd

  constructor ({ process, ...init }: StreamInit) {
    super(init)
    this.process = process
  }

  get ended (): boolean {
    return this.status !== 'open' && this.status !== 'closing'
  }

  sendData (data: Uint8ArrayList): SendResult {
    // a copy: it travels, and its sender may use its buffer again
    const bytes = data.slice()

    this.process.sent += bytes.byteLength
    this.transmit(bytes.byteLength, () => { this.other.onData(bytes) })

    return { sentBytes: bytes.byteLength, canSendMore: !this.out.full }
  }

  sendReset (): void {
    this.transmit(0, () => { this.other.lose() })
  }

  sendPause (): void {
    this.in.pause()
  }

  sendResume (): void {
    this.in.resume()
  }

  async sendCloseWrite (): Promise<void> {
    this.transmit(0, () => { this.other.onRemoteCloseWrite() })
  }

  async sendCloseRead (): Promise<void> {
    this.transmit(0, () => { this.other.onRemoteCloseRead() })
  }

  /** The connection is gone. */
  lose (): void {
    if (this.process.alive && !this.ended) {
      this.onRemoteReset()
    }
  }

  private transmit (bytes: number, deliver: () => void): void {
    // what is left of a dead process talks to nobody
    if (this.process.alive) {
      this.out.send(bytes, deliver)
    }
  }
}

/** A stream from one process to another, over a connection of its own. */
export class StreamPair {
  readonly near: StreamEnd
  readonly far: StreamEnd
  private readonly init: Pick<PipeInit, 'clock' | 'random'>
  private broken = false

  constructor (id: number, protocol: string, log: Logger, near: Process, far: Process, init: Pick<PipeInit, 'clock' | 'random' | 'conditions' | 'isOpen'>) {
    this.init = init
    this.near = new StreamEnd({ id: `${id}`, protocol, log, process: near, direction: 'outbound' })
    this.far = new StreamEnd({ id: `${id}`, protocol, log, process: far, direction: 'inbound' })
    this.near.other = this.far
    this.far.other = this.near
    this.near.out = this.far.in = this.pipe(this.near, init)
    this.far.out = this.near.in = this.pipe(this.far, init)
  }

  get ended (): boolean {
    return this.near.ended && this.far.ended
  }

  /** Nothing gets through any more. Each end notices in its time, `first` at once. */
  breakOff (first?: StreamEnd): void {
    if (this.broken) {
      return
    }

    this.broken = true
    this.near.out.end()
    this.far.out.end()
    first?.lose()

    for (const end of [this.near, this.far]) {
      end === first || this.init.clock.setTimer(() => { end.lose() }, this.init.random.integer(NOTICE_MS))
    }
  }

  private pipe (from: StreamEnd, init: Pick<PipeInit, 'clock' | 'random' | 'conditions' | 'isOpen'>): Pipe {
    return new Pipe({
      ...init,
      onBroken: () => { this.breakOff(from) },
      onDrain: () => { from.process.alive && from.onMuxerDrain() }
    })
  }
}
