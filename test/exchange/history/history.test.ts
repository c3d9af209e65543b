import { describe, expect, it } from 'vitest'
import { History } from '../../../src/exchange/history/history.js'
import { FakeChannel, fakeMessage } from '../fake-channel.js'
import { testPeers } from '../peers.js'
import { FakeMember } from './fake-member.js'
import type { HistoryOptions, HistoryProgress, HistoryResult, LogEntry } from '../../../src/exchange/types.js'
import type { FakeMessage } from '../fake-channel.js'

const peers = await testPeers(3)
const wait = async (): Promise<void> => { await new Promise(resolve => setImmediate(resolve)) }
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

        onSettled(message != null ? 'had' : 'unavailable')
      })

      return true
    },
    wait
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

  it('one honest member among two liars sees what they hide, however much it is and whoever lists', async () => {
    const long = Array.from({ length: 9_000 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: 10 * i + 1 }))
    const few = long.filter((_, i) => i % 100 === 0)

    for (const order of [[few, long, few], [few, few, long], [long, few, few]]) {
      const channel = new FakeChannel()
      const from = members(...order)

      // they boast of much more than they list, to be the ones who list
      for (const liar of from.filter(({ channel: { messages } }) => messages.size === few.length)) {
        liar.digest = async () => ({ parts: [{ last: long[0], count: 1_000_000, fingerprint: new Uint8Array(16) }] })
      }

      expect(await fetchInto(channel, from)).toMatchObject({ complete: true, unavailable: 0 })
      expect(channel.messages.size).toBe(9_000)
    }
  })

  it('recent: what a liar invents does not take the place of what was said', async () => {
    const invented = Array.from({ length: 2_000 }, (_, i) => fakeMessage(`invented ${i}`, { lamportTimestamp: 1_000_000 + i }))
    const [honest] = members(log)
    const liar = new FakeMember(peers[1], new Liar().add(...invented))
    const channel = new FakeChannel()
    const result = await fetchInto(channel, [liar, honest], { mode: 'recent', limit: 700 })

    expect(channel.messages.size).toBe(700)
    expect(log.slice(1_100).every(({ messageId }) => channel.messages.has(messageId))).toBe(true)
    expect(result.complete).toBe(false)
  })

  it('recent: one message in many places counts once', async () => {
    const [honest, liar] = members(log, [])
    liar.page = async ({ before }, limit) => {
      const entries = Array.from({ length: 1_000 }, (_, i) => ({ ...log[0], lamportTimestamp: 1_000_000 - i })).filter(({ lamportTimestamp }) => before == null || lamportTimestamp < before.lamportTimestamp)

      return { entries: entries.slice(0, limit), more: false }
    }
    liar.digest = async () => ({ parts: [{ last: log[0], count: 1, fingerprint: new Uint8Array(16) }] })
    const channel = new FakeChannel()
    await fetchInto(channel, [honest, liar], { mode: 'recent', limit: 700 })

    expect(channel.messages.size).toBe(700)
    expect(log.slice(1_101).every(({ messageId }) => channel.messages.has(messageId))).toBe(true)
  })

  it('a member whose pages are short without end is left out', async () => {
    const channel = new FakeChannel()
    const [slow, honest] = members(log, log)
    const { page } = slow
    slow.page = async (range, limit) => await page.call(slow, range, Math.min(limit, 5))
    const result = await fetchInto(channel, [slow, honest])

    expect(slow.pages).toBe(1)
    expect(result.complete).toBe(true)
  })

  it('waits for room where others have filled the book, and blames nobody', async () => {
    let full = 3
    let waits = 0
    const result = await new History({
      members: members(log.slice(0, 200)),
      has: () => false,
      fetch: (_, __, onSettled) => {
        if (full-- > 0) {
          return false
        }

        queueMicrotask(() => { onSettled('had') })

        return true
      },
      wait: async () => { waits++ }
    }, {}).run()

    expect(waits).toBe(3)
    expect(result).toMatchObject({ complete: true, held: 200, unavailable: 0 })
  })

  it('asks for all of a page in one turn, so that requests are large', async () => {
    let turns = 0
    let counting = true
    let asked = 0
    const count = (): void => {
      turns++
      counting && queueMicrotask(count)
    }

    await new History({
      members: members(log.slice(0, 900)),
      has: () => false,
      fetch: (_, __, onSettled) => {
        if (asked++ === 0) {
          count()
        }

        if (asked === 900) {
          counting = false
        }

        setImmediate(() => { onSettled('had') })

        return true
      },
      wait
    }, {}).run()

    expect(turns).toBeLessThan(20)
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
    const waiting = new History({ members: members(log), has: () => false, fetch: () => true, wait }, { signal: abort.signal }).run()
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
          onSettled('had')
        })

        return true
      },
      wait
    }, {}).run()
    const pump = setInterval(() => { settle.splice(0).forEach(fn => { fn() }) }, 1)
    const result = await running
    clearInterval(pump)

    expect(result.held).toBe(9_000)
    expect(most).toBeLessThanOrEqual(4_096)
  })
})
