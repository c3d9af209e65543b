import { describe, expect, test } from 'vitest'
import { compareMessages } from '../../src/channel/index.js'
import { collect, connected, device, text, texts, utf8 } from './harness.js'
import type { ReceivedMessage } from '../../src/channel/index.js'
import type { Device } from './harness.js'

/** Alice and Bob have said `count` lines by turns. */
async function talked (count: number): Promise<[Device, Device]> {
  const [alice, bob] = await connected(['alice', 'bob'])

  await alice.open()
  await bob.open()

  for (let i = 0; i < count; i++) {
    await [alice, bob][i % 2].channels.send('tea', utf8(`${i}`))
    await alice.clock.advance(100)
  }

  return [alice, bob]
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`)

describe('history', () => {
  test('both orders, both directions, own messages included', async () => {
    const [alice, bob] = await talked(10)

    for (const { channels } of [alice, bob]) {
      const channel = channels.getChannel('tea')

      for (const order of ['causal', 'arrival'] as const) {
        expect(texts(await collect(channel.history({ order })))).toEqual(numbers(0, 10))
        expect(texts(await collect(channel.history({ order, reverse: true, limit: 3 })))).toEqual(['9', '8', '7'])
      }
    }
  })

  test('cursors page through without gap or repeat, exclusive at both ends', async () => {
    const [alice] = await talked(10)
    const channel = alice.channels.getChannel('tea')

    for (const order of ['causal', 'arrival'] as const) {
      const first = await collect(channel.history({ order, limit: 4 }))
      const rest = await collect(channel.history({ order, after: first[3].cursor }))
      const middle = await collect(channel.history({ order, after: first[1].cursor, before: rest[2].cursor }))
      const back = await collect(channel.history({ order, before: rest[0].cursor, reverse: true }))

      expect(texts([...first, ...rest])).toEqual(numbers(0, 10))
      expect(texts(middle)).toEqual(numbers(2, 6))
      expect(texts(back)).toEqual(numbers(0, 4).reverse())
    }
  })

  test('a cursor stays valid after a restart and after its message is gone', async () => {
    const [alice] = await talked(4)
    const channel = alice.channels.getChannel('tea')
    const [first] = await collect(channel.history({ limit: 1 }))

    await channel.close()

    const again = await alice.open('tea', { history: { maxMessages: 2 } })

    await alice.clock.advance(120_000)
    expect(await again.count()).toBe(2)
    expect(texts(await collect(again.history({ order: 'arrival', after: first.cursor })))).toEqual(['2', '3'])
    expect(await again.count({ after: first.cursor })).toBe(2)
  })

  test('what is not a cursor is refused', async () => {
    const [alice] = await talked(1)
    const channel = alice.channels.getChannel('tea')

    for (const cursor of ['', 'x', '1.2', 'A.B.c']) {
      expect(() => channel.history({ after: cursor })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
      await expect(channel.count({ after: cursor })).rejects.toMatchObject({ name: 'InvalidParametersError' })
    }

    expect(() => channel.history({ limit: -1 })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => channel.history({ order: 'random' as 'causal' })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  test('count() tells unread messages, own and others', async () => {
    const [alice] = await talked(10)
    const channel = alice.channels.getChannel('tea')
    const third = (await collect(channel.history({ limit: 3 })))[2]

    expect(await channel.count()).toBe(10)
    expect(await channel.count({ own: true })).toBe(5)
    expect(await channel.count({ after: third.cursor })).toBe(7)
    expect(await channel.count({ after: third.cursor, own: false })).toBe(4)
  })

  test('message() finds one with what became of its sending, content() its bytes', async () => {
    const [alice, bob] = await talked(2)
    const channel = alice.channels.getChannel('tea')
    const [own] = await collect(channel.history({ limit: 1 }))

    await alice.clock.advance(30_000)
    expect(await channel.message(own.messageId)).toMatchObject({ own: true, request: { state: 'delivered', receipts: ['bob'] } })
    expect(await bob.channels.getChannel('tea').message(own.messageId)).toMatchObject({ own: false, senderId: 'alice' })
    expect(await channel.message('nothing')).toBeUndefined()
    expect((await collect(channel.content(own.messageId))).map(text)).toEqual(['0'])
    await expect(collect(channel.content('nothing'))).rejects.toMatchObject({ name: 'InvalidParametersError' })
  })

  test('compareMessages() sorts as history() does', async () => {
    const [alice] = await talked(9)
    const history = await collect(alice.channels.getChannel('tea').history())

    expect([...history].reverse().sort(compareMessages)).toEqual(history)
  })

  test('catching up in arrival order finds a message that came late with an old stamp', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const carol = await device({ name: 'carol', clock: alice.clock })

    await alice.open()
    await bob.open()
    await carol.open()
    await carol.channels.send('tea', utf8('old'))
    await alice.clock.advance(1_000)
    await alice.channels.send('tea', utf8('new'))
    await alice.clock.advance(1_000)

    const channel = bob.channels.getChannel('tea')
    const [seen] = await collect(channel.history())

    bob.messaging.receive(carol.messaging.sent[0].envelope)
    await bob.clock.settle()
    expect(texts(await collect(channel.history({ order: 'arrival', after: seen.cursor })))).toEqual(['old'])
    expect(texts(await collect(channel.history()))).toEqual(['old', 'new'])
  })

  test('retention by number, bytes and age removes the oldest, and payloads with them', async () => {
    const bounds = [{ maxMessages: 5 }, { maxBytes: 50 }, { maxAgeMs: 500 }]

    for (const history of bounds) {
      const alice = await device()
      const channel = await alice.open('tea', { history })

      for (let i = 0; i < 10; i++) {
        await channel.send(utf8(`message ${i}!`))
        await alice.clock.advance(100)
      }

      await alice.clock.advance(history.maxAgeMs == null ? 61_000 : 0)
      await channel.close()

      const again = await alice.open('tea', { history })

      await alice.clock.advance(61_000)

      const left = texts(await collect(again.history()))

      expect(left).toEqual(history.maxAgeMs == null ? numbers(5, 10).map(n => `message ${n}!`) : [])
      await again.close()
    }
  })
})

test('what grew too old while nobody was there goes in slices, all of it', async () => {
  const alice = await device()
  const history = { maxAgeMs: 60_000 }
  const channel = await alice.open('tea', { history, sending: { maxQueued: 3_000 } })

  await Promise.all(Array.from({ length: 2_500 }, async (_, i) => await channel.send(utf8(`${i}`))))
  await alice.clock.settle()
  await channel.close()
  await alice.clock.advance(3_600_000)

  const again = await alice.open('tea', { history })
  const left: number[] = []

  expect(await again.count()).toBe(2_500)
  await alice.clock.advance(60_000)

  for (let i = 0; i < 3; i++) {
    left.push(await again.count())
    await alice.clock.advance(1)
  }

  expect(left).toEqual([1_500, 500, 0])
})

describe('messages()', () => {
  test('is live from the call on', async () => {
    const [alice, bob] = await talked(3)
    const live = bob.channels.getChannel('tea').messages()[Symbol.asyncIterator]()

    await alice.channels.send('tea', utf8('live'))
    await alice.clock.settle()
    expect(text((await live.next()).value.payload)).toBe('live')
    await live.return?.()
  })

  test('leaves out own messages unless asked', async () => {
    const [alice] = await talked(0)
    const channel = alice.channels.getChannel('tea')
    const all = channel.messages({ own: true })[Symbol.asyncIterator]()

    await channel.send(utf8('mine'))
    expect(text((await all.next()).value.payload)).toBe('mine')
  })

  test('with a cursor: from the log, then live, no gap and no repeat', async () => {
    const [alice, bob] = await talked(4)
    const channel = bob.channels.getChannel('tea')
    const [first] = await collect(channel.history({ limit: 1 }))
    const stream = channel.messages({ after: first.cursor, own: true })
    const reading = collect(stream, 6)

    await alice.clock.settle()
    await alice.channels.send('tea', utf8('4'))
    await alice.clock.advance(100)
    await bob.channels.send('tea', utf8('5'))
    await alice.clock.advance(100)
    await alice.channels.send('tea', utf8('6'))
    await alice.clock.advance(100)
    expect(texts(await reading)).toEqual(numbers(1, 7))
  })

  test('a slow consumer misses nothing and holds nothing', async () => {
    const [alice, bob] = await talked(0)
    const slow = bob.channels.getChannel('tea').messages()[Symbol.asyncIterator]()

    for (let i = 0; i < 400; i++) {
      await alice.channels.send('tea', utf8(`${i}`))
    }

    await alice.clock.settle()

    const got: ReceivedMessage[] = []

    for (let i = 0; i < 400; i++) {
      got.push((await slow.next()).value)
    }

    expect(texts(got)).toEqual(numbers(0, 400))
  })

  test('return() ends it, also one that waits for a message', async () => {
    const [, bob] = await talked(0)
    const live = bob.channels.getChannel('tea').messages()[Symbol.asyncIterator]()
    const next = live.next()

    await bob.clock.settle()
    expect(await live.return?.()).toEqual({ done: true, value: undefined })
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('ends with the channel, and with its signal', async () => {
    const [alice, bob] = await talked(0)
    const controller = new AbortController()
    const until = collect(alice.channels.getChannel('tea').messages())
    const aborted = collect(bob.channels.getChannel('tea').messages({ signal: controller.signal }))

    await alice.clock.settle()
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await alice.channels.closeChannel('tea')
    expect(await until).toEqual([])
  })
})

describe('streams', () => {
  /** `size` bytes in pieces of odd lengths. */
  async function * source (size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size;) {
      const length = Math.min(1 + at % 5_000, size - at)

      yield Uint8Array.from({ length }, (_, i) => (at + i) * 31 >> 3)
      at += length
    }
  }

  const CONFIG = { segmentation: { segmentSizeBytes: 1_024, streamSegments: 8 } }

  test('a stream is one message, read with content(), at both ends', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const [from, to] = [await alice.open('tea', CONFIG), await bob.open('tea', CONFIG)]
    const size = 50_000
    const expected = Buffer.concat(await collect(source(size)))
    const requestId = await from.sendStream(source(size), { size })

    await alice.clock.until(from.settled(requestId, 'delivered'))
    expect(bob.of('reliable:message:received')).toMatchObject([{ streamed: true, size, senderId: 'alice' }])

    const [{ messageId, payload }] = bob.of('reliable:message:received')

    expect(payload).toHaveLength(0)
    expect(Buffer.compare(Buffer.concat(await collect(to.content(messageId))), expected)).toBe(0)
    expect(Buffer.compare(Buffer.concat(await collect(from.content(messageId))), expected)).toBe(0)
    expect(from.request(requestId)).toMatchObject({ messageId, size, state: 'delivered', receipts: ['bob'] })
    expect(await collect(from.history())).toMatchObject([{ messageId, streamed: true, own: true }])
  })

  test('a chat line sent meanwhile waits for one set, not for the stream', async () => {
    const [alice, bob] = await connected(['alice', 'bob'], { confirm: 'auto' })
    const [from] = [await alice.open('tea', { ...CONFIG, sending: { maxInFlight: 1 } }), await bob.open('tea', CONFIG)]
    const size = 200_000
    const requestId = await from.sendStream(source(size), { size })

    await from.send(utf8('hello?'))
    await alice.clock.until(from.settled(requestId, 'delivered'))
    expect(bob.of('reliable:message:received').map(message => message.size)).toEqual([6, size])
  })

  test('a source that yields too little, too much or an error ends the request', async () => {
    const alice = await device()
    const channel = await alice.open('tea', CONFIG)
    const failing = async function * (): AsyncGenerator<Uint8Array> {
      yield * source(20_000)
      throw new Error('disk')
    }

    for (const [from, size, name] of [[source(20_000), 30_000, 'StreamSizeError'], [source(20_000), 10_000, 'StreamSizeError'], [failing(), 30_000, 'Error']] as const) {
      const requestId = await channel.sendStream(from, { size })

      await expect(channel.settled(requestId, 'sent')).rejects.toMatchObject({ name })
    }

    await expect(channel.sendStream(source(5), { size: 0 })).rejects.toMatchObject({ name: 'EmptyPayloadError' })
    await expect(channel.sendStream(source(5), { size: 2 ** 40 })).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
    await expect(channel.sendStream(source(5), { size: 5, ephemeral: true })).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(channel.sendStream('nothing' as never, { size: 5 })).rejects.toMatchObject({ name: 'InvalidParametersError' })
    expect(await channel.count()).toBe(0)
  })

  test('the source is read only as fast as sets are sent', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', CONFIG)
    let read = 0
    const counted = async function * (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 100; i++) {
        read += 1_000
        yield new Uint8Array(1_000)
      }
    }

    await channel.sendStream(counted(), { size: 100_000 })
    await alice.clock.settle()
    // two sets of 8 segments of 896 bytes each
    expect(read).toBeLessThan(3 * 8 * 896)
  })

  test('a payload that looks like a part of a stream arrives as it is', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await alice.open()
    await bob.open()

    const payload = Buffer.concat([Buffer.from('holdfast-stream\x01'), Buffer.alloc(100, 9)])

    await alice.channels.send('tea', payload)
    await alice.clock.settle()
    expect(Buffer.compare(bob.of('reliable:message:received')[0].payload, payload)).toBe(0)
  })
})
