import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'

describe('SimulatedClock', () => {
  it('fires timers in the order in which they fall due, then in the order in which they were set', async () => {
    const clock = new SimulatedClock(0)
    const fired: string[] = []
    const note = (name: string) => () => { fired.push(`${name}@${clock.now()}`) }

    clock.setTimer(note('c'), 30)
    clock.setTimer(note('a'), 10)
    clock.setTimer(note('b'), 10)
    clock.setTimer(note('late'), 31)
    await clock.advance(30)

    expect(fired).to.deep.equal(['a@10', 'b@10', 'c@30'])
    expect(clock.now()).to.equal(30)
    expect(clock.pending).to.equal(1)
    expect(clock.next).to.equal(31)
  })

  it('does not fire what was cancelled, also by an earlier timer of the same instant', async () => {
    const clock = new SimulatedClock(0)
    const fired: string[] = []
    const cancels = [clock.setTimer(() => { cancels[1]() }, 5), clock.setTimer(() => fired.push('cancelled'), 5)]

    await clock.advance(5)
    cancels[0]()

    expect(fired).to.deep.equal([])
    expect(clock.pending).to.equal(0)
  })

  it('keeps the order with many cancelled timers in between', async () => {
    const clock = new SimulatedClock(0)
    const fired: number[] = []
    const cancels = Array.from({ length: 10_000 }, (_, i) => clock.setTimer(() => fired.push(i), (i * 7_919) % 10_007))

    cancels.forEach((cancel, i) => { i % 5 === 0 || cancel() })
    await clock.advance(20_000)

    expect(fired).to.have.length(2_000)
    expect(fired).to.deep.equal([...fired].sort((a, b) => (a * 7_919) % 10_007 - (b * 7_919) % 10_007))
  })

  it('runs promises to their end between two timers', async () => {
    const clock = new SimulatedClock(0)
    const datastore = new MemoryDatastore()
    const steps: string[] = []

    clock.setTimer(() => {
      void (async () => {
        for (let i = 0; i < 200; i++) {
          await datastore.put(new Key(`/${i}`), new Uint8Array())
        }

        let keys = 0

        for await (const key of datastore.queryKeys({})) {
          keys += key.toString() === '/' ? 0 : 1
        }

        steps.push(`${keys} keys`)
        clock.setTimer(() => steps.push('earlier timer'), 1)
      })()
    }, 1)
    clock.setTimer(() => steps.push('later timer'), 3)
    await clock.advance(3)

    expect(steps).to.deep.equal(['200 keys', 'earlier timer', 'later timer'])
  })

  it('waits for tracked work that takes real time', async () => {
    const clock = new SimulatedClock(0)
    const order: string[] = []

    clock.setTimer(() => {
      void clock.track(crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000))).then(() => { order.push('hashed') })
    }, 1)
    clock.setTimer(() => order.push('timer'), 2)
    await clock.advance(2)

    expect(order).to.deep.equal(['hashed', 'timer'])
  })

  it('passes on what a timer throws, and can go on afterwards', async () => {
    const clock = new SimulatedClock(0)

    clock.setTimer(() => { throw new Error('from the timer') }, 1)
    await expect(clock.advance(5)).rejects.toThrow('from the timer')
    await clock.advance(5)

    expect(clock.now()).to.equal(6)
  })

  it('moves on until a promise settles, and no further', async () => {
    const clock = new SimulatedClock(0)
    const sleep = async (ms: number): Promise<number> => await new Promise(resolve => { clock.setTimer(() => { resolve(ms) }, ms) })

    clock.setTimer(() => {}, 5_000)
    expect(await clock.until(sleep(1_000))).to.equal(1_000)
    expect(clock.now()).to.equal(1_000)
    await expect(clock.until(sleep(1).then(() => { throw new Error('late') }))).rejects.toThrow('late')
    await expect(clock.until(new Promise(() => {}))).rejects.toThrow('can never settle')
    expect(clock.now()).to.equal(5_000)
  })

  it('refuses to be advanced twice at once, and to spin without time moving', async () => {
    const clock = new SimulatedClock(0)
    const first = clock.advance(1)

    await expect(clock.advance(1)).rejects.toThrow('being advanced already')
    await first

    const spin = (): void => { clock.setTimer(spin, 0) }
    spin()
    await expect(clock.advance(1)).rejects.toThrow('without time moving')
  })
})
