import { describe, expect, it } from 'vitest'
import { createSimulation, GuaranteeError, SCENARIOS, simulate } from '../../src/testing/index.js'
import type { Observation, Simulation, SimulationInit } from '../../src/testing/index.js'

const CHANNEL = 'simulation'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function log (simulation: Simulation, member: number): Promise<string[]> {
  const lines: string[] = []

  for await (const { payload } of simulation.members[member].channels.getChannel(CHANNEL).history()) {
    lines.push(new TextDecoder().decode(payload))
  }

  return lines
}

describe('createSimulation', () => {
  it('connects real channels over a network that loses', async () => {
    await using simulation = await createSimulation({ seed: 1, members: 3, loss: 0.5 })

    for (let i = 0; i < 10; i++) {
      await simulation.members[i % 3].channels.send(CHANNEL, bytes(`${i}`))
      await simulation.run(1_000)
    }

    await simulation.converge()
    simulation.check()

    expect(await log(simulation, 0)).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(await log(simulation, 1)).to.deep.equal(await log(simulation, 0))
    expect(simulation.network.lost).to.be.greaterThan(10)
  })

  it('does the same for the same init, to the last event', async () => {
    const run = async (seed: number): Promise<unknown[]> => {
      await using simulation = await createSimulation({ ...SCENARIOS['everything at once'](seed), seed })

      await simulation.run(150_000)

      // error objects have stacks, the rest is plain
      return simulation.history.map((seen: Observation) => JSON.stringify(seen))
    }
    const first = await run(3)

    expect(await run(3)).to.deep.equal(first)
    expect(await run(4)).to.not.deep.equal(first)
  })

  it('moves only when it is told to', async () => {
    await using simulation = await createSimulation({ seed: 2, members: 2 })
    const start = simulation.clock.now()

    await simulation.members[0].channels.send(CHANNEL, bytes('hi'))
    expect(await log(simulation, 1)).to.deep.equal([])
    await simulation.run(1_000)
    expect(await log(simulation, 1)).to.deep.equal(['hi'])
    expect(simulation.clock.now()).to.equal(start + 1_000)
  })

  it('waits in virtual time for a promise', async () => {
    await using simulation = await createSimulation({ seed: 3, members: 2 })
    const channel = simulation.members[0].channels.getChannel(CHANNEL)
    const requestId = await channel.send(bytes('hi'))

    await simulation.until(channel.settled(requestId, 'delivered'))
    expect(channel.receipts(requestId)).to.deep.equal(['member-1'])
  })

  it('keeps partitions apart until they heal', async () => {
    await using simulation = await createSimulation({ seed: 4, members: 4 })

    simulation.partition([[0, 1], [2, 3]])
    await simulation.members[0].channels.send(CHANNEL, bytes('left'))
    await simulation.members[2].channels.send(CHANNEL, bytes('right'))
    await simulation.run(5_000)
    expect(await log(simulation, 1)).to.deep.equal(['left'])
    expect(await log(simulation, 3)).to.deep.equal(['right'])

    await simulation.converge()
    await simulation.members[0].channels.send(CHANNEL, bytes('together'))
    await simulation.converge()
    simulation.check()

    const logs = await Promise.all([0, 1, 2, 3].map(async member => await log(simulation, member)))

    logs.forEach(lines => { expect(lines).to.deep.equal(logs[0]) })
    expect([...logs[0]].sort()).to.deep.equal(['left', 'right', 'together'])
  })

  it('crashes a member and starts it again on what it had stored', async () => {
    await using simulation = await createSimulation({ seed: 5, members: 2 })
    const [, member] = simulation.members
    const before = member.channels

    await simulation.members[0].channels.send(CHANNEL, bytes('first'))
    await simulation.run(2_000)
    member.crash()
    expect(member.alive).to.equal(false)
    await simulation.members[0].channels.send(CHANNEL, bytes('second'))
    await simulation.run(2_000)
    await member.restart()
    expect(member.channels).to.not.equal(before)
    expect(await log(simulation, 1)).to.deep.equal(['first'])

    await simulation.converge()
    simulation.check()
    expect(await log(simulation, 1)).to.deep.equal(['first', 'second'])
  })

  it('keeps what a member sends while it is offline', async () => {
    await using simulation = await createSimulation({ seed: 6, members: 2 })

    simulation.members[0].setOnline(false)
    await simulation.members[0].channels.send(CHANNEL, bytes('later'))
    await simulation.run(3_600_000)
    expect(await log(simulation, 1)).to.deep.equal([])
    simulation.members[0].setOnline(true)
    await simulation.run(60_000)
    expect(await log(simulation, 1)).to.deep.equal(['later'])
  })

  it('says what went wrong, with the seed and the trace', async () => {
    await using simulation = await createSimulation({ seed: 'a story', members: 2 })

    await simulation.members[0].channels.send(CHANNEL, bytes('hi'))
    await simulation.run(1_000)
    simulation.check()

    // somebody tampers with the history
    const received = simulation.history.find(seen => seen.type === 'received') as Observation
    ;(simulation.history as Observation[]).push(received)

    expect(() => { simulation.check() }).to.throw(GuaranteeError, /^G2 broken with seed a story: member 1 got \w{8} twice\n(.*\n)*.*member 0 {2}sent/)
  })
})

describe('simulate', () => {
  it('shortens what fails, and hands back the schedule that still does', async () => {
    const init: SimulationInit = {
      ...SCENARIOS['a good network'](7),
      // a bound that cannot be kept: every message is stored
      bounds: { storeBytes: 20_000 },
      loss: 0.1,
      crashes: [{ at: 5_000, member: 1 }]
    }
    const error: unknown = await simulate(init, { maxReplays: 40 }).then(() => undefined, (err: unknown) => err)

    expect(error).to.be.instanceOf(GuaranteeError)
    expect((error as GuaranteeError).violations[0].guarantee).to.equal('G5')
    expect((error as GuaranteeError).message).to.match(/^G5 broken with seed 7: /)
    expect((error as GuaranteeError).trace.at(-1)).to.match(/^replay with \{ \.\.\.init, .*\bloss: 0\b.*\bcrashes: \[\].* \}$/)
    expect((error as GuaranteeError).cause).to.deep.include({ loss: 0, crashes: [] })
  })
})
