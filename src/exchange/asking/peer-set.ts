import { toError } from '../../to-error.js'
import { SessionClosedError, AccessDeniedError } from '../errors.js'
import { CloseCode } from '../pb/exchange.js'
import { AskPeer } from './ask-peer.js'
import type { Ask } from './want.js'
import type { Session, SessionHandlers } from '../link/session.js'
import type { Frame } from '../pb/exchange.js'
import type { Timers } from '../timers.js'
import type { Clock } from '../../clock.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

/** Peers in the book of one channel; idle ones leave when it is full. */
const MAX_PEERS = 512

/** The longest time for which a peer is left alone. */
export const MAX_REST_MS = 60_000

/** Gives the engine a proven session with a peer, over whatever there is. */
export interface ConnectProvider {
  connect (peer: PeerId, handlers: SessionHandlers, options: AbortOptions): Promise<Session>
}

export interface PeerSetInit {
  self: PeerId
  provider: ConnectProvider
  connectTimeoutMs: number
  clock: Clock
  timers: Timers
  log: Logger
  banned (peer: PeerId): boolean
  onFrame (peer: AskPeer, frame: Frame): void | Promise<void>
  /** the session ended, or could not be opened: these were asked of it */
  onLost (asks: Ask[]): void
  /** a peer that was left alone may be asked again */
  onRested (): void
}

/** The peers that one channel asks, and the sessions with them. */
export class PeerSet {
  private readonly init: PeerSetInit
  private readonly peers = new Map<string, AskPeer>()
  private readonly stopping = new AbortController()

  constructor (init: PeerSetInit) {
    this.init = init
  }

  get stopped (): boolean {
    return this.stopping.signal.aborted
  }

  /** A peer's place; nothing for ourselves and for those who are banned. */
  readonly find = (id: PeerId): AskPeer | undefined => {
    const key = id.toString()
    const peer = this.peers.get(key)

    if (this.init.banned(id) || id.equals(this.init.self)) {
      return undefined
    }

    if (peer != null) {
      return peer
    }

    if (this.peers.size >= MAX_PEERS) {
      for (const [other, { idle, session }] of this.peers) {
        if (idle) {
          session?.close(CloseCode.NORMAL)
          this.peers.delete(other)
          break
        }
      }
    }

    const added = new AskPeer(id, this.init.timers)
    this.peers.set(key, added)

    return added
  }

  /** A session with the peer; one is opened when there is none. */
  async reach (peer: AskPeer): Promise<Session> {
    if (peer.session != null) {
      return peer.session
    }

    peer.connecting ??= this.connect(peer).finally(() => { peer.connecting = undefined })

    return await peer.connecting
  }

  private async connect (peer: AskPeer): Promise<Session> {
    const { provider, connectTimeoutMs, timers, log } = this.init
    const timeout = new AbortController()
    const cancel = timers.set(() => { timeout.abort() }, connectTimeoutMs)

    try {
      const session = await provider.connect(peer.id, {
        onFrame: (frame) => this.init.onFrame(peer, frame),
        onClose: (err) => { this.onClose(peer, err) }
      }, { signal: AbortSignal.any([timeout.signal, this.stopping.signal]) })

      peer.opened(session)

      return session
    } catch (err) {
      log.trace('%p cannot be asked - %e', peer.id, err)
      const denied = err instanceof AccessDeniedError
      peer.failures++
      // it may be about to join the channel, or never
      this.rest(peer, 'retryAt', pause(denied ? peer.failures + 2 : peer.failures))
      this.init.onLost(peer.lost(toError(err)))

      throw err
    } finally {
      cancel()
    }
  }

  /** Leaves a peer alone for a while. */
  rest (peer: AskPeer, until: 'busyUntil' | 'retryAt', ms: number): void {
    peer[until] = this.init.clock.now() + ms
    this.init.timers.set(this.init.onRested, ms)
  }

  private onClose (peer: AskPeer, err?: Error): void {
    if (peer.session == null) {
      return
    }

    const asks = peer.lost(err ?? new SessionClosedError('the session ended'))

    if (this.stopped) {
      return
    }

    this.rest(peer, 'retryAt', pause(peer.failures++))
    this.init.onLost(asks)
  }

  stop (): void {
    this.stopping.abort()
    this.peers.forEach(({ session }) => { session?.close(CloseCode.NORMAL) })
    this.peers.clear()
  }
}

/** After so many failures in a row. */
function pause (failures: number): number {
  return Math.min(500 * 2 ** Math.min(failures, 7), MAX_REST_MS)
}
