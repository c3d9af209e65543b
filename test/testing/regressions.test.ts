import { describe, expect, it } from 'vitest'
import { simulate } from '../../src/testing/index.js'
import { REGRESSIONS } from './regressions.js'

describe('what was broken once', () => {
  for (const [name, init] of Object.entries(REGRESSIONS)) {
    it(name, async () => {
      const { sent, received } = await simulate(init, { maxReplays: 0 })

      expect(received).to.be.greaterThan(sent)
    })
  }
})
