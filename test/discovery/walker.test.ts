import { beforeAll, describe, expect, it } from 'vitest'
import { Walker } from '../../src/discovery/walker.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { testKey } from './simulated-members.js'
import type { Visit, WalkCandidate, WalkerInit } from '../../src/discovery/walker.js'
import type { Random } from '../../src/clock.js'

const LEARNED: Visit = { status: 'success', received: 10, fresh: 10 }
const NOTHING: Visit = { status: 'success', received: 0, fresh: 0 }

let peers: WalkCandidate[]

beforeAll(async () => {
  peers = await Promise.all(Array.from({ length: 9 }, async (_, n) => {
    const { peer } = await testKey(n)

    return { id: peer, key: peer.toString(), bootstrap: false }
  }))
})

interface Walk {
  clock: SimulatedClock
  walker: Walker
  visits: string[]
  times: number[]
}

function walk (init: Partial<WalkerInit> & { clock?: SimulatedClock } = {}): Walk {
  const clock = init.clock ?? new SimulatedClock(0)
  const visits: string[] = []
  const times: number[] = []
  const walker = new Walker({
    clock,
    random: seededRandom('walk'),
    maxBackoffMs: 30_000,
    candidates: () => peers,
    onError: (err) => { throw err },
    ...init,
    visit: async (peer) => {
      visits.push(peer.toString())
      times.push(clock.now())

      return await (init.visit?.(peer) ?? LEARNED)
    }
  })

  return { clock, walker, visits, times }
}

/** Takes a second for each visit. */
function slow (clock: SimulatedClock, visit: Visit): () => Promise<Visit> {
  return async () => await new Promise(resolve => { clock.setTimer(() => { resolve(visit) }, 1000) })
}

/** Never starts over by chance. */
function steady (seed: string): Random {
  const random = seededRandom(seed)

  return { bytes: length => random.bytes(length), float: () => 0.02 + 0.98 * random.float() }
}

