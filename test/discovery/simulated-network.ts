import { multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../src/clock.js'
import type { DiscoveryEngine, DiscoveryNetwork, RendezvousSource, SessionChannel, SignedRecord } from '../../src/discovery/index.js'
import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

type Seal = (peer: PeerId, key: PrivateKey, addresses: Multiaddr[], seq: bigint) => Promise<SignedRecord>

export interface SimulatedNetworkInit {
  clock: Clock
  seal: Seal
  /** one way, ms @default 20 */
  latencyMs?: number
}

/** Nodes, connections and streams in memory, in virtual time. Nothing is imported at run time but the address parser, so that benches can use it too. */
export class SimulatedNetwork {
  readonly clock: Clock
  readonly seal: Seal
  readonly latencyMs: number
  readonly hosts = new Map<string, SimulatedHost>()
  /** bytes of all session frames */
  bytes = 0
  /** every frame, in the order of sending, when asked for */
  frames?: Array<{ from: PeerId, to: PeerId, bytes: Uint8Array }>
  private groups?: Map<string, number>
  private nextAddress = 1

  constructor (init: SimulatedNetworkInit) {
    this.clock = init.clock
    this.seal = init.seal
    this.latencyMs = init.latencyMs ?? 20
  }

  add (self: PeerId, key: PrivateKey): SimulatedHost {
    const host = new SimulatedHost(this, self, key, this.address())
    this.hosts.set(self.toString(), host)

    return host
  }

  address (): Multiaddr {
    const n = this.nextAddress++

    return multiaddr(`/ip4/10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/tcp/4001`)
  }

  /** Cuts what runs between the groups; those that are in none can reach nobody. */
  partition (groups: PeerId[][]): void {
    this.groups = new Map(groups.flatMap((group, i) => group.map(peer => [peer.toString(), i] as const)))

    for (const host of this.hosts.values()) {
      for (const peer of [...host.connections.values()]) {
        if (!this.reaches(host.self, peer)) {
          host.disconnect(peer)
        }
      }
    }
  }

  heal (): void {
    this.groups = undefined
  }

  reaches (a: PeerId, b: PeerId): boolean {
    const target = this.hosts.get(b.toString())
    const groupA = this.groups?.get(a.toString())

    return target?.up === true && (this.groups == null || (groupA != null && groupA === this.groups.get(b.toString())))
  }

  async delay (signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.setTimer(resolve, this.latencyMs)
      signal?.addEventListener('abort', () => {
        cancel()
        reject(toError(signal.reason))
      })
    })
  }
}

export class SimulatedHost implements DiscoveryNetwork {
  readonly self: PeerId
  readonly connections = new Map<string, PeerId>()
  readonly kept = new Set<string>()
  /** what identify or rendezvous taught */
  readonly known = new Map<string, SignedRecord>()
  readonly dials: string[] = []
  engine?: DiscoveryEngine
  up = true
  /** accepts streams and never answers */
  silent = false
  /** answers that it does not know the protocol */
  unsupported = false
  private readonly net: SimulatedNetwork
  private readonly key: PrivateKey
  private current: Multiaddr
  private own?: Promise<SignedRecord>
  private seq = 1n

  constructor (net: SimulatedNetwork, self: PeerId, key: PrivateKey, address: Multiaddr) {
    this.net = net
    this.self = self
    this.key = key
    this.current = address
  }

  move (): void {
    this.current = this.net.address()
    this.own = undefined
    this.seq++

    for (const peer of [...this.connections.values()]) {
      this.disconnect(peer)
    }

    this.engine?.reset('our addresses changed')
  }

  async record (): Promise<SignedRecord> {
    this.own ??= this.net.seal(this.self, this.key, [this.current], this.seq)

    return await this.own
  }

  async knownRecord (peer: PeerId): Promise<Uint8Array | undefined> {
    return this.known.get(peer.toString())?.envelope
  }

  async remember (record: SignedRecord): Promise<void> {
    this.known.set(record.peer.toString(), record)
  }

  isConnected (peer: PeerId): boolean {
    return this.connections.has(peer.toString())
  }

  connected (): Iterable<PeerId> {
    return this.connections.values()
  }

  isOnline (): boolean {
    return this.connections.size > 0
  }

