import { describe, expect, it } from 'vitest'
import { GuaranteeError } from '../../src/testing/errors.js'
import { shorten } from '../../src/testing/shorten.js'
import type { Guarantee, SimulationInit } from '../../src/testing/index.js'

function broken (guarantee: Guarantee): GuaranteeError {
  return new GuaranteeError(1, [{ guarantee, message: 'it broke', at: 0, channelId: '', members: [], messageIds: [] }], [])
}

describe('shorten', () => {
  const init: SimulationInit = {
    seed: 1,
    members: 5,
    loss: 0.3,
    duplicate: 0.5,
    skew: 1_000,
    partitions: [{ at: 1, until: 2, groups: [[0, 1, 4], [2, 3]] }],
    crashes: [{ at: 5, member: 4 }],
    traffic: Array.from({ length: 40 }, (_, at) => ({ at, member: at % 5 }))
  }

  /** Fails while it is lossy and both messages are there. */
  function replayer (guarantee: (candidate: SimulationInit) => Guarantee = () => 'G3'): { replay (candidate: SimulationInit): Promise<void>, replays: number } {
    const replayer = {
      replays: 0,
      replay: async (candidate: SimulationInit) => {
        const times = candidate.traffic?.map(({ at }) => at) ?? []

        replayer.replays++

        if (candidate.loss !== 0 && times.includes(11) && times.includes(32)) {
          throw broken(guarantee(candidate))
        }
      }
    }

    return replayer
  }

  it('leaves only what it takes to fail', async () => {
    const replays = replayer()
    const shortest = await shorten(init, broken('G3'), replays.replay, { maxReplays: 200 })

    expect(shortest.init).to.deep.include({
      seed: 1,
      loss: 0.3,
      duplicate: 0,
      skew: 0,
      partitions: [],
      crashes: [],
      traffic: [{ at: 11, member: 1 }, { at: 32, member: 2 }],
      members: 3
    })
    expect(replays.replays).to.be.lessThan(120)
  })

  it('goes without an exchange, and without newcomers, where it fails all the same', async () => {
    const more: SimulationInit = { ...init, exchange: true, joins: [{ at: 3, member: 2 }] }
    const shortest = await shorten(more, broken('G3'), replayer().replay, { maxReplays: 200 })

    expect(shortest.init).to.deep.include({ exchange: false, joins: [] })
  })

  it('does not take another fault for the same one', async () => {
    const replays = replayer(candidate => candidate.partitions?.length === 0 ? 'G1' : 'G3')
    const shortest = await shorten(init, broken('G3'), replays.replay, { maxReplays: 200 })

    expect(shortest.init.partitions).to.have.length(1)
    expect(shortest.init.traffic).to.have.length(2)
    expect(shortest.error.violations[0].guarantee).to.equal('G3')
  })

  it('keeps to its replays', async () => {
    const replays = replayer()

    await shorten(init, broken('G3'), replays.replay, { maxReplays: 7 })
    expect(replays.replays).to.equal(7)
  })

  it('passes over what cannot be replayed', async () => {
    const shortest = await shorten(init, broken('G3'), async () => { throw new Error('something else') }, { maxReplays: 10 })

    expect(shortest.init).to.equal(init)
  })
})
