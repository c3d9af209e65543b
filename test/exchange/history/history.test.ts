import { describe, expect, it } from 'vitest'
import { History } from '../../../src/exchange/history/history.js'
import { FakeChannel, fakeMessage } from '../fake-channel.js'
import { testPeers } from '../peers.js'
import { FakeMember } from './fake-member.js'
import type { HistoryOptions, HistoryProgress, HistoryResult, LogEntry } from '../../../src/exchange/types.js'
import type { FakeMessage } from '../fake-channel.js'

const peers = await testPeers(3)
const log = Array.from({ length: 1_800 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: 10 * i + 1 }))

function members (...logs: FakeMessage[][]): FakeMember[] {
  return logs.map((messages, i) => new FakeMember(peers[i], new FakeChannel().add(...messages)))
}

/** Fetches into a log from whoever really has it. */
async function fetchInto (channel: FakeChannel, from: FakeMember[], options: HistoryOptions = {}): Promise<HistoryResult & { order: number[] }> {
  const order: number[] = []
  const result = await new History({
    members: from,
    has: (messageId) => channel.has({ messageId }),
    fetch: (entry, claimants, onSettled) => {
      order.push(entry.lamportTimestamp)
      queueMicrotask(() => {
        const source = from.find(({ peer, channel: held }) => claimants.includes(peer) && held.messages.has(entry.messageId) && !(held instanceof Liar))
        const message = source?.channel.messages.get(entry.messageId)

        if (message != null) {
          channel.add(message)
        }

        onSettled(message != null)
      })

      return true
    }
  }, options).run()

  return { ...result, order }
}

/** Lists what it cannot deliver. */
class Liar extends FakeChannel {}

describe('history', () => {
  it('fetches everything, newest first, from members that agree: one lists, the others compare', async () => {
    const from = members(log, log, log)
    const channel = new FakeChannel().add(...log.slice(100, 200))
    const progress: HistoryProgress[] = []
    const result = await fetchInto(channel, from, { onProgress: (step) => { progress.push(step) } })

    expect(result).toMatchObject({ listed: 1_800, held: 1_800, unavailable: 0, members: 3, complete: true, horizon: { lamportTimestamp: 1 } })
    expect(channel.messages.size).toBe(1_800)
    expect(result.order).toEqual([...result.order].sort((a, b) => b - a))
    expect(from[1].pages + from[2].pages).toBe(0)
    expect(progress.at(-1)).toMatchObject({ listed: 1_800, held: 1_800 })
    expect(progress.every((step, i) => i === 0 || step.held >= progress[i - 1].held)).toBe(true)
  })

  it('one honest member among liars is enough to see what they hide', async () => {
    for (const hidden of [[], log.slice(0, 10), log.filter((_, i) => i % 3 === 0), log.slice(1_000), log.slice(0, 1_700)]) {
      const channel = new FakeChannel()
      const result = await fetchInto(channel, members(hidden, log, hidden))
      expect(result).toMatchObject({ complete: true, unavailable: 0 })
      expect(channel.messages.size).toBe(1_800)
    }
  })

  it('members that each miss something make a whole', async () => {
    const channel = new FakeChannel()
    await fetchInto(channel, members(log.filter((_, i) => i % 2 === 0), log.filter((_, i) => i % 3 === 0), log.filter((_, i) => i % 2 === 1)))

    expect(channel.messages.size).toBe(1_800)
  })

  it('what a liar invents is not had, counted, and costs it its part', async () => {
    const invented = Array.from({ length: 500 }, (_, i) => fakeMessage(`invented ${i}`, { lamportTimestamp: 10 * i + 2 }))
    const liar = new FakeMember(peers[0], new Liar().add(...invented, ...log))
    const [, honest] = members([], log)
    const channel = new FakeChannel()
    const result = await fetchInto(channel, [liar, honest])

    expect(channel.messages.size).toBe(1_800)
    expect(result.complete).toBe(false)
    expect(result.unavailable).toBeGreaterThanOrEqual(64)
    expect(result.unavailable).toBeLessThan(500)
  })

  it('a member that lists for ever without end, or fails, is left out', async () => {
    const channel = new FakeChannel()
    const [stuck, failing, honest] = members(log, log, log)
    stuck.page = async (range) => ({ entries: log.slice(-1).filter(({ lamportTimestamp }) => range.before == null || lamportTimestamp <= range.before.lamportTimestamp), more: true })
    failing.digest = async () => { throw new Error('gone') }
    const result = await fetchInto(channel, [stuck, failing, honest])

    expect(result).toMatchObject({ complete: true, members: 3 })
    expect(channel.messages.size).toBe(1_800)
  })

  it('a member that claims to have much more and shows nothing changes nothing', async () => {
    const channel = new FakeChannel()
    const [honest, boaster] = members(log, [])
    boaster.digest = async () => ({ parts: [{ last: log[0], count: 1_000_000, fingerprint: new Uint8Array(16) }] })
    const result = await fetchInto(channel, [honest, boaster])

    expect(result.complete).toBe(true)
    expect(channel.messages.size).toBe(1_800)
  })

  it('recent: no more than asked for, and nothing below a place', async () => {
    const recent = new FakeChannel()
    const result = await fetchInto(recent, members(log, log), { mode: 'recent', limit: 700 })
    expect(result).toMatchObject({ listed: 700, held: 700, complete: true })
    expect(Math.min(...[...recent.messages.values()].map(({ lamportTimestamp }) => lamportTimestamp))).toBe(log[1_100].lamportTimestamp)

    const retained = new FakeChannel()
    await fetchInto(retained, members(log, log), { after: log[999] })
    expect(retained.messages.size).toBe(800)
  })

  it('nobody to ask is not complete; an abort ends it', async () => {
    expect(await fetchInto(new FakeChannel(), [])).toMatchObject({ complete: false, members: 0, listed: 0 })

    const abort = new AbortController()
    const waiting = new History({ members: members(log), has: () => false, fetch: () => true }, { signal: abort.signal }).run()
    setImmediate(() => { abort.abort(new Error('enough')) })
    await expect(waiting).rejects.toThrow('enough')
  })

  it('asks for a bounded number of messages at once', async () => {
    let outstanding = 0
    let most = 0
    const settle: Array<() => void> = []
    const big = Array.from({ length: 9_000 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: i + 1 }))
    const running = new History({
      members: members(big),
      has: () => false,
      fetch: (_: LogEntry, __, onSettled) => {
        most = Math.max(most, ++outstanding)
        settle.push(() => {
          outstanding--
          onSettled(true)
        })

        return true
      }
    }, {}).run()
    const pump = setInterval(() => { settle.splice(0).forEach(fn => { fn() }) }, 1)
    const result = await running
    clearInterval(pump)

    expect(result.held).toBe(9_000)
    expect(most).toBeLessThanOrEqual(4_096)
  })
})
