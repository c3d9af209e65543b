import { loadFastKeccak } from '../keccak.js'
import { plaintext } from '../encryption/index.js'
import { checkHistory } from './checker/index.js'
import { SimulatedConnections } from './connections/simulated-connections.js'
import { MeetingPlace } from './connections/simulated-discovery.js'
import { GuaranteeError } from './errors.js'
import { ALL_CHANNELS, NOBODY } from './history.js'
import { createLiar } from './liars/index.js'
import { GOOD_CONDITIONS } from './network-conditions.js'
import { Recorder } from './recorder.js'
import { compileSchedule } from './schedule.js'
import { seededRandom } from './seeded-random.js'
import { SimulatedClock } from './simulated-clock.js'
import { Member } from './simulated-member.js'
import { SimulatedNetwork } from './simulated-network.js'
import { formatTrace } from './trace.js'
import type { Observation } from './history.js'
import type { SimulatedMember, Simulation, SimulationInit } from './types.js'
import type { World } from './simulated-member.js'
import type { NetworkConditions, NetworkCounters } from './network-conditions.js'

/** Channel of the default application. */
const DEFAULT_CHANNEL = 'simulation'

/** How long everything is left alone before logs are compared: longer than any repair takes. */
const QUIET_MS = 180_000

export class SimulationRun implements Simulation {
  readonly members: readonly Member[]
  private readonly world: World

  private constructor (world: World, members: readonly Member[]) {
    this.world = world
    this.members = members
  }

  static async start (given: SimulationInit): Promise<SimulationRun> {
    // compiled once and for all: its time is not virtual
    await loadFastKeccak()
    const init = { ...given, app: given.app ?? defaultApp(given) }
    const clock = new SimulatedClock()
    const recorder = new Recorder(clock)
    const network = new SimulatedNetwork(clock, seededRandom(`${init.seed}/network`), conditionsOf(init), (error, member) => {
      recorder.record({ member, life: 0 }, { type: 'threw', channelId: ALL_CHANNELS, error })
    })
    // a random source of its own: without the exchange everything is as it was
    const meeting = init.exchange == null || init.exchange === false ? undefined : new MeetingPlace(new SimulatedConnections(network, seededRandom(`${init.seed}/connections`)))
    const world: World = { init, clock, network, recorder, meeting }
    const random = seededRandom(`${init.seed}/skew`)
    const members: Member[] = []

    for (let index = 0; index < init.members; index++) {
      members.push(await Member.create(world, index, skewOf(init, index, random.float())))
    }

    const run = new SimulationRun(world, members)
    const late = new Set(init.joins?.map(join => join.member))

    for (const member of members) {
      late.has(member.index) || await clock.until(member.start())
    }

    await Promise.all((init.liars ?? []).map(async (liar, i) => { await createLiar(liar, world, init.members + i, members) }))
    compileSchedule(init, run).forEach(({ at, text, act }) => {
      clock.setTimer(() => {
        run.note(text)
        act()
      }, at)
    })

    return run
  }

  get clock (): SimulatedClock {
    return this.world.clock
  }

  get history (): readonly Observation[] {
    return this.world.recorder.history
  }

  get network (): NetworkCounters {
    return this.world.network.counters
  }

  async run (ms: number): Promise<void> {
    await this.clock.advance(ms)
  }

  async until<T> (promise: Promise<T>): Promise<T> {
    return await this.clock.until(promise)
  }

  partition (groups: number[][]): void {
    this.world.network.partition(groups)
  }

  heal (): void {
    this.world.network.heal()
  }

  setConditions (conditions: Partial<NetworkConditions>): void {
    Object.assign(this.world.network.conditions, conditions)
  }

  /** The network as the init has it, with what `weather` changes. */
  resetConditions (weather: Partial<NetworkConditions> = {}): void {
    this.setConditions({ ...GOOD_CONDITIONS, ...conditionsOf(this.world.init), ...weather })
  }

  async converge (options: { quietMs?: number } = {}): Promise<void> {
    await this.repair()
    await this.run(options.quietMs ?? QUIET_MS)

    for (const member of this.members) {
      if (member.life > 0) {
        await this.until(member.report())
      }
    }
  }

  /** Ends everything that is wrong. */
  async repair (): Promise<void> {
    this.note('everything is healed')
    this.heal()
    this.setConditions(GOOD_CONDITIONS)

    for (const member of this.members) {
      member.setOnline(true)

      if (!member.alive && member.life > 0) {
        await this.until(member.restart())
      }
    }
  }

  check (): void {
    const { init } = this.world
    const violations = checkHistory(this.history, init)

    if (violations.length > 0) {
      throw new GuaranteeError(init.seed, violations, formatTrace(this.history, violations[0]))
    }
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    for (const member of this.members) {
      member.crash()
    }

    await this.clock.settle()
  }

  private note (text: string): void {
    this.world.recorder.record({ member: NOBODY, life: 0 }, { type: 'note', channelId: ALL_CHANNELS, text })
  }
}

function defaultApp ({ channel }: SimulationInit): (member: SimulatedMember) => Promise<void> {
  return async (member) => {
    const options = typeof channel === 'function' ? channel(member) : channel

    await member.channels.createChannel(DEFAULT_CHANNEL, { encryption: plaintext(), senderId: `member-${member.index}`, ...options })
    await member.channels.start()
  }
}

function conditionsOf (init: SimulationInit): Partial<NetworkConditions> {
  const names = Object.keys(GOOD_CONDITIONS) as Array<keyof NetworkConditions>

  return Object.fromEntries(names.filter(name => init[name] != null).map(name => [name, init[name]]))
}

function skewOf ({ skew = 0 }: SimulationInit, index: number, random: number): number {
  return typeof skew === 'number' ? Math.round((random * 2 - 1) * skew) : skew[index] ?? 0
}
