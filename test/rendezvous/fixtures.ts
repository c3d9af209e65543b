import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { NotFoundError, TypedEventEmitter } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { lpStream, streamPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { stubInterface } from 'sinon-ts'
import { rendezvousClient, rendezvousPoint, standardRecord } from '../../src/rendezvous/index.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { sealRecord } from '../../src/rendezvous/records.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import type { RecordCodec, RendezvousClient, RendezvousClientInit, RendezvousPoint, RendezvousPointInit } from '../../src/rendezvous/index.js'
import type { Connection, Libp2pEvents, Metrics, Peer, PeerId, PeerQuery, PeerStore, PrivateKey, Stream, StreamHandler, Topology } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { LengthPrefixedStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

export type Raw = Uint8Array<ArrayBuffer>

export const utf8 = (text: string): Raw => new TextEncoder().encode(text)
export const hex = (text: string): Raw => Uint8Array.from(text.match(/../g) ?? [], byte => parseInt(byte, 16))

export interface TestPeer {
  id: PeerId
  privateKey: PrivateKey
  seal (options?: { sequence?: bigint, addresses?: string[], codec?: RecordCodec, as?: PeerId }): Promise<Raw>
}

/** The `n`-th peer: the same one in every run. */
export async function createPeer (n: number): Promise<TestPeer> {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, n)
  seed.fill(n & 0xff, 4)
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  const id = peerIdFromPrivateKey(privateKey)

  return {
    id,
    privateKey,
    seal: async ({ sequence = 1n, addresses = [`/ip4/127.0.0.1/tcp/${1_000 + n}`], codec = standardRecord, as = id } = {}) => {
      return await sealRecord(codec, { peer: as, sequence, multiaddrs: addresses.map(ma => multiaddr(ma)) }, privateKey) as Raw
    }
  }
}

/** An answer, `'closed'` at the end of the stream, `'reset'` when it was cut. */
export type Outcome = Message | 'closed' | 'reset'

/** A point without a network: streams are opened to its handler directly. */
export class PointHarness {
  readonly point: RendezvousPoint
  readonly clock: SimulatedClock
  readonly agents = new Map<string, string>()
  private handler?: StreamHandler

  constructor (init: RendezvousPointInit = {}, components: { datastore?: Datastore, metrics?: Metrics } = {}) {
    this.clock = (init.clock ?? new SimulatedClock()) as SimulatedClock
    const registrar = stubInterface<Registrar>()
    registrar.handle.callsFake(async (_protocol: string, handler: StreamHandler) => {
      if (this.handler != null) {
        throw new Error('there is a handler already')
      }

      this.handler = handler
    })
    registrar.unhandle.callsFake(async () => { this.handler = undefined })
    const peerStore = stubInterface<PeerStore>()
    peerStore.get.callsFake(async (id: PeerId) => ({ id, addresses: [], protocols: [], tags: new Map(), metadata: new Map([['AgentVersion', utf8(this.agents.get(id.toString()) ?? 'test/1')]]) }))

    this.point = rendezvousPoint({ requestsPerSecond: 1_000_000, random: seededRandom(1), ...init, clock: this.clock })({
      registrar,
      peerStore,
      logger: defaultLogger(),
      ...components
    })
  }

  static async start (init?: RendezvousPointInit, components?: { datastore?: Datastore, metrics?: Metrics }): Promise<PointHarness> {
    const harness = new PointHarness(init, components)
    await harness.point.start()

    return harness
  }

  get isServing (): boolean {
    return this.handler != null
  }

  async open (peer: PeerId): Promise<Stream> {
    const [outbound, inbound] = await streamPair()
    const connection = stubInterface<Connection>()
    connection.remotePeer = peer

    if (this.handler == null) {
      throw new Error('the point serves nobody')
    }

    void this.handler(inbound, connection)

    return outbound
  }

  /** One request on a stream of its own, half-closed before the answer. */
  async ask (peer: TestPeer, message: Message): Promise<Outcome> {
    return await this.send(peer, frame(Message.encode(message)))
  }

  async send (peer: TestPeer, bytes: Uint8Array): Promise<Outcome> {
    const stream = await this.open(peer.id)
    const lp = lpStream(stream)
    stream.send(bytes)
    await stream.close().catch(() => {})

    return await readOutcome(lp)
  }

  async register (peer: TestPeer, namespace: string, ttl?: number | bigint, record?: Raw): Promise<NonNullable<Message['registerResponse']>> {
    const signedPeerRecord = record ?? await peer.seal()
    const answer = await this.ask(peer, { type: MessageType.REGISTER, register: { ns: utf8(namespace), signedPeerRecord, ttl: ttl == null ? undefined : BigInt(ttl) } })

    return expectAnswer(answer).registerResponse ?? {}
  }

  async discover (peer: TestPeer, namespace?: string, options: { limit?: number, cookie?: Raw, readsBoth?: boolean } = {}): Promise<NonNullable<Message['discoverResponse']>> {
    const answer = await this.ask(peer, {
      type: MessageType.DISCOVER,
      discover: {
        ns: namespace == null ? undefined : utf8(namespace),
        limit: options.limit == null ? undefined : BigInt(options.limit),
        cookie: options.cookie,
        readsBoth: options.readsBoth
      }
    })

    return expectAnswer(answer).discoverResponse ?? { registrations: [] }
  }

  async unregister (peer: TestPeer, namespace: string): Promise<Outcome> {
    return await this.ask(peer, { type: MessageType.UNREGISTER, unregister: { ns: utf8(namespace) } })
  }
}

export function expectAnswer (outcome: Outcome): Message {
  if (typeof outcome === 'string') {
    throw new Error(`the stream was ${outcome} instead of answered`)
  }

  return outcome
}

export async function readOutcome (lp: LengthPrefixedStream<Stream>): Promise<Outcome> {
  try {
    return Message.decode(await lp.read({ signal: AbortSignal.timeout(5_000) }))
  } catch (err) {
    return (err as Error).name === 'UnexpectedEOFError' && lp.unwrap().status !== 'reset' ? 'closed' : 'reset'
  }
}

/** The bytes behind their length. */
export function frame (body: Uint8Array): Raw {
  const length: number[] = []

  for (let rest = body.byteLength; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest)
      break
    }

    length.push((rest & 127) | 128)
  }

  return Uint8Array.from([...length, ...body])
}

