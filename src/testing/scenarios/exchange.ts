import { plaintext } from '../../encryption/index.js'
import { HISTORY_MEMBERS } from '../../exchange/history/history.js'
import { BOUNDS, HOUR, MINUTE, range, scenario, sealed, talk } from './parts.js'
import type { ExchangeLiarKind } from '../liars/types.js'
import type { Scenario } from './parts.js'

/** ms between two comparisons of logs, where what is left alone is to be complete in minutes. */
const OFTEN = 20_000

const WHOLE = { history: { join: 'full' } } as const

function withLiar (kind: ExchangeLiarKind): Scenario {
  return scenario((random, seed) => ({
    members: 4,
    exchange: { reconcileIntervalMs: OFTEN },
    loss: 0.3,
    offline: [{ at: 50_000, until: 2 * MINUTE, member: 3 }],
    crashes: [{ at: 2 * MINUTE + random.integer(MINUTE), member: random.integer(4) }],
    channel: ({ index }) => ({ encryption: sealed(seed, index), ...WHOLE }),
    liars: [{ kind, encryption: () => sealed(seed, 'liar'), at: 10_000, everyMs: 4_000, count: 60 }],
    bounds: { ...BOUNDS, storeBytes: 1_000_000 },
    traffic: talk(random, { members: range(4), count: 30, until: 3 * MINUTE })
  }))
}

/**
 * Only the one fetching of the past can bring it what was before: logs are not compared afterwards.
 * It asks three for their logs, one of which has to be whole. That of a liar is no more than what it
 * heard: where three lie, nothing may be lost on the way.
 */
function newcomerAmong (kinds: ExchangeLiarKind[]): Scenario {
  return scenario((random, seed) => ({
    members: 6,
    exchange: { reconcileIntervalMs: 0 },
    loss: kinds.length < HISTORY_MEMBERS ? 0.1 : 0,
    joins: [2, 3, 4].map((minute, i) => ({ at: minute * MINUTE, member: 3 + i })),
    channel: ({ index }) => ({ encryption: sealed(seed, index), ...WHOLE }),
    liars: kinds.map((kind, i) => ({ kind, encryption: () => sealed(seed, `liar/${i}`), count: 1 })),
    bounds: { ...BOUNDS, storeBytes: 1_000_000 },
    traffic: [
      ...talk(random, { members: range(3), count: 60, until: 110_000 }),
      ...talk(random, { members: range(6), count: 15, from: 2 * MINUTE, until: 5 * MINUTE })
    ]
  }))
}

/** What only members can do that fetch what they missed straight from each other. */
export const EXCHANGE_SCENARIOS: Record<string, Scenario> = {
  'a partition heals in silence': scenario((random, seed) => ({
    members: 5,
    exchange: { reconcileIntervalMs: MINUTE },
    loss: 0.1,
    partitions: [{ at: 20_000, until: 40 * MINUTE, groups: [[0, 1, 2], [3, 4]] }],
    channel: ({ index }) => ({ encryption: sealed(seed, index), history: { join: 'none' } }),
    // only comparing logs can bring what was missed: sync messages have long fallen silent, and nothing that is said later cites what was said apart
    lastWords: false,
    traffic: talk(random, { members: range(5), count: 40, until: 2 * MINUTE })
  })),

  'a newcomer among liars in their logs': newcomerAmong(['log', 'log']),
  'a newcomer among liars that serve': newcomerAmong(['server', 'server', 'server']),

  'segments from several members': scenario((random, seed) => {
    // drawn once: a replay must not draw again
    const rates = range(5).map(() => random.pick([0, 0.125]))

    return {
      members: 5,
      exchange: { reconcileIntervalMs: MINUTE },
      loss: 0.05,
      segmentBytes: 16_000,
      // in turn: what a set in the making lacks, what a comparison of logs shows, what a newcomer has listed
      weather: [{ at: 15_000, until: MINUTE, loss: 0.4 }],
      offline: [{ at: 10_000, until: 2 * MINUTE, member: 4 }],
      joins: [{ at: 90_000, member: 3 }],
      crashes: [{ at: 90_000 + random.integer(40_000), member: random.integer(5) }],
      channel: ({ index }) => ({ encryption: sealed(seed, index), segmentation: { segmentSizeBytes: 16_384, parityRate: rates[index] }, ...WHOLE }),
      // one of those who are tried serves something else
      liars: random.chance(0.5) ? [{ kind: 'server', encryption: () => sealed(seed, 'liar'), count: 1 }] : [],
      bounds: { ...BOUNDS, storeBytes: 4_000_000 },
      traffic: [
        ...talk(random, { members: range(3), count: 5, until: 10_000 }),
        ...talk(random, { members: range(3), count: 2, from: 15_000, until: MINUTE, size: 300_000 + random.integer(300_000) })
      ]
    }
  }),

  'a liar in its log': withLiar('log'),
  'a liar that serves': withLiar('server'),
  'a liar on streams': withLiar('stream'),

  'back after a day': scenario(random => ({
    members: 3,
    // the comparison when it comes back must do
    exchange: { reconcileIntervalMs: HOUR },
    loss: 0.05,
    offline: [{ at: MINUTE, until: MINUTE + 24 * HOUR, member: 2 }],
    channel: { encryption: plaintext(), ...WHOLE },
    lastWords: random.chance(0.5),
    traffic: [
      ...talk(random, { members: range(3), count: 10, until: 50_000 }),
      ...talk(random, { members: range(2), count: 60, from: 2 * MINUTE, until: 23 * HOUR })
    ]
  }))
}
