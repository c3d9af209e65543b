import { expect, it } from 'vitest'
import { createSimulation, simulate } from '../../src/testing/index.js'
import type { SimulationInit } from '../../src/testing/index.js'

const SHORT_RUN: SimulationInit = {
  seed: 'every write',
  members: 2,
  writeMs: 2,
  traffic: [
    { at: 1_000, member: 0 },
    { at: 1_500, member: 1 },
    { at: 2_000, member: 0, size: 200_000 },
    { at: 2_500, member: 1, size: 150_000 }
  ]
}

it('holds the guarantees when a member crashes in the middle of any write of a short run', { timeout: 120_000 }, async () => {
  await using whole = await createSimulation(SHORT_RUN)

  await whole.run(20_000)
  const { writes } = whole.members[0]

  expect(writes).to.be.greaterThan(15)

  for (let write = 1; write <= writes; write++) {
    await simulate({ ...SHORT_RUN, crashes: [{ at: 0, member: 0, write, downMs: 15_000 }] }, { maxReplays: 20 })
  }
})
