import type { Bounds } from './checker/types.js'
import type { Observation } from './history.js'
import type { LiarInit } from './liars/types.js'
import type { NetworkConditions, NetworkCounters } from './network-conditions.js'
import type { ChannelManager, ChannelManagerInit, ChannelOptions } from '../channel/index.js'
import type { Clock } from '../clock.js'
import type { ExchangeInit } from '../exchange/index.js'
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface'

/** Times of a schedule are in ms of virtual time since the simulation began. */
export interface SimulationInit extends Partial<NetworkConditions> {
  /** decides everything: the same init gives the same run */
  seed: number | string
  /** devices, each with its own manager, clock and store */
  members: number
  /**
   * What a member runs at every start, restarts included: it opens channels and starts the manager.
   *
   * @default opens the channel `simulation`, unencrypted, and starts
   */
  app?: (member: SimulatedMember) => Promise<void>
  /** options of the channel that the default `app` opens. @default plaintext(), sender IDs `member-0`, `member-1`, … */
  channel?: Partial<ChannelOptions> | ((member: SimulatedMember) => Partial<ChannelOptions>)
  /** init of every member's manager */
  channels?: ChannelManagerInit
  /**
   * Members find each other, and fetch what they missed straight from each other, over simulated
   * connections: true, or settings of the exchange. @default false
   */
  exchange?: boolean | Omit<ExchangeInit, 'clock' | 'random'>
  /** ms that clocks are wrong by: at most this in either direction, or for each member. @default 0 */
  skew?: number | readonly number[]
  /** ms that a write to a store takes at most. @default 0 */
  writeMs?: number
  /** times at which only the members of a group reach each other */
  partitions?: ReadonlyArray<{ at: number, until: number, groups: number[][] }>
  /** times at which the network is better or worse than usual */
  weather?: ReadonlyArray<{ at: number, until: number } & Partial<NetworkConditions>>
  offline?: ReadonlyArray<{ at: number, until: number, member: number }>
  /** `kill -9`, at a time or in the middle of the `write`-th write after it; started again `downMs` after. @default downMs: 1_000 */
  crashes?: ReadonlyArray<{ at: number, member: number, downMs?: number, write?: number }>
  /** members that are not there from the start */
  joins?: ReadonlyArray<{ at: number, member: number }>
  /** channels closed by their application, and opened again by running it again */
  closes?: ReadonlyArray<{ at: number, until: number, member: number }>
  /** messages, on the first open channel unless another is named. @default size: 32 */
  traffic?: ReadonlyArray<{ at: number, member: number, size?: number, ephemeral?: boolean, channelId?: string, text?: string }>
  /** every member says something at the end, so that all that is there is cited. @default true */
  lastWords?: boolean
  /** insiders that break the protocol; they are not among the members */
  liars?: readonly LiarInit[]
  /** `sds.lostAfterMs` of the channels: nothing may be given up earlier. @default 60_000 */
  lostAfterMs?: number
  /** payloads up to this size travel in one piece. @default 100_000 */
  segmentBytes?: number
  bounds?: Bounds
}

/** A device of a simulation. */
export interface SimulatedMember {
  readonly index: number
  /** its manager; after a restart another one */
  readonly channels: ChannelManager
  readonly peerId: PeerId
  /** the key of `peerId`, for `signed()` */
  readonly privateKey: Ed25519PrivateKey
  /** writes to its store so far, each of a batch counted */
  readonly writes: number
  /** bytes that it has sent over connections, which is mostly what others had missed; 0 without `exchange` */
  readonly served: number
  /** false from a crash to the restart, and before it has joined */
  readonly alive: boolean
  /** `kill -9`: what was being written is kept in part, nothing else happens any more */
  crash (): void
  /** crashes in the middle of the `count`-th write from now */
  crashAtWrite (count: number): void
  /** a new process on the store that survived */
  restart (): Promise<void>
  setOnline (online: boolean): void
}

export interface Simulation extends AsyncDisposable {
  readonly clock: Clock
  readonly members: readonly SimulatedMember[]
  /** what applications did and were told, in order */
  readonly history: readonly Observation[]
  readonly network: NetworkCounters
  /** lets `ms` of virtual time pass, with everything of the schedule that falls into it */
  run (ms: number): Promise<void>
  /** lets time pass until the promise settles, for calls that wait for timers */
  until<T> (promise: Promise<T>): Promise<T>
  partition (groups: number[][]): void
  heal (): void
  /** worse or better network from now on */
  setConditions (conditions: Partial<NetworkConditions>): void
  /** heals everything, restarts who is down, lets `quietMs` pass and reads all logs. @default quietMs: 180_000 */
  converge (options?: { quietMs?: number }): Promise<void>
  /**
   * Checks all that happened so far. That every send has an outcome, that receipts are true and
   * that logs are complete and equal is checked once `converge()` has run.
   *
   * @throws {GuaranteeError} with the seed and the trace
   */
  check (): void
}
