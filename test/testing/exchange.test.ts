import { describe, expect, it } from 'vitest'
import { plaintext } from '../../src/encryption/index.js'
import { checkHistory, createSimulation, EXCHANGE_SCENARIOS, GuaranteeError, SCENARIOS, simulate } from '../../src/testing/index.js'
import type { Observation, Simulation, SimulationInit } from '../../src/testing/index.js'

const CHANNEL = 'simulation'
const WHOLE: SimulationInit['channel'] = { encryption: plaintext(), history: { join: 'full' } }

async function sizes (simulation: Simulation, member: number): Promise<number[]> {
  const found: number[] = []

  for await (const { size } of simulation.members[member].channels.getChannel(CHANNEL).history()) {
    found.push(size)
  }

  return found
}

/** All that was seen, errors by what they say. */
const plain = (history: readonly Observation[]): string[] =>
  history.map(seen => JSON.stringify(seen, (_, value: unknown) => value instanceof Error ? String(value) : value))

describe('a simulation with exchange', () => {
  it('does the same for the same init, to the last event', { timeout: 60_000 }, async () => {
    const run = async (make: () => SimulationInit): Promise<{ history: string[], served: number[] }> => {
      await using simulation = await createSimulation(make())

      await simulation.run(200_000)

      return { history: plain(simulation.history), served: simulation.members.map(({ served }) => served) }
    }
    const scenarios = [
      () => EXCHANGE_SCENARIOS['a newcomer among liars that serve'](3),
      () => EXCHANGE_SCENARIOS['a liar on streams'](3),
      () => EXCHANGE_SCENARIOS['segments from several members'](3),
      () => ({ ...SCENARIOS['signed messages'](3), exchange: true })
    ]

    for (const scenario of scenarios) {
      const first = await run(scenario)

      expect(await run(scenario)).to.deep.equal(first)
      expect(Math.max(...first.served)).to.be.greaterThan(0)
    }
  })

  it('fetches the segments of a large message from several members', async () => {
    await using simulation = await createSimulation({ seed: 1, members: 5, exchange: true, channel: { ...WHOLE, encryption: plaintext(), segmentation: { segmentSizeBytes: 16_384 } }, joins: [{ at: 60_000, member: 4 }] })
    const { members } = simulation

    await simulation.run(10_000)
    await members[0].channels.send(CHANNEL, new Uint8Array(1_000_000))
    await simulation.run(49_000)
    members.forEach(member => { expect(member.served).to.be.lessThan(20_000) })

    await simulation.run(30_000)
    expect(await sizes(simulation, 4)).to.deep.equal([1_000_000])

    const parts = members.slice(0, 4).map(({ served }) => served)

    expect(parts.filter(bytes => bytes > 100_000).length, `served ${parts.join(', ')}`).to.be.greaterThan(1)
    expect(Math.max(...parts)).to.be.lessThan(900_000)
    simulation.check()
  })

  it('fetches what the loss of segments left of a large message from several members, its author one of them', async () => {
    await using simulation = await createSimulation({ seed: 1, members: 5, exchange: { reconcileIntervalMs: 0 }, channel: { ...WHOLE, encryption: plaintext(), segmentation: { segmentSizeBytes: 16_384 } } })
    const { members } = simulation

    await simulation.run(10_000)
    simulation.setConditions({ loss: 0.5 })
    await members[0].channels.send(CHANNEL, new Uint8Array(1_000_000))
    await simulation.run(2_000)
    simulation.setConditions({ loss: 0 })
    await simulation.run(30_000)

    for (const { index } of members) {
      expect(await sizes(simulation, index)).to.deep.equal([1_000_000])
    }

    const parts = members.map(({ served }) => served)
    const all = parts.reduce((sum, bytes) => sum + bytes)

    expect(parts.filter(bytes => bytes > 100_000).length, `served ${parts.join(', ')}`).to.be.greaterThan(3)
    // nobody had it all but the author, from whom most of it came first
    expect(parts[0], `served ${parts.join(', ')}`).to.be.lessThan(all / 2)
    simulation.check()
  })

  it('fetches the segments that a comparison of logs shows from several members, each once', async () => {
    await using simulation = await createSimulation({ seed: 1, members: 5, exchange: { reconcileIntervalMs: 30_000 }, channel: { ...WHOLE, encryption: plaintext(), segmentation: { segmentSizeBytes: 16_384 } }, offline: [{ at: 9_000, until: 1_200_000, member: 4 }] })
    const { members } = simulation

    await simulation.run(10_000)
    await members[0].channels.send(CHANNEL, new Uint8Array(1_000_000))
    // until nobody says anything any more that cites it
    await simulation.run(1_180_000)

    const before = members.map(({ served }) => served)

    await simulation.run(60_000)
    expect(await sizes(simulation, 4)).to.deep.equal([1_000_000])

    const parts = members.slice(0, 4).map(({ served }, i) => served - before[i])

    expect(parts.filter(bytes => bytes > 150_000).length, `served ${parts.join(', ')}`).to.be.greaterThan(1)
    expect(Math.max(...parts), `served ${parts.join(', ')}`).to.be.lessThan(700_000)
    expect(parts.reduce((sum, bytes) => sum + bytes)).to.be.lessThan(1_150_000)
    simulation.check()
  })

  it('brings a newcomer all of the past, and tells it of nothing that was before', async () => {
    await using simulation = await createSimulation({ seed: 2, members: 3, exchange: true, channel: WHOLE, joins: [{ at: 60_000, member: 2 }] })

    for (let i = 1; i <= 20; i++) {
      await simulation.members[i % 2].channels.send(CHANNEL, new Uint8Array(i))
      await simulation.run(1_000)
    }

    await simulation.run(60_000)
    expect(await sizes(simulation, 2)).to.have.length(20)
    expect(simulation.history.filter(seen => seen.member === 2 && seen.type === 'received')).to.deep.equal([])
    await simulation.converge()
    simulation.check()
  })

  it('says which message a log lacks that was to be whole', async () => {
    await using simulation = await createSimulation({ seed: 3, members: 3, exchange: true, channel: WHOLE, joins: [{ at: 60_000, member: 2 }] })

    await simulation.members[0].channels.send(CHANNEL, new Uint8Array(8))
    await simulation.run(100_000)
    await simulation.converge()
    simulation.check()

    // somebody tampers with the history
    const log = simulation.history.findLast(seen => seen.type === 'log')
    log?.lines?.pop()
    expect(() => { simulation.check() }).to.throw(GuaranteeError, /broken with seed 3/)
    expect(checkHistory(simulation.history).map(({ guarantee, message }) => `${guarantee}: ${message}`).filter(text => text.startsWith('convergence')))
      .toEqual([expect.stringMatching(/^convergence: the log of member 2 lacks \w{8} of member 0$/)])
  })

  it('needs an exchange for liars that lie there', async () => {
    await expect(createSimulation({ seed: 4, members: 2, liars: [{ kind: 'server' }] })).rejects.toThrow("a liar of the kind 'server' needs a simulation with exchange")
  })

  it('nobody connects without it', async () => {
    await using simulation = await createSimulation({ seed: 5, members: 2 })

    await simulation.members[0].channels.send(CHANNEL, new Uint8Array(8))
    await simulation.run(10_000)
    expect(simulation.members.map(({ served }) => served)).to.deep.equal([0, 0])
  })

  it('holds the guarantees when a member crashes in the middle of any write of a fetch', { timeout: 120_000 }, async () => {
    const init: SimulationInit = {
      seed: 'every write of a fetch',
      members: 3,
      writeMs: 2,
      exchange: { reconcileIntervalMs: 30_000 },
      channel: WHOLE,
      joins: [{ at: 10_000, member: 2 }],
      traffic: [{ at: 1_000, member: 0 }, { at: 1_500, member: 1 }, { at: 2_000, member: 0, size: 150_000 }, { at: 14_000, member: 1 }, { at: 15_000, member: 0, size: 150_000 }]
    }
    await using whole = await createSimulation(init)

    await whole.run(30_000)
    const { writes } = whole.members[2]

    expect(writes).to.be.greaterThan(10)

    for (let write = 1; write <= writes; write++) {
      await simulate({ ...init, crashes: [{ at: 10_000, member: 2, write, downMs: 15_000 }] }, { maxReplays: 20 })
    }
  })
})
