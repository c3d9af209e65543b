import { EXCHANGE_SCENARIOS } from './exchange.js'
import { SCENARIOS } from './network.js'
import { range, scenario, talk } from './parts.js'
import type { Scenario } from './parts.js'
import type { SimulationInit } from '../types.js'

export { EXCHANGE_SCENARIOS } from './exchange.js'
export { SCENARIOS } from './network.js'
export type { Scenario } from './parts.js'

/** Costly: run for one seed in many. */
export const LARGE_SCENARIOS: Record<string, Scenario> = {
  '100 members': scenario(random => ({
    members: 100,
    loss: 0.05,
    traffic: talk(random, { members: range(100), count: 20, until: 20_000 })
  }))
}

/** {@link SCENARIOS}, where what was missed comes straight from the others. */
const WITH_EXCHANGE = Object.fromEntries(Object.entries(SCENARIOS).map(([name, make]): [string, Scenario] => [`${name}, with the exchange`, seed => ({ ...make(seed), exchange: true })]))

/**
 * Which scenario a seed of the campaign runs: each in turn, those that are about the exchange for
 * every 4th seed, the others with the exchange for every 8th, and a large one for every 50th.
 */
export function scenarioOf (seed: number): { name: string, init: SimulationInit } {
  if (seed % 50 === 0) {
    return turn(LARGE_SCENARIOS, seed)
  } else if (seed % 4 === 0) {
    return turn(EXCHANGE_SCENARIOS, seed, seed / 4)
  } else if (seed % 8 === 6) {
    return turn(WITH_EXCHANGE, seed, Math.floor(seed / 8))
  }

  return turn(SCENARIOS, seed)
}

function turn (scenarios: Record<string, Scenario>, seed: number, number = seed): { name: string, init: SimulationInit } {
  const names = Object.keys(scenarios)
  const name = names[number % names.length]

  return { name, init: scenarios[name](seed) }
}
