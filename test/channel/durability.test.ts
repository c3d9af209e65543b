import { MemoryDatastore } from 'datastore-core'
import { describe, expect, test } from 'vitest'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { collect, connect, device, texts, utf8 } from './harness.js'
import type { ChannelOptions } from '../../src/channel/index.js'
import type { Batch, Datastore, Key } from 'interface-datastore'

/** A durable datastore that writes down every write, so that any prefix of them can be had again. */
class RecordingDatastore extends MemoryDatastore {
  readonly writes: Array<{ key: Key, value?: Uint8Array }> = []

  override put (key: Key, value: Uint8Array): Key {
    this.writes.push({ key, value: new Uint8Array(value) })

    return super.put(key, value) as Key
  }

  override delete (key: Key): void {
    this.writes.push({ key })
    void super.delete(key)
  }

  /** Not atomic: every operation is a write of its own. */
  override batch (): Batch {
    const ops: Array<() => void> = []

    return {
      put: (key, value) => { ops.push(() => { this.put(key, value) }) },
      delete: key => { ops.push(() => { this.delete(key) }) },
      commit: async () => { ops.splice(0).forEach(op => { op() }) }
    }
  }
}

/** Hides that it is in memory: what is in it outlives its manager. */
const durable = (datastore: Datastore): Datastore => new Proxy(datastore, {
  getPrototypeOf: () => Object.prototype,
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name)

    return typeof value === 'function' ? value.bind(target) : value
  }
})

function afterWrites (recorded: RecordingDatastore, count: number): Datastore {
  const store = new MemoryDatastore()

  for (const { key, value } of recorded.writes.slice(0, count)) {
    void (value == null ? store.delete(key) : store.put(key, value))
  }

  return durable(store)
}

