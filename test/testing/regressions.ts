import { plaintext } from '../../src/encryption/index.js'
import { EXCHANGE_SCENARIOS, SCENARIOS } from '../../src/testing/index.js'
import type { SimulationInit } from '../../src/testing/index.js'

/** Simulations that broke a guarantee once, as short as they could be made. */
export const REGRESSIONS: Record<string, SimulationInit> = {
  'G3: a message that had been reported lost came without late, being emitted before SDS had released it': SCENARIOS['a rate limit'](13),

  'G3: a set whose first segment was made up for by parity came before its causes': {
    seed: 12,
    members: 3,
    writeMs: 3,
    loss: 0.15,
    reorder: 0.2,
    segmentBytes: 896,
    channel: { encryption: plaintext(), segmentation: { segmentSizeBytes: 1_024, parityRate: 0.5 } },
    traffic: [
      { at: 14_403, member: 0, size: 9_066 },
      { at: 24_081, member: 1, size: 5_266 },
      { at: 24_937, member: 0, size: 9_151 },
      { at: 28_102, member: 2, size: 6_440 }
    ]
  },

  'G3: a message that parity brought first stood at the beginning of the log, without a Lamport timestamp': {
    seed: 12,
    members: 3,
    segmentBytes: 896,
    channel: { encryption: plaintext(), segmentation: { segmentSizeBytes: 1_024, parityRate: 0.125 } },
    traffic: [{ at: 1_000, member: 0 }, { at: 1_200, member: 1 }, { at: 1_400, member: 2 }]
  },

  'G3: a message came before its causes, which were parked behind a set whose last parity segment was not needed': {
    seed: 1312,
    members: 3,
    writeMs: 3,
    loss: 0.15,
    reorder: 0.2,
    segmentBytes: 896,
    channel: { encryption: plaintext(), segmentation: { segmentSizeBytes: 1_024, parityRate: 0.125 } },
    traffic: [
      { at: 50_797, member: 0, size: 3_689 },
      { at: 24_683, member: 1, size: 4_126 },
      { at: 51_148, member: 2, size: 3_954 },
      { at: 20_312, member: 0, size: 9_566 },
      { at: 25_904, member: 1, size: 10_330 },
      { at: 29_886, member: 0, size: 2_581 },
      { at: 30_393, member: 1, size: 3_224 },
      { at: 17_821, member: 2, size: 1_652 }
    ]
  },

  'G6: the store of a member that had only listened could not be read after its third restart': {
    seed: 384,
    members: 3,
    loss: 0.1,
    crashes: [25_460, 67_277, 78_304, 85_839].map(at => ({ at, member: 2, downMs: 700 })),
    traffic: [2_425, 46_931, 66_040, 71_027, 80_000, 88_000].map((at, i) => ({ at, member: i % 2 }))
  },

  'convergence: a member that was asked for one message and sent another, which was known, was taken at its word': EXCHANGE_SCENARIOS['a newcomer among liars that serve'](5),

  'G3: a set that parity had completed came before its cause, which was still being put together': {
    seed: 1,
    members: 3,
    loss: 0.05,
    segmentBytes: 16_000,
    channel: ({ index }) => ({ encryption: plaintext(), segmentation: { segmentSizeBytes: 16_384, parityRate: index === 2 ? 0 : 0.125 } }),
    traffic: [{ at: 15_001, member: 2, size: 493_275 }, { at: 21_346, member: 1, size: 493_275 }]
  }
}
