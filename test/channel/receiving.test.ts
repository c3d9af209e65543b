import { describe, expect, test } from 'vitest'
import { createKeyring, plaintext, symmetric } from '../../src/encryption/index.js'
import { decodeMessage } from '../../src/sds/index.js'
import { collect, connected, device, text, texts, utf8 } from './harness.js'
import type { Encryption } from '../../src/encryption/index.js'
import type { MessageEnvelope } from '../../src/messaging/index.js'
import type { Device } from './harness.js'

/** What a device sends, held back to be handed over in any order. */
async function spoken (name: string, lines: string[], channelId = 'tea'): Promise<MessageEnvelope[]> {
  const author = await device({ name })
  const channel = await author.open(channelId)

  for (const line of lines) {
    await channel.send(utf8(line))
  }

  await author.clock.settle()

  return author.messaging.sent.map(({ envelope }) => envelope)
}

async function hear (listener: Device, ...envelopes: MessageEnvelope[]): Promise<void> {
  for (const envelope of envelopes) {
    listener.messaging.receive(envelope)
    await listener.clock.settle()
  }
}

describe('receiving', () => {
  test("a marked message reaches its channel with the wire's sender ID", async () => {
    const bob = await device({ name: 'bob' })
    const [tea, milk] = [await bob.open('tea'), await bob.open('milk')]
    const got: string[] = []

    tea.events.on('reliable:message:received', message => { got.push(`tea ${message.senderId} ${text(message.payload)}`) })
    milk.events.on('reliable:message:received', message => { got.push(`milk ${message.senderId}`) })
    await hear(bob, ...await spoken('alice', ['hi']))
    expect(got).toEqual(['tea alice hi'])
    expect(bob.of('reliable:message:received')).toMatchObject([{ channelId: 'tea', own: false, streamed: false, size: 2, late: false, ephemeral: false }])
  })

  test('what has no marker, or another, is dropped before any work', async () => {
    const bob = await device({ name: 'bob' })
    let decrypted = 0
    const encryption: Encryption = { ...plaintext(), decrypt: payload => { decrypted++; return payload } }

    await bob.open('tea', { encryption })

    const [envelope] = await spoken('alice', ['hi'])

    await hear(bob, { ...envelope, meta: new Uint8Array(0) }, { ...envelope, meta: utf8('RELIABLE-CHANNEL-API/2') }, { ...envelope, meta: utf8('RELIABLE-CHANNEL-API/1 ') })
    expect(decrypted).toBe(0)
    expect(bob.events.filter(({ type }) => type !== 'reliable:channel:status' && type !== 'reliable:channel:members')).toEqual([])
  })

  test('a message is delivered once, whatever the network repeats', async () => {
    const bob = await device({ name: 'bob' })

    await bob.open()

    const [envelope] = await spoken('alice', ['hi'])

    await hear(bob, envelope, envelope, { ...envelope, payload: new Uint8Array(envelope.payload) })
    expect(bob.heard()).toEqual(['hi'])
  })

  test('P07: a message of another channel is dropped, and received events carry the sender, not us', async () => {
    const bob = await device({ name: 'bob' })
    const channel = await bob.open('tea')
    const [foreign] = await spoken('alice', ['for milk'], 'milk')

    await hear(bob, { ...foreign, contentTopic: 'tea' })
    expect(bob.heard()).toEqual([])
    expect(await channel.count()).toBe(0)

    await hear(bob, ...await spoken('alice', ['for tea']))
    expect(bob.of('reliable:message:received').map(message => message.senderId)).toEqual(['alice'])
  })

  test('what came before its key is read when it comes again', async () => {
    const [alice, bob] = [await device({ name: 'alice' }), await device({ name: 'bob' })]
    const next = new Uint8Array(32).fill(2)
    const keyring = createKeyring(new Uint8Array(32).fill(1))
    const speaking = await alice.open('tea', { encryption: symmetric({ key: next }) })

    await bob.open('tea', { encryption: symmetric({ keyring }) })
    await speaking.send(utf8('rotated'))
    await alice.clock.settle()

    const [{ envelope }] = alice.messaging.sent

    await hear(bob, envelope)
    expect(bob.heard()).toEqual([])
    keyring.rotate(next)
    await hear(bob, envelope)
    expect(bob.heard()).toEqual(['rotated'])
  })

  test('messages come out after those that they follow, three deep', async () => {
    const bob = await device({ name: 'bob' })
    const channel = await bob.open()
    const [one, two, three] = await spoken('alice', ['one', 'two', 'three'])

    // the first live message of a newcomer waits for nothing: this one makes bob an old hand
    await hear(bob, ...await spoken('carol', ['before']))
    await bob.clock.advance(1)
    await hear(bob, three, two)
    await hear(bob, one)
    expect(bob.heard()).toEqual(['before', 'one', 'two', 'three'])
    expect(texts(await collect(channel.history({ order: 'arrival' })))).toEqual(['before', 'one', 'two', 'three'])
  })

  test('P08: two channels on one topic: closing one leaves the other subscribed', async () => {
    const bob = await device({ name: 'bob' })
    const options = { contentTopic: '/shared/1/x/proto' }

    await bob.open('tea', options)
    await bob.open('milk', options)
    await bob.channels.closeChannel('milk')
    expect([...bob.messaging.topics]).toEqual(['/shared/1/x/proto'])

    const [envelope] = await spoken('alice', ['still here'])

    await hear(bob, { ...envelope, contentTopic: '/shared/1/x/proto' })
    expect(bob.heard()).toEqual(['still here'])
    await bob.channels.closeChannel('tea')
    expect([...bob.messaging.topics]).toEqual([])
  })

  test('subscribing is deferred until start, and taken back at stop', async () => {
    const bob = await device({ name: 'bob', start: false })

    await bob.open()
    expect([...bob.messaging.topics]).toEqual([])
    await bob.channels.start()
    expect([...bob.messaging.topics]).toEqual(['tea'])
    await bob.channels.stop()
    expect([...bob.messaging.topics]).toEqual([])
    await bob.channels.start()
    expect([...bob.messaging.topics]).toEqual(['tea'])
  })

  test('a closed channel is silent', async () => {
    const bob = await device({ name: 'bob' })
    const channel = await bob.open()

    await channel.close()

    const before = bob.events.length

    await hear(bob, ...await spoken('alice', ['hi']))
    await bob.clock.advance(600_000)
    expect(bob.events).toHaveLength(before)
    await expect(channel.send(utf8('hi'))).rejects.toMatchObject({ name: 'ChannelClosedError' })
    expect(() => channel.messages()).toThrow(expect.objectContaining({ name: 'ChannelClosedError' }))
  })

  test('P09: a message in the decrypt step when the close begins is not emitted after it', async () => {
    const bob = await device({ name: 'bob' })
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const encryption: Encryption = {
      ...plaintext(),
      decrypt: async payload => {
        await gate

        return payload
      }
    }
    const channel = await bob.open('tea', { encryption })

    await hear(bob, ...await spoken('alice', ['hi']))

    const closing = channel.close()

    await bob.clock.settle()
    open()
    await closing

    // it may have come out before, never after
    const before = bob.events.length

    await bob.clock.advance(600_000)
    expect(bob.events).toHaveLength(before)
    expect(bob.heard()).toEqual([])
  })

  test('P06: a payload for another channel of the topic is decrypted by that one alone, and no error', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const options = { contentTopic: 'shared', encryption: symmetric({ key: new Uint8Array(32).fill(1) }) }
    const encryption = symmetric({ key: new Uint8Array(32).fill(2) })
    const told: unknown[] = []
    const other = {
      contentTopic: 'shared',
      encryption: {
        encrypt: (...args: Parameters<Encryption['encrypt']>) => encryption.encrypt(...args),
        decrypt: (...args: Parameters<Encryption['decrypt']>) => {
          const decrypted = encryption.decrypt(...args)
          told.push(decrypted)

          return decrypted
        }
      }
    }

    await bob.open('tea', options)
    await bob.open('milk', other)
    await alice.open('tea', options)
    await alice.channels.send('tea', utf8('hi'))
    await bob.clock.advance(30_000)
    expect(bob.of('reliable:message:received').map(message => message.channelId)).toEqual(['tea'])
    expect(bob.of('reliable:channel:error')).toEqual([])
    // told by its key tag, at once: nothing was deciphered, and nobody waited
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told)).toEqual(new Set([null]))
  })

  test('P06: marked garbage is counted, and told at a bounded rate', async () => {
    const bob = await device({ name: 'bob' })

    await bob.open('tea', { encryption: symmetric({ key: new Uint8Array(32).fill(1) }) })

    const [envelope] = await spoken('alice', ['hi'])

    for (let i = 0; i < 500; i++) {
      bob.messaging.receive({ ...envelope, payload: new Uint8Array(100).fill(i) })
    }

    await bob.clock.advance(30_000)

    const errors = bob.of('reliable:channel:error')

    expect(errors.length).toBeLessThanOrEqual(4)
    expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(500)
    expect(bob.heard()).toEqual([])
  })

  test('another secret: no message, and counted errors', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await alice.open('tea', { encryption: symmetric({ key: new Uint8Array(32).fill(2) }) })
    await bob.open('tea', { encryption: symmetric({ key: new Uint8Array(32).fill(1) }) })
    await alice.channels.send('tea', utf8('hi'))
    await bob.clock.settle()
    expect(bob.of('reliable:channel:error')).toMatchObject([{ channelId: 'tea', error: { name: 'ForeignPayloadError' }, count: 1 }])
    expect(bob.heard()).toEqual([])
  })

  test('P15: identical payloads both arrive', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await bob.open()
    await alice.open()
    await alice.channels.send('tea', utf8('same'))
    await alice.channels.send('tea', utf8('same'))
    await alice.clock.settle()
    expect(bob.heard()).toEqual(['same', 'same'])
    expect(new Set(bob.of('reliable:message:received').map(message => message.messageId)).size).toBe(2)
  })

  test('a payload of many segments arrives whole, whatever its order, with progress', async () => {
    const bob = await device({ name: 'bob' })
    const author = await device({ name: 'alice' })
    const channel = await author.open('tea', { segmentation: { segmentSizeBytes: 1_024 } })
    const payload = Uint8Array.from({ length: 20_000 }, (_, i) => i * 7)

    await bob.open()
    await channel.send(payload)
    await author.clock.settle()
    await hear(bob, ...author.messaging.sent.map(({ envelope }) => envelope).reverse())
    expect(bob.of('reliable:message:received')).toHaveLength(1)
    expect(Buffer.compare(bob.of('reliable:message:received')[0].payload, payload)).toBe(0)
    expect(bob.of('reliable:message:progress').at(0)).toMatchObject({ direction: 'in', total: 23, totalBytes: 20_000 })
  })

  test('a message that is put together in slices still comes before what follows it', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])

    await bob.open()
    await alice.open()
    await Promise.all([
      alice.channels.send('tea', new Uint8Array(3_000_000)),
      alice.channels.send('tea', utf8('after'))
    ])
    await alice.clock.settle()
    expect(bob.of('reliable:message:received').map(message => message.size)).toEqual([3_000_000, 5])
  })

  test('an ephemeral message comes at once, and is not in the log', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const channel = await bob.open()

    await alice.open()
    await alice.channels.send('tea', utf8('typing'), { ephemeral: true })
    await alice.clock.settle()
    expect(bob.of('reliable:message:received')).toMatchObject([{ ephemeral: true, size: 6 }])
    expect(bob.of('reliable:message:received')[0]).not.toHaveProperty('cursor')
    expect(await channel.count()).toBe(0)
  })

  test('a listener that throws stops neither the pipeline nor the others', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const got: string[] = []

    bob.channels.events.on('reliable:message:received', () => { throw new Error('mine') })
    bob.channels.events.on('reliable:message:received', async () => { throw new Error('mine, later') })
    bob.channels.events.on('reliable:message:received', message => { got.push(text(message.payload)) })
    await bob.open()
    await alice.open()
    await alice.channels.send('tea', utf8('one'))
    await alice.channels.send('tea', utf8('two'))
    await alice.clock.settle()
    expect(got).toEqual(['one', 'two'])
  })

  test('off(), the returned function and a signal each end a subscription', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const got: string[] = []
    const controller = new AbortController()
    const plain = (): void => { got.push('off') }

    await bob.open()
    bob.channels.events.on('reliable:message:received', plain)
    bob.channels.events.on('reliable:message:received', () => { got.push('signal') }, { signal: controller.signal })
    const stop = bob.channels.events.on('reliable:message:received', () => { got.push('function') })

    await alice.open()
    await alice.channels.send('tea', utf8('one'))
    await alice.clock.settle()
    bob.channels.events.off('reliable:message:received', plain)
    controller.abort()
    stop()
    await alice.channels.send('tea', utf8('two'))
    await alice.clock.settle()
    expect(got).toEqual(['off', 'signal', 'function'])
  })

  test('what the application gets is its own: changing it changes nothing stored', async () => {
    const [alice, bob] = await connected(['alice', 'bob'])
    const channel = await bob.open()

    bob.channels.events.on('reliable:message:received', message => { message.payload.fill(0) })
    await alice.open()
    await alice.channels.send('tea', utf8('hello'))
    await alice.clock.settle()
    expect(texts(await collect(channel.history()))).toEqual(['hello'])
  })

  test('retransmissions have the same payload bytes', async () => {
    const alice = await device()

    await alice.open('tea', { encryption: symmetric({ key: new Uint8Array(32).fill(1) }) })
    await alice.channels.send('tea', utf8('hi'))
    await alice.clock.advance(12_000)

    const payloads = alice.messaging.sent.map(({ envelope }) => envelope.payload).filter(payload => payload.byteLength === alice.messaging.sent[0].envelope.payload.byteLength)

    expect(payloads.length).toBeGreaterThan(1)
    payloads.forEach(payload => { expect(Buffer.compare(payload, payloads[0])).toBe(0) })
  })

  test('every payload is an SDS message of the channel', async () => {
    const [envelope] = await spoken('alice', ['hi'])

    expect(decodeMessage(envelope.payload)).toMatchObject({ senderId: 'alice', channelId: 'tea' })
  })
})
