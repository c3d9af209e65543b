import { MemoryDatastore } from 'datastore-core'
import { describe, expect, test } from 'vitest'
import { plaintext } from '../../src/encryption/index.js'
import { collect, connected, device, texts, utf8 } from './harness.js'
import type { Datastore } from 'interface-datastore'

/** Hides that it is in memory: what is in it outlives its manager. */
const durable = (): Datastore => new Proxy(new MemoryDatastore(), {
  getPrototypeOf: () => Object.prototype,
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name)

    return typeof value === 'function' ? value.bind(target) : value
  }
})

async function * stream (text: string): AsyncGenerator<Uint8Array> {
  yield utf8(text)
}

describe('opening, closing and deleting at once', () => {
  test('of two that open a channel while it closes, one is refused', async () => {
    const alice = await device({ init: { maxChannels: 1 } })

    await alice.open()

    const closing = alice.channels.closeChannel('tea')
    const opened = await Promise.allSettled([alice.open(), alice.open()])

    await closing
    expect(opened).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { name: 'DuplicateChannelError' } }])
  })

  test.each(['open', 'closed'])('a channel that is created while the %s one of that name is deleted begins empty', async state => {
    const alice = await device({ datastore: durable() })
    const channel = await alice.open()

    await channel.send(utf8('hi'))

    if (state === 'closed') {
      await channel.close()
    }

    const [, again] = await Promise.all([alice.channels.deleteChannel('tea'), alice.open(), alice.channels.closeChannel('tea').catch(() => {})])

    expect(await again.count()).toBe(0)
    await again.send(utf8('kept'))
    await again.close()
    expect(texts(await collect((await alice.open()).history()))).toEqual(['kept'])
  })

  test('any of it at the same time leaves no timer and no topic', async () => {
    const alice = await device({ datastore: durable() })

    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 4 }, () => [
        alice.open().then(async channel => await channel.send(utf8('hi'))),
        alice.channels.closeChannel('tea'), alice.channels.stop(), alice.channels.start(), alice.channels.deleteChannel('tea')
      ]).flat()
      const refused = (await Promise.allSettled(calls)).flatMap(result => result.status === 'rejected' ? [result.reason.name] : [])

      expect(refused.filter(name => !['DuplicateChannelError', 'UnknownChannelError', 'ChannelClosedError', 'NotStartedError'].includes(name))).toEqual([])
    }

    await alice.channels.deleteChannel('tea')
    await alice.channels.stop()
    expect({ timers: alice.clock.pending, topics: [...alice.messaging.topics] }).toEqual({ timers: 0, topics: [] })
  })

  test('an aborted close does not wait for a decryption that never ends, and the channel is closed', async () => {
    const alice = await device()
    const channel = await alice.open('tea', { encryption: { ...plaintext(), decrypt: async () => await new Promise<never>(() => {}) } })
    const controller = new AbortController()

    alice.messaging.receive({ contentTopic: 'tea', payload: utf8('x'), ephemeral: false, meta: utf8('RELIABLE-CHANNEL-API/1') })

    const closing = channel.close({ signal: controller.signal })

    controller.abort(new Error('enough'))
    await closing.catch(() => {})
    expect(alice.channels.hasChannel('tea')).toBe(false)
    await alice.open()
  })

  test('whoever waits for a request or a stage when the channel closes, or after, is rejected', async () => {
    const alice = await device({ confirm: 'manual', datastore: durable() })
    const channel = await alice.open()

    alice.messaging.setSubscribers(0)

    const requestId = await channel.send(utf8('hi'))
    const ready = expect(channel.ready('synced')).rejects.toMatchObject({ name: 'ChannelClosedError' })

    await channel.close()
    await ready
    await expect(channel.settled(requestId, 'sent')).rejects.toMatchObject({ name: 'ChannelClosedError' })
  })
})

