import { afterEach, describe, expect, it } from 'vitest'
import { GuaranteeError, scenarioOf, simulate } from '../../src/testing/index.js'
import { EXCHANGE_MUTANTS, MUTANTS } from './mutants.js'

/** A fault must show within as many. */
const SEEDS = 50

/** Seeds of the campaign that run with an exchange. */
const WITH_EXCHANGE = 4

describe('the checker checks', () => {
  let restore = (): void => {}

  afterEach(() => { restore() })

  for (const { mutant, step } of [...MUTANTS.map(mutant => ({ mutant, step: 1 })), ...EXCHANGE_MUTANTS.map(mutant => ({ mutant, step: WITH_EXCHANGE }))]) {
    it(`finds out when ${mutant.name}`, { timeout: 120_000 }, async () => {
      let found: unknown

      restore = mutant.install()

      for (let seed = step; seed <= SEEDS && found == null; seed += step) {
        found = await simulate(scenarioOf(seed).init, { maxReplays: 0 }).then(() => undefined, (err: unknown) => err)
      }

      expect(found).to.be.instanceOf(GuaranteeError)
    })
  }
})
