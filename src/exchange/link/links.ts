import { toError } from '../../to-error.js'
import { SessionClosedError } from '../errors.js'
import { race } from '../race.js'
import { InboundLink } from './inbound-link.js'
import { OutboundLink } from './outbound-link.js'
import type { Session, SessionHandlers } from './session.js'
import type { Cancel, Clock, Random } from '../../clock.js'
import type { ExchangeComponents } from '../components.js'
import type { ExchangeChannel } from '../types.js'
import type { AbortOptions, Connection, Logger, PeerId, Stream } from '@libp2p/interface'

/** A peer that opens a stream has this long to prove a channel. */
const PROVE_MS = 15_000

/** To open a stream, dialling included. */
const DIAL_MS = 10_000

export interface LinksInit {
  components: Pick<ExchangeComponents, 'peerId' | 'registrar' | 'connectionManager'>
  protocol: string
  /** in each direction */
  maxStreams: number
  clock: Clock
  random: Random
  log: Logger
  pause (): Promise<void>
  channels (): Iterable<ExchangeChannel>
  /** whether the peer may be in the channel's exchange */
  welcome (peer: PeerId, channel: ExchangeChannel): boolean
  onSession (channel: ExchangeChannel, session: Session): SessionHandlers
  onDenied (peer: PeerId): void
}

interface Inbound {
  link: InboundLink
  /** ends the wait for a first proof */
  proven: Cancel
}

interface Outbound {
  link: Promise<OutboundLink>
}

/** One stream to a peer on which we ask, and one from it on which it asks. */
export class Links {
  private readonly init: LinksInit
  private readonly outbound = new Map<string, Outbound>()
  private readonly inbound = new Map<string, Inbound>()
  private stopping = new AbortController()
  private started = false

  constructor (init: LinksInit) {
    this.init = init
  }

  async start (): Promise<void> {
    this.stopping = new AbortController()
    this.started = true
    await this.init.components.registrar.handle(this.init.protocol, this.onStream, {
      maxInboundStreams: 2,
      maxOutboundStreams: 2,
      runOnLimitedConnection: false
    })
  }

  async stop (): Promise<void> {
    this.started = false
    this.stopping.abort()
    await this.init.components.registrar.unhandle(this.init.protocol)
    this.inbound.forEach(({ link }) => { link.close() })

    this.outbound.forEach(({ link }) => { link.then(opened => { opened.close() }, () => {}) })
    this.inbound.clear()
    this.outbound.clear()
  }

  /** A session with a peer on its one stream, which is opened when there is none. */
  async connect (peer: PeerId, channel: ExchangeChannel, handlers: SessionHandlers, options: AbortOptions = {}): Promise<Session> {
    const link = await race(this.link(peer), options.signal)

    return await link.open(channel, handlers, options)
  }

  private async link (peer: PeerId): Promise<OutboundLink> {
    const key = peer.toString()

    // others may take the room that was made
    while (!this.outbound.has(key) && (!this.started || this.outbound.size >= this.init.maxStreams)) {
      await this.makeRoom()
    }

    // whoever comes while it is being opened waits for the same one
    return await (this.outbound.get(key) ?? this.open(peer, key)).link
  }

  private open (peer: PeerId, key: string): Outbound {
    const { components, protocol, clock, random } = this.init
    const timeout = new AbortController()
    const cancel = clock.setTimer(() => { timeout.abort() }, DIAL_MS)
    const forget = (): void => {
      if (this.outbound.get(key) === entry) {
        this.outbound.delete(key)
      }
    }

    const open = async (): Promise<OutboundLink> => {
      try {
        const stream = await components.connectionManager.openStream(peer, protocol, { signal: AbortSignal.any([timeout.signal, this.stopping.signal]) })

        return new OutboundLink(stream, { self: components.peerId, peer, random, onClose: forget })
      } catch (err) {
        forget()

        throw toError(err)
      } finally {
        cancel()
      }
    }

    const entry: Outbound = { link: open() }
    this.outbound.set(key, entry)

    return entry
  }

  /** At the bound, a stream without a session makes way; when each has one, nothing is opened. */
  private async makeRoom (): Promise<void> {
    if (!this.started) {
      throw new SessionClosedError('the exchange is stopped')
    }

    for (const [key, entry] of this.outbound) {
      const link = await entry.link.catch(() => undefined)

      if (link != null && link.size === 0) {
        this.outbound.delete(key)
        link.close()

        return
      }
    }

    throw new SessionClosedError(`${this.init.maxStreams} streams are in use`)
  }

  private readonly onStream = (stream: Stream, connection: Connection): void => {
    const { components, clock, random, log, pause, channels, welcome, onSession, onDenied } = this.init
    const peer = connection.remotePeer
    const key = peer.toString()

    if (this.inbound.size >= this.init.maxStreams && !this.inbound.has(key)) {
      const idle = [...this.inbound.values()].find(({ link }) => link.size === 0)

      if (idle == null) {
        stream.abort(new SessionClosedError(`${this.init.maxStreams} streams are in use`))

        return
      }

      idle.link.close()
    }

    // a peer that opens another one has lost the first
    this.inbound.get(key)?.link.close()

    const link: InboundLink = new InboundLink(stream, {
      self: components.peerId,
      peer,
      random,
      channels,
      pause,
      welcome: (channel) => welcome(peer, channel),
      onSession: (channel, session) => {
        proven()

        return onSession(channel, session)
      },
      onDenied: () => { onDenied(peer) },
      onClose: (err) => {
        proven()

        if (err != null) {
          log.trace('the exchange stream of %p ended - %e', peer, err)
        }

        if (this.inbound.get(key)?.link === link) {
          this.inbound.delete(key)
        }
      }
    })
    const proven = clock.setTimer(() => {
      if (link.size === 0) {
        link.abort(new SessionClosedError('the peer proved no channel in time'))
      }
    }, PROVE_MS)

    this.inbound.set(key, { link, proven })
  }
}
