import { expect, it } from 'vitest'
import { TokenBuckets } from '../../src/rendezvous/token-buckets.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'

/** How many are given in a row. */
function drain (buckets: TokenBuckets, peer: string): number {
  let taken = 0

  while (taken < 1_000 && buckets.take(peer)) {
    taken++
  }

  return taken
}

it('gives a burst, then as many as the time allows, to each peer', async () => {
  const clock = new SimulatedClock()
  const buckets = new TokenBuckets(10, clock)

  expect([drain(buckets, 'a'), drain(buckets, 'b')]).toEqual([10, 10])
  await clock.advance(250)
  expect(drain(buckets, 'a')).toBe(2)
  await clock.advance(50)
  expect(drain(buckets, 'a')).toBe(1)
  await clock.advance(3_600_000)
  expect(drain(buckets, 'a')).toBe(10)
})

it('gives less than one a second too', async () => {
  const clock = new SimulatedClock()
  const buckets = new TokenBuckets(0.1, clock)

  expect(drain(buckets, 'a')).toBe(1)
  await clock.advance(9_999)
  expect(drain(buckets, 'a')).toBe(0)
  await clock.advance(1)
  expect(drain(buckets, 'a')).toBe(1)
})

it('gives nothing for a clock that is set back, and goes on from there', async () => {
  const clock = new SimulatedClock()
  const buckets = new TokenBuckets(10, clock)
  drain(buckets, 'a')
  Reflect.set(clock, 'time', clock.now() - 3_600_000)

  expect(drain(buckets, 'a')).toBe(0)
  await clock.advance(100)
  expect(drain(buckets, 'a')).toBe(1)
})

it('remembers 10 000 peers: beyond it the one that was idle the longest starts afresh', () => {
  const buckets = new TokenBuckets(1, new SimulatedClock())

  for (let i = 0; i < 10_000; i++) {
    expect(buckets.take(`${i}`)).toBe(true)
  }

  expect(buckets.take('0')).toBe(false)
  expect(buckets.take('one more')).toBe(true)
  expect(Reflect.get(buckets, 'buckets')).toHaveProperty('size', 10_000)
  expect([buckets.take('0'), buckets.take('1')]).toEqual([false, true])
})