describe('the queue', () => {
  test('calls that wait are let in one by one, in their order', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', { sending: { maxQueued: 2, maxQueuedBytes: 1_000 } })

    await channel.send(new Uint8Array(600))

    // the small ones would fit
    const calls = [500, 1, 2, 3].map(async size => await channel.send(new Uint8Array(size).fill(1), { whenFull: 'wait' }))

    for (let i = 0; i < 5; i++) {
      await alice.clock.settle()
      expect(channel.pending().length).toBeLessThanOrEqual(2)
      alice.messaging.confirm(alice.messaging.sent[i].requestId)
    }

    await Promise.all(calls)
    expect((await collect(channel.history({ order: 'arrival' }))).map(message => message.size)).toEqual([600, 500, 1, 2, 3])
  })

  test('what is being staged counts', async () => {
    const alice = await device({ confirm: 'manual', datastore: durable() })
    const channel = await alice.open('tea', { sending: { maxQueued: 5 } })
    const calls: Array<Promise<string>> = []

    for (let i = 0; i < 50; i++) {
      calls.push(channel.send(utf8(`${i}`)))
      await Promise.resolve()
    }

    const refused = (await Promise.allSettled(calls)).filter(call => call.status === 'rejected')

    expect(channel.pending()).toHaveLength(5)
    expect(refused.map(call => call.reason.name)).toEqual(new Array(45).fill('QueueFullError'))
  })

  test('one ID is staged once, by send() and sendStream() together', async () => {
    const alice = await device()
    const channel = await alice.open()

    await Promise.all([
      channel.sendStream(stream('abc'), { size: 3, requestId: 'mine' }),
      channel.sendStream(stream('abc'), { size: 3, requestId: 'mine' }),
      channel.send(utf8('abc'), { requestId: 'mine' })
    ])
    await alice.clock.settle()
    expect(await channel.count()).toBe(1)
  })

  test('attempts that were refused come back within the window', async () => {
    let underWay = 0
    let most = 0
    let count = 0
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', {
      sending: { maxInFlight: 4 },
      sendHandler: async () => {
        most = Math.max(most, ++underWay)

        if (count++ < 40) {
          await Promise.resolve()
          underWay--
          throw new Error('refused')
        }

        return `${count}`
      }
    })

    for (let i = 0; i < 100; i++) {
      await channel.send(utf8(`${i}`))
    }

    await alice.clock.advance(5_000)
    expect(count).toBeGreaterThan(40)
    expect(most).toBe(4)
  })

  test('a line that is said after a large payload leaves between its segments, and is released after it', async () => {
    const [alice, bob] = await connected(['alice', 'bob'], { confirm: 'manual' })
    const channel = await alice.open('tea', { segmentation: { segmentSizeBytes: 256 }, sending: { maxInFlight: 4 } })
    let confirmed = 0

    await bob.open()
    await channel.send(new Uint8Array(20_000))
    await alice.clock.settle()

    const line = await channel.send(utf8('hi'))
    const before = alice.messaging.sent.length

    while (channel.request(line)?.state !== 'sent') {
      alice.messaging.confirm(alice.messaging.sent[confirmed++].requestId)
      await alice.clock.settle()
    }

    expect(confirmed).toBeLessThanOrEqual(before + 4)
    expect(bob.of('reliable:message:received')).toEqual([])

    while (channel.pending().length > 0) {
      alice.messaging.confirm(alice.messaging.sent[confirmed++].requestId)
      await alice.clock.settle()
    }

    expect(bob.of('reliable:message:received').map(message => message.size)).toEqual([20_000, 2])
  })

  test('a request tells when the rate limit is expected to let it go', async () => {
    const alice = await device()
    const channel = await alice.open('tea', { rateLimit: { enabled: true, epochPeriodSec: 600, messagesPerEpoch: 2, upkeepShare: 0 } })
    const ids: string[] = []

    for (let i = 0; i < 6; i++) {
      ids.push(await channel.send(utf8(`${i}`), { timeoutMs: 3_600_000 }))
      await alice.clock.settle()
    }

    const epoch = (Math.floor(alice.clock.now() / 600_000) + 1) * 600_000

    expect(ids.slice(2).map(id => channel.request(id)?.expectedAt)).toEqual([epoch, epoch, epoch + 600_000, epoch + 600_000])
  })
})
