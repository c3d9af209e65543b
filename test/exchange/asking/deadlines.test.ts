import { describe, expect, it } from 'vitest'
import { PresenceType } from '../../../src/exchange/pb/exchange.js'
import { fakeMessage } from '../fake-channel.js'
import { wants } from '../nodes.js'
import { askHarness } from './harness.js'

const { PRESENT } = PresenceType
const [one, two] = [fakeMessage('one'), fakeMessage('two')]
const id = one.messageId

describe('deadlines', () => {
  it('P61: a deadline missed costs the want, not the session; many in a row cost the session', async () => {
    const { asker, clock, report, session, sessions } = await askHarness(1, { maxRounds: 100, retryMs: 1 })
    asker.want(wants([id]))
    await clock.settle()
    await clock.advance(3_000)
    expect(report.timeouts).toBeGreaterThan(0)
    expect(session(0).closed).toBe(false)
    expect(session(0).entries).toContainEqual(expect.objectContaining({ id: 1, cancel: true }))

    // each is waited for longer, as the peer counts as slower
    await clock.advance(300_000)
    expect(report.timeouts).toBeGreaterThanOrEqual(8)
    expect(sessions[0][0].aborted?.message).toMatch(/misses its deadlines/)
    expect(sessions[0].length).toBeGreaterThan(1)
  })

  it('a phone on a slow line gets everything: no peer owes more than it delivers in time', async () => {
    const { asker, clock, channel, report, session } = await askHarness(1)
    const segments = Array.from({ length: 120 }, (_, i) => fakeMessage(`segment ${i}`, { size: 100_000 }))
    const wanted = new Map(segments.map(segment => [segment.messageId, segment]))
    const queue: Array<{ id: number, messageId: string }> = []
    let most = 0
    let seen = 0

    asker.want(segments.map(({ messageId }) => ({ messageId, citer: 'bob', attempt: 1, bulk: true })))

    // 40 KB a second: the whole takes five minutes, 4 MiB longer than the longest deadline
    for (let i = 0; i < 160 && channel.accepted.length < 120; i++) {
      await clock.settle()

      for (const { id: number, messageId, cancel } of session(0).entries.slice(seen)) {
        if (messageId != null) {
          queue.push({ id: number, messageId })
        } else if (cancel === true) {
          queue.splice(queue.findIndex(entry => entry.id === number), 1)
        }
      }

      seen = session(0).entries.length
      most = Math.max(most, queue.length)
      await clock.advance(2_500)
      const next = queue.shift()
      const payload = wanted.get(next?.messageId ?? '')?.payload

      if (next != null && payload != null) {
        await session(0).receive({ deliveries: [{ id: next.id, payload, byHash: false }] })
      }
    }

    expect(channel.accepted.length).toBe(120)
    expect(channel.unavailableIds).toEqual([])
    expect(report.unrequested).toBe(0)
    expect(session(0).closed).toBe(false)
    // those of the first guess
    expect(report.timeouts).toBeLessThan(100)
    expect(most).toBeLessThan(100)
  })

  it('a delivery after its deadline is still used', async () => {
    const { asker, clock, channel, report, deliver } = await askHarness(1)
    asker.want(wants([id]))
    await clock.settle()
    await clock.advance(2_500)
    expect(report.timeouts).toBe(1)
    await deliver(0, 1, one)

    expect(channel.accepted).toEqual([id])
    expect(report.unrequested).toBe(0)
  })

  it('asks another peer when the deadline passes', async () => {
    const { asker, clock, asked } = await askHarness(2)
    asker.want(wants([id]))
    await clock.settle()
    expect(asked(id)).toEqual([0])
    await clock.advance(5_000)
    expect(asked(id)).toContain(1)
  })

  it('a peer that missed a deadline comes after the others, whatever speaks for it', async () => {
    const { asker, clock, channel, peers, asked } = await askHarness(2)
    channel.holding = [peers[0]]
    asker.want(wants([id]))
    await clock.advance(2_100)
    asker.want(wants([two.messageId]))
    await clock.settle()

    expect(asked(two.messageId)).toEqual([1])
  })

  it('hedges when a peer takes longer than usual, once, and withdraws the other when it comes', async () => {
    const { asker, clock, presence, deliver, asked, session, report } = await askHarness(3)
    asker.want(wants([id]))
    await clock.settle()
    presence(1, 1, PRESENT)
    await clock.advance(1_000)
    expect(asked(id)).toEqual([0, 1])
    expect(report.timeouts).toBe(0)

    await deliver(1, 1, one)
    expect(session(0).entries.at(-1)).toMatchObject({ id: 1, cancel: true })
    expect(asked(id).includes(0)).toBe(false)
  })
})
