import { describe, expect, it } from 'vitest'
import { scenarioOf, simulate } from '../../src/testing/index.js'

/** Seeds that the suite runs; `npm run torture` takes others. */
const SEEDS = 200

/** Seeds in one test. */
const BLOCK = 10

/** The blocks of the campaign whose number leaves `part` when divided by `parts`: files run side by side. */
export function campaign (part: number, parts: number): void {
  describe('campaign', () => {
    for (let first = 1 + part * BLOCK; first <= SEEDS; first += parts * BLOCK) {
      it(`holds the guarantees with seeds ${first} to ${first + BLOCK - 1}`, { timeout: 120_000 }, async () => {
        for (let seed = first; seed < first + BLOCK; seed++) {
          const { sent, received } = await simulate(scenarioOf(seed).init, { maxReplays: 25 })

          expect(sent).to.be.greaterThan(0)
          expect(received).to.be.greaterThan(0)
        }
      })
    }
  })
}
