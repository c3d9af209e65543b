import { describe, expect, it } from 'vitest'
import { activeDays, createTopic, discoveryKey, publicDiscoveryKey, rendezvousNamespace } from '../../src/discovery/namespace.js'
import { testKey } from './simulated-members.js'

const HOUR = 60 * 60 * 1000
const MIDNIGHT = Date.UTC(2025, 0, 1)
const DAY = MIDNIGHT / (24 * HOUR)

describe('namespaces', () => {
  it('uses the neighbouring day within 2 h of the boundary only', () => {
    expect(activeDays(MIDNIGHT)).toEqual([DAY, DAY - 1])
    expect(activeDays(MIDNIGHT + 2 * HOUR - 1)).toEqual([DAY, DAY - 1])
    expect(activeDays(MIDNIGHT + 2 * HOUR)).toEqual([DAY])
    expect(activeDays(MIDNIGHT + 12 * HOUR)).toEqual([DAY])
    expect(activeDays(MIDNIGHT + 22 * HOUR - 1)).toEqual([DAY])
    expect(activeDays(MIDNIGHT + 22 * HOUR)).toEqual([DAY, DAY + 1])
    expect(activeDays(MIDNIGHT + 24 * HOUR - 1)).toEqual([DAY, DAY + 1])
  })

  it('lets members whose clocks differ by up to 2 h meet at any time', () => {
    for (let minute = 0; minute < 24 * 60; minute += 7) {
      const now = MIDNIGHT + minute * 60_000

      expect(activeDays(now + 2 * HOUR).some(day => activeDays(now).includes(day))).toBe(true)
    }
  })

  it('is printable, short, and differs by key, point and day', async () => {
    const [a, b] = [(await testKey(1)).peer, (await testKey(2)).peer]
    const key = publicDiscoveryKey('cats')
    const names = [
      rendezvousNamespace(key, a, 1),
      rendezvousNamespace(key, b, 1),
      rendezvousNamespace(key, a, 2),
      rendezvousNamespace(publicDiscoveryKey('dogs'), a, 1)
    ]

    expect(new Set(names).size).toBe(4)
    expect(names.every(name => /^[0-9a-f]{64}$/.test(name))).toBe(true)
    expect(rendezvousNamespace(key, a, 1)).toBe(names[0])
  })

  it('does not change from release to release', async () => {
    const key = publicDiscoveryKey('cats')

    expect(rendezvousNamespace(key, (await testKey(1)).peer, 20_089)).toBe('2a37816fa35c44a904271e7c53a59ee6518736009feb04b6b474881310897932')
    expect(createTopic(key).id).toBe('38f3edbef4fdc30042fc1ad7b4901650')
  })

  it('keeps secrets and channel IDs apart', () => {
    expect(discoveryKey(new TextEncoder().encode('cats'))).not.toEqual(publicDiscoveryKey('cats'))
    expect(discoveryKey(new Uint8Array(1000)).byteLength).toBe(32)
  })
})