describe('durability', () => {
  test('P10: state and outbox are one value: after a crash at any write a message is whole or absent, and what was promised is kept', async () => {
    const recorded = new RecordingDatastore()
    const alice = await device({ datastore: durable(recorded) })
    const channel = await alice.open('tea', { segmentation: { segmentSizeBytes: 256 } })
    const promised: Array<{ at: number, id: string }> = []

    for (const payload of [utf8('one'), new Uint8Array(400).fill(1), utf8('three')]) {
      const id = await channel.send(payload)

      promised.push({ at: recorded.writes.length, id })
      await alice.clock.advance(200)
    }

    await alice.clock.advance(2_000)

    for (let count = 0; count <= recorded.writes.length; count++) {
      const again = await device({ clock: new SimulatedClock(alice.clock.now()), datastore: afterWrites(recorded, count) })
      const reopened = await again.open('tea', { segmentation: { segmentSizeBytes: 256 } })
      const kept = promised.filter(({ at }) => at <= count)

      await again.clock.advance(5_000)

      // each request of a resolved send() is known under its old ID, and sent by now
      for (const { id } of kept) {
        expect(reopened.request(id)?.state, `after ${count} writes`).toMatch(/^(sent|delivery-error)$/)
      }

      // the log has what has a request, once, in order
      const log = await collect(reopened.history())

      expect(new Set(log.map(message => message.messageId)).size).toBe(log.length)
      expect(log.map(message => message.size)).toEqual([3, 400, 5].slice(0, log.length))
      expect(log.length).toBeGreaterThanOrEqual(kept.length)
      expect(reopened.pending()).toEqual([])
      // and it goes on
      await reopened.settled(await reopened.send(utf8('more')), 'sent')
      await again.channels.closeChannel('tea')
    }
  }, 60_000)

  test('a receiver that crashes at any write emits nothing twice, and its log has everything', async () => {
    const author = await device({ name: 'alice' })
    const said = await author.open('tea', { segmentation: { segmentSizeBytes: 256 } })

    for (const payload of [utf8('one'), new Uint8Array(400).fill(1), utf8('three')]) {
      await said.send(payload)
      await author.clock.settle()
    }

    const envelopes = author.messaging.sent.map(({ envelope }) => envelope)
    const recorded = new RecordingDatastore()
    const bob = await device({ name: 'bob', datastore: durable(recorded), clock: author.clock })
    const told: Array<{ at: number, messageId: string }> = []

    bob.channels.events.on('reliable:message:received', ({ messageId }) => { told.push({ at: recorded.writes.length, messageId }) })
    await bob.open()

    for (const envelope of envelopes) {
      bob.messaging.receive(envelope)
      await bob.clock.settle()
    }

    expect(told).toHaveLength(3)
    await bob.clock.advance(1_000)

    for (let count = 0; count <= recorded.writes.length; count++) {
      const again = await device({ name: 'bob', clock: new SimulatedClock(bob.clock.now()), datastore: afterWrites(recorded, count) })
      const channel = await again.open()

      await again.clock.advance(100)

      // everything comes again, as a repair would bring it
      for (const envelope of envelopes) {
        again.messaging.receive(envelope)
        await again.clock.settle()
      }

      const before = told.filter(({ at }) => at <= count).map(({ messageId }) => messageId)
      const now = again.of('reliable:message:received').map(({ messageId }) => messageId)

      expect(new Set([...before, ...now]).size, `after ${count} writes`).toBe(before.length + now.length)
      expect((await collect(channel.history())).map(message => message.size)).toEqual([3, 400, 5])
      await again.channels.closeChannel('tea')
    }
  }, 60_000)

  test('requests from before a restart resume under their IDs, and pending() lists them', async () => {
    const store = durable(new RecordingDatastore())
    const first = await device({ datastore: store })
    const channel = await first.open()

    first.messaging.setSubscribers(0)

    const requestId = await channel.send(utf8('hi'))

    await first.clock.advance(3_600_000)
    expect(channel.pending()).toMatchObject([{ requestId, state: 'queued' }])
    await first.channels.closeChannel('tea')
    expect(first.of('reliable:message:send-error')).toEqual([])

    const second = await device({ datastore: store, clock: first.clock })
    const again = await second.open()

    expect(again.pending()).toMatchObject([{ requestId, state: 'queued', size: 2 }])
    await second.clock.until(again.settled(requestId, 'sent'))
    expect(second.of('reliable:message:sent')).toMatchObject([{ requestId }])
  })

  test('without a durable store, closing ends what is pending', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'))
    const settled = channel.settled(requestId, 'sent')

    settled.catch(() => {})
    expect(alice.channels.durable).toBe(false)
    await channel.close()
    await expect(settled).rejects.toMatchObject({ name: 'ChannelClosedError' })
    expect(alice.of('reliable:message:send-error')).toMatchObject([{ requestId, error: { name: 'ChannelClosedError' } }])
  })

  test('what was acknowledged before a restart is not sent again', async () => {
    const clock = new SimulatedClock()
    const store = durable(new RecordingDatastore())
    const alice = await device({ datastore: store, clock })
    const bob = await device({ name: 'bob', clock })

    connect([alice, bob])
    await bob.open()

    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'))

    await clock.until(channel.settled(requestId, 'delivered'))
    await alice.channels.stop()

    const again = await device({ datastore: store, clock })
    const reopened = await again.open()

    await clock.advance(60_000)
    expect(reopened.request(requestId)).toMatchObject({ state: 'delivered', receipts: ['bob'] })

    const [{ envelope }] = alice.messaging.sent

    expect(again.messaging.sent.filter(sent => Buffer.compare(sent.envelope.payload, envelope.payload) === 0)).toEqual([])
  })

  test('a crash at any write around the acknowledgement leaves no request that is acknowledged and not delivered', async () => {
    const clock = new SimulatedClock()
    const recorded = new RecordingDatastore()
    const alice = await device({ datastore: durable(recorded), clock })
    const bob = await device({ name: 'bob', clock })

    connect([alice, bob])
    await bob.open()

    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'))

    await clock.until(channel.settled(requestId, 'delivered'))
    await clock.advance(1_000)

    for (let count = 0; count <= recorded.writes.length; count++) {
      const again = await device({ clock: new SimulatedClock(clock.now()), datastore: afterWrites(recorded, count) })
      const reopened = await again.open()
      const request = reopened.request(requestId)

      expect(request?.receipts.length === 1, `after ${count} writes`).toBe(request?.state === 'delivered')
      await again.channels.closeChannel('tea')
    }
  })

  test('P35: no envelope leaves before it is counted for good, whatever kind it is of', async () => {
    const recorded = new RecordingDatastore()
    const alice = await device({ datastore: durable(recorded) })
    const limited = (messagesPerEpoch: number): Partial<ChannelOptions> => ({ rateLimit: { enabled: true, messagesPerEpoch, upkeepShare: 0 } })
    const left: number[] = []
    const channel = await alice.open('tea', {
      ...limited(1_000),
      sendHandler: async envelope => {
        left.push(recorded.writes.length)

        return await alice.messaging.send(envelope)
      }
    })

    for (let i = 0; i < 6; i++) {
      await channel.send(utf8(`${i}`), { ephemeral: i % 2 === 0 })
      await alice.clock.settle()
    }

    expect(left).toHaveLength(6)

    for (const [before, writes] of left.entries()) {
      const again = await device({ clock: new SimulatedClock(alice.clock.now()), datastore: afterWrites(recorded, writes) })
      const reopened = await again.open('tea', limited(before + 1))

      expect(reopened.status().rateLimit.state, `after ${before + 1} envelopes`).toBe('exhausted')
      await again.channels.closeChannel('tea')
    }
  })

  test('a request ID is known over a restart, whatever became of the request: a second send() with it stages nothing', async () => {
    const store = durable(new RecordingDatastore())
    const first = await device({ datastore: store, confirm: 'manual' })
    const channel = await first.open()

    for (const requestId of ['sent', 'cancelled', 'pending']) {
      await channel.send(utf8(requestId), { requestId })
    }

    await first.clock.settle()
    first.messaging.confirm(first.messaging.sent[0].requestId)
    await channel.cancel('cancelled')
    await first.clock.settle()
    await channel.close()

    const second = await device({ datastore: store, clock: first.clock })
    const again = await second.open()

    for (const requestId of ['sent', 'cancelled', 'pending']) {
      expect(await again.send(utf8(requestId), { requestId })).toBe(requestId)
    }

    await second.clock.until(again.settled('pending', 'sent'))
    expect(await again.count()).toBe(3)
    expect(second.of('reliable:message:queued')).toEqual([])
    expect(again.request('cancelled')).toMatchObject({ state: 'send-error', error: { name: 'SendCancelledError' } })
    expect(await again.cancel('sent')).toBe(false)
  })

  test('what is pending from before a restart can be cancelled, and runs out of time as it would have', async () => {
    const store = durable(new RecordingDatastore())
    const first = await device({ datastore: store })
    const channel = await first.open()

    first.messaging.setSubscribers(0)
    await channel.send(utf8('soon'), { requestId: 'soon', timeoutMs: 10_000 })
    await channel.send(utf8('later'), { requestId: 'later', timeoutMs: 60_000 })
    await channel.send(utf8('no more'), { requestId: 'no more' })
    await channel.close()
    await first.clock.advance(30_000)

    const second = await device({ datastore: store, clock: first.clock })

    second.messaging.setSubscribers(0)

    const again = await second.open()

    await second.clock.advance(100)
    expect(again.request('soon')).toMatchObject({ state: 'send-error', error: { name: 'SendTimeoutError' } })
    expect(again.pending().map(request => request.requestId)).toEqual(['later', 'no more'])
    expect(await again.cancel('no more')).toBe(true)
    await second.clock.advance(31_000)
    expect(again.pending()).toEqual([])
    expect(second.of('reliable:message:send-error').map(({ requestId, error }) => [requestId, error.name])).toEqual([
      ['soon', 'SendTimeoutError'], ['no more', 'SendCancelledError'], ['later', 'SendTimeoutError']
    ])
    second.messaging.setSubscribers(1)
    await second.clock.advance(60_000)
    expect(second.messaging.sent.filter(({ envelope }) => !envelope.ephemeral)).toEqual([])
  })

  test('while nobody listens, a durable channel waits; one in memory gives up after sendTimeoutMs', async () => {
    for (const [datastore, states] of [[durable(new RecordingDatastore()), ['queued', 'queued']], [undefined, ['queued', 'send-error']]] as const) {
      const alice = await device({ datastore })
      const channel = await alice.open('tea', { sending: { sendTimeoutMs: 20_000 } })

      alice.messaging.setSubscribers(0)

      const requestId = await channel.send(utf8('hi'))
      const seen: unknown[] = []

      for (const ms of [19_000, 86_400_000]) {
        await alice.clock.advance(ms)
        seen.push(channel.request(requestId)?.state)
      }

      expect(seen).toEqual(states)
    }
  })

  test('another sender ID for a stored channel is refused', async () => {
    const store = durable(new RecordingDatastore())
    const alice = await device({ datastore: store })

    await (await alice.open()).close()
    await expect(alice.open('tea', { senderId: 'mallory' })).rejects.toMatchObject({ name: 'SenderMismatchError' })
    expect(alice.channels.hasChannel('tea')).toBe(false)
    await alice.open()
  })

  test('a corrupt store is refused and left as it is', async () => {
    const recorded = new RecordingDatastore()
    const alice = await device({ datastore: durable(recorded) })
    const channel = await alice.open()

    await channel.send(utf8('hi'))
    await channel.close()

    const [entry] = [...recorded.writes].filter(({ key, value }) => key.toString().includes('/data/log/') && value != null)

    recorded.put(entry.key, Uint8Array.of(0xff, 0xff, 0xff))

    const size = recorded.writes.length

    await expect(alice.open()).rejects.toMatchObject({ name: 'StoreCorruptError' })
    expect(recorded.writes).toHaveLength(size)
  })

  test('a store that refuses a write: send() is rejected and leaves nothing, what came in is kept until it can be written', async () => {
    const recorded = new RecordingDatastore()
    let broken = false
    const failing = new Proxy(durable(recorded), {
      getPrototypeOf: () => Object.prototype,
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)

        if (name === 'put' && broken) {
          return async () => { throw new Error('disk full') }
        }

        return value
      }
    })
    const bob = await device({ name: 'bob', datastore: failing })
    const channel = await bob.open()
    const author = await device({ name: 'alice' })

    await (await author.open()).send(utf8('hi'))
    await author.clock.settle()
    broken = true
    await expect(channel.send(utf8('no'))).rejects.toThrow('disk full')
    expect(channel.pending()).toEqual([])
    expect(await channel.count()).toBe(0)
    bob.messaging.receive(author.messaging.sent[0].envelope)
    await bob.clock.advance(5_000)
    expect(bob.heard()).toEqual([])
    expect(bob.of('reliable:channel:error')).toMatchObject([{ error: { message: 'disk full' } }])
    broken = false
    await bob.clock.advance(60_000)
    expect(bob.heard()).toEqual(['hi'])
    await channel.settled(await channel.send(utf8('yes')), 'sent')
    expect(texts(await collect(channel.history({ order: 'arrival' })))).toEqual(['hi', 'yes'])
  })

  test('requireDurable refuses a store in memory', async () => {
    await expect(device({ init: { requireDurable: true } })).rejects.toMatchObject({ name: 'NotDurableError' })
  })

  test('storedChannels() lists closed ones too, deleteChannel() erases', async () => {
    const store = durable(new RecordingDatastore())
    const alice = await device({ datastore: store })

    await alice.open('milk')
    await (await alice.open('tea')).send(utf8('hi'))
    await alice.channels.closeChannel('milk')
    expect(await alice.channels.storedChannels()).toEqual(['milk', 'tea'])
    await alice.channels.deleteChannel('tea')
    expect(alice.channels.hasChannel('tea')).toBe(false)
    expect(await alice.channels.storedChannels()).toEqual(['milk'])
    expect(await (await alice.open('tea')).count()).toBe(0)
    await alice.channels.deleteChannel('never there')
    expect(await alice.channels.storedChannels()).toEqual(['milk', 'tea'])
  })

  test('ephemeral messages write nothing but that the salts of a second are reserved', async () => {
    const recorded = new RecordingDatastore()
    const alice = await device({ datastore: durable(recorded) })
    const channel = await alice.open('tea')
    const writes: number[] = []

    for (let i = 0; i < 10; i++) {
      const before = recorded.writes.length

      await channel.send(utf8(`typing ${i}`), { ephemeral: true })
      await alice.clock.advance(600)
      writes.push(recorded.writes.length - before)
    }

    expect(writes).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
    expect(alice.of('reliable:message:sent').length).toBe(10)
  })
})
