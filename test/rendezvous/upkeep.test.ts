import { InvalidParametersError } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { standardRecord } from '../../src/rendezvous/index.js'
import { Upkeep } from '../../src/rendezvous/client/upkeep.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { openRecord } from '../../src/rendezvous/records.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { ClientHarness, createPeer } from './fixtures.js'
import type { Message } from '../../src/rendezvous/pb/rendezvous.js'

const REGISTERED: Message = { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0, ttl: 7_200n } }

it('keeps 1 000 namespaces, and refuses more', async () => {
  const upkeep = new Upkeep({ clock: new SimulatedClock(), random: seededRandom(1), addresses: () => '', register: async () => 7_200 })

  for (let i = 0; i < 1_000; i++) {
    await upkeep.add(`n${i}`, 7_200, [])
  }

  await expect(upkeep.add('one more', 7_200, [])).rejects.toThrow(InvalidParametersError)
  await upkeep.add('n0', 7_200, [])
  await upkeep.remove('n0')
  await upkeep.add('one more', 7_200, [])
})

it('begins with the short delay again once a registration got through', async () => {
  const clock = new SimulatedClock()
  const { id } = await createPeer(1)
  const attempts: number[] = []
  let isDown = true
  const upkeep = new Upkeep({
    clock,
    random: seededRandom(1),
    addresses: () => '',
    register: async () => {
      attempts.push(clock.now())

      if (isDown) {
        throw new Error('down')
      }

      return 60
    }
  })
  upkeep.start()
  await upkeep.add('foo', 60, [id])
  await clock.advance(600_000)
  isDown = false
  await clock.advance(600_000)
  isDown = true
  attempts.length = 0
  await clock.advance(60_000)
  upkeep.stop()

  // half the first delay to one and a half of it
  expect(attempts[1] - attempts[0]).toBeLessThanOrEqual(1_500)
})

it('an address that changed is told everywhere, though one registration told of it before libp2p did', async () => {
  const [alice, robert] = await Promise.all([1, 101].map(createPeer))
  const told: string[] = []
  const harness = await ClientHarness.start(alice, {}, [[robert, async ({ register }) => {
    const { multiaddrs } = await openRecord(standardRecord, register?.signedPeerRecord ?? new Uint8Array())
    told.push(`${new TextDecoder().decode(register?.ns)} ${multiaddrs.join()}`)

    return REGISTERED
  }]])
  await harness.client.register('foo')
  harness.addresses = ['/ip4/1.1.1.1/tcp/1']
  // libp2p waits a moment for more of them before it says so
  await harness.client.register('bar')
  await harness.client.registerAt(robert.id, 'baz')
  told.length = 0
  harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
  await harness.clock.advance(1_000)

  expect(told).toEqual(['foo /ip4/1.1.1.1/tcp/1'])
})

it.each([
  ['0', 0n, 1],
  ['more than a year', 2n ** 64n - 1n, 365 * 24 * 60 * 60],
  ['nothing', undefined, 300],
  ['less than was asked for', 10n, 10]
])('P46: a point that grants %s', async (_name, ttl, granted) => {
  const [alice, robert] = await Promise.all([1, 101].map(createPeer))
  const harness = await ClientHarness.start(alice, {}, [[robert, () => ({ type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0, ttl } })]])
  expect(await harness.client.register('foo', { ttl: 300 })).toEqual([{ point: robert.id, ttl: granted }])

  // not before half of what was granted has passed, and before all of it has; a timer lasts 24 days at most
  const half = Math.min(granted * 500, 2 ** 31 - 1)
  await harness.clock.advance(half - 1)
  expect(harness.dialled).toHaveLength(1)
  await harness.clock.advance(half + 1)
  expect(harness.dialled.length).toBeGreaterThan(1)
  await harness.client.stop()
})

it('P46: refreshes do not come all at once', async () => {
  const clock = new SimulatedClock()
  const points = await Promise.all(Array.from({ length: 40 }, async (_, i) => (await createPeer(200 + i)).id))
  const times = new Map<string, number>()
  const upkeep = new Upkeep({
    clock,
    random: seededRandom(1),
    addresses: () => '',
    register: async (point) => {
      times.set(point.toString(), clock.now())

      return 1_000
    }
  })
  upkeep.start()
  const start = clock.now()
  await upkeep.add('foo', 1_000, points)
  await clock.advance(750_000)
  upkeep.stop()
  const delays = [...times.values()].map(time => time - start)

  expect(Math.min(...delays)).toBeGreaterThanOrEqual(500_000)
  expect(Math.max(...delays)).toBeLessThanOrEqual(750_000)
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(150_000)
})

it('what failed is left to its delay while libp2p tells of other things than addresses', async () => {
  const [alice, robert] = await Promise.all([1, 101].map(createPeer))
  const harness = await ClientHarness.start(alice, { recordFormat: 'standard' }, [[robert, () => 'reset']])
  await harness.client.register('foo')

  for (let i = 0; i < 50; i++) {
    harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
    await harness.clock.advance(1)
  }

  expect(harness.dialled).toHaveLength(1)
  harness.addresses = ['/ip4/1.1.1.1/tcp/1']
  harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
  await harness.clock.advance(1)
  expect(harness.dialled).toHaveLength(2)
})

it('tries a point that stays down every few minutes, for days', async () => {
  const clock = new SimulatedClock()
  const { id } = await createPeer(1)
  const attempts: number[] = []
  const upkeep = new Upkeep({
    clock,
    random: seededRandom(1),
    addresses: () => '',
    register: async () => {
      attempts.push(clock.now())

      throw new Error('down')
    }
  })
  upkeep.start()
  await upkeep.add('foo', 60, [id])
  await clock.advance(48 * 60 * 60_000)
  upkeep.stop()
  const delays = attempts.slice(1).map((time, i) => time - attempts[i])

  // 5 minutes, more or less by half
  expect(Math.max(...delays)).toBeLessThanOrEqual(450_000)
  expect(Math.min(...delays.slice(10))).toBeGreaterThanOrEqual(150_000)
})
