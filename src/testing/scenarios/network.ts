import { plaintext, signed } from '../../encryption/index.js'
import { BOUNDS, HOUR, MINUTE, range, scenario, sealed, talk } from './parts.js'
import type { LiarInit, LiarKind } from '../liars/types.js'
import type { Scenario } from './parts.js'

function withLiar (kind: LiarKind, more: Partial<LiarInit> = {}): Scenario {
  return scenario((random, seed) => ({
    members: 3,
    loss: 0.1,
    reorder: 0.1,
    traffic: [
      // the first that everybody hears is true
      ...range(3).map(member => ({ at: 1_000 + random.integer(5_000), member })),
      ...talk(random, { members: range(3), count: 15, from: 10_000, until: 4 * MINUTE })
    ],
    // what was stored of the lies is read again
    crashes: [{ at: 2 * MINUTE + random.integer(MINUTE), member: 1 }, { at: 4 * MINUTE, member: 2 }],
    channel: ({ index }) => ({ encryption: sealed(seed, index) }),
    liars: [{ kind, encryption: () => sealed(seed, 'liar'), count: 120, ...more }],
    bounds: { ...BOUNDS, storeBytes: 1_000_000 }
  }))
}

/** What goes wrong in the world, by name. Each takes the default `app`, or yours: `{ ...SCENARIOS['30 % loss'](seed), app }`. */
export const SCENARIOS: Record<string, Scenario> = {
  'a good network': scenario(random => ({
    members: 4,
    traffic: talk(random, { members: range(4), count: 30, until: MINUTE })
  })),

  '30 % loss': scenario(random => ({
    members: 4,
    loss: 0.3,
    traffic: talk(random, { members: range(4), count: 25, until: 2 * MINUTE })
  })),

  '50 % loss for a minute': scenario(random => ({
    members: 4,
    weather: [{ at: 20_000, until: 80_000, loss: 0.5 }],
    traffic: talk(random, { members: range(4), count: 25, until: 100_000 })
  })),

  'reordering and duplication': scenario(random => ({
    members: 4,
    reorder: 0.5,
    duplicate: 0.5,
    delay: [1, 1_500],
    traffic: talk(random, { members: range(4), count: 40, until: MINUTE })
  })),

  'a member offline for a day': scenario(random => ({
    members: 3,
    offline: [{ at: 30_000, until: 30_000 + 24 * HOUR, member: 2 }],
    traffic: [
      ...talk(random, { members: range(3), count: 8, until: 20_000 }),
      ...talk(random, { members: [0, 1], count: 10, from: 40_000, until: 24 * HOUR }),
      // the one that is away talks too
      ...talk(random, { members: [2], count: 3, from: HOUR, until: 23 * HOUR })
    ]
  })),

  'all restart at once': scenario(random => ({
    members: 4,
    loss: 0.1,
    crashes: range(4).map(member => ({ at: 30_000 + random.integer(50), member, downMs: 500 + random.integer(5_000) })),
    traffic: talk(random, { members: range(4), count: 30, until: MINUTE })
  })),

  'clocks an hour apart': scenario(random => ({
    members: 4,
    loss: 0.1,
    skew: range(4).map(() => Math.round((random.float() - 0.5) * HOUR)),
    traffic: talk(random, { members: range(4), count: 30, until: 2 * MINUTE })
  })),

  'a partition of three and two': scenario(random => ({
    members: 5,
    partitions: [{ at: 20_000, until: 50_000, groups: [[0, 1, 2], [3, 4]] }],
    traffic: talk(random, { members: range(5), count: 30, until: 70_000 })
  })),

  'crashes in the middle of writes': scenario(random => ({
    members: 3,
    loss: 0.05,
    crashes: range(8).map(i => ({ at: 3_000 + i * 10_000, member: i % 3, downMs: 6_000, write: 1 + random.integer(12) })),
    traffic: talk(random, { members: range(3), count: 100, until: 90_000 })
  })),

  'crashes at any time': scenario(random => ({
    members: 4,
    loss: 0.1,
    writeMs: 20,
    crashes: Array.from({ length: 8 }, () => ({ at: 5_000 + random.integer(90_000), member: random.integer(4), downMs: 100 + random.integer(10_000) })),
    traffic: talk(random, { members: range(4), count: 30, until: 100_000 })
  })),

  'a newcomer': scenario(random => ({
    members: 4,
    loss: 0.1,
    joins: [{ at: 40_000, member: 3 }],
    traffic: [
      ...talk(random, { members: range(3), count: 15, until: 40_000 }),
      ...talk(random, { members: range(4), count: 15, from: 40_000, until: 90_000 })
    ]
  })),

  'closed and opened again': scenario(random => {
    const traffic = talk(random, { members: range(4), count: 30, until: 80_000 })

    return {
      members: 4,
      loss: 0.1,
      writeMs: 40,
      traffic,
      // while something is under way
      closes: traffic.filter((_, i) => i % 4 === 0).map(({ at }) => {
        const closedAt = at + random.integer(150)

        return { at: closedAt, until: closedAt + 500 + random.integer(10_000), member: random.integer(4) }
      })
    }
  }),

  'messages of many segments': scenario(random => ({
    members: 3,
    loss: 0.15,
    reorder: 0.2,
    segmentBytes: 896,
    channel: { encryption: plaintext(), segmentation: { segmentSizeBytes: 1_024, parityRate: random.pick([0, 0.125, 0.5]) } },
    crashes: [{ at: 30_000, member: random.integer(3) }],
    traffic: range(10).map(i => ({ at: 1_000 + random.integer(60_000), member: i % 3, size: 1 + random.integer(12_000) }))
  })),

  'a rate limit': scenario(random => ({
    members: 3,
    loss: 0.1,
    channel: { encryption: plaintext(), rateLimit: { enabled: true, epochPeriodSec: 20, messagesPerEpoch: 10 } },
    crashes: [{ at: 25_000, member: 0 }],
    traffic: talk(random, { members: range(3), count: 40, until: 40_000 })
  })),

  'ephemeral messages in between': scenario(random => ({
    members: 3,
    loss: 0.1,
    duplicate: 0.3,
    traffic: [
      ...talk(random, { members: range(3), count: 15, until: MINUTE }),
      ...talk(random, { members: range(3), count: 15, until: MINUTE, ephemeral: true })
    ]
  })),

  'a network that refuses': scenario(random => ({
    members: 3,
    refuse: 0.4,
    offline: [{ at: 20_000, until: 50_000, member: 0 }, { at: 30_000, until: 50_000, member: 1 }, { at: 30_000, until: 50_000, member: 2 }],
    traffic: talk(random, { members: range(3), count: 25, until: 70_000 })
  })),

  'signed messages': scenario((random, seed) => ({
    members: 3,
    loss: 0.2,
    channel: member => ({ encryption: signed(sealed(seed, member.index), { privateKey: member.privateKey }), senderId: member.peerId.toString() }),
    liars: [{ kind: 'sender', encryption: privateKey => signed(sealed(seed, 'liar'), { privateKey }), count: 100 }],
    traffic: talk(random, { members: range(3), count: 15, until: 2 * MINUTE })
  })),

  'a network that swallows everything for a while': scenario(random => ({
    members: 3,
    weather: [{ at: 20_000, until: 20_000 + 4 * MINUTE, loss: 1 }],
    traffic: [
      ...talk(random, { members: range(3), count: 10, until: 20_000 }),
      ...talk(random, { members: range(3), count: 10, from: 20_000, until: 5 * MINUTE })
    ]
  })),

  'everything at once': scenario(random => ({
    members: 5,
    loss: random.float() * 0.4,
    duplicate: random.float() * 0.5,
    reorder: random.float() * 0.5,
    delay: [1, 1 + random.integer(800)],
    refuse: random.float() * 0.2,
    skew: random.integer(10 * MINUTE),
    writeMs: random.integer(30),
    partitions: [{ at: 30_000, until: 30_000 + random.integer(40_000), groups: [random.shuffle(range(5)).slice(0, 2)] }],
    offline: [{ at: random.integer(60_000), until: 60_000 + random.integer(60_000), member: 4 }],
    crashes: Array.from({ length: 4 }, () => ({ at: 5_000 + random.integer(100_000), member: random.integer(5), downMs: 100 + random.integer(20_000) })),
    joins: [{ at: 20_000 + random.integer(40_000), member: 3 }],
    closes: [{ at: 70_000, until: 70_000 + random.integer(20_000), member: 0 }],
    traffic: [
      ...talk(random, { members: range(5), count: 30, until: 2 * MINUTE }),
      ...talk(random, { members: range(5), count: 5, until: 2 * MINUTE, ephemeral: true })
    ]
  })),

  'a liar about clocks': withLiar('clock'),
  'a liar about filters': withLiar('filter'),
  'a liar about repairs': withLiar('repair'),
  'a liar with garbage': withLiar('garbage', { everyMs: 500, count: 400 }),
  'a liar that replays': withLiar('replay', { everyMs: 1_000, count: 300 }),
  'a liar about citations': withLiar('citation', { count: 60 })
}
