import { beforeAll, describe, expect, it } from 'vitest'
import { legacyRecord } from '../../src/rendezvous/index.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { ClientHarness, PointHarness, createPeer, expectAnswer, utf8 } from './fixtures.js'
import type { Raw, TestPeer } from './fixtures.js'
import type { RendezvousPointInit } from '../../src/rendezvous/index.js'

const MIB = 1024 * 1024

let alice: TestPeer
let robert: TestPeer

beforeAll(async () => {
  [alice, robert] = await Promise.all([1, 101].map(createPeer))
})

/** Every page, in bytes and registrations. */
async function pagesOf (harness: PointHarness, reader: TestPeer, namespace: string): Promise<Array<{ bytes: number, registrations: number }>> {
  const pages: Array<{ bytes: number, registrations: number }> = []
  let cookie: Raw | undefined

  do {
    const message = expectAnswer(await harness.ask(reader, { type: MessageType.DISCOVER, discover: { ns: utf8(namespace), cookie } }))
    pages.push({ bytes: Message.encode(message).byteLength, registrations: message.discoverResponse?.registrations.length ?? 0 })
    cookie = message.discoverResponse?.cookie
  } while (pages[pages.length - 1].registrations > 0)

  return pages.slice(0, -1)
}

describe('P43: a point', () => {
  it.each([
    ['standard records of many sizes', 'n', undefined, (i: number) => 1 + i % 17],
    ['small records', 'n', undefined, () => 1],
    ['the longest namespace', '€'.repeat(85), undefined, () => 1],
    ['legacy records, to one that reads those', 'n', legacyRecord, (i: number) => 1 + i % 17]
  ])('fills its answers, and no further than it may: %s', async (_name, namespace, codec, addressesOf) => {
    const harness = await PointHarness.start()
    const peers = await Promise.all(Array.from({ length: 120 }, async (_, i) => await createPeer(1_000 + i)))

    for (const [i, peer] of peers.entries()) {
      const addresses = Array.from({ length: addressesOf(i) }, (_, j) => `/dns4/${'a'.repeat(20)}.example.org/tcp/${j + 1}`)
      expect((await harness.register(peer, namespace, 7_200, await peer.seal({ codec, addresses }))).status).toBe(0)
    }

    if (codec != null) {
      harness.agents.set(alice.id.toString(), 'rust-libp2p/0.56.0')
    }

    for (let most = 2_500; most < 61_440; most = Math.round(most * 1.13)) {
      Reflect.get(harness.point, 'config').maxAnswerBytes = most
      const pages = await pagesOf(harness, alice, namespace)

      expect(pages.reduce((sum, { registrations }) => sum + registrations, 0)).toBe(120)
      pages.forEach(({ bytes }) => { expect(bytes).toBeLessThanOrEqual(most) })
      pages.slice(0, -1).forEach(({ bytes }) => { expect(bytes).toBeGreaterThan(0.4 * most) })
    }
  })

  it('gives one record although it is larger than an answer may be, or nobody would get past it', async () => {
    const harness = await PointHarness.start({ maxAnswerBytes: 500 })
    const addresses = Array.from({ length: 30 }, (_, i) => `/dns4/${'a'.repeat(40)}.example.org/tcp/${i + 1}`)

    for (let i = 0; i < 3; i++) {
      const peer = await createPeer(1_000 + i)
      await harness.register(peer, 'foo', 7_200, await peer.seal({ addresses }))
    }

    expect((await pagesOf(harness, alice, 'foo')).map(({ registrations }) => registrations)).toEqual([1, 1, 1])
  })

  it('answers with 60 KiB and 1 000 records at most by default: nim reads 64 KiB', async () => {
    const harness = await PointHarness.start()

    expect(Reflect.get(harness.point, 'config')).toMatchObject({ maxAnswerBytes: 61_440, maxPageRecords: 1_000 })
  })
})

describe('P43: a client', () => {
  it.each([['reads an answer of 1 MiB, as rust sends it', MIB, true], ['and none that is longer', MIB + 1, false]])('%s', async (_name, size, isRead) => {
    const answer = (length: number): Message => ({
      type: MessageType.DISCOVER_RESPONSE,
      discoverResponse: { registrations: [{ ns: utf8('foo'), signedPeerRecord: new Uint8Array(length) }], status: 0 }
    })
    const around = Message.encode(answer(size)).byteLength - size
    const message = answer(size - around)
    expect(Message.encode(message).byteLength).toBe(size)

    const harness = await ClientHarness.start(alice, {}, [[robert, () => message]])
    const found = harness.client.discoverAt(robert.id, 'foo')

    if (isRead) {
      expect(await found).toEqual({ peers: [], cookie: undefined })
    } else {
      await expect(found).rejects.toMatchObject({ name: 'NoAnswerError' })
    }
  })
})

