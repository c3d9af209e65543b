import { afterEach, expect, test, vi } from 'vitest'
import { systemRandom } from '../src/clock.js'

afterEach(() => { vi.restoreAllMocks() })

test('random bytes of any length are as long, of their own memory, and never the same', () => {
  const seen = new Set<string>()

  for (let round = 0; round < 40; round++) {
    for (const length of [8, 24, 32, 63, 64, 65, 4_096, 70_000]) {
      const bytes = systemRandom.bytes(length)

      expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([length, length])
      // of eight bytes two are alike once in 2^50 such tests
      seen.add(Buffer.from(bytes.subarray(0, 8)).toString('hex'))
      // the end of a long one as well: it is filled in parts
      seen.add(Buffer.from(bytes.subarray(-8)).toString('hex'))
    }
  }

  // of eight bytes the beginning is the end
  expect(seen.size).toBe(40 * 15)
  expect(systemRandom.bytes(0).byteLength).toBe(0)
})

test('what the platform gave is handed out once, in order, and not before it was given', () => {
  const fill = vi.spyOn(globalThis.crypto, 'getRandomValues')
  const given: number[] = []
  const got: number[] = []

  fill.mockImplementation(array => {
    const bytes = array as unknown as Uint8Array

    bytes.forEach((_, i) => { bytes[i] = 1 + Math.floor(Math.random() * 255) })
    given.push(...bytes)

    return array
  })

  // past what is left of the last time
  while (given.length === 0) {
    systemRandom.bytes(64)
  }

  got.push(...given.slice(0, 64))

  for (let i = 0; i < 200; i++) {
    got.push(...systemRandom.bytes(16 * (i % 5)))
  }

  expect(fill.mock.calls.length).toBeGreaterThan(1)
  expect(got.every(byte => byte > 0)).toBe(true)
  // what is too little for the next one is left out at the end of each portion
  expect(Buffer.from(given).includes(Buffer.from(got.slice(0, 4_096 - 64)))).toBe(true)
  expect(got.length).toBeLessThanOrEqual(given.length)
})

test('random floats are uniform in [0, 1)', () => {
  const floats = Array.from({ length: 20_000 }, () => systemRandom.float())
  const quarters = [0, 0, 0, 0]

  floats.forEach(float => {
    expect(float).toBeGreaterThanOrEqual(0)
    expect(float).toBeLessThan(1)
    quarters[Math.floor(float * 4)]++
  })

  // 5 000 each; 400 are more than six standard deviations
  quarters.forEach(count => { expect(Math.abs(count - 5_000)).toBeLessThan(400) })
  expect(new Set(floats).size).toBeGreaterThan(19_900)
})
