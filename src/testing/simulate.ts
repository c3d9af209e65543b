import { fromString } from 'uint8arrays/from-string'
import { GuaranteeError } from './errors.js'
import { say } from './schedule.js'
import { shorten } from './shorten.js'
import { SimulationRun } from './simulation.js'
import type { SimulationInit } from './types.js'
import type { NetworkCounters } from './network-conditions.js'

/** Between the end of the schedule and the last round of messages, in ms. */
const RECOVERY_MS = 30_000

/** What a run came to. */
export interface SimulationReport {
  /** virtual ms */
  durationMs: number
  sent: number
  received: number
  /** messages reported as lost, by all members together */
  lost: number
  network: NetworkCounters
}

/**
 * Runs the schedule of `init` to its end, heals everything, lets every member say a last word, so
 * that all logs are cited, and checks.
 *
 * @param options.maxReplays - replays to find a shorter schedule that fails likewise; 0: none
 * @throws {GuaranteeError} shortened as far as the replays allow; its `cause` is the init that fails
 */
export async function simulate (init: SimulationInit, options: { maxReplays?: number } = {}): Promise<SimulationReport> {
  try {
    return await runToEnd(init)
  } catch (err) {
    if (!(err instanceof GuaranteeError) || options.maxReplays === 0) {
      throw err
    }

    const shortest = await shorten(init, err, runToEnd, options)
    const { seed, violations, trace } = shortest.error

    throw new GuaranteeError(seed, violations, [...trace, `replay with { ...init, ${changes(init, shortest.init)} }`], { cause: shortest.init })
  }
}

/** What shortening has changed. The rest is as it was given: it may hold functions, which cannot be printed. */
function changes (before: SimulationInit, after: SimulationInit): string {
  return Object.entries(after)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof SimulationInit]))
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ')
}

async function runToEnd (init: SimulationInit): Promise<SimulationReport> {
  await using run = await SimulationRun.start(init)

  await run.run(endOf(init) + 1)
  await run.repair()
  await run.run(RECOVERY_MS)

  for (const { index } of init.lastWords === false ? [] : run.members) {
    say(run, index, fromString(`last word of ${index}`))
    await run.run(200)
  }

  await run.converge()
  run.check()

  const count = (type: string): number => run.history.filter(seen => seen.type === type).length

  return {
    durationMs: run.clock.now() - run.history[0].at,
    sent: count('staged'),
    received: count('received'),
    lost: count('lost'),
    network: { ...run.network }
  }
}

/** When the last thing of the schedule happens. */
function endOf ({ partitions = [], weather = [], offline = [], crashes = [], joins = [], closes = [], traffic = [] }: SimulationInit): number {
  const times = [...partitions, ...weather, ...offline, ...closes].map(({ until }) => until)

  return Math.max(0, ...times, ...crashes.map(({ at, downMs = 1_000 }) => at + downMs), ...joins.map(({ at }) => at), ...traffic.map(({ at }) => at))
}
