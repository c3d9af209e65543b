import { describe, expect, test } from 'vitest'
import { plaintext } from '../../src/encryption/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { device, text, utf8 } from './harness.js'
import type { MessageEnvelope } from '../../src/messaging/index.js'

const SEGMENTED = { segmentation: { segmentSizeBytes: 256 } }

/** A payload of `count` segments of 256 bytes. */
const segments = (count: number, fill = 7): Uint8Array => new Uint8Array(128 * count).fill(fill)

describe('sending', () => {
  test('a request is queued, then sent when its envelope was taken', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'))

    await alice.clock.settle()
    expect(channel.request(requestId)?.state).toBe('sending')
    expect(alice.of('reliable:message:queued')).toMatchObject([{ channelId: 'tea', requestId, size: 2 }])
    expect(alice.of('reliable:message:sent')).toEqual([])

    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    await channel.settled(requestId, 'sent')
    expect(alice.of('reliable:message:sent')).toMatchObject([{ channelId: 'tea', requestId }])
    expect(channel.request(requestId)?.state).toBe('sent')
  })

  test('the envelope carries the marker, the topic and a payload that is not the bare content', async () => {
    const alice = await device()
    const channel = await alice.open('tea', { contentTopic: '/app/1/tea/proto' })

    await channel.send(utf8('hi'))
    await alice.clock.settle()

    const [{ envelope }] = alice.messaging.sent

    expect(text(envelope.meta)).toBe('RELIABLE-CHANNEL-API/1')
    expect(envelope.contentTopic).toBe('/app/1/tea/proto')
    expect(envelope.ephemeral).toBe(false)
    expect(envelope.payload.byteLength).toBeGreaterThan(64)
  })

  test('P01: overlapping requests keep their own outcomes, whatever the order of the confirmations', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', SEGMENTED)
    const [first, second] = await Promise.all([channel.send(segments(3, 1)), channel.send(segments(2, 2))])

    await alice.clock.settle()

    const { sent } = alice.messaging
    const holding = (fill: number): typeof sent => sent.filter(({ envelope }) => envelope.payload.filter(byte => byte === fill).length > 100)
    const [a, b] = [holding(1), holding(2)]

    expect([a.length, b.length, sent.length]).toEqual([3, 2, 5])

    b.reverse().forEach(({ requestId }) => { alice.messaging.confirm(requestId) })
    await alice.clock.settle()
    expect(alice.of('reliable:message:sent').map(event => event.requestId)).toEqual([second])

    a.reverse().slice(0, 2).forEach(({ requestId }) => { alice.messaging.confirm(requestId) })
    await alice.clock.settle()
    expect(channel.request(first)?.state).toBe('sending')
    alice.messaging.confirm(a[2].requestId)
    await alice.clock.settle()
    expect(alice.of('reliable:message:sent').map(event => event.requestId)).toEqual([second, first])
  })

  test('two requests end independently, one sent, one with an error', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const good = await channel.send(utf8('good'))
    const bad = await channel.send(utf8('bad'))

    await alice.clock.settle()
    alice.messaging.fail(alice.messaging.sent[1].requestId, new Error('refused for good'))
    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    await expect(channel.settled(good, 'sent')).resolves.toBeUndefined()
    await expect(channel.settled(bad, 'sent')).rejects.toMatchObject({
      name: 'SendError',
      requestId: bad,
      failures: [{ segmentIndex: 0, error: { message: 'refused for good' } }]
    })
    expect(alice.of('reliable:message:sent')).toHaveLength(1)
    expect(alice.of('reliable:message:send-error')).toHaveLength(1)
  })

  test('P02: an outcome that comes before the dispatch returned its ID is kept', async () => {
    const alice = await device()
    const early = async (): Promise<string> => {
      alice.messaging.confirm('early')
      await Promise.resolve()

      return 'early'
    }
    const channel = await alice.open('tea', { sendHandler: early })
    const requestId = await channel.send(utf8('hi'))

    await channel.settled(requestId, 'sent')
    expect(alice.of('reliable:message:sent')).toHaveLength(1)
  })

  test("a sibling's outcome during a dispatch keeps both", async () => {
    const alice = await device()
    const ids: string[] = []
    const channel = await alice.open('tea', {
      ...SEGMENTED,
      sending: { maxInFlight: 2 },
      sendHandler: async () => {
        const id = `id-${ids.length}`

        // the one before ends while this one is being handed over
        ids.slice(-1).forEach(before => { alice.messaging.confirm(before) })
        ids.push(id)
        await Promise.resolve()

        return id
      }
    })
    const requestId = await channel.send(segments(4))

    await alice.clock.settle()
    expect(ids).toHaveLength(4)
    expect(channel.request(requestId)?.state).toBe('sending')
    alice.messaging.confirm('id-3')
    await channel.settled(requestId, 'sent')
  })

  test('P03: nothing leaves before every segment is staged and durable', async () => {
    const alice = await device()
    const order: string[] = []
    const channel = await alice.open('tea', {
      ...SEGMENTED,
      sendHandler: async envelope => {
        order.push('dispatch')

        return await alice.messaging.send(envelope)
      }
    })

    await channel.send(segments(5)).then(() => { order.push('staged') })
    await alice.clock.settle()
    expect(order).toEqual(['staged', ...Array.from({ length: 5 }, () => 'dispatch')])
  })

  test('P03: a send that is refused has let nothing out', async () => {
    const alice = await device()
    const channel = await alice.open('tea', { segmentation: { segmentSizeBytes: 256, maxPayloadBytes: 1_000 } })

    await expect(channel.send(new Uint8Array(1_001))).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
    await expect(channel.send(new Uint8Array(0))).rejects.toMatchObject({ name: 'EmptyPayloadError' })
    await alice.clock.advance(1_000)
    expect(alice.messaging.sent).toEqual([])
    expect(channel.pending()).toEqual([])
    expect(await channel.count()).toBe(0)
  })

  test('nothing ends before all its segments did, and the error names those that failed', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', SEGMENTED)
    const requestId = await channel.send(segments(3))

    await alice.clock.settle()
    alice.messaging.fail(alice.messaging.sent[1].requestId, new Error('no'))
    await alice.clock.settle()
    expect(channel.request(requestId)?.state).toBe('sending')
    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    alice.messaging.confirm(alice.messaging.sent[2].requestId)
    await alice.clock.settle()

    const [{ error }] = alice.of('reliable:message:send-error')

    expect(error).toBeInstanceOf(AggregateError)
    expect(error).toMatchObject({ name: 'SendError', failures: [{ segmentIndex: 1 }] })
    expect(error.message).toContain('1 of 3 segments')
  })

  test('P04: a segment whose outcome never comes ends by sendTimeoutMs, and so does its request', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', { sending: { sendTimeoutMs: 5_000 } })
    const requestId = await channel.send(utf8('hi'), { timeoutMs: 60_000 })

    await alice.clock.advance(4_900)
    expect(channel.request(requestId)?.state).toBe('sending')
    await alice.clock.advance(200)
    expect(channel.request(requestId)).toMatchObject({ state: 'send-error', error: { failures: [{ error: { name: 'SendTimeoutError' } }] } })
    expect(channel.pending()).toEqual([])
    expect(channel.status().inFlight).toBe(0)

    // an outcome that comes after all changes nothing
    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    await alice.clock.settle()
    expect(alice.of('reliable:message:sent')).toEqual([])
  })

  test('P05: a failure before the dispatch is an error of the request, under its own ID', async () => {
    const alice = await device()
    const encryption = { ...plaintext(), encrypt: () => { throw new Error('no key') } }
    const channel = await alice.open('tea', { encryption })
    const messagingErrors: unknown[] = []

    alice.messaging.events.on('message_error', event => { messagingErrors.push(event) })

    const requestId = await channel.send(utf8('hi'))

    await expect(channel.settled(requestId, 'sent')).rejects.toMatchObject({ name: 'SendError', errors: [{ message: 'no key' }] })
    expect(alice.of('reliable:message:send-error')).toMatchObject([{ requestId }])
    expect(alice.messaging.sent).toEqual([])
    expect(messagingErrors).toEqual([])
  })

  test('P11: an ephemeral message ends in sent, and is neither stored nor acknowledged', async () => {
    const alice = await device()
    const channel = await alice.open()
    const requestId = await channel.send(utf8('typing'), { ephemeral: true })

    await channel.settled(requestId, 'sent')
    expect(alice.messaging.sent[0].envelope.ephemeral).toBe(true)
    await expect(channel.settled(requestId, 'delivered')).rejects.toMatchObject({ name: 'NotAcknowledgedError' })
    expect(await channel.count()).toBe(0)
    await alice.clock.advance(600_000)
    expect(alice.messaging.sent).toHaveLength(1)
  })

  test('P14: send() on a stopped channel is refused, and nothing goes on', async () => {
    const alice = await device({ start: false })
    const channel = await alice.open()

    await expect(channel.send(utf8('hi'))).rejects.toMatchObject({ name: 'NotStartedError' })
    await alice.channels.start()
    await alice.clock.advance(10_000)
    expect(alice.messaging.sent).toEqual([])
    expect(channel.pending()).toEqual([])
    await alice.channels.stop()
    await expect(channel.send(utf8('hi'))).rejects.toMatchObject({ name: 'NotStartedError' })
  })

  test('no outcome event comes before the continuation of send()', async () => {
    const alice = await device()
    const order: string[] = []

    await alice.open('tea')
    alice.channels.events.on('reliable:message:queued', () => { order.push('queued') })
    alice.channels.events.on('reliable:message:sent', () => { order.push('sent') })
    await alice.channels.send('tea', utf8('hi'))
    order.push('continued')
    await alice.clock.settle()
    expect(order).toEqual(['continued', 'queued', 'sent'])
  })

  test('a rejection by the send handler is retried with backoff, and not charged twice', async () => {
    const alice = await device()
    const attempts: number[] = []
    const channel = await alice.open('tea', {
      rateLimit: { enabled: true, messagesPerEpoch: 10, upkeepShare: 0 },
      sendHandler: async envelope => {
        attempts.push(alice.clock.now())

        if (attempts.length < 4) {
          throw new Error('busy')
        }

        return await alice.messaging.send(envelope)
      }
    })
    const requestId = await channel.send(utf8('hi'))

    await alice.clock.until(channel.settled(requestId, 'sent'))
    expect(attempts.map(at => at - attempts[0])).toEqual([0, 500, 1_500, 3_500])
  })

  test('a retryable message_error is tried again, a final one is not', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'))

    await alice.clock.settle()
    alice.messaging.fail(alice.messaging.sent[0].requestId, new Error('no peers'), true)
    await alice.clock.advance(1_000)
    expect(alice.messaging.sent).toHaveLength(2)
    expect(alice.messaging.sent[1].envelope.payload).toEqual(alice.messaging.sent[0].envelope.payload)
    alice.messaging.fail(alice.messaging.sent[1].requestId, new Error('too large'))
    await alice.clock.settle()
    expect(channel.request(requestId)?.state).toBe('send-error')
    await alice.clock.advance(60_000)

    const [{ envelope: { payload } }] = alice.messaging.sent

    expect(alice.messaging.sent.filter(({ envelope }) => text(envelope.payload) === text(payload))).toHaveLength(2)
  })

  test('the caller’s request ID makes send() idempotent', async () => {
    const alice = await device()
    const channel = await alice.open()
    const [first, again] = await Promise.all([
      channel.send(utf8('once'), { requestId: 'mine' }),
      channel.send(utf8('once'), { requestId: 'mine' })
    ])

    await channel.settled('mine', 'sent')
    expect([first, again, await channel.send(utf8('once'), { requestId: 'mine' })]).toEqual(['mine', 'mine', 'mine'])
    await alice.clock.settle()
    expect(await channel.count()).toBe(1)
    expect(alice.of('reliable:message:sent')).toHaveLength(1)
  })

  test('cancel() ends what is not sent, and only that', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', { sending: { maxInFlight: 1 } })
    const first = await channel.send(utf8('first'))
    const second = await channel.send(utf8('second'))

    await alice.clock.settle()
    expect(await channel.cancel(second)).toBe(true)
    await expect(channel.settled(second, 'sent')).rejects.toMatchObject({ name: 'SendCancelledError' })
    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    await channel.settled(first, 'sent')
    expect(await channel.cancel(first)).toBe(false)
    expect(await channel.cancel(second)).toBe(false)
    await expect(channel.cancel('nothing')).rejects.toMatchObject({ name: 'UnknownRequestError' })
    await alice.clock.settle()
    expect(alice.messaging.sent).toHaveLength(1)
  })

  test('a full queue throws, or waits when asked to', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open('tea', { sending: { maxQueued: 2 } })

    await channel.send(utf8('1'))
    await channel.send(utf8('2'))
    await expect(channel.send(utf8('3'))).rejects.toMatchObject({ name: 'QueueFullError' })

    const waiting = channel.send(utf8('3'), { whenFull: 'wait' })
    const controller = new AbortController()
    const aborted = channel.send(utf8('4'), { whenFull: 'wait', signal: controller.signal })

    controller.abort(new Error('changed my mind'))
    await expect(aborted).rejects.toThrow('changed my mind')
    await alice.clock.settle()
    alice.messaging.confirm(alice.messaging.sent[0].requestId)
    expect(typeof await waiting).toBe('string')
  })

  test('timeoutMs ends a request that was not sent by then', async () => {
    const alice = await device()
    const channel = await alice.open()

    alice.messaging.setSubscribers(0)

    const requestId = await channel.send(utf8('hi'), { timeoutMs: 3_000 })

    await alice.clock.advance(2_900)
    expect(channel.request(requestId)?.state).toBe('queued')
    expect(channel.status().state).toBe('waiting-for-peers')
    await alice.clock.advance(200)
    expect(channel.request(requestId)).toMatchObject({ state: 'send-error', error: { name: 'SendTimeoutError' } })
  })

  test('each of several requests ends at its own time, whatever the order of their deadlines', async () => {
    const alice = await device()
    const channel = await alice.open()
    const endsAt = new Map<string, number>()
    const began = alice.clock.now()

    alice.messaging.setSubscribers(0)
    alice.channels.events.on('reliable:message:send-error', ({ requestId }) => { endsAt.set(requestId, alice.clock.now() - began) })

    const times = [5_000, 1_000, 9_000, 3_000]
    const ids = await Promise.all(times.map(async timeoutMs => await channel.send(utf8('hi'), { timeoutMs })))

    // the first to be due goes early, and the others are still in time
    await channel.cancel(ids[1])
    await alice.clock.advance(10_000)
    expect(ids.map(id => Math.round((endsAt.get(id) ?? NaN) / 100) * 100)).toEqual([5_000, 0, 9_000, 3_000])
    expect(channel.pending()).toEqual([])
  })

  test('what waits for peers leaves when there are some', async () => {
    const alice = await device()
    const channel = await alice.open()

    alice.messaging.setSubscribers(0)
    await channel.send(utf8('hi'), { timeoutMs: 3_600_000 })
    await alice.clock.advance(600_000)
    expect(alice.messaging.sent).toEqual([])
    alice.messaging.setSubscribers(1)
    await alice.clock.advance(15_000)
    expect(alice.messaging.sent.length).toBeGreaterThan(0)
  })

  test('P12: a channel without encryption is refused', async () => {
    const alice = await device()

    // @ts-expect-error the option is required
    await expect(alice.channels.createChannel('tea', {})).rejects.toMatchObject({ name: 'InvalidParametersError', message: expect.stringContaining('encryption') })
    expect(alice.channels.hasChannel('tea')).toBe(false)
    expect(await alice.channels.storedChannels()).toEqual([])
  })

  test('bad options are refused before anything is stored', async () => {
    const alice = await device()
    const channel = await alice.open()

    for (const options of [{ requestId: '' }, { requestId: 'x'.repeat(257) }, { timeoutMs: 0 }, { timeoutMs: NaN }, { whenFull: 'drop' as 'wait' }]) {
      await expect(channel.send(utf8('hi'), options)).rejects.toMatchObject({ name: 'InvalidParametersError' })
    }

    await expect(channel.send('hi' as unknown as Uint8Array)).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(channel.send(utf8('hi'), { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
    expect(await channel.count()).toBe(0)
  })

  test('the application may change its bytes once send() has resolved', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const bytes = utf8('hello')
    const buffer = Buffer.from('world')

    await channel.send(bytes)
    await channel.send(buffer)
    bytes.fill(0)
    buffer.fill(0)

    const stored: string[] = []

    for await (const message of channel.history()) {
      stored.push(text(message.payload))
    }

    await alice.clock.settle()
    expect(stored).toEqual(['hello', 'world'])
    expect(alice.messaging.sent.map(({ envelope }: { envelope: MessageEnvelope }) => text(envelope.payload)).every((payload, i) => payload.includes(['hello', 'world'][i]))).toBe(true)
  })

  test('a wall clock that is set back holds up no resend', async () => {
    const clock = new SimulatedClock()
    let back = 0
    const alice = await device({ clock: Object.assign(Object.create(clock) as SimulatedClock, { now: () => clock.now() - back, setTimer: clock.setTimer.bind(clock) }) })
    let sent = 0
    const channel = await alice.open('tea', {
      sendHandler: async envelope => {
      // the others tell that it is here
        sent += text(envelope.payload).includes('hi') ? 1 : 0

        return await alice.messaging.send(envelope)
      }
    })

    await channel.send(utf8('hi'))
    await clock.advance(1_000)
    expect(sent).toBe(1)
    back = 3_600_000
    // five resends, their periods doubled each time, then it is given up
    await clock.advance(600_000)
    expect(sent).toBe(6)
    expect(alice.of('reliable:message:delivery-error').length).toBe(1)
  })
})