describe('walker', () => {
  it('covers a graph of 9 without repeats', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const clock = new SimulatedClock(0)
      const { walker, visits } = walk({ clock, random: steady(`graph/${seed}`), visit: slow(clock, LEARNED) })

      walker.start()
      await clock.advance(9500)
      walker.stop()
      expect(new Set(visits.slice(0, 9)).size).toBe(9)
    }
  })

  it('begins again when all have been visited, after a pause', async () => {
    const clock = new SimulatedClock(0)
    const { walker, visits, times } = walk({ clock, random: steady('again'), visit: slow(clock, LEARNED) })

    walker.start()
    await clock.advance(30_000)
    walker.stop()
    expect(new Set(visits.slice(9, 18)).size).toBe(9)
    expect(times[9] - times[8]).toBeGreaterThanOrEqual(2000)
  })

  it('starts over with probability 0.02', async () => {
    const clock = new SimulatedClock(0)
    const candidates = Array.from({ length: 5000 }, (_, i) => ({ ...peers[Math.min(i, 1)], key: `${i}`, bootstrap: i === 0 }))
    const { walker, visits } = walk({ clock, candidates: () => candidates, visit: slow(clock, LEARNED) })

    walker.start()
    await clock.advance(2_000_000)
    walker.stop()

    // every walk begins at the bootstrap peer, so that beginnings can be counted: 40 are expected of 2 000
    const beginnings = visits.filter(peer => peer === peers[0].key).length
    expect(beginnings).toBeGreaterThan(20)
    expect(beginnings).toBeLessThan(70)
  })

  it('tries a bootstrap peer first, but not only', async () => {
    const candidates = peers.map((peer, i) => ({ ...peer, bootstrap: i === 4 }))

    for (let seed = 0; seed < 20; seed++) {
      const clock = new SimulatedClock(0)
      const { walker, visits } = walk({ clock, random: steady(`${seed}`), candidates: () => candidates, visit: slow(clock, LEARNED) })

      walker.start()
      await clock.advance(8500)
      walker.stop()
      expect(visits[0]).toBe(peers[4].key)
      expect(new Set(visits).size).toBe(9)
    }
  })

  it('P49: pauses longer and longer while answers are empty, and never spins', async () => {
    const { clock, walker, times } = walk({ visit: async () => NOTHING })

    walker.start()
    await clock.advance(600_000)
    walker.stop()

    const pauses = times.slice(1).map((time, i) => time - times[i])
    expect(pauses[0]).toBeGreaterThanOrEqual(1000)
    expect(pauses[0]).toBeLessThanOrEqual(5000)
    expect(pauses.at(-1)).toBe(30_000)
    expect(times.length).toBeLessThan(40)
  })

  it('goes on at once while it learns', async () => {
    const clock = new SimulatedClock(0)
    const { walker, times } = walk({ clock, random: steady('quick'), visit: slow(clock, LEARNED) })

    walker.start()
    await clock.advance(8000)
    walker.stop()
    expect(times).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000])
  })

  it('takes its time when nobody waits for it, although there is more to learn', async () => {
    const clock = new SimulatedClock(0)
    const { walker, times } = walk({ clock, random: steady('content'), isContent: () => true, visit: slow(clock, LEARNED) })

    walker.start()
    await clock.advance(12_000)
    walker.stop()
    const pauses = times.slice(1, 6).map((time, i) => time - times[i] - 1000)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1500)
  })

  it('P50: a reset that comes during a visit takes effect at its end', async () => {
    const clock = new SimulatedClock(0)
    const { walker, times } = walk({ clock, visit: slow(clock, NOTHING) })

    walker.start()
    await clock.advance(120_000)

    while (times.at(-1) !== clock.now()) {
      await clock.advance(1)
    }

    await clock.advance(500)
    const count = times.length
    walker.reset()
    await clock.advance(500)
    walker.stop()
    expect(times.slice(count)).toEqual([clock.now()])
  })

  it('a reset ends a pause', async () => {
    const { clock, walker, times } = walk({ visit: async () => NOTHING })

    walker.start()
    await clock.advance(300_000)
    const count = times.length
    walker.reset()
    await clock.settle()
    await clock.advance(0)
    expect(times.length).toBe(count + 1)
    walker.stop()
  })

  it('P51: two walkers with one source of randomness do not walk in step', async () => {
    const clock = new SimulatedClock(0)
    const random = seededRandom('shared')
    const [a, b] = [1, 2].map(() => walk({ clock, random, visit: slow(clock, NOTHING) }))

    a.walker.start()
    b.walker.start()
    await clock.advance(60_000)
    expect(a.visits.slice(0, 6)).not.toEqual(b.visits.slice(0, 6))
    expect(a.times).not.toEqual(b.times)
    a.walker.stop()
    b.walker.stop()
  })

  it('does the same again from the same seed', async () => {
    const runs = await Promise.all(['x', 'x', 'y'].map(async seed => {
      const clock = new SimulatedClock(0)
      const { walker, visits, times } = walk({ clock, random: seededRandom(seed), visit: slow(clock, NOTHING) })

      walker.start()
      await clock.advance(200_000)
      walker.stop()

      return [visits, times]
    }))

    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]).not.toEqual(runs[2])
  })

  it('rests without candidates, and wakes when there are some', async () => {
    let candidates: WalkCandidate[] = []
    const { clock, walker, visits } = walk({ candidates: () => candidates })

    walker.start()
    await clock.advance(300_000)
    candidates = peers
    walker.wake()
    await clock.advance(0)
    expect(visits.length).toBeGreaterThan(0)
    walker.stop()
  })

  it('does nothing while it is not needed', async () => {
    let isNeeded = false
    const { clock, walker, visits } = walk({ isNeeded: () => isNeeded })

    walker.start()
    await clock.advance(100_000)
    expect(visits).toEqual([])
    isNeeded = true
    walker.reset()
    await clock.advance(0)
    expect(visits.length).toBeGreaterThan(0)
    walker.stop()
  })

  it('stops with the error when a visit rejects, and can be started again', async () => {
    const errors: Error[] = []
    let isBroken = true
    const { clock, walker, visits } = walk({
      visit: async () => {
        if (isBroken) {
          throw new Error('a bug')
        }

        return NOTHING
      },
      onError: err => { errors.push(err) }
    })

    walker.start()
    await clock.advance(100_000)
    expect(visits).toHaveLength(1)
    expect(errors.map(({ message }) => message)).toEqual(['a bug'])

    isBroken = false
    walker.start()
    await clock.advance(0)
    expect(visits).toHaveLength(2)
    walker.stop()
  })

  it('is silent after stop, whatever was under way', async () => {
    const clock = new SimulatedClock(0)
    const { walker, visits } = walk({ clock, visit: slow(clock, LEARNED) })

    walker.start()
    await clock.advance(500)
    walker.stop()
    await clock.advance(100_000)
    expect(visits).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})
