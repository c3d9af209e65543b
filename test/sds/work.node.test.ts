import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeMessage } from '../../src/sds/codec.js'
import { Sds } from '../../src/sds/index.js'
import { ofType, settle, START } from './support/member.js'
import { seededRandom } from './support/random.js'
import { WorkCounter } from './support/work.js'
import type { SdsEffect } from '../../src/sds/index.js'
import type { StoreOp } from '../../src/storage/index.js'

describe('sds: work that grows no faster than what it is for', () => {
  let work: WorkCounter

  beforeAll(async () => { work = await WorkCounter.start() })

  afterAll(async () => { await work.stop() })

  const message = (messageId: string, senderId: string, cites: string[], lamportTimestamp: number): Uint8Array => encodeMessage({
    senderId,
    messageId,
    channelId: 'tea',
    lamportTimestamp,
    causalHistory: cites.map(messageId => ({ messageId, lamportTimestamp: START + 1 })),
    repairRequest: [],
    content: [new TextEncoder().encode(messageId)]
  })

  /** A chain, each link of which waits for the next, that goes on until it has waited too long. */
  const chain = (first: number): { sds: Sds, length: number } => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START, persistent: false })
    const stamp = START + 3_600_000
    const link = (i: number): Uint8Array => message(`m-${i}`, 'mallory', [`m-${i + 1}`], stamp - i)
    let now = START
    let length = 0

    // else the first live message, so far ahead, would be the join mark
    sds.receive(message('hello', 'bob', [], START + 10), now)

    while (length < first) {
      sds.receive(link(length++), now)
    }

    for (; now < START + 600_000; now += 50_000) {
      sds.tick(now)
      sds.receive(link(length++), now)
    }

    return { sds, length }
  }

  it('a long chain that is fed again and again costs each link once when it is given up', async () => {
    const costs: number[] = []

    for (const first of [1_000, 8_000]) {
      const { sds, length } = chain(first)
      let effects: SdsEffect[] = []
      expect(sds.status().parked).toBe(length)

      costs.push(await work.count(() => { effects = [...sds.tick(START + 600_001), ...settle(sds, START + 600_001)] }) / length)

      expect(ofType(effects, 'released').length).toBe(length)
      expect(sds.status()).toMatchObject({ parked: 0, missing: 0, lost: 1 })
    }

    expect(costs[0]).toBeGreaterThan(10)
    expect(costs[1]).toBeLessThan(costs[0] * 1.5)
  })

  it('a message that waits costs the same however many wait already, and so does its release', async () => {
    const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START })
    const count = 8_000
    const link = (i: number): Uint8Array => message(`m-${i}`, 'mallory', i === 0 ? [] : [`m-${i - 1}`], START + 10 + i)
    const arrive = (from: number, to: number): void => {
      for (let i = from; i > to; i--) {
        sds.receive(link(i), START)
        sds.takeOps()
      }
    }
    sds.receive(message('hello', 'bob', [], START + 10), START)

    const few = await work.count(() => { arrive(count, count - 500) })
    arrive(count - 500, 500)
    const many = await work.count(() => { arrive(500, 0) })

    expect(sds.status().parked).toBe(count)
    expect(few).toBeGreaterThan(500 * 100)
    expect(many).toBeLessThan(few * 1.5)

    const release = await work.count(() => {
      sds.receive(link(0), START)
      settle(sds, START)
    })

    expect(sds.status()).toMatchObject({ parked: 0, missing: 0 })
    expect(release).toBeLessThan(count * few / 500)
  })

  it('the first snapshot after a restart copies what waits, and does not serialise it again', async () => {
    const init = { channelId: 'tea', senderId: 'alice', random: seededRandom(1), now: START }
    const cost = async (waiting: number): Promise<number> => {
      const store = new Map<string, Uint8Array>()
      const commit = (ops: StoreOp[]): number => {
        for (const { key, value } of ops) {
          if (value == null) {
            store.delete(key)
          } else {
            store.set(key, value)
          }
        }

        return ops.length
      }
      const first = new Sds(init)

      for (let i = 0; i < waiting; i++) {
        first.receive(message(`w-${i}`, 'mallory', ['gone', 'away'], START + 20 + i), START)
        commit(first.takeOps())
      }

      const sds = Sds.restore(init, Array.from(store, ([key, value]) => ({ key, value })))
      let snapshots = 0
      const steps = await work.count(() => {
        for (let i = 0; i < 1_100; i++) {
          sds.receive(message(`r-${i}`, 'bob', [], START + 10_000 + i), START)
          // a checkpoint takes the journal's values away
          snapshots += commit(sds.takeOps()) > 100 ? 1 : 0
        }
      })

      expect(snapshots).toBe(1)
      expect(sds.status().parked).toBe(waiting)

      return steps
    }
    const [none, many] = [await cost(0), await cost(4_000)]

    expect(none).toBeGreaterThan(1_100 * 100)
    expect((many - none) / 4_000).toBeLessThan(50)
  })
})
