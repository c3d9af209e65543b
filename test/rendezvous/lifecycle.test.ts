import { MemoryDatastore } from 'datastore-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { MessageType } from '../../src/rendezvous/constants.js'
import { ClientHarness, PointHarness, createPeer } from './fixtures.js'
import type { TestPeer } from './fixtures.js'

let alice: TestPeer
let bob: TestPeer
let robert: TestPeer

beforeEach(async () => {
  [alice, bob, robert] = await Promise.all([1, 2, 101].map(createPeer))
})

describe('a point', () => {
  it.each([['in memory', undefined], ['with a datastore', new MemoryDatastore()]])('P45: stops and starts again, any number of times, and keeps what is registered: %s', async (_name, datastore) => {
    const harness = await PointHarness.start({}, { datastore })
    await harness.register(alice, 'foo')

    for (let i = 0; i < 3; i++) {
      await harness.point.stop()
      await harness.point.stop()
      expect([harness.isServing, harness.clock.pending]).toEqual([false, 0])

      await Promise.all([harness.point.start(), harness.point.start()])
      expect(harness.isServing).toBe(true)
      expect((await harness.discover(bob, 'foo')).registrations).toHaveLength(1)
      await harness.register(bob, `after ${i}`)
      expect(harness.point.registrations).toBe(2 + i)
    }

    await Promise.all([harness.point.stop(), harness.point.start(), harness.point.stop()])
    expect([harness.isServing, harness.clock.pending]).toEqual([false, 0])
  })

  it('P45: registrations expire after a restart as before it', async () => {
    const harness = await PointHarness.start()
    await harness.register(alice, 'foo', 7_200)
    await harness.point.stop()
    await harness.point.start()

    await harness.clock.advance(7_199_999)
    expect(harness.point.registrations).toBe(1)
    await harness.clock.advance(1)
    expect(harness.point.registrations).toBe(0)
  })

  it('P45: resets open streams at the stop', async () => {
    const harness = await PointHarness.start()
    const stream = await harness.open(alice.id)
    const closed = new Promise<void>(resolve => { stream.addEventListener('close', () => { resolve() }) })
    await harness.point.stop()
    await closed

    expect(stream.status).toBe('reset')
  })
})

describe('a client', () => {
  it('P45: stops and starts again, with the registrations that were made before', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await harness.clock.until(harness.client.register('foo'))

    for (let i = 0; i < 2; i++) {
      await harness.client.stop()
      await harness.client.stop()
      // the point's sweep
      expect([...harness.listeners, harness.clock.pending]).toEqual([0, 0, 0, 1])
      await expect(harness.client.register('bar')).rejects.toMatchObject({ name: 'NotStartedError' })
      await point.clock.advance(7_201_000)
      // nothing is due any more, of either
      expect([point.point.registrations, harness.clock.pending]).toEqual([0, 0])

      await harness.start()
      await harness.client.start()
      await harness.clock.advance(10)
      expect(point.point.registrations).toBe(1)
      expect(harness.listeners).toEqual([1, 1, 1])
    }
  })

  it('P45: starts and stops at once leave what the last of them says', async () => {
    const point = await PointHarness.start()
    const harness = new ClientHarness(alice, { clock: point.clock }, [[robert, point]])
    await Promise.all([harness.client.start(), harness.client.stop()])
    expect(harness.listeners).toEqual([0, 0, 0])
    harness.connect(robert.id)
    harness.events.safeDispatchEvent('peer:disconnect', { detail: robert.id })
    expect(harness.clock.pending).toBe(0)

    await Promise.all([harness.client.start(), harness.client.stop(), harness.client.start()])
    expect(harness.listeners).toEqual([1, 1, 1])
    expect(await harness.clock.until(harness.client.register('foo'))).toMatchObject([{ ttl: 7_200 }])
    await harness.client.stop()
    expect(harness.listeners).toEqual([0, 0, 0])
  })

  it('P45: a stop ends what is under way at once, and waits for it', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => 'hang']])
    const registered = harness.client.register('foo')
    const found = harness.found('foo').then(() => 'found', err => err.name as string)
    await expect.poll(() => harness.streams.length, { interval: 1 }).toBe(2)
    // no time passes
    await harness.client.stop()

    expect(harness.streams.map(({ status }) => status)).toEqual(['aborted', 'aborted'])
    expect(Reflect.get(harness.client, 'queue')).toMatchObject({ pending: 0, size: 0 })
    expect(await registered).toMatchObject([{ error: { name: 'NotStartedError' } }])
    expect(await found).not.toBe('found')
    await harness.clock.settle()
    expect(harness.clock.pending).toBe(0)
  })

  it('P45: what was under way at the stop is done after the start', async () => {
    let isUp = false
    const harness = await ClientHarness.start(alice, {}, [[robert, () => isUp ? { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0, ttl: 7_200n } } : 'hang']])
    const registered = harness.client.register('foo')
    await expect.poll(() => harness.streams.length, { interval: 1 }).toBe(1)
    await harness.client.stop()
    await registered
    isUp = true
    await harness.start()
    harness.dialled.length = 0
    await harness.clock.advance(2_000)

    expect(harness.dialled).toHaveLength(1)
    expect(harness.client.status()).toMatchObject([{ failures: 0 }])
  })
})
