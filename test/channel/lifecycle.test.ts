import { describe, expect, test } from 'vitest'
import { connected, device, utf8 } from './harness.js'

describe('lifecycle', () => {
  test('unknown and duplicate channels, and too many, are errors', async () => {
    const alice = await device({ init: { maxChannels: 2 } })

    expect(() => alice.channels.getChannel('tea')).toThrow(expect.objectContaining({ name: 'UnknownChannelError' }))
    await expect(alice.channels.send('tea', utf8('hi'))).rejects.toMatchObject({ name: 'UnknownChannelError' })
    await expect(alice.channels.closeChannel('tea')).rejects.toMatchObject({ name: 'UnknownChannelError' })
    expect(() => alice.channels.peers('tea')).toThrow(expect.objectContaining({ name: 'UnknownChannelError' }))

    const [first, second] = await Promise.allSettled([alice.open('tea'), alice.open('tea')])

    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'DuplicateChannelError' } })
    await alice.open('milk')
    await expect(alice.open('cake')).rejects.toMatchObject({ name: 'TooManyChannelsError' })
    expect(alice.channels.listChannels().map(channel => channel.channelId)).toEqual(['tea', 'milk'])
    expect(alice.channels.getChannel('tea').channelId).toBe('tea')
  })

  test('bad options are refused, and nothing is opened', async () => {
    const alice = await device()
    const bad = [
      { sds: { lostAfterMs: 1 } },
      { segmentation: { segmentSizeBytes: 100 } },
      { segmentation: { parityRate: 2 } },
      { rateLimit: { epochPeriodSec: 0 } },
      { history: { maxMessages: 0 } },
      { history: { join: 'some' as 'none' } },
      { sending: { maxInFlight: NaN } },
      { contentTopic: '' },
      { senderId: '' },
      { namespace: 'x'.repeat(256) },
      { discoverySecret: new Uint8Array(0) }
    ]

    for (const options of bad) {
      await expect(alice.open('tea', options), JSON.stringify(options)).rejects.toMatchObject({ name: 'InvalidParametersError' })
    }

    for (const channelId of ['', 'x'.repeat(257), undefined as unknown as string]) {
      await expect(alice.open(channelId === undefined ? null as unknown as string : channelId)).rejects.toMatchObject({ name: 'InvalidParametersError' })
    }

    expect(alice.channels.listChannels()).toEqual([])
    expect(await alice.channels.storedChannels()).toEqual([])
  })

  test('createChannel() waits for a running close', async () => {
    const alice = await device()
    const channel = await alice.open()

    await channel.send(utf8('hi'))

    const closing = channel.close()
    const again = await alice.open()

    await closing
    expect(await again.count()).toBe(1)
    expect(alice.channels.getChannel('tea')).toBe(again)
  })

  test('close() is idempotent, and await using closes', async () => {
    const alice = await device()

    {
      await using channel = await alice.open()

      await channel.send(utf8('hi'))
    }

    expect(alice.channels.hasChannel('tea')).toBe(false)

    const channel = await alice.open()

    await Promise.all([channel.close(), channel.close(), alice.channels.closeChannel('tea')])
    await channel.close()
    expect(channel.status().state).toBe('closed')
  })

  test('nothing is emitted before the continuation of createChannel()', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await alice.open()
    await alice.channels.send('tea', utf8('early'))

    const order: string[] = []
    const channel = await bob.open()

    order.push('continued')
    channel.events.on('reliable:channel:status', () => { order.push('status') })
    await bob.clock.advance(1_000)
    expect(order[0]).toBe('continued')
    expect(order).toContain('status')
  })

  test('P45: stop and start, any number of times, also concurrently: it works afterwards as before', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await alice.open()
    await bob.open()

    for (let i = 0; i < 5; i++) {
      await Promise.all([alice.channels.stop(), alice.channels.start(), alice.channels.stop(), alice.channels.start(), alice.channels.start()])
      expect(alice.channels.isStarted()).toBe(true)

      const requestId = await alice.channels.send('tea', utf8(`${i}`))

      await alice.clock.until(alice.channels.getChannel('tea').settled(requestId, 'delivered'))
    }

    expect(bob.heard()).toEqual(['0', '1', '2', '3', '4'])
  })

  test('whoever goes acknowledges first what it has received', async () => {
    for (const go of ['stop', 'close'] as const) {
      const [alice, bob] = await connected(['alice', 'bob'])
      const channel = await alice.open()

      await bob.open()

      const requestId = await channel.send(utf8('hi'))

      await alice.clock.settle()
      expect(bob.heard()).toEqual(['hi'])
      expect(channel.request(requestId)?.state).toBe('sent')
      await (go === 'stop' ? bob.channels.stop() : bob.channels.closeChannel('tea'))
      await alice.clock.settle()
      expect(channel.request(requestId)?.state).toBe('delivered')
    }
  })

  test('what was pending at stop() goes on at start()', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()
    const requestId = await channel.send(utf8('hi'), { timeoutMs: 3_600_000 })

    await alice.clock.settle()
    await alice.channels.stop()
    expect(channel.status().state).toBe('stopped')
    await alice.clock.advance(600_000)
    expect(channel.request(requestId)?.state).toBe('sending')
    await alice.channels.start()
    await alice.clock.settle()
    alice.messaging.confirm(alice.messaging.sent[1].requestId)
    await channel.settled(requestId, 'sent')
  })

  test('a thousand channels opened and closed leave no timer and no listener behind', async () => {
    const alice = await device()
    const listeners = (): number => [...alice.messaging.events.all.values()].reduce((sum, handlers) => sum + (handlers?.length ?? 0), 0)
    const before = { timers: alice.clock.pending, listeners: listeners() }

    for (let round = 0; round < 10; round++) {
      const names = Array.from({ length: 100 }, (_, i) => `channel-${round}-${i}`)

      await Promise.all(names.map(async name => {
        const channel = await alice.open(name)

        await channel.send(utf8('hi'))
      }))
      await alice.clock.settle()
      await Promise.all(names.map(async name => { await alice.channels.closeChannel(name) }))
    }

    expect({ timers: alice.clock.pending, listeners: listeners() }).toEqual(before)
    expect([...alice.messaging.topics]).toEqual([])
  }, 60_000)
})