/** What a scripted point does with a request: answers, closes without, resets, or says nothing for ever, or registers and leaves the stream open. */
export type Script = (request: Message, peer: PeerId) => Promise<ScriptOutcome> | ScriptOutcome
type ScriptOutcome = Message | 'close' | 'reset' | 'hang' | 'stay'

/** A client without a network: what it dials is a {@link PointHarness} or a script. */
export class ClientHarness {
  readonly clock: SimulatedClock
  readonly client: RendezvousClient & { afterStart? (): void | Promise<void> }
  readonly events = new TypedEventEmitter<Libp2pEvents>()
  readonly peer: TestPeer
  readonly peerStore = stubInterface<PeerStore>()
  readonly dialled: string[] = []
  readonly streams: Stream[] = []
  addresses = ['/ip4/127.0.0.1/tcp/4001']
  /** in the peer store, and no points */
  readonly strangers: PeerId[] = []
  /** what scripted points were sent, without its length */
  readonly requests: Uint8Array[] = []
  /** scripted points end a stream with a reset instead of a close, after its half-close */
  resetsAfterAnswer = false
  /** takes the place of what scripts answer */
  answerBytes?: () => Uint8Array
  private readonly points = new Map<string, PointHarness | Script>()
  /** lets virtual time go on although exchanges are under way */
  readonly giveUp: Array<() => void> = []
  private readonly topologies = new Map<string, Topology>()

