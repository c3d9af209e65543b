import { describe, expect, it } from 'vitest'
import { AcceptGate } from '../../src/discovery/accept-gate.js'
import { WalkBackoff } from '../../src/discovery/backoff.js'
import { SourceQuota } from '../../src/discovery/source-quota.js'
import { failedOnce, FRESH, isStale } from '../../src/discovery/staleness.js'
import { Supervisor } from '../../src/discovery/supervisor.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'

const HOUR = 60 * 60 * 1000

describe('backoff of a walk', () => {
  it('P49: an empty answer is nothing learned, not 0/0', () => {
    const backoff = new WalkBackoff(seededRandom(1), 30_000)

    backoff.learned(0, 0)
    expect(backoff.delay).toBeGreaterThanOrEqual(1000)
    expect(backoff.delay).toBeLessThanOrEqual(5000)
  })

  it('grows by 1 to 5 s up to 30 s, and anything better resets it', () => {
    const backoff = new WalkBackoff(seededRandom(1), 30_000)
    let before = 0

    for (let i = 0; i < 40; i++) {
      backoff.learned(100, 1)
      expect(backoff.delay === 30_000 || (backoff.delay >= before + 1000 && backoff.delay <= before + 5000)).toBe(true)
      before = backoff.delay
    }

    expect(backoff.delay).toBe(30_000)
    backoff.learned(100, 2)
    expect(backoff.delay).toBe(0)
  })
})

describe('staleness', () => {
  it('P53: one failure is 30 s, doubling up to 6 h, and success clears it', () => {
    let state = FRESH
    const delays: number[] = []

    for (let i = 0; i < 12; i++) {
      state = failedOnce(state, 1000)
      delays.push(state.until - 1000)
    }

    expect(delays.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
    expect(delays.at(-1)).toBe(6 * HOUR)
    expect(isStale(failedOnce(FRESH, 0), 29_999)).toBe(true)
    expect(isStale(failedOnce(FRESH, 0), 30_000)).toBe(false)
    expect(isStale(FRESH, 0)).toBe(false)
  })

  it('does not outlive a clock that stepped back by days', () => {
    expect(isStale(failedOnce(FRESH, 48 * HOUR), HOUR)).toBe(false)
  })
})

describe('quota of a source', () => {
  it('P54: is 32 within any hour that began with its first', () => {
    const quota = new SourceQuota(32)
    const takes = (source: string, now: number): number => Array.from({ length: 100 }, () => quota.take(source, now)).filter(Boolean).length

    expect(takes('a', 0)).toBe(32)
    expect(takes('a', HOUR - 1)).toBe(0)
    expect(takes('b', HOUR - 1)).toBe(32)
    expect(takes('a', HOUR)).toBe(32)
  })

  it('remembers a bounded number of sources', () => {
    const quota = new SourceQuota(1)

    for (let i = 0; i < 6000; i++) {
      quota.take(`source ${i}`, 0)
    }

    expect(quota.take('source 5999', 0)).toBe(false)
    expect(quota.take('source 0', 0)).toBe(true)
  })
})

describe('accept gate', () => {
  it('P54: answers 8 at once, one per peer, and says when to come again', () => {
    const gate = new AcceptGate({ maxSessions: 8, cooldownMs: 5000 })
    const admitted = Array.from({ length: 20 }, (_, i) => gate.admit(`peer ${i}`, 0)).filter(admission => 'release' in admission)

    expect(admitted).toHaveLength(8)
    expect(gate.admit('peer 0', 60_000)).toEqual({ retryAfterMs: 1000 })
    expect(gate.admit('peer 19', 0)).toEqual({ retryAfterMs: 1000 })

    admitted[0].release()
    expect(gate.admit('peer 0', 2000)).toEqual({ retryAfterMs: 3000 })
    expect(gate.admit('peer 0', 5000)).toHaveProperty('release')
  })
})

describe('accept gate when the clock steps back', () => {
  it('shuts nobody out', () => {
    const gate = new AcceptGate({ maxSessions: 8, cooldownMs: 5000 })
    const first = gate.admit('peer', 48 * HOUR)

    if ('release' in first) {
      first.release()
    }

    expect(gate.admit('peer', HOUR)).toHaveProperty('release')
  })
})

describe('supervisor', () => {
  it('restarts with backoff, at most 5 times a minute, then says so and waits for the minute to end', async () => {
    const clock = new SimulatedClock(0)
    const restarts: number[] = []
    const failures: number[] = []
    const supervisor = new Supervisor({
      clock,
      restart: () => {
        restarts.push(clock.now() / 1000)
        supervisor.failed(new Error('again'))
      },
      onRestart: () => {},
      onGiveUp: err => {
        expect(err.name).toBe('WalkerFailedError')
        expect(err.cause).toBeInstanceOf(Error)
        failures.push(clock.now() / 1000)
      }
    })

    supervisor.failed(new Error('first'))
    await clock.advance(59_000)
    expect(restarts).toEqual([1, 3, 7, 15, 31])
    expect(failures).toEqual([31])

    await clock.advance(3000)
    expect(restarts).toEqual([1, 3, 7, 15, 31, 61])
    supervisor.stop()
    await clock.advance(600_000)
    expect(restarts).toHaveLength(6)
  })
})
