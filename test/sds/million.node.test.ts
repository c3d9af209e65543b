import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { Sds } from '../../src/sds/index.js'
import { craft } from './support/craft.js'
import { ofType, START, types } from './support/member.js'
import { seededRandom } from './support/random.js'
import { stampOf, storedChannel, storedId } from './support/stored.js'
import { WorkCounter } from './support/work.js'
import type { SdsEffect } from '../../src/sds/index.js'

const REMEMBERED = 1_000_000
const LOGGED = 50_000
const NOW = START + 2 * REMEMBERED

describe('sds: a channel that remembers 1 000 000 IDs, after a restart', () => {
  let sds: Sds
  let work: WorkCounter

  const receive = (to: Sds, bytes: Uint8Array): SdsEffect[] => {
    const effects = to.receive(bytes, NOW)
    to.takeOps()

    return effects
  }

  beforeAll(async () => {
    work = await WorkCounter.start()
    await loadFastKeccak()
    sds = Sds.restore({ channelId: 'tea', senderId: 'bob', random: seededRandom(1), now: NOW }, storedChannel(REMEMBERED, LOGGED))
  }, 60_000)

  afterAll(async () => { await work.stop() })

  it('has forgotten none, and takes at most 64 MB for them', () => {
    expect(sds.status()).toMatchObject({ seen: REMEMBERED, log: LOGGED, floor: 0, lamportTimestamp: stampOf(REMEMBERED) })
    expect(sds.status().bytes).toBeLessThan(64 * 1_024 * 1_024)

    for (let i = 0; i < REMEMBERED; i += 61) {
      if (!sds.has(storedId(i))) {
        expect.fail(`message ${i} is forgotten`)
      }
    }

    expect(sds.has(storedId(REMEMBERED))).toBe(false)
  })

  it('delivers none of them again', () => {
    for (let i = 0; i < REMEMBERED; i += 9_973) {
      const { bytes } = craft({ senderId: 'a', messageId: storedId(i), idSalt: undefined, lamportTimestamp: NOW })
      expect(types(receive(sds, bytes))).toEqual(['duplicate'])
    }
  })

  it('P25, P64: receives and sends with no more work than an empty one', async () => {
    const alice = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(2), now: NOW })
    const empty = new Sds({ channelId: 'tea', senderId: 'bob', random: seededRandom(3), now: NOW })
    const send = (from: Sds): Uint8Array => {
      const staged = from.stage([[Uint8Array.of(1)]], NOW)
      staged.apply(NOW)

      return staged.messages[0].bytes
    }
    const sent = Array.from({ length: 500 }, () => send(alice))
    const costs: number[][] = []

    for (const to of [empty, sds]) {
      costs.push([
        await work.count(() => { sent.forEach(bytes => { receive(to, bytes) }) }),
        await work.count(() => { sent.forEach(() => { send(to) }) })
      ])
    }

    expect(sds.status().log).toBe(LOGGED + 1_000)
    costs[1].forEach((cost, i) => {
      // it does count: a message is some hundred steps
      expect(costs[0][i]).toBeGreaterThan(sent.length * 100)
      expect(cost).toBeLessThan(costs[0][i] * 1.5)
    })
  })

  it('P20: forgets the oldest for those that come, and lets in nothing from below the floor', () => {
    const { seen } = sds.status()
    const oldest = sds.entries({ limit: 2_000 }).map(({ messageId }) => messageId)
    sds.forget(oldest)

    const evicted = seen - REMEMBERED
    expect(sds.status()).toMatchObject({ seen: REMEMBERED, floor: stampOf(evicted - 1) })
    expect(sds.has(storedId(evicted - 1))).toBe(false)
    expect(sds.has(storedId(evicted))).toBe(true)
    expect(oldest.every(messageId => sds.has(messageId))).toBe(true)

    const replay = craft({ senderId: 'a', messageId: storedId(evicted - 1), idSalt: undefined, lamportTimestamp: stampOf(evicted - 1) })
    expect(ofType(receive(sds, replay.bytes), 'rejected')).toMatchObject([{ reason: 'below-floor' }])
  })
})
