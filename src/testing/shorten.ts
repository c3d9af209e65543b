import { GuaranteeError } from './errors.js'
import type { SimulationInit } from './types.js'

/** Replays that shortening may take when nothing is said. */
const DEFAULT_REPLAYS = 60

/** The lists of an init that make up its schedule. */
const LISTS = ['partitions', 'weather', 'offline', 'crashes', 'closes', 'liars', 'joins', 'traffic'] as const

/** What can be set to nothing as a whole. */
const FLAWS = ['skew', 'loss', 'duplicate', 'reorder', 'refuse', 'writeMs'] as const

/**
 * The smallest init found that still breaks the same guarantee: fewer flaws of the network, fewer
 * entries in the schedule (delta debugging), fewer members.
 *
 * @param replay runs an init to its check, and rejects with what that throws
 */
export async function shorten (init: SimulationInit, broken: GuaranteeError, replay: (init: SimulationInit) => Promise<unknown>, options: { maxReplays?: number } = {}): Promise<{ init: SimulationInit, error: GuaranteeError }> {
  const { guarantee } = broken.violations[0]
  let left = options.maxReplays ?? DEFAULT_REPLAYS
  let best = { init, error: broken }

  /** takes `candidate` over if it breaks the guarantee too */
  const attempt = async (candidate: SimulationInit): Promise<boolean> => {
    if (left-- <= 0) {
      return false
    }

    const error = await replay(candidate).then(() => undefined, (err: unknown) => err)

    if (!(error instanceof GuaranteeError) || error.violations[0].guarantee !== guarantee) {
      return false
    }

    best = { init: candidate, error }

    return true
  }

  for (const flaw of FLAWS) {
    if (best.init[flaw] != null && best.init[flaw] !== 0) {
      await attempt({ ...best.init, [flaw]: 0 })
    }
  }

  if (best.init.exchange != null && best.init.exchange !== false) {
    await attempt({ ...best.init, exchange: false })
  }

  for (const list of LISTS) {
    const entries: readonly unknown[] = best.init[list] ?? []

    if (entries.length > 0 && !await attempt({ ...best.init, [list]: [] })) {
      await reduce(entries, async kept => await attempt({ ...best.init, [list]: kept }))
    }
  }

  while (best.init.members > 2 && await attempt(withoutLast(best.init))) {
    // one less each time
  }

  return best
}

/** Delta debugging: drops halves, then quarters, and so on down to single entries, while it still fails. */
async function reduce<T> (entries: readonly T[], fails: (kept: readonly T[]) => Promise<boolean>): Promise<void> {
  let kept = entries

  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length && kept.length > 1;) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + size)]

      if (fewer.length > 0 && await fails(fewer)) {
        kept = fewer
      } else {
        start += size
      }
    }
  }
}

/** The last member never existed. */
function withoutLast (init: SimulationInit): SimulationInit {
  const last = init.members - 1
  const others = <T extends { member: number }> (list?: readonly T[]): T[] | undefined => list?.filter(entry => entry.member !== last)

  return {
    ...init,
    members: last,
    partitions: init.partitions?.map(({ groups, ...rest }) => ({ ...rest, groups: groups.map(group => group.filter(member => member !== last)) })),
    offline: others(init.offline),
    crashes: others(init.crashes),
    joins: others(init.joins),
    closes: others(init.closes),
    traffic: others(init.traffic)
  }
}
