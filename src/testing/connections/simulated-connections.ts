import { AbortError, UnsupportedProtocolError } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { MAX_RETRIES, RETRY_MS } from './pipe.js'
import { StreamPair } from './simulated-stream.js'
import type { SimulatedNetwork } from '../simulated-network.js'
import type { SeededRandom } from '../seeded-random.js'
import type { AbortOptions, Connection, PeerId, Stream, StreamHandler } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

/** Ways there and back until a stream is open: transport, encryption, muxer and protocol. */
const WAYS = 6

/** When a connection is given up over which nothing gets through, least and most, in ms. */
const KEEP_ALIVE_MS = [5_000, 25_000] as const

/** There is no way to the peer, now. */
class UnreachableError extends Error {
  static name = 'UnreachableError'
  name = 'UnreachableError'
}

/** What one process has of libp2p, from its start until its crash. */
export class SimulatedHost implements Pick<Registrar, 'handle' | 'unhandle'>, Pick<ConnectionManager, 'openStream'> {
  readonly index: number
  readonly peerId: PeerId
  readonly handlers = new Map<string, StreamHandler>()
  alive = true
  /** bytes */
  sent = 0
  private readonly connections: SimulatedConnections

  constructor (connections: SimulatedConnections, index: number, peerId: PeerId) {
    this.connections = connections
    this.index = index
    this.peerId = peerId
  }

  async handle (protocol: string, handler: StreamHandler): Promise<void> {
    this.handlers.set(protocol, handler)
  }

  async unhandle (protocol: string): Promise<void> {
    this.handlers.delete(protocol)
  }

  async openStream (peer: Parameters<ConnectionManager['openStream']>[0], protocol: string | string[], options?: AbortOptions): Promise<Stream> {
    return await this.connections.dial(this, String(peer), String(protocol), options)
  }
}

/**
 * Connections between the members, beside what they publish: reliable and in order as long as
 * they last. What is lost on the way is sent again and comes late; when nothing gets through for
 * a while, or an end has crashed, the connection breaks.
 */
export class SimulatedConnections {
  readonly network: SimulatedNetwork
  readonly random: SeededRandom
  private readonly log = defaultLogger().forComponent('holdfast:simulated')
  private readonly hosts = new Map<string, SimulatedHost>()
  private pairs: StreamPair[] = []
  private opened = 0
  private readonly watchers = new Set<() => void>()

  constructor (network: SimulatedNetwork, random: SeededRandom) {
    this.network = network
    this.random = random
    network.onChange = () => { this.changed() }
  }

  /** A process that starts. The one that was there before is gone. */
  host (index: number, peerId: PeerId): SimulatedHost {
    const host = new SimulatedHost(this, index, peerId)

    this.end(peerId)
    this.hosts.set(peerId.toString(), host)
    this.changed()

    return host
  }

  /** The process is gone. At times its machine is still there and says so, at times nothing comes any more. */
  end (peerId: PeerId): void {
    const host = this.hosts.get(peerId.toString())

    if (host == null) {
      return
    }

    host.alive = false
    this.hosts.delete(peerId.toString())

    for (const pair of this.pairs.filter(({ near, far }) => near.process === host || far.process === host)) {
      pair.breakOff(this.random.chance(0.5) ? pair.near.process === host ? pair.far : pair.near : undefined)
    }

    this.changed()
  }

  /** Calls `fn` when some may reach each other that did not, or the other way round. */
  watch (fn: () => void): () => void {
    this.watchers.add(fn)

    return () => { this.watchers.delete(fn) }
  }

  reaches (a: SimulatedHost, b: SimulatedHost): boolean {
    return a !== b && a.alive && b.alive && this.network.isLinked(a.index, b.index)
  }

  async dial (from: SimulatedHost, peer: string, protocol: string, { signal }: AbortOptions = {}): Promise<Stream> {
    const { network: { conditions }, random } = this
    // it is found out at once, or not before all patience is lost
    const patient = random.chance(0.5)

    for (let retries = 0; ; retries++) {
      const [least, most] = conditions.delay

      await this.wait(from, WAYS * (least + random.integer(most - least + 1)), signal)
      const to = this.hosts.get(peer)

      if (to != null && this.reaches(from, to) && !random.chance(conditions.loss)) {
        return this.open(from, to, protocol)
      }

      if (retries >= MAX_RETRIES || (!patient && (to == null || !this.reaches(from, to)))) {
        throw new UnreachableError(`no way to ${peer}`)
      }

      await this.wait(from, RETRY_MS * 2 ** retries, signal)
    }
  }

  private open (from: SimulatedHost, to: SimulatedHost, protocol: string): Stream {
    const { network: { clock, conditions }, random } = this
    const handler = to.handlers.get(protocol)

    if (handler == null) {
      throw new UnsupportedProtocolError(`${to.peerId.toString()} does not speak ${protocol}`)
    }

    const pair = new StreamPair(this.opened++, protocol, this.log, from, to, { clock, random, conditions, isOpen: () => this.reaches(from, to) })

    this.pairs = this.pairs.filter(({ ended }) => !ended)
    this.pairs.push(pair)

    try {
      // all that a handler looks at
      void handler(pair.far, { remotePeer: from.peerId } as unknown as Connection)
    } catch (err) {
      this.network.onThrow(err, to.index)
    }

    return pair.near
  }

  /** Never resolves in a process that is gone. */
  private async wait (process: SimulatedHost, ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        cancel()
        reject(new AbortError())
      }
      const cancel = this.network.clock.setTimer(() => {
        signal?.removeEventListener('abort', onAbort)
        process.alive && resolve()
      }, ms)

      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  private changed (): void {
    const [least, most] = KEEP_ALIVE_MS

    for (const pair of this.pairs) {
      const isOpen = (): boolean => this.reaches(pair.near.process as SimulatedHost, pair.far.process as SimulatedHost)

      if (!pair.ended && !isOpen()) {
        this.network.clock.setTimer(() => { isOpen() || pair.breakOff() }, least + this.random.integer(most - least))
      }
    }

    this.watchers.forEach(fn => { fn() })
  }
}