describe('status and members', () => {
  test('snapshots are frozen, and the same object until something changes', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const channel = await alice.open()

    await bob.open()
    await alice.clock.advance(1_000)

    const [status, members] = [channel.status(), channel.members()]

    expect(channel.status()).toBe(status)
    expect(channel.members()).toBe(members)
    expect(Object.isFrozen(status) && Object.isFrozen(members)).toBe(true)

    const requestId = await channel.send(utf8('hi'))
    const queued = channel.request(requestId)

    expect(channel.request(requestId)).toBe(queued)
    await alice.clock.until(channel.settled(requestId, 'delivered'))
    expect(channel.request(requestId)).not.toBe(queued)
    expect(channel.receipts(requestId)).toEqual(['bob'])
    expect(channel.receipts(requestId)).toBe(channel.receipts(requestId))
    expect(channel.members()).not.toBe(members)
    expect(channel.members()).toMatchObject([{ senderId: 'alice', own: true }, { senderId: 'bob', own: false, connected: true }])
  })

  test('a member is there as soon as anything of it came, and not connected when it was long silent', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const channel = await alice.open()

    await bob.open()
    await bob.channels.send('tea', utf8('hi'))
    await alice.clock.advance(200)
    expect(alice.of('reliable:channel:members').at(-1)?.members.map(member => member.senderId)).toEqual(['alice', 'bob'])
    await bob.channels.stop()
    await alice.clock.advance(3_600_000)
    expect(channel.members()[1]).toMatchObject({ senderId: 'bob', connected: false })
  })

  test('status tells what is going on, debounced', async () => {
    const alice = await device({ confirm: 'manual' })
    const channel = await alice.open()

    expect(channel.status()).toMatchObject({ discoverable: 'by-id', queued: 0 })
    await alice.clock.advance(1_000)

    for (let i = 0; i < 20; i++) {
      await channel.send(utf8(`${i}`))
    }

    await alice.clock.settle()
    expect(channel.status()).toMatchObject({ state: 'synced', queued: 20, inFlight: 20, unacknowledged: 20, peers: 1, rateLimit: { state: 'ok' } })
    await alice.clock.advance(1_000)
    expect(alice.of('reliable:channel:status').length).toBeLessThanOrEqual(4)
  })

  test('discoverable tells by what members are found', async () => {
    const alice = await device()

    expect((await alice.open('a')).status().discoverable).toBe('by-id')
    expect((await alice.open('b', { discoverySecret: utf8('secret') })).status().discoverable).toBe('secret')
    expect((await alice.open('c', { discoverySecret: utf8('secret'), namespace: 'public' })).status().discoverable).toBe('by-name')
  })

  test('ready() resolves by stage, and is abortable', async () => {
    const alice = await device()

    alice.messaging.setSubscribers(0)

    const channel = await alice.open()
    const controller = new AbortController()
    const aborted = channel.ready('joined', { signal: controller.signal })
    const ready = channel.ready('synced')

    await alice.clock.advance(1_000)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    alice.messaging.setSubscribers(1)
    await alice.clock.until(ready)
    expect(channel.status().state).toBe('synced')
  })
})