  constructor (peer: TestPeer, init: RendezvousClientInit, points: Array<[TestPeer, PointHarness | Script]>, protocolPeers: PeerId[] = [], datastore?: Datastore) {
    this.peer = peer
    this.clock = (init.clock ?? new SimulatedClock()) as SimulatedClock
    points.forEach(([{ id }, point]) => { this.points.set(id.toString(), point) })

    const addressManager = stubInterface<AddressManager>()
    addressManager.getAddresses.callsFake(() => this.addresses.map(ma => multiaddr(ma)))
    const connectionManager = stubInterface<ConnectionManager>()
    connectionManager.getConnections.returns([])
    connectionManager.openStream.callsFake(async (target: PeerId | Multiaddr[]) => await this.openStream(Array.isArray(target) ? target[0].getComponents().at(-1)?.value ?? '' : target.toString()))
    const registrar = stubInterface<Registrar>()
    let registered = 0
    registrar.register.callsFake(async (_protocol: string, topology: Topology) => {
      this.topologies.set(`${++registered}`, topology)

      return `${registered}`
    })
    registrar.unregister.callsFake((id: string) => { this.topologies.delete(id) })
    this.peerStore.all.callsFake(async (query?: PeerQuery) => {
      const peersWith = (ids: PeerId[], protocols: string[]): Peer[] => ids.map(id => ({ id, addresses: [], protocols, tags: new Map(), metadata: new Map() }))
      const peers = [...peersWith(this.strangers, ['/other/1.0.0']), ...peersWith(protocolPeers, [init.protocol ?? '/rendezvous/1.0.0'])]

      return peers.filter(peer => query?.filters?.every(filter => filter(peer)) ?? true)
    })
    this.peerStore.get.rejects(new NotFoundError())

    this.client = rendezvousClient({
      points: protocolPeers.length > 0 ? [] : points.map(([{ id }]) => `/ip4/127.0.0.1/tcp/1/p2p/${id.toString()}`),
      random: seededRandom(2),
      ...init,
      clock: this.clock
    })({
      peerId: peer.id,
      privateKey: peer.privateKey,
      addressManager,
      connectionManager,
      peerStore: this.peerStore,
      registrar,
      events: this.events,
      datastore,
      logger: defaultLogger()
    })
  }

  static async start (...args: ConstructorParameters<typeof ClientHarness>): Promise<ClientHarness> {
    const harness = new ClientHarness(...args)
    await harness.start()

    return harness
  }

  async start (): Promise<void> {
    await this.client.start()
    await this.client.afterStart?.()
  }

  /** times that it is told of connections, and of each of its events */
  get listeners (): number[] {
    return [this.topologies.size, this.events.listenerCount('self:peer:update'), this.events.listenerCount('peer:disconnect')]
  }

  connect (peer: PeerId): void {
    this.topologies.forEach(topology => { void topology.onConnect?.(peer, stubInterface<Connection>()) })
  }

  async found (namespace: string, limit?: number): Promise<string[]> {
    const ids: string[] = []

    for await (const { id } of this.client.discover(namespace, { limit })) {
      ids.push(id.toString())
    }

    return ids
  }

  private async openStream (id: string): Promise<Stream> {
    const point = this.points.get(id)
    this.dialled.push(id)

    if (point == null) {
      throw new Error(`${id} cannot be dialled`)
    }

    const stream = point instanceof PointHarness ? await point.open(this.peer.id) : await this.play(point)

    this.streams.push(stream)
    // virtual time waits for the exchange
    void this.clock.track(new Promise<void>(resolve => {
      this.giveUp.push(resolve)
      stream.addEventListener('close', () => { resolve() })
    }))

    return stream
  }

  private async play (script: Script): Promise<Stream> {
    const [outbound, inbound] = await streamPair()
    const lp = lpStream(inbound)

    void (async () => {
      const body = (await lp.read()).subarray()
      const request = Message.decode(body)
      this.requests.push(body)
      const outcome = await script(request, this.peer.id)

      if (this.answerBytes != null) {
        await lp.write(this.answerBytes())
        await inbound.close()
      } else if (outcome === 'reset') {
        inbound.abort(new Error('scripted'))
      } else if (outcome === 'stay') {
        await lp.write(Message.encode({ type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0, ttl: 7_200n } }))
      } else if (outcome !== 'hang') {
        if (outcome !== 'close') {
          await lp.write(Message.encode(outcome))
        }

        if (this.resetsAfterAnswer) {
          await lp.read().catch(() => {})
          inbound.abort(new Error('no more requests'))
        } else {
          await inbound.close()
        }
      }
    })().catch(() => {})

    return outbound
  }
}

/** A registration as a point hands it out. */
export async function registrationOf (peer: TestPeer, namespace: string, options: Parameters<TestPeer['seal']>[0] & { ttl?: bigint } = {}): Promise<{ ns: Raw, signedPeerRecord: Raw, ttl?: bigint }> {
  return { ns: utf8(namespace), signedPeerRecord: await peer.seal(options), ttl: options.ttl ?? 7_200n }
}

export async function collect<T> (source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = []

  for await (const item of source) {
    items.push(item)
  }

  return items
}
