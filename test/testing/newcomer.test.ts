import { describe, expect, it } from 'vitest'
import { createSimulation } from '../../src/testing/index.js'
import type { SimulationInit } from '../../src/testing/index.js'

describe('G8: a newcomer gets the first live message at once', () => {
  const conversation: SimulationInit = {
    seed: 93,
    members: 5,
    delay: [1, 179],
    joins: [{ at: 46_766, member: 3 }],
    traffic: [{ at: 15_319, member: 4 }, { at: 26_020, member: 2 }, { at: 56_785, member: 0 }]
  }

  for (const [clocks, skew] of Object.entries({ right: 0, 'ten minutes apart': 592_545 })) {
    it(`with clocks that are ${clocks}`, async () => {
      await using simulation = await createSimulation({ ...conversation, skew })

      await simulation.run(56_785)
      expect(simulation.history.filter(seen => seen.member === 3 && seen.type === 'received')).to.deep.equal([])

      // the way there and a write; nothing of what came before is asked for
      await simulation.run(250)
      expect(simulation.history.filter(seen => seen.member === 3 && seen.type === 'received')).to.have.length(1)

      await simulation.converge()
      simulation.check()
      expect(simulation.history.filter(seen => seen.member === 3 && seen.type === 'lost')).to.deep.equal([])
    })
  }

  it('with a clock that is minutes behind all others, and an old message first', async () => {
    await using simulation = await createSimulation({
      seed: 1,
      members: 5,
      loss: 0.315,
      duplicate: 0.418,
      reorder: 0.25,
      delay: [1, 641],
      skew: [200_000, 201_000, 199_000, 0, 200_500],
      partitions: [{ at: 30_000, until: 50_787, groups: [[3, 1]] }],
      offline: [{ at: 3_321, until: 111_724, member: 4 }],
      joins: [{ at: 35_000, member: 3 }],
      traffic: [{ at: 8_186, member: 1 }, { at: 20_092, member: 1 }, { at: 27_689, member: 1 }, { at: 62_682, member: 2 }]
    })

    await simulation.run(80_000)
    await simulation.converge()
    simulation.check()
    expect(simulation.history.filter(seen => seen.member === 3 && seen.type === 'received')).not.to.deep.equal([])
  })
})
