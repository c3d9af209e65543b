import { InvalidParametersError } from '@libp2p/interface'
import { systemClock, systemRandom } from '../clock.js'
import type { Clock, Random } from '../clock.js'

/** How discovery behaves. Times in ms. */
export interface DiscoveryOptions {
  /** random walkers over peers, from 0 @default 2 */
  walkers?: number
  /** members of each channel to stay connected with @default 6 */
  targetMembers?: number
  /** entries of the address book @default 5_000 */
  maxPeers?: number
  /** new peers that one source may bring into the address book in an hour @default 32 */
  maxNewPerSource?: number
  /** sessions answered at once @default 8 */
  maxAcceptedSessions?: number
  /** the longest that a session may take @default 10_000 */
  sessionMs?: number
  /** between two sessions with one peer @default 5_000 */
  cooldownMs?: number
  /** the longest pause of a walker that learns nothing @default 30_000 */
  maxBackoffMs?: number
  /** let ourselves be named to peers that share no topic with us; for bootstrap nodes @default false */
  introducer?: boolean
  clock?: Clock
  random?: Random
}

export type DiscoveryConfig = Required<DiscoveryOptions>

const DEFAULTS: DiscoveryConfig = {
  walkers: 2,
  targetMembers: 6,
  maxPeers: 5000,
  maxNewPerSource: 32,
  maxAcceptedSessions: 8,
  sessionMs: 10_000,
  cooldownMs: 5000,
  maxBackoffMs: 30_000,
  introducer: false,
  clock: systemClock,
  random: systemRandom
}

/** Least and most of each number. */
const RANGES = {
  walkers: [0, 64],
  targetMembers: [0, 1000],
  maxPeers: [1, 1_000_000],
  maxNewPerSource: [1, 1_000_000],
  maxAcceptedSessions: [1, 1000],
  sessionMs: [100, 600_000],
  cooldownMs: [0, 3_600_000],
  maxBackoffMs: [1000, 3_600_000]
} as const

/** @throws {InvalidParametersError} */
export function createConfig (options: DiscoveryOptions): DiscoveryConfig {
  const config = { ...DEFAULTS }

  for (const [name, value] of Object.entries(options)) {
    if (name in DEFAULTS && value != null) {
      Object.assign(config, { [name]: value })
    }
  }

  for (const [name, [min, max]] of Object.entries(RANGES)) {
    const value = config[name as keyof typeof RANGES]

    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidParametersError(`${name} must be a whole number from ${min} to ${max}, not ${value}`)
    }
  }

  return config
}
