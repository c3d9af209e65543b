import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ChannelManager } from '../channel/index.js'
import { CrashableDatastore } from './crashable-datastore.js'
import { ALL_CHANNELS } from './history.js'
import { seededRandom } from './seeded-random.js'
import type { SimulatedMember, SimulationInit } from './types.js'
import type { Recorder } from './recorder.js'
import type { SimulatedClock } from './simulated-clock.js'
import type { SimulatedNetwork } from './simulated-network.js'
import type { Cancel, Clock } from '../clock.js'
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface'

/** What the members of a simulation share. */
export interface World {
  readonly init: SimulationInit
  readonly clock: SimulatedClock
  readonly network: SimulatedNetwork
  readonly recorder: Recorder
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

  async start (): Promise<void> {
    if (this.alive) {
      return
    }

    const { init, clock: base, network, recorder } = this.world
    const clock = new MemberClock(base, this.skew)
    const life = ++this.life

    this.clock = clock
    this.manager = new ChannelManager({
      messaging: network.connect(this.index, this.peerId, clock),
      datastore: this.datastore,
      peerId: this.peerId,
      clock,
      random: seededRandom(`${init.seed}/member/${this.index}/${life}`)
    }, init.channels)
    const observer = { member: this.index, life, wall: () => clock.now(), alive: () => clock.alive }

    recorder.watch(this.manager, observer)
    recorder.record(observer, { type: 'started', channelId: ALL_CHANNELS })

    try {
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
    }
  }

  crashAtWrite (count: number): void {
    this.datastore.crashAtOperation(count, () => { this.crash() })
  }

  async restart (): Promise<void> {
    this.crash()
    this.writesBefore = this.writes
    this.datastore = this.datastore.restart()
    await this.start()
  }

  setOnline (online: boolean): void {
    this.world.network.setOnline(this.index, online)
  }

  /** Writes down what it holds, for the check at the end. */
  async report (): Promise<void> {
    const { recorder } = this.world
    const observer = { member: this.index, life: this.life, wall: () => this.clock?.now() ?? 0, alive: () => this.alive }

    recorder.record(observer, { type: 'store', channelId: ALL_CHANNELS, bytes: this.datastore.bytes })

    for (const channel of this.channels.listChannels()) {
      await recorder.readAll(channel, observer)
    }
  }
}
