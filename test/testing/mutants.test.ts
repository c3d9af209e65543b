import { afterEach, describe, expect, it } from 'vitest'
import { GuaranteeError, scenarioOf, simulate } from '../../src/testing/index.js'
import { MUTANTS } from './mutants.js'

/** A fault must show within as many. */
const SEEDS = 50

describe('the checker checks', () => {
  let restore = (): void => {}

  afterEach(() => { restore() })

  for (const mutant of MUTANTS) {
    it(`finds out when ${mutant.name}`, { timeout: 120_000 }, async () => {
      let found: unknown

      restore = mutant.install()

      for (let seed = 1; seed <= SEEDS && found == null; seed++) {
        found = await simulate(scenarioOf(seed).init, { maxReplays: 0 }).then(() => undefined, (err: unknown) => err)
      }

      expect(found).to.be.instanceOf(GuaranteeError)
    })
  }
})
