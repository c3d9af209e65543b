import { afterEach, describe, expect, it } from 'vitest'
import { GuaranteeError, scenarioOf, simulate } from '../../src/testing/index.js'
import { EXCHANGE_MUTANTS, MUTANTS } from './mutants.js'

/** A fault must show within as many. */
const SEEDS = 50

/** Seeds of the campaign that run with an exchange. */
const WITH_EXCHANGE = 4

const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1)
const exchange = seeds.filter(seed => seed % WITH_EXCHANGE === 0)
// those with an exchange take the longest, and are seldom needed
const all = [...seeds.filter(seed => !exchange.includes(seed)), ...exchange]

describe('the checker checks', () => {
  let restore = (): void => {}

  afterEach(() => { restore() })

  for (const { mutant, within } of [...MUTANTS.map(mutant => ({ mutant, within: all })), ...EXCHANGE_MUTANTS.map(mutant => ({ mutant, within: exchange }))]) {
    it(`finds out when ${mutant.name}`, { timeout: 120_000 }, async () => {
      let found: unknown

      restore = mutant.install()

      for (const seed of within) {
        found ??= await simulate(scenarioOf(seed).init, { maxReplays: 0 }).then(() => undefined, (err: unknown) => err)
      }

      expect(found).to.be.instanceOf(GuaranteeError)
    })
  }
})
