import { describe, expect, it } from 'vitest'
import { Estimate } from '../../../src/exchange/asking/estimate.js'

const MiB = 1024 * 1024

/** A peer that delivers so many bytes a millisecond, for so long. */
function delivering (rate: number, ms: number, estimate = new Estimate()): Estimate {
  estimate.begin(0)

  for (let now = 100; now <= ms; now += 100) {
    estimate.received(100 * rate, now)
  }

  return estimate
}

describe('what was measured with a peer', () => {
  it('round trips are smoothed, and one that varies is waited for longer', () => {
    const [steady, unsteady] = [new Estimate(), new Estimate()]

    for (let i = 0; i < 50; i++) {
      steady.answered(100)
      unsteady.answered(i % 2 === 0 ? 20 : 180)
    }

    expect(steady.expected(0)).toBeCloseTo(100, 0)
    expect(steady.unusual(0)).toBeLessThan(110)
    expect(unsteady.unusual(0)).toBeGreaterThan(250)
  })

  it('bandwidth follows what came, and large messages are waited for longer', () => {
    const [slow, quick] = [delivering(50, 5_000), delivering(5_000, 5_000)]

    expect(slow.rate).toBeCloseTo(50, 0)
    expect(quick.rate).toBeCloseTo(5_000, 0)
    expect(slow.expected(100_000) - slow.expected(0)).toBeCloseTo(2_000, 0)
    expect(quick.expected(100_000) - quick.expected(0)).toBeCloseTo(20, 0)
  })

  it('a slow peer owes no more than it can deliver before a deadline, a quick one as much as is allowed', () => {
    expect(delivering(50, 5_000).window(4 * MiB)).toBeCloseTo(250_000, -3)
    expect(delivering(50_000, 5_000).window(4 * MiB)).toBe(4 * MiB)
    expect(delivering(1, 60_000).window(4 * MiB)).toBe(64 * 1024)
  })

  it('missed deadlines halve what it is trusted with, those of one moment once', () => {
    const estimate = delivering(800, 5_000)

    expect(Array.from({ length: 30 }, (_, i) => estimate.missed(10_000 + i)).filter(Boolean).length).toBe(1)
    expect(estimate.rate).toBeCloseTo(400, 0)
    estimate.missed(12_000)
    expect(estimate.rate).toBeCloseTo(200, 0)

    for (let now = 20_000; now < 200_000; now += 1_000) {
      estimate.missed(now)
    }

    expect(estimate.rate).toBe(1)
    expect(estimate.window(4 * MiB)).toBe(64 * 1024)
  })

  it('messages of unknown size are taken to be like those that came', () => {
    const estimate = new Estimate()

    for (let i = 0; i < 40; i++) {
      estimate.sized(102_400)
    }

    expect(estimate.typical).toBeGreaterThan(100_000)
    expect(estimate.typical).toBeLessThanOrEqual(102_400)
  })
})
