import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { plaintext } from '../../src/encryption/index.js'
import { checkHistory, createSimulation, seededRandom } from '../../src/testing/index.js'
import type { SimulatedClock, SimulationInit } from '../../src/testing/index.js'

const MINUTE = 60_000
const HALF = 5 * MINUTE
const MEMBERS = 5
const CHANNELS = Array.from({ length: 50 }, (_, i) => `channel-${i}`)

/** Messages of a channel that stay in its log: the first half fills it. */
const MAX_MESSAGES = 10
const MESSAGES_PER_HALF = 12

/** What may be under way by chance: one entry of every channel of every member. */
const SLACK = MEMBERS * CHANNELS.length

/** Bounded as well, but by more than a soak reaches: requests by 10 000, the journals of SDS and of the store by 1 024 and 512 values. */
const BOUNDED_BY_MORE = /\.(requests|recorder|disk|overlay)\b/

const random = seededRandom('soak')

/** The same bad network and the same restarts in both halves; the last minute of each is calm. */
const INIT: SimulationInit = {
  seed: 'soak',
  members: MEMBERS,
  loss: 0.1,
  reorder: 0.1,
  duplicate: 0.05,
  app: async member => {
    for (const channelId of CHANNELS) {
      await member.channels.createChannel(channelId, {
        encryption: plaintext(),
        senderId: `member-${member.index}`,
        history: { maxMessages: MAX_MESSAGES }
      })
    }

    await member.channels.start()
  },
  crashes: [0, HALF].flatMap(from => Array.from({ length: MEMBERS }, (_, member) => ({
    at: from + MINUTE + random.integer(2 * MINUTE), member, downMs: 1_000 + random.integer(5_000)
  }))),
  traffic: [0, HALF].flatMap(from => CHANNELS.flatMap(channelId => Array.from({ length: MESSAGES_PER_HALF }, () => ({
    at: from + 1_000 + random.integer(4 * MINUTE), member: random.integer(MEMBERS), size: 256, channelId
  }))))
}

/** How many entries there are in every list, map and set that is reached from `root`, by the names that lead there. */
function census (root: object): Map<string, number> {
  const sizes = new Map<string, number>()
  const seen = new Set<object>()
  const todo: Array<{ path: string, value: unknown }> = [{ path: '', value: root }]

  for (let next = todo.pop(); next != null; next = todo.pop()) {
    const { path, value } = next

    if (typeof value !== 'object' || value == null || ArrayBuffer.isView(value) || seen.has(value)) {
      continue
    }

    seen.add(value)

    if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
      sizes.set(path, (sizes.get(path) ?? 0) + (Array.isArray(value) ? value.length : value.size))
      value.forEach((element: unknown) => { todo.push({ path, value: element }) })
    } else {
      Object.entries(value).forEach(([name, property]) => { todo.push({ path: `${path}.${name}`, value: property }) })
    }
  }

  return sizes
}

/** Bytes that are really used. */
function heap (): number {
  setFlagsFromString('--expose-gc')

  const collect: unknown = runInNewContext('gc')

  if (typeof collect === 'function') {
    collect()
  }

  return process.memoryUsage().heapUsed
}

test('10 minutes, 50 channels, 5 members, loss and restarts: the guarantees hold, and memory is flat', { timeout: 180_000 }, async () => {
  await using simulation = await createSimulation(INIT)
  const clock = simulation.clock as SimulatedClock
  const halves: Array<{ heap: number, timers: number, sizes: Map<string, number> }> = []

  for (let half = 0; half < 2; half++) {
    await simulation.run(HALF)

    const sizes = new Map<string, number>()

    for (const member of simulation.members) {
      census(member.channels).forEach((size, path) => { sizes.set(path, (sizes.get(path) ?? 0) + size) })
    }

    halves.push({ heap: heap(), timers: clock.pending, sizes })
  }

  const [first, second] = halves
  const grown = [...second.sizes].filter(([path, size]) => !BOUNDED_BY_MORE.test(path) && size > (first.sizes.get(path) ?? 0) * 1.5 + SLACK)

  // what grew with every message would have doubled
  expect(first.sizes.size).toBeGreaterThan(50)
  expect(grown).toEqual([])
  expect(second.timers).toBeLessThan(first.timers * 1.5 + SLACK)
  expect(second.heap).toBeLessThan(first.heap * 2)
  // retention takes out of the logs what G6 would keep
  expect(checkHistory(simulation.history, INIT).filter(({ guarantee }) => guarantee !== 'G6')).toEqual([])

  for (const member of simulation.members) {
    for (const channel of member.channels.listChannels()) {
      expect(channel.pending()).toEqual([])
      expect(channel.status()).toMatchObject({ queued: 0, parked: 0, missing: 0 })
      // looked at once a minute
      expect(await clock.until(channel.count())).toBeLessThan(2 * MAX_MESSAGES)
      await clock.until(channel.close())
    }

    await clock.until(member.channels.stop())
  }

  // timers of processes that crashed run out, and nobody sets another
  await simulation.run(MINUTE)
  expect(clock.pending).toBe(0)
})
