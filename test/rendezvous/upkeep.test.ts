import { InvalidParametersError } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { Upkeep } from '../../src/rendezvous/client/upkeep.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { createPeer } from './fixtures.js'

it('keeps 1 000 namespaces, and refuses more', async () => {
  const upkeep = new Upkeep({ clock: new SimulatedClock(), random: seededRandom(1), register: async () => 7_200 })

  for (let i = 0; i < 1_000; i++) {
    await upkeep.add(`n${i}`, 7_200, [])
  }

  await expect(upkeep.add('one more', 7_200, [])).rejects.toThrow(InvalidParametersError)
  await upkeep.add('n0', 7_200, [])
  await upkeep.remove('n0')
  await upkeep.add('one more', 7_200, [])
})

it('begins with the short delay again once a registration got through', async () => {
  const clock = new SimulatedClock()
  const { id } = await createPeer(1)
  const attempts: number[] = []
  let isDown = true
  const upkeep = new Upkeep({
    clock,
    random: seededRandom(1),
    register: async () => {
      attempts.push(clock.now())

      if (isDown) {
        throw new Error('down')
      }

      return 60
    }
  })
  upkeep.start()
  await upkeep.add('foo', 60, [id])
  await clock.advance(600_000)
  isDown = false
  await clock.advance(600_000)
  isDown = true
  attempts.length = 0
  await clock.advance(60_000)
  upkeep.stop()

  // half the first delay to one and a half of it
  expect(attempts[1] - attempts[0]).toBeLessThanOrEqual(1_500)
})
