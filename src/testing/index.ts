/**
 * What applications test themselves with, and what the library breaks itself with: a clock that
 * moves when it is told to, a messaging layer in memory, and a network of simulated members
 * that loses, repeats, reorders, partitions and crashes by seed.
 *
 * @example
 *
 * ```ts
 * const simulation = await createSimulation({
 *   seed: 7,
 *   members: 3,
 *   loss: 0.3,
 *   app: async (member) => {
 *     await member.channels.createChannel('cats', { encryption: plaintext() })
 *     await member.channels.start()
 *   }
 * })
 *
 * await simulation.members[0].channels.send('cats', new TextEncoder().encode('hi'))
 * await simulation.run(60_000)
 * await simulation.converge()
 * simulation.check()
 * ```
 */

import { SimulationRun } from './simulation.js'
import type { Simulation, SimulationInit } from './types.js'

export { checkHistory } from './checker/index.js'
export { CrashableDatastore } from './crashable-datastore.js'
export { createFakeMessaging } from './fake-messaging.js'
export { GuaranteeError } from './errors.js'
export { EXCHANGE_SCENARIOS, LARGE_SCENARIOS, scenarioOf, SCENARIOS } from './scenarios/index.js'
export { seededRandom } from './seeded-random.js'
export { shorten } from './shorten.js'
export { simulate } from './simulate.js'
export { SimulatedClock } from './simulated-clock.js'
export { SimulatedNetwork } from './simulated-network.js'
export type { Bounds, CheckOptions, Guarantee, Violation } from './checker/types.js'
export type { CrashableDatastoreInit } from './crashable-datastore.js'
export type { FakeMessaging, FakeMessagingInit } from './fake-messaging.js'
export type { LogLine, Observation } from './history.js'
export type { ExchangeLiarKind, LiarInit, LiarKind } from './liars/types.js'
export type { Scenario } from './scenarios/index.js'
export type { SeededRandom } from './seeded-random.js'
export type { SimulatedMessaging } from './simulated-messaging.js'
export type { NetworkConditions, NetworkCounters } from './network-conditions.js'
export type { SimulatedMember, Simulation, SimulationInit } from './types.js'
export type { SimulationReport } from './simulate.js'

/** Starts the members, one after another, at the beginning of virtual time. */
export async function createSimulation (init: SimulationInit): Promise<Simulation> {
  return await SimulationRun.start(init)
}