describe('the status table', () => {
  // the numbers of the spec, not ours
  it.each<[number, 'register' | 'discover', string, RendezvousPointInit, (harness: PointHarness) => Promise<{ status?: number }>]>([
    [0, 'register', 'what is in order', {}, async harness => await harness.register(alice, 'foo')],
    [0, 'discover', 'what is in order', {}, async harness => await harness.discover(alice, 'foo')],
    [100, 'register', 'a namespace that is too long', {}, async harness => await harness.register(alice, 'a'.repeat(256))],
    [100, 'discover', 'a namespace that is too long', {}, async harness => await harness.discover(alice, 'a'.repeat(256))],
    [101, 'register', 'a record of another peer', {}, async harness => await harness.register(alice, 'foo', 7_200, await robert.seal())],
    [102, 'register', 'a TTL below the range', {}, async harness => await harness.register(alice, 'foo', 7_199)],
    [103, 'discover', 'a cookie for another namespace', {}, async harness => await harness.discover(alice, 'bar', { cookie: (await harness.discover(alice, 'foo')).cookie as Raw })],
    [200, 'register', 'a peer that may not', { authorize: () => false }, async harness => await harness.register(alice, 'foo')],
    [200, 'discover', 'a peer that may not', { authorize: () => false }, async harness => await harness.discover(alice, 'foo')],
    [200, 'register', 'one registration too many', { maxRegistrationsPerPeer: 1 }, async harness => { await harness.register(alice, 'foo'); return await harness.register(alice, 'bar') }],
    [300, 'register', 'a hook that throws', { authorize: () => { throw new Error('mine') } }, async harness => await harness.register(alice, 'foo')],
    [300, 'discover', 'a hook that throws', { authorize: () => { throw new Error('mine') } }, async harness => await harness.discover(alice, 'foo')],
    [400, 'register', 'a full point', { maxRegistrations: 1 }, async harness => { await harness.register(robert, 'foo'); return await harness.register(alice, 'foo') }],
    [400, 'register', 'too many requests', { requestsPerSecond: 1 }, async harness => { await harness.discover(alice, 'foo'); return await harness.register(alice, 'foo') }],
    [400, 'discover', 'too many requests', { requestsPerSecond: 1 }, async harness => { await harness.discover(alice, 'foo'); return await harness.discover(alice, 'foo') }]
  ])('%i: %s, %s', async (status, _request, _name, init, ask) => {
    const harness = await PointHarness.start(init)
    const refused: number[] = []
    harness.point.on('refuse', event => { refused.push(event.status) })

    expect((await ask(harness)).status).toBe(status)
    expect(refused).toEqual(status === 0 ? [] : [status])
  })
})

describe('a request', () => {
  it.each([['of 8 192 bytes is answered', 8_192, 103], ['of one more is cut', 8_193, 'reset']])('%s', async (_name, size, expected) => {
    const request = (cookie: number): Message => ({ type: MessageType.DISCOVER, discover: { ns: utf8('foo'), cookie: new Uint8Array(cookie) } })
    const message = request(size - (Message.encode(request(size)).byteLength - size))
    expect(Message.encode(message).byteLength).toBe(size)
    const outcome = await (await PointHarness.start()).ask(alice, message)

    expect(typeof outcome === 'string' ? outcome : outcome.discoverResponse?.status).toBe(expected)
  })
})

describe('P44: a refusal', () => {
  it.each([
    ['of a cookie is followed by one request without', 103, 2],
    ['for another reason is not', 200, 1]
  ])('%s', async (_name, status, requests) => {
    const asked: Array<Raw | undefined> = []
    const harness = await ClientHarness.start(alice, {}, [[robert, ({ discover }) => {
      asked.push(discover?.cookie)

      return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [], status } }
    }]])

    await expect(harness.client.discoverAt(robert.id, 'foo', { cookie: utf8('a cookie') })).rejects.toMatchObject({ name: 'RendezvousStatusError', status })
    expect(asked).toEqual([utf8('a cookie'), undefined].slice(0, requests))
    await expect(harness.client.discoverAt(robert.id, 'foo')).rejects.toMatchObject({ status })
    expect(asked).toHaveLength(requests + 1)
  })
})
