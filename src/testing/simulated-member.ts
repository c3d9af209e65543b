import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ChannelManager } from '../channel/index.js'
import { exchange } from '../exchange/index.js'
import { CrashableDatastore } from './crashable-datastore.js'
import { ALL_CHANNELS } from './history.js'
import { seededRandom } from './seeded-random.js'
import type { SimulatedMember, SimulationInit } from './types.js'
import type { SimulatedHost } from './connections/simulated-connections.js'
import type { MeetingPlace } from './connections/simulated-discovery.js'
import type { Observer, Recorder } from './recorder.js'
import type { SimulatedClock } from './simulated-clock.js'
import type { SimulatedNetwork } from './simulated-network.js'
import type { Cancel, Clock } from '../clock.js'
import type { MessageExchange } from '../exchange/types.js'
import type { Ed25519PrivateKey, PeerId, Startable } from '@libp2p/interface'

/** What the members of a simulation share. */
export interface World {
  readonly init: SimulationInit
  readonly clock: SimulatedClock
  readonly network: SimulatedNetwork
  readonly recorder: Recorder
  /** with `exchange` */
  readonly meeting?: MeetingPlace
}

/** A member's own view of time, for one life: its clock is off, and its timers die with it. */
class MemberClock implements Clock {
  alive = true
  private readonly clock: Clock
  private readonly skew: number

  constructor (clock: Clock, skew: number) {
    this.clock = clock
    this.skew = skew
  }

  now (): number {
    return this.clock.now() + this.skew
  }

  setTimer (fn: () => void, ms: number): Cancel {
    return this.clock.setTimer(() => {
      if (this.alive) {
        fn()
      }
    }, ms)
  }
}

/** One device: a `ChannelManager` on a simulated network and a store that outlives it. */
export class Member implements SimulatedMember {
  readonly index: number
  readonly peerId: PeerId
  readonly privateKey: Ed25519PrivateKey
  life = 0
  private readonly world: World
  private readonly skew: number
  private datastore: CrashableDatastore
  private writesBefore = 0
  private sentBefore = 0
  private host?: SimulatedHost
  private manager?: ChannelManager
  private clock?: MemberClock

  constructor (world: World, index: number, privateKey: Ed25519PrivateKey, skew: number) {
    const { init: { seed, writeMs = 0 }, clock } = world

    this.world = world
    this.index = index
    this.privateKey = privateKey
    this.peerId = peerIdFromPrivateKey(privateKey)
    this.skew = skew
    this.datastore = new CrashableDatastore({ random: seededRandom(`${seed}/disk/${index}`), writeMs, ...(writeMs > 0 ? { clock } : {}) })
  }

  static async create (world: World, index: number, skew: number): Promise<Member> {
    const privateKey = await generateKeyPairFromSeed('Ed25519', seededRandom(`${world.init.seed}/key/${index}`).bytes(32))

    return new Member(world, index, privateKey, skew)
  }

  get channels (): ChannelManager {
    if (this.manager == null) {
      throw new Error(`member ${this.index} has not joined yet`)
    }

    return this.manager
  }

  get alive (): boolean {
    return this.clock?.alive === true
  }

  get writes (): number {
    return this.writesBefore + this.datastore.operations
  }

  get served (): number {
    return this.sentBefore + (this.host?.sent ?? 0)
  }

  async start (): Promise<void> {
    if (this.alive) {
      return
    }

    const { init, clock: base, network, recorder, meeting } = this.world
    const clock = new MemberClock(base, this.skew)

    this.life++

    this.clock = clock
    const host = this.host = meeting?.connections.host(this.index, this.peerId)
    const service = host && this.exchange(host, clock)

    this.manager = new ChannelManager({
      messaging: network.connect(this.index, this.peerId, clock),
      datastore: this.datastore,
      peerId: this.peerId,
      clock,
      random: seededRandom(`${init.seed}/member/${this.index}/${this.life}`),
      discovery: host && meeting?.discovery(host),
      exchange: service
    }, init.channels)
    const observer = this.observer(clock)

    recorder.watch(this.manager, observer)
    recorder.record(observer, { type: 'started', channelId: ALL_CHANNELS })

    try {
      await service?.start()
      await init.app?.(this)
    } catch (error) {
      recorder.record(observer, { type: 'open-failed', channelId: ALL_CHANNELS, error: error as Error })
    }
  }

  crash (): void {
    if (this.clock != null && this.alive) {
      this.world.recorder.record({ member: this.index, life: this.life }, { type: 'crashed', channelId: ALL_CHANNELS })
      this.clock.alive = false
      this.datastore.crash()
      this.world.network.disconnect(this.index)
      this.world.meeting?.connections.end(this.peerId)
    }
  }

  crashAtWrite (count: number): void {
    this.datastore.crashAtOperation(count, () => { this.crash() })
  }

  async restart (): Promise<void> {
    this.crash()
    this.writesBefore = this.writes
    this.sentBefore = this.served
    this.host = undefined
    this.datastore = this.datastore.restart()
    await this.start()
  }

  setOnline (online: boolean): void {
    this.world.network.setOnline(this.index, online)
  }

  /** Writes down what it holds, for the check at the end. */
  async report (): Promise<void> {
    const { recorder } = this.world

    if (this.clock == null) {
      return
    }

    const observer = this.observer(this.clock)

    recorder.record(observer, { type: 'store', channelId: ALL_CHANNELS, bytes: this.datastore.bytes })

    for (const channel of this.channels.listChannels()) {
      await recorder.readAll(channel, observer)
    }
  }

  private observer (clock: MemberClock): Observer {
    const { init: { channels }, meeting } = this.world

    return {
      member: this.index,
      life: this.life,
      wall: () => clock.now(),
      alive: () => clock.alive,
      fetchesAll: ({ history }) => meeting != null && (history?.join ?? channels?.defaults?.history?.join) === 'full'
    }
  }

  /** What was missed comes straight from the others. */
  private exchange (host: SimulatedHost, clock: Clock): MessageExchange & Startable {
    const { seed, exchange: settings } = this.world.init

    return exchange({
      ...(typeof settings === 'object' ? settings : {}),
      clock,
      random: seededRandom(`${seed}/exchange/${this.index}/${this.life}`)
    })({ peerId: this.peerId, registrar: host, connectionManager: host, logger: defaultLogger(), datastore: this.datastore })
  }
}