  async connect (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<void> {
    const other = this.net.hosts.get(peer.toString())
    const addresses = [record, this.known.get(peer.toString())].flatMap(known => known?.addresses ?? [])

    if (this.isConnected(peer)) {
      return
    }

    this.dials.push(peer.toString())
    await this.net.delay(options.signal)

    if (other == null || !this.net.reaches(this.self, peer) || !this.net.reaches(peer, this.self) || !addresses.some(address => address.equals(other.current))) {
      throw new Error('unreachable')
    }

    await this.meet(other)
    await other.meet(this)
  }

  disconnect (peer: PeerId): void {
    const other = this.net.hosts.get(peer.toString())
    this.connections.delete(peer.toString())
    other?.connections.delete(this.self.toString())
    this.engine?.connectionChanged(peer, false)
    other?.engine?.connectionChanged(this.self, false)
  }

  async open (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<SessionChannel> {
    await this.connect(peer, record, options)
    const other = this.net.hosts.get(peer.toString())

    if (other?.unsupported === true || other?.engine == null) {
      throw Object.assign(new Error('unsupported'), { name: 'UnsupportedProtocolError' })
    }

    const [ours, theirs] = this.pair(other)

    if (!other.silent) {
      void other.engine.accept(theirs, this.self)
    }

    return ours
  }

  async roundTrip (): Promise<void> {
    await this.net.delay()
    await this.net.delay()
  }

  async keep (peer: PeerId, keep: boolean): Promise<void> {
    if (keep) {
      this.kept.add(peer.toString())
    } else {
      this.kept.delete(peer.toString())
    }
  }

  private async meet (other: SimulatedHost): Promise<void> {
    this.known.set(other.self.toString(), await other.record())
    this.connections.set(other.self.toString(), other.self)
    this.engine?.connectionChanged(other.self, true)

    if (other.engine != null && !other.unsupported) {
      await this.engine?.speaks(other.self)
    }
  }

  private pair (other: SimulatedHost): [SessionChannel, SessionChannel] {
    const there = new FrameQueue()
    const back = new FrameQueue()
    const end = (from: SimulatedHost, to: SimulatedHost, out: FrameQueue, into: FrameQueue): SessionChannel => ({
      read: async ({ signal }) => await into.take(signal),
      write: async (frame) => {
        this.net.bytes += frame.byteLength
        this.net.frames?.push({ from: from.self, to: to.self, bytes: frame.slice() })
        this.net.clock.setTimer(() => {
          if (this.net.reaches(from.self, to.self)) {
            out.put(frame)
          }
        }, this.net.latencyMs)
      },
      close: async () => {},
      abort: (err) => {
        out.fail(err)
        into.fail(err)
      }
    })

    return [end(this, other, there, back), end(other, this, back, there)]
  }
}

class FrameQueue {
  private readonly frames: Uint8Array[] = []
  private error?: Error
  private waiting?: () => void

  put (frame: Uint8Array): void {
    this.frames.push(frame)
    this.waiting?.()
  }

  fail (err: Error): void {
    this.error ??= err
    this.waiting?.()
  }

  async take (signal?: AbortSignal): Promise<Uint8Array> {
    signal?.addEventListener('abort', () => { this.fail(toError(signal.reason)) })

    while (this.frames.length === 0 && this.error == null) {
      await new Promise<void>(resolve => { this.waiting = resolve })
    }

    if (this.frames.length === 0 && this.error != null) {
      throw this.error
    }

    return this.frames.splice(0, 1)[0]
  }
}

function toError (reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

/** Rendezvous points in memory. Each node sees them through a client of its own. */
export class SimulatedPoints {
  readonly points: Array<{ id: PeerId, up: boolean, names: Map<string, SimulatedHost[]> }>
  /** requests of all clients */
  requests = 0
  /** of the records in all answers */
  bytes = 0

  constructor (ids: PeerId[]) {
    this.points = ids.map(id => ({ id, up: true, names: new Map() }))
  }

  client (host: SimulatedHost): RendezvousSource {
    const seen = new Map<string, number>()
    const at = (namespace: string | ((point: PeerId) => string), point: PeerId): string => typeof namespace === 'string' ? namespace : namespace(point)

    return {
      register: async (namespace) => await Promise.all(this.points.map(async ({ id, up, names }) => {
        const name = at(namespace, id)
        this.requests++
        await host.roundTrip()

        if (!up) {
          return { point: id, error: new Error('down') }
        }

        names.set(name, [...(names.get(name) ?? []).filter(other => other !== host), host])

        return { point: id, ttl: 7200 }
      })),
      unregister: async (namespace) => {
        for (const { id, names } of this.points) {
          const name = at(namespace, id)
          names.set(name, (names.get(name) ?? []).filter(other => other !== host))
        }
      },
      discover: (namespace, { limit = 64 } = {}) => this.discover(host, seen, limit, point => at(namespace, point))
    }
  }

  private async * discover (host: SimulatedHost, seen: Map<string, number>, limit: number, at: (point: PeerId) => string): AsyncGenerator<{ id: PeerId, multiaddrs: Multiaddr[], record: Uint8Array }> {
    for (const { id, up, names } of this.points) {
      const registered = names.get(at(id)) ?? []
      const cookie = `${id.toString()}/${at(id)}`
      const from = seen.get(cookie) ?? 0
      this.requests++
      await host.roundTrip()

      if (!up) {
        continue
      }

      for (const other of registered.slice(from, from + limit)) {
        if (other !== host) {
          const record = await other.record()
          await host.remember(record)
          this.bytes += record.envelope.byteLength
          yield { id: other.self, multiaddrs: record.addresses, record: record.envelope }
        }
      }

      // only what was read to its end is not offered again
      seen.set(cookie, Math.min(registered.length, from + limit))
    }
  }
}