describe('rate limit', () => {
  const limited = { rateLimit: { enabled: true, epochPeriodSec: 600, messagesPerEpoch: 10, upkeepShare: 0.2 } }

  test('charged for each envelope that left, with the time at which sending resumes; refilled at the epoch', async () => {
    const alice = await device()
    const channel = await alice.open('tea', limited)

    for (let i = 0; i < 12; i++) {
      await channel.send(utf8(`${i}`), { timeoutMs: 3_600_000 })
    }

    await alice.clock.advance(1_000)

    const epochEnd = Math.ceil(alice.clock.now() / 600_000) * 600_000

    expect(alice.of('reliable:message:sent')).toHaveLength(8)
    expect(channel.status().rateLimit).toEqual({ state: 'exhausted', resumesAt: epochEnd })
    expect(channel.pending()[0].expectedAt).toBe(epochEnd)
    await alice.clock.advance(epochEnd - alice.clock.now() + 1_000)
    expect(alice.of('reliable:message:sent')).toHaveLength(12)
  })

  test('P13: resends and sync messages do not spend what content has', async () => {
    const alice = await device()
    const channel = await alice.open('tea', { ...limited, sds: { acknowledgementTimeoutMs: 1_000 } })

    await channel.send(utf8('lonely'), { timeoutMs: 3_600_000 })
    await alice.clock.advance(120_000)

    const upkeep = alice.messaging.sent.length - 1

    expect(upkeep).toBeLessThanOrEqual(2)

    for (let i = 0; i < 7; i++) {
      await channel.send(utf8(`${i}`), { timeoutMs: 3_600_000 })
    }

    await alice.clock.advance(1_000)
    expect(alice.of('reliable:message:sent')).toHaveLength(8)
  })

  test('P35: the count is not lost on a restart', async () => {
    const alice = await device()
    const channel = await alice.open('tea', limited)

    for (let i = 0; i < 8; i++) {
      await channel.settled(await channel.send(utf8(`${i}`)), 'sent')
    }

    await channel.close()

    const again = await alice.open('tea', limited)

    await again.send(utf8('one too many'), { timeoutMs: 3_600_000 })
    await alice.clock.advance(1_000)
    expect(alice.of('reliable:message:sent')).toHaveLength(8)
    expect(again.status().rateLimit.state).toBe('exhausted')
  })

  test('P36: an ephemeral message is refused rather than kept waiting', async () => {
    const alice = await device()
    const channel = await alice.open('tea', limited)

    for (let i = 0; i < 8; i++) {
      await channel.settled(await channel.send(utf8(`${i}`)), 'sent')
    }

    const requestId = await channel.send(utf8('typing'), { ephemeral: true })

    await expect(channel.settled(requestId, 'sent')).rejects.toMatchObject({ name: 'RateLimitedError' })
    expect(alice.of('reliable:message:send-error')).toMatchObject([{ requestId, error: { name: 'RateLimitedError' } }])
  })
})
