import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { describe, expect, test } from 'vitest'
import { ChannelManager } from '../../src/channel/index.js'
import { discoveryKey } from '../../src/discovery/namespace.js'
import { createKeyring, plaintext, symmetric } from '../../src/encryption/index.js'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { utf8 } from './harness.js'
import type { Channel, ChannelEvents, ChannelOptions } from '../../src/channel/index.js'
import type { Encryption } from '../../src/encryption/index.js'
import type { ChannelDiscovery, ChannelMembership, ChannelTopic, LocatedMember } from '../../src/discovery/types.js'
import type { ExchangeChannel, ExchangeMembership, HistoryOptions, HistoryResult, MessageExchange, WantedMessage } from '../../src/exchange/types.js'
import type { PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const peer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const NOBODY = async (): Promise<HistoryResult> => ({ ...RESULT, members: 0 })
const RESULT: HistoryResult = { listed: 1, held: 1, bytes: 1, unavailable: 0, members: 1, complete: true, horizon: { lamportTimestamp: 1, messageId: 'a' } }

class FakeDiscovery implements ChannelDiscovery {
  topic?: ChannelTopic
  keys: Uint8Array[] = []
  located: LocatedMember[] = []
  onLeave: () => Promise<void> = async () => {}
  private readonly listeners = new Set<() => void>()

  join (topic: ChannelTopic): ChannelMembership {
    this.topic = topic
    this.keys = topic.keys

    return {
      peers: () => this.located.map(member => member.peer),
      members: () => this.located,
      need: () => {},
      setKeys: keys => { this.keys = keys },
      onChange: fn => {
        this.listeners.add(fn)

        return () => { this.listeners.delete(fn) }
      },
      leave: async options => {
        await Promise.race([this.onLeave(), new Promise((_resolve, reject) => { options?.signal?.addEventListener('abort', () => { reject(new Error('aborted')) }) })])
      }
    }
  }

  locate (...members: Array<{ peer: PeerId, connected: boolean }>): void {
    this.located = members.map(member => ({ ...member, proven: true, seenAt: 0 }))
    this.listeners.forEach(listener => { listener() })
  }
}

class FakeExchange implements MessageExchange {
  channel?: ExchangeChannel
  joined: PeerId[] = []
  compared = 0
  wanted: WantedMessage[] = []
  asked: HistoryOptions[] = []
  answer: (options: HistoryOptions) => Promise<HistoryResult> = async () => RESULT

  join (channel: ExchangeChannel): ExchangeMembership {
    this.channel = channel

    return {
      want: messages => { this.wanted.push(...messages) },
      cancel: () => {},
      arrived: () => {},
      joined: peer => { this.joined.push(peer) },
      history: async (options = {}) => {
        this.asked.push(options)

        return await this.answer(options)
      },
      reconcile: async () => {
        this.compared++

        return undefined
      },
      leave: async () => { this.channel = undefined }
    }
  }
}

interface Setup {
  clock: SimulatedClock
  discovery: FakeDiscovery
  exchange: FakeExchange
  channels: ChannelManager
  channel: Channel
}

async function setUp (options: Partial<ChannelOptions> = {}, { datastore, answer, clock = new SimulatedClock() }: { datastore?: Datastore, answer?: FakeExchange['answer'], clock?: SimulatedClock } = {}): Promise<Setup> {
  const discovery = new FakeDiscovery()
  const exchange = new FakeExchange()

  exchange.answer = answer ?? exchange.answer

  const channels = new ChannelManager({ messaging: createFakeMessaging({ confirm: 'auto' }), datastore, clock, discovery, exchange, random: seededRandom('alice') })

  await channels.start()

  const channel = await channels.createChannel('tea', { encryption: symmetric({ key: new Uint8Array(32) }), senderId: 'alice', ...options })

  await clock.settle()

  return { clock, discovery, exchange, channels, channel }
}

describe('the past', () => {
  test('is asked for again until somebody could be asked, and once in the life of a channel', async () => {
    const datastore = new MemoryDatastore()
    const { clock, discovery, exchange, channels, channel } = await setUp({ history: { join: 'recent' } }, { datastore, answer: NOBODY })

    await clock.advance(2_000)
    expect(exchange.asked.length).toBeGreaterThan(1)
    expect(exchange.asked[0]).toMatchObject({ mode: 'recent', limit: 1_000 })
    expect(channel.status().state).toBe('joining')

    const before = exchange.asked.length

    exchange.answer = async () => RESULT
    discovery.locate({ peer: await peer(), connected: true })
    await clock.settle()
    expect(exchange.asked.length).toBe(before + 1)
    expect(channel.status().state).toBe('synced')

    await clock.advance(600_000)
    expect(exchange.asked.length).toBe(before + 1)
    await channels.stop()

    const again = await setUp({ history: { join: 'recent' } }, { datastore })

    again.discovery.locate({ peer: await peer(), connected: true })
    await again.clock.advance(60_000)
    expect(again.exchange.asked).toEqual([])
  })

  test('is not done with members who have come just before us: those who come next are asked too, a few times', async () => {
    const { clock, discovery, exchange, channel } = await setUp({ history: { join: 'full' } }, { answer: NOBODY })

    // another newcomer, whose log is empty or has news only
    exchange.answer = async () => ({ ...RESULT, listed: 0, held: 0, horizon: undefined })
    discovery.locate({ peer: await peer(), connected: true })
    await clock.settle()
    expect(channel.status().state).toBe('synced')

    const before = exchange.asked.length

    await clock.advance(600_000)
    expect(exchange.asked.length).toBe(before)

    exchange.answer = async () => ({ ...RESULT, horizon: { lamportTimestamp: clock.now(), messageId: 'a' } })
    discovery.locate({ peer: await peer(), connected: true })
    await clock.settle()
    expect(exchange.asked.length).toBe(before + 1)

    // one that has been here for long
    exchange.answer = async () => RESULT
    discovery.locate({ peer: await peer(), connected: true })
    await clock.settle()
    expect(exchange.asked.length).toBe(before + 2)

    discovery.locate({ peer: await peer(), connected: true })
    await clock.advance(600_000)
    expect(exchange.asked.length).toBe(before + 2)
  })

  test('tells how far it is, ten times a second at the most and once at the end', async () => {
    const { clock, discovery, exchange, channel } = await setUp({ history: { join: 'full' } }, { answer: NOBODY })
    const told: Array<ChannelEvents['reliable:channel:history']> = []

    channel.events.on('reliable:channel:history', event => { told.push(event) })
    exchange.answer = async ({ onProgress }) => {
      for (let listed = 1; listed <= 300; listed++) {
        await clock.advance(1)
        onProgress?.({ listed, held: 0, bytes: 0 })
      }

      return { ...RESULT, listed: 300, held: 299, bytes: 5_000 }
    }
    discovery.locate({ peer: await peer(), connected: true })
    await expect.poll(() => told.at(-1)?.complete).toBe(true)

    expect(told.at(-1)).toEqual({ channelId: 'tea', listed: 300, held: 299, bytes: 5_000, complete: true })
    expect(told.map(({ listed }) => listed)).toEqual([1, 101, 201, 300])
  })

  test('is begun anew when a stop came in the middle of it', async () => {
    const datastore = new MemoryDatastore()
    const { clock, exchange, channels } = await setUp({ history: { join: 'full' } }, { datastore, answer: async () => { throw new Error('no network') } })

    await clock.advance(5_000)
    expect(exchange.asked[0]).toMatchObject({ mode: 'full', limit: undefined })
    await channels.stop()

    const again = await setUp({ history: { join: 'full' } }, { datastore })

    expect(again.exchange.asked).toHaveLength(1)
  })

  test('is not asked for with join none, and a channel does not count as joining for long where nobody answers', async () => {
    const none = await setUp({ history: { join: 'none' } })

    await none.clock.advance(60_000)
    expect(none.exchange.asked).toEqual([])
    expect(none.channel.status().state).toBe('synced')
    expect(none.exchange.channel?.floor?.()).toBeDefined()

    const alone = await setUp({}, { answer: NOBODY })

    expect(alone.channel.status().state).toBe('joining')
    await alone.clock.advance(11_000)
    expect(alone.channel.status().state).toBe('synced')
  })
})

describe('members', () => {
  test('the connected ones come first, and those who come back are told to the exchange', async () => {
    const { discovery, exchange, channels, clock } = await setUp()
    const [near, far] = [await peer(), await peer()]

    discovery.locate({ peer: far, connected: false }, { peer: near, connected: true })
    expect(channels.peers('tea')).toEqual([near, far])
    expect(exchange.joined).toEqual([far, near])

    discovery.locate({ peer: far, connected: false }, { peer: near, connected: false })
    expect(exchange.joined).toHaveLength(2)
    await clock.advance(60_000)
    discovery.locate({ peer: far, connected: true }, { peer: near, connected: false })
    expect(exchange.joined).toEqual([far, near, far])
    // all were gone: there may be much that nobody cites
    expect(exchange.compared).toBe(1)
  })

  test('a rotated key is used for finding and for proofs at once', async () => {
    const keyring = createKeyring(new Uint8Array(32).fill(1))
    const { clock, discovery, exchange, channel } = await setUp({ encryption: symmetric({ keyring }) })
    const [old] = discovery.keys

    expect(channel.status().discoverable).toBe('secret')
    keyring.rotate(new Uint8Array(32).fill(2))
    await clock.settle()
    expect(discovery.keys).toHaveLength(2)
    expect(discovery.keys[1]).toEqual(old)
    expect(exchange.channel?.keys()).toEqual(discovery.keys)

    // no more than others take, the current one first
    for (let i = 3; i < 20; i++) {
      keyring.rotate(new Uint8Array(32).fill(i))
    }

    const current = discovery.keys[0]

    await clock.settle()
    expect(discovery.keys).toHaveLength(8)
    expect(discovery.keys[0]).not.toEqual(current)
  })

  test('an old key is no longer used from the moment on that it expires', async () => {
    const clock = new SimulatedClock()
    const keyring = createKeyring(new Uint8Array(32).fill(1), clock)
    const { discovery, exchange, channel } = await setUp({ encryption: symmetric({ keyring }) }, { clock })

    keyring.rotate(new Uint8Array(32).fill(2), { keepOldMs: 7_200_000 })
    await clock.advance(7_199_999)
    expect(discovery.keys).toHaveLength(2)
    await clock.advance(1)
    expect(discovery.keys).toHaveLength(1)
    expect(exchange.channel?.keys()).toEqual(discovery.keys)

    // a closed channel listens no more: nothing would keep a process alive
    keyring.rotate(new Uint8Array(32).fill(3), { keepOldMs: 60_000 })
    await clock.until(channel.close())
    expect(clock.pending).toBe(0)
  })

  test('secrets that do not tell when they change are asked for every five minutes, those that do never', async () => {
    const { encrypt, decrypt } = plaintext()
    let asked = 0
    let secret = 1
    const silent: Encryption = {
      encrypt,
      decrypt,
      discoverySecrets: async () => {
        asked++

        if (asked === 2) {
          throw new Error('not now')
        }

        return [new Uint8Array(32).fill(secret)]
      }
    }
    let told = (): void => {}
    const telling: Encryption = {
      ...silent,
      onSecrets: listener => {
        told = listener

        return () => { told = () => {} }
      }
    }
    const { clock, discovery, channels } = await setUp({ encryption: silent })
    const [before] = discovery.keys

    secret = 2
    // the first of them fails
    await clock.advance(599_000)
    expect({ asked, keys: discovery.keys }).toEqual({ asked: 2, keys: [before] })
    await clock.advance(1_000)
    expect(asked).toBe(3)
    expect(discovery.keys[0]).not.toEqual(before)
    await channels.stop()
    await clock.advance(3_600_000)
    expect(asked).toBe(3)
    await channels.start()
    await clock.advance(86_400_000)
    expect(asked).toBe(4 + 288)

    asked = 2

    const other = await setUp({ encryption: telling })
    const [first] = other.discovery.keys

    secret = 3
    await other.clock.advance(86_400_000)
    expect({ asked, keys: other.discovery.keys }).toEqual({ asked: 3, keys: [first] })
    told()
    await other.clock.settle()
    expect(other.discovery.keys[0]).not.toEqual(first)
    await other.clock.advance(86_400_000)
    expect(asked).toBe(4)

    // one that fails is tried again
    asked = 1
    secret = 4
    told()
    await other.clock.settle()
    const [third] = other.discovery.keys
    await other.clock.advance(86_400_000)
    expect(asked).toBe(3)
    expect(other.discovery.keys[0]).not.toEqual(third)
  })

  test('an answer that comes late does not undo a newer one', async () => {
    const answers: Array<(secrets: Uint8Array[]) => void> = []
    let told = (): void => {}
    const { clock, discovery } = await setUp({
      encryption: {
        ...plaintext(),
        discoverySecrets: async () => await new Promise(resolve => { answers.push(resolve) }),
        onSecrets: listener => {
          told = listener

          return () => {}
        }
      }
    })

    // it changes before the first answer is here
    told()
    answers[1]([new Uint8Array(32).fill(2)])
    await clock.settle()
    answers[0]([new Uint8Array(32).fill(1)])
    await clock.settle()
    expect(discovery.keys).toEqual([discoveryKey(new Uint8Array(32).fill(2))])
  })

  test('a close does not wait for a point that does not answer', async () => {
    const { clock, discovery, channel } = await setUp()

    discovery.onLeave = async () => { await new Promise(() => {}) }
    await clock.until(channel.close())
    expect(channel.status().state).toBe('closed')
  })
})

describe('what is served', () => {
  test('our own messages are served before they have left', async () => {
    const { exchange, channel } = await setUp({ sendHandler: async () => await new Promise(() => {}) })
    const request = await channel.send(utf8('on its way'))
    const messageId = channel.request(request)?.messageId as string

    expect(exchange.channel?.has({ messageId })).toBe(true)
    expect(exchange.channel?.gone(messageId)).toBe(false)
    expect(await exchange.channel?.payload({ messageId })).toBeInstanceOf(Uint8Array)
    expect(exchange.channel?.has({ messageId: 'unknown' })).toBe(false)
    expect(await exchange.channel?.payload({ messageId: 'unknown' })).toBeUndefined()
  })

  test('P58: what answers a want has the ID that was asked for', async () => {
    const sender = await setUp({ senderId: 'bob' })
    const { exchange } = await setUp()
    const from = await peer()
    const request = await sender.channel.send(utf8('hi'))
    const messageId = sender.channel.request(request)?.messageId as string
    const payload = await sender.exchange.channel?.payload({ messageId }) as Uint8Array

    expect(await exchange.channel?.accept(payload, from, 'another')).toMatchObject({ result: 'mismatch' })
    // known by now, which does not make it what was asked for
    expect(await exchange.channel?.accept(payload, from, 'another')).toMatchObject({ result: 'mismatch', messageId })
    expect(await exchange.channel?.accept(payload, from, messageId)).toEqual({ result: 'duplicate', messageId })
    expect(await exchange.channel?.accept(new Uint8Array(64), from, messageId)).toMatchObject({ result: 'unreadable' })
  })
})

describe('what is missed', () => {
  /** All that `sender` has sent, oldest first, as published. */
  async function published ({ exchange, clock }: Setup): Promise<Array<{ messageId: string, payload: Uint8Array }>> {
    await clock.advance(1_000)

    const entries = exchange.channel?.entries({ limit: 1_000 }) ?? []

    return await Promise.all(entries.map(async ({ messageId }) => ({ messageId, payload: await exchange.channel?.payload({ messageId }) as Uint8Array })))
  }

  test('segments of a large message are wanted as bulk, other messages are gaps', async () => {
    const bob = await setUp({ senderId: 'bob', segmentation: { segmentSizeBytes: 16_384 } })
    const { exchange, clock } = await setUp()
    const from = await peer()

    await bob.channel.send(utf8('first'))
    await bob.channel.send(new Uint8Array(100_000))
    await bob.channel.send(utf8('last'))

    const [first, ...others] = await published(bob)
    const last = others.pop()
    const segments = others.map(({ messageId }) => messageId)

    expect(segments).toHaveLength(7)

    const ids = (bulk: boolean): string[] => exchange.wanted.splice(0).filter(want => want.bulk === bulk).map(({ messageId }) => messageId)

    // a message that stands alone cites the last segments of the one before
    await exchange.channel?.accept(last?.payload as Uint8Array, from)
    await clock.settle()
    expect(ids(false)).toEqual([segments[6], segments[5]])

    await exchange.channel?.accept(others[4].payload, from)
    await clock.settle()
    expect(ids(true)).toEqual([segments[3], segments[2]])

    // fetched: what it cites is not on its way by itself
    await exchange.channel?.accept(others[3].payload, from, segments[3])
    await clock.settle()
    expect(exchange.wanted.splice(0)).toMatchObject([{ messageId: segments[1], bulk: true, attempt: 2 }])

    // before its first segment comes what was said before it
    await exchange.channel?.accept(others[0].payload, from, segments[0])
    await clock.settle()
    expect(exchange.wanted.splice(0).map(({ messageId }) => messageId)).toEqual([first.messageId])

    for (const { messageId, payload } of [...others, first]) {
      await exchange.channel?.accept(payload, from, messageId)
    }

    await clock.settle()
    exchange.wanted.length = 0
    await clock.advance(60_000)
    expect(exchange.wanted).toEqual([])
  })

  test('P58: bytes that are not authentic are so again: whoever serves what gossip brought before is found out', async () => {
    const bob = await setUp({ senderId: 'bob' })
    const { exchange } = await setUp()
    const [one, two] = [await peer(), await peer()]

    await bob.channel.send(utf8('tea'))

    const [{ messageId, payload }] = await published(bob)
    const forged = payload.slice()

    forged[forged.length - 1] ^= 1
    expect(await exchange.channel?.accept(forged, one)).toEqual({ result: 'invalid' })
    expect(await exchange.channel?.accept(forged, two, messageId)).toEqual({ result: 'invalid' })

    // for another key, or garbage: nobody's fault, however often
    const foreign = new Uint8Array(64)

    expect(await exchange.channel?.accept(foreign, one)).toEqual({ result: 'unreadable' })
    expect(await exchange.channel?.accept(foreign, two, messageId)).toEqual({ result: 'unreadable' })
    expect(await exchange.channel?.accept(payload, two, messageId)).toMatchObject({ result: 'accepted' })
  })
})
