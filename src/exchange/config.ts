import { InvalidParametersError } from '@libp2p/interface'
import { FairPolicy } from './ledger/fair-policy.js'
import { systemClock, systemRandom } from '../clock.js'
import type { ExchangePolicy } from './ledger/policy.js'
import type { Clock, Random } from '../clock.js'

/** Settings of the exchange. Times in milliseconds. */
export interface ExchangeInit {
  /** another one keeps networks apart. @default '/holdfast/exchange/1.0.0' */
  protocol?: string
  /** wait for gossip before a gap is asked for. @default 500 */
  graceMs?: number
  /** least time that a peer has to answer. @default 2_000 */
  minDeadlineMs?: number
  /** most time that a peer has to answer. @default 30_000 */
  maxDeadlineMs?: number
  /** to reach a peer and prove the channel to each other. @default 10_000 */
  connectTimeoutMs?: number
  /** rounds in which every candidate is asked, before a message is given up. @default 5 */
  maxRounds?: number
  /** pause after the first round; it doubles, up to 30 s. @default 1_000 */
  retryMs?: number
  /** messages that one channel asks for at once; beyond that they are refused as unavailable. @default 10_000 */
  maxWants?: number
  /** blocks that one peer is asked for at once. @default 2_048 */
  maxInFlight?: number
  /** bytes that one peer is asked for at once. @default 4_194_304 */
  windowBytes?: number
  /** bytes delivered and not yet checked, before reading pauses. @default 4_194_304 */
  maxUncheckedBytes?: number
  /** peers that are served at once. @default 10 */
  workers?: number
  /** wants that are kept for one peer and channel. @default 4_096 */
  maxWantsPerPeer?: number
  /** log entries that one peer may have listed or compared in a second. @default 50_000 */
  entriesPerSecond?: number
  /** what two or more peers that ask share; a single one is not held back. @default 16_777_216 */
  uploadBytesPerSecond?: number
  /** who is served how much. @default the fair policy, with `uploadBytesPerSecond` */
  policy?: ExchangePolicy
  /** peers that are remembered in the ledger. @default 1_024 */
  maxLedgerPeers?: number
  /** how long a peer that served bad data stays out of the exchange of that channel. @default 3_600_000 */
  banMs?: number
  /** streams in each direction. @default 256 */
  maxStreams?: number
  /** mean time between two comparisons of the log with a random member; 0: never. @default 180_000 */
  reconcileIntervalMs?: number
  clock?: Clock
  random?: Random
}

export type ExchangeConfig = Required<Omit<ExchangeInit, 'protocol'>>

/** What the asking engine needs of it. */
export type AskerConfig = Pick<ExchangeConfig, 'graceMs' | 'minDeadlineMs' | 'maxDeadlineMs' | 'connectTimeoutMs' | 'maxRounds' | 'retryMs' | 'maxWants' | 'maxInFlight' | 'windowBytes' | 'maxUncheckedBytes'>

/** What the serving engine needs of it. */
export type ServerConfig = Pick<ExchangeConfig, 'workers' | 'maxWantsPerPeer' | 'entriesPerSecond'>

const NUMBERS = {
  graceMs: 500,
  minDeadlineMs: 2_000,
  maxDeadlineMs: 30_000,
  connectTimeoutMs: 10_000,
  maxRounds: 5,
  retryMs: 1_000,
  maxWants: 10_000,
  maxInFlight: 2_048,
  windowBytes: 4 * 1024 * 1024,
  maxUncheckedBytes: 4 * 1024 * 1024,
  workers: 10,
  maxWantsPerPeer: 4_096,
  entriesPerSecond: 50_000,
  uploadBytesPerSecond: 16 * 1024 * 1024,
  maxLedgerPeers: 1_024,
  banMs: 3_600_000,
  maxStreams: 256,
  reconcileIntervalMs: 180_000
}

/** These may be 0. */
const FROM_ZERO = new Set(['graceMs', 'reconcileIntervalMs'])

/** @throws {InvalidParametersError} a setting that is not a whole number in its range */
export function exchangeConfig (init: ExchangeInit): ExchangeConfig {
  const numbers = { ...NUMBERS }

  for (const name of Object.keys(NUMBERS) as Array<keyof typeof NUMBERS>) {
    const value = init[name] ?? NUMBERS[name]
    const least = FROM_ZERO.has(name) ? 0 : 1

    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidParametersError(`${name} must be a whole number of at least ${least}, not ${value}`)
    }

    numbers[name] = value
  }

  if (numbers.maxDeadlineMs < numbers.minDeadlineMs) {
    throw new InvalidParametersError(`maxDeadlineMs of ${numbers.maxDeadlineMs} is below minDeadlineMs of ${numbers.minDeadlineMs}`)
  }

  return {
    ...numbers,
    policy: init.policy ?? new FairPolicy({ uploadBytesPerSecond: numbers.uploadBytesPerSecond }),
    clock: init.clock ?? systemClock,
    random: init.random ?? systemRandom
  }
}
