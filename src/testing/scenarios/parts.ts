import { symmetric } from '../../encryption/index.js'
import { seededRandom } from '../seeded-random.js'
import type { Encryption } from '../../encryption/index.js'
import type { Bounds } from '../checker/types.js'
import type { SeededRandom } from '../seeded-random.js'
import type { SimulationInit } from '../types.js'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** The schedule of a seed: the same seed gives the same one. */
export type Scenario = (seed: number) => SimulationInit

interface Talk {
  members: number[]
  count: number
  from?: number
  until: number
  size?: number
  ephemeral?: boolean
}

/** Members talk at random times, at times two of them at once or one of them twice. */
export function talk (random: SeededRandom, { members, count, from = 1_000, until, size = 32, ephemeral = false }: Talk): NonNullable<SimulationInit['traffic']> {
  return Array.from({ length: count }, (_, i) => {
    const at = from + random.integer(until - from)

    // a third of all messages fall into the same tenth of a second as others
    return { at: i % 3 === 0 ? at - at % 5_000 + random.integer(100) + from % 5_000 : at, member: random.pick(members), size, ephemeral }
  })
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** The defaults of a channel. */
export const BOUNDS: Bounds = { queued: 1_000, inFlight: 64, parked: 32_768, missing: 65_536 }

export function scenario (make: (random: SeededRandom, seed: number) => Omit<SimulationInit, 'seed'>): Scenario {
  return seed => ({ seed, writeMs: 3, bounds: BOUNDS, ...make(seededRandom(`${seed}/scenario`), seed) })
}

const KEY = seededRandom('the key of the channel').bytes(32)

/** Encryption under the key of the channel, with nonces that a replay makes again. */
export function sealed (seed: number, who: number | string): Encryption {
  return symmetric({ key: KEY }, { random: seededRandom(`${seed}/nonces/${who}`) })
}
