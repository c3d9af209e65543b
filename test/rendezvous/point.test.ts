import { lpStream } from '@libp2p/utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { InvalidParametersError } from '@libp2p/interface'
import { ResponseStatus, legacyRecord, rendezvousPoint } from '../../src/rendezvous/index.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { openRecord } from '../../src/rendezvous/records.js'
import { standardRecord } from '../../src/rendezvous/index.js'
import { PointHarness, createPeer, expectAnswer, frame, readOutcome, utf8 } from './fixtures.js'
import type { Raw, TestPeer } from './fixtures.js'
import type { RendezvousPointComponents } from '../../src/rendezvous/index.js'
import type { Message as MessageShape } from '../../src/rendezvous/pb/rendezvous.js'

const { OK, INVALID_NAMESPACE, INVALID_SIGNED_PEER_RECORD, INVALID_TTL, INVALID_COOKIE, NOT_AUTHORIZED, INTERNAL_ERROR, UNAVAILABLE } = ResponseStatus

let alice: TestPeer
let bob: TestPeer
let eve: TestPeer
let harness: PointHarness

beforeEach(async () => {
  alice = await createPeer(1)
  bob = await createPeer(2)
  eve = await createPeer(3)
  harness = await PointHarness.start()
})

async function peersIn (registrations: NonNullable<MessageShape['discoverResponse']>['registrations']): Promise<string[]> {
  return await Promise.all(registrations.map(async ({ signedPeerRecord }) => (await openRecord(standardRecord, signedPeerRecord ?? new Uint8Array())).peer.toString()))
}

describe('register', () => {
  it('grants the TTL asked for, and two hours when none is', async () => {
    expect(await harness.register(alice, 'foo', 10_000)).toMatchObject({ status: OK, ttl: 10_000n })
    expect(await harness.register(alice, 'foo')).toMatchObject({ status: OK, ttl: 7_200n })
    expect(harness.point.registrations).toBe(1)
  })

  it.each([
    ['none', undefined, OK],
    ['0', 0n, INVALID_TTL],
    ['below the range', 7_199n, INVALID_TTL],
    ['the least', 7_200n, OK],
    ['the most', 259_200n, OK],
    ['above the range', 259_201n, INVALID_TTL],
    ['2^64-1', 2n ** 64n - 1n, INVALID_TTL]
  ])('a TTL of %s', async (_name, ttl, status) => {
    expect((await harness.register(alice, 'foo', ttl)).status).toBe(status)
  })

  it.each([
    ['empty', '', INVALID_NAMESPACE],
    ['1 byte', 'a', OK],
    ['255 bytes', 'a'.repeat(255), OK],
    ['256 bytes', 'a'.repeat(256), INVALID_NAMESPACE],
    ['256 bytes of two-byte characters', 'é'.repeat(128), INVALID_NAMESPACE],
    ['254 bytes of two-byte characters', 'é'.repeat(127), OK],
    ['slashes and control characters', '/../\0\n', OK],
    ['a byte order mark', '\ufeffx', OK]
  ])('a namespace of %s', async (_name, namespace, status) => {
    expect((await harness.register(alice, namespace)).status).toBe(status)
    expect(harness.point.namespaces).toBe(status === OK ? 1 : 0)
  })

  it('refuses a namespace that is not UTF-8', async () => {
    const answer = await harness.ask(alice, { type: MessageType.REGISTER, register: { ns: Uint8Array.of(0x66, 0xff), signedPeerRecord: await alice.seal() } })

    expect(expectAnswer(answer).registerResponse?.status).toBe(INVALID_NAMESPACE)
  })

  it('P42: eve cannot register alice', async () => {
    expect((await harness.register(eve, 'foo', 7_200, await alice.seal())).status).toBe(INVALID_SIGNED_PEER_RECORD)
    expect(harness.point.registrations).toBe(0)
  })

  it('P42: refuses a record that eve signed about alice', async () => {
    expect((await harness.register(eve, 'foo', 7_200, await eve.seal({ as: alice.id }))).status).toBe(INVALID_SIGNED_PEER_RECORD)
  })

  it('P42: refuses a record without an address', async () => {
    expect(await harness.register(alice, 'foo', 7_200, await alice.seal({ addresses: [] }))).toMatchObject({ status: INVALID_SIGNED_PEER_RECORD, statusText: expect.stringContaining('no addresses') })
  })

  it('refuses garbage, an empty record, none, and a changed one', async () => {
    const changed = await alice.seal()
    changed[changed.byteLength - 1] ^= 1

    for (const record of [utf8('garbage'), new Uint8Array(), changed]) {
      expect((await harness.register(alice, 'foo', 7_200, record)).status).toBe(INVALID_SIGNED_PEER_RECORD)
    }

    const none = await harness.ask(alice, { type: MessageType.REGISTER, register: { ns: utf8('foo') } })
    expect(expectAnswer(none).registerResponse?.status).toBe(INVALID_SIGNED_PEER_RECORD)
  })

  it('does not take a known record from a peer whose it is not', async () => {
    const record = await alice.seal()
    await harness.register(alice, 'foo', 7_200, record)

    expect((await harness.register(eve, 'foo', 7_200, record)).status).toBe(INVALID_SIGNED_PEER_RECORD)
  })

  it('a refresh supersedes: one registration, the new TTL, the new record', async () => {
    await harness.register(alice, 'foo', 7_200)
    await harness.register(alice, 'foo', 10_000, await alice.seal({ sequence: 2n, addresses: ['/ip4/10.0.0.1/tcp/1'] }))
    const { registrations } = await harness.discover(bob, 'foo')

    expect(registrations).toHaveLength(1)
    expect(registrations[0].ttl).toBe(10_000n)
    expect((await openRecord(standardRecord, registrations[0].signedPeerRecord ?? new Uint8Array())).sequence).toBe(2n)
    expect(harness.point.registrations).toBe(1)
  })

  it('the 1 000th is accepted and the 1 001st refused, and a refresh still accepted', async () => {
    const signedPeerRecord = await alice.seal()
    const stream = await harness.open(alice.id)
    const lp = lpStream(stream)
    const statuses: Array<number | undefined> = []

    for (let i = 0; i <= 1_001; i++) {
      // the last one once more is the first one
      const ns = utf8(`n${i % 1_001}`)
      await lp.write(Message.encode({ type: MessageType.REGISTER, register: { ns, signedPeerRecord } }))

      if (i % 50 === 49 || i >= 1_000) {
        while (statuses.length <= i) {
          statuses.push(expectAnswer(await readOutcome(lp)).registerResponse?.status)
        }
      }
    }

    await stream.close()

    expect(statuses.slice(0, 1_000)).toEqual(Array(1_000).fill(OK))
    expect(statuses.slice(1_000)).toEqual([NOT_AUTHORIZED, OK])
    expect((await harness.register(bob, 'n0')).status).toBe(OK)
  })

  it('has room for as many as it allows, unless told otherwise', async () => {
    const roomOf = (point: PointHarness): number => Reflect.get(point.point, 'config').maxRegistrationBytes

    expect(roomOf(harness)).toBe(128 * 1024 * 1024)
    expect(roomOf(await PointHarness.start({ maxRegistrations: 1_000_000 }))).toBe(1_342_000_000)
    expect(roomOf(await PointHarness.start({ maxRegistrations: 1_000_000, maxRegistrationBytes: 9 }))).toBe(9)
  })

  it('takes no more than the cap when registrations come at once', async () => {
    harness = await PointHarness.start({ maxRegistrationsPerPeer: 1 })
    const answers = await Promise.all(['foo', 'bar', 'baz'].map(async namespace => await harness.register(alice, namespace)))

    expect(answers.map(({ status }) => status).sort()).toEqual([OK, NOT_AUTHORIZED, NOT_AUTHORIZED])
    expect(harness.point.registrations).toBe(1)
  })

  it('is full at the total cap, except for refreshes', async () => {
    harness = await PointHarness.start({ maxRegistrations: 2 })
    await harness.register(alice, 'a')
    await harness.register(bob, 'a')

    expect((await harness.register(eve, 'a')).status).toBe(UNAVAILABLE)
    expect((await harness.register(alice, 'b')).status).toBe(UNAVAILABLE)
    expect((await harness.register(alice, 'a')).status).toBe(OK)

    await harness.unregister(bob, 'a')
    expect((await harness.register(eve, 'a')).status).toBe(OK)
  })
})

describe('the bytes of all registrations', () => {
  it('are bounded; a refresh that does not grow is still accepted', async () => {
    harness = await PointHarness.start({ maxRegistrationBytes: 400 })
    await harness.register(alice, 'a')
    await harness.register(bob, 'a')

    expect((await harness.register(eve, 'a')).status).toBe(UNAVAILABLE)
    expect((await harness.register(bob, 'a')).status).toBe(OK)
    expect((await harness.register(bob, 'a', 7_200, await bob.seal({ addresses: Array.from({ length: 9 }, (_, i) => `/ip4/1.1.1.1/tcp/${i + 1}`) }))).status).toBe(UNAVAILABLE)

    await harness.unregister(alice, 'a')
    expect((await harness.register(eve, 'a')).status).toBe(OK)
    await harness.unregister(bob, 'a')
    await harness.unregister(eve, 'a')
    expect(Reflect.get(harness.point, 'store')).toHaveProperty('bytes', 0)
  })
})

describe('discover', () => {
  it('finds what was registered, with the time that is left', async () => {
    await harness.register(alice, 'foo', 7_200)
    await harness.clock.advance(100_500)
    const answer = await harness.discover(bob, 'foo')

    expect(answer.status).toBe(OK)
    expect(answer.registrations.map(({ ttl }) => ttl)).toEqual([7_100n])
    expect(await peersIn(answer.registrations)).toEqual([alice.id.toString()])
  })

  it('two TTLs expire one after the other', async () => {
    await harness.register(alice, 'foo', 7_200)
    await harness.register(bob, 'foo', 14_400)

    await harness.clock.advance(7_199_000)
    expect((await harness.discover(eve, 'foo')).registrations).toHaveLength(2)
    await harness.clock.advance(1_000)
    expect(await peersIn((await harness.discover(eve, 'foo')).registrations)).toEqual([bob.id.toString()])
    await harness.clock.advance(7_200_000)
    expect((await harness.discover(eve, 'foo')).registrations).toEqual([])
    expect([harness.point.registrations, harness.point.namespaces]).toEqual([0, 0])
  })

  it('pages of 5, 6 and 0 of 11', async () => {
    const peers = await Promise.all(Array.from({ length: 11 }, async (_, i) => await createPeer(10 + i)))

    for (const peer of peers) {
      await harness.register(peer, 'foo')
    }

    const first = await harness.discover(alice, 'foo', { limit: 5 })
    const second = await harness.discover(alice, 'foo', { limit: 6, cookie: first.cookie })
    const third = await harness.discover(alice, 'foo', { cookie: second.cookie })

    expect([first, second, third].map(({ registrations }) => registrations.length)).toEqual([5, 6, 0])
    expect(new Set(await peersIn([...first.registrations, ...second.registrations]))).toEqual(new Set(peers.map(({ id }) => id.toString())))
  })

  it('the cookie returns only what is new', async () => {
    await harness.register(alice, 'foo')
    const first = await harness.discover(eve, 'foo')
    await harness.register(bob, 'foo')
    const second = await harness.discover(eve, 'foo', { cookie: first.cookie })

    expect(await peersIn(second.registrations)).toEqual([bob.id.toString()])
    expect((await harness.discover(eve, 'foo', { cookie: second.cookie })).registrations).toEqual([])
  })

  it('two interleaved namespaces stay apart', async () => {
    const cookies = new Map<string, Raw | undefined>()

    for (let i = 0; i < 6; i++) {
      const namespace = i % 2 === 0 ? 'even' : 'odd'
      await harness.register(await createPeer(20 + i), namespace)
      const answer = await harness.discover(alice, namespace, { cookie: cookies.get(namespace) })
      cookies.set(namespace, answer.cookie)

      expect(answer.registrations.map(({ ns }) => new TextDecoder().decode(ns))).toEqual([namespace])
    }
  })

  it('an absent and an empty namespace are all of them', async () => {
    await harness.register(alice, 'foo')
    await harness.register(bob, 'bar')

    for (const namespace of [undefined, '']) {
      const answer = await harness.discover(eve, namespace)
      expect(answer.registrations.map(({ ns }) => new TextDecoder().decode(ns)).sort()).toEqual(['bar', 'foo'])
      expect((await harness.discover(eve, namespace, { cookie: answer.cookie })).registrations).toEqual([])
    }
  })

  it('limit 0 and none are no limit, and huge ones the most of a page', async () => {
    await harness.register(alice, 'foo')
    await harness.register(bob, 'foo')

    for (const limit of [0, undefined, 2 ** 50]) {
      expect((await harness.discover(eve, 'foo', { limit })).registrations).toHaveLength(2)
    }
  })

  it('an unknown namespace is empty, with a cookie', async () => {
    const answer = await harness.discover(alice, 'nobody')

    expect(answer).toMatchObject({ status: OK, registrations: [] })
    await harness.register(bob, 'nobody')
    expect((await harness.discover(alice, 'nobody', { cookie: answer.cookie })).registrations).toHaveLength(1)
  })

  it('refuses a namespace that is too long', async () => {
    expect((await harness.discover(alice, 'é'.repeat(128))).status).toBe(INVALID_NAMESPACE)
  })

  it('P44: a cookie of another namespace, and one that is too short, are refused', async () => {
    await harness.register(alice, 'foo')
    const { cookie } = await harness.discover(bob, 'foo')

    expect((await harness.discover(bob, 'bar', { cookie })).status).toBe(INVALID_COOKIE)
    expect((await harness.discover(bob, undefined, { cookie })).status).toBe(INVALID_COOKIE)
    expect((await harness.discover(bob, 'foo', { cookie: new Uint8Array(7) })).status).toBe(INVALID_COOKIE)
    expect((await harness.discover(bob, 'foo', { cookie: new Uint8Array() })).status).toBe(INVALID_COOKIE)
  })

  it('P44: a cookie of another point, or ahead of this one, gives the full list', async () => {
    await harness.register(alice, 'foo')
    const own = (await harness.discover(bob, 'foo')).cookie ?? new Uint8Array()
    const foreign = own.slice()
    foreign[0] ^= 0xff
    const ahead = own.slice()
    ahead[7] += 1

    expect((await harness.discover(bob, 'foo', { cookie: own })).registrations).toHaveLength(0)
    expect((await harness.discover(bob, 'foo', { cookie: foreign })).registrations).toHaveLength(1)
    expect((await harness.discover(bob, 'foo', { cookie: ahead })).registrations).toHaveLength(1)
  })

  it('shuffles within a page', async () => {
    const peers = await Promise.all(Array.from({ length: 20 }, async (_, i) => await createPeer(30 + i)))

    for (const peer of peers) {
      await harness.register(peer, 'foo')
    }

    const inOrder = peers.map(({ id }) => id.toString())
    const one = await peersIn((await harness.discover(alice, 'foo')).registrations)
    const two = await peersIn((await harness.discover(alice, 'foo')).registrations)

    expect(one).not.toEqual(inOrder)
    expect(two).not.toEqual(one)
    expect([...one].sort()).toEqual([...inOrder].sort())
  })
})

describe('unregister', () => {
  it('has no answer, and removes only what is the peer\'s own', async () => {
    await harness.register(alice, 'foo')

    expect(await harness.unregister(eve, 'foo')).toBe('closed')
    expect(harness.point.registrations).toBe(1)
    expect(await harness.unregister(alice, 'foo')).toBe('closed')
    expect(harness.point.registrations).toBe(0)
  })

  it('passes over what was never registered, and what is no namespace', async () => {
    expect(await harness.unregister(alice, 'foo')).toBe('closed')
    expect(await harness.unregister(alice, '')).toBe('closed')
    expect(await harness.unregister(alice, 'a'.repeat(256))).toBe('closed')
  })
})

describe('authorize', () => {
  it('decides per peer and namespace', async () => {
    harness = await PointHarness.start({ authorize: (peer, namespace) => peer.equals(alice.id) && namespace === 'foo' })

    expect((await harness.register(alice, 'foo')).status).toBe(OK)
    expect((await harness.register(alice, 'bar')).status).toBe(NOT_AUTHORIZED)
    expect((await harness.register(bob, 'foo')).status).toBe(NOT_AUTHORIZED)
    expect((await harness.discover(alice, 'foo')).status).toBe(OK)
    expect((await harness.discover(bob, 'foo')).status).toBe(NOT_AUTHORIZED)
    expect((await harness.discover(alice)).status).toBe(NOT_AUTHORIZED)
  })

  it('an error of the hook is an internal one, and goes no further', async () => {
    harness = await PointHarness.start({ authorize: async () => { throw new Error('the secret is 42') } })

    expect(await harness.register(alice, 'foo')).toEqual({ status: INTERNAL_ERROR, statusText: 'internal error' })
  })
})

describe('rate limit', () => {
  it('answers 400 beyond it, per peer, and recovers', async () => {
    harness = await PointHarness.start({ requestsPerSecond: 2 })

    expect((await harness.register(alice, 'foo')).status).toBe(OK)
    expect((await harness.discover(alice, 'foo')).status).toBe(OK)
    expect((await harness.register(alice, 'bar')).status).toBe(UNAVAILABLE)
    expect((await harness.discover(alice, 'foo')).status).toBe(UNAVAILABLE)
    expect(await harness.unregister(alice, 'foo')).toBe('closed')
    expect((await harness.discover(bob, 'foo')).registrations).toHaveLength(1)

    await harness.clock.advance(500)
    expect((await harness.discover(alice, 'foo')).status).toBe(OK)
    expect((await harness.discover(alice, 'foo')).status).toBe(UNAVAILABLE)
  })
})

describe('envelopes', () => {
  it('accepts both, and answers each requester with those that it reads', async () => {
    await harness.register(alice, 'foo')
    await harness.register(bob, 'foo', 7_200, await bob.seal({ codec: legacyRecord }))

    const standard = await harness.discover(eve, 'foo')
    expect(await peersIn(standard.registrations)).toEqual([alice.id.toString()])

    const legacy = await harness.discover(bob, 'foo')
    expect((await openRecord(legacyRecord, legacy.registrations[0].signedPeerRecord ?? new Uint8Array())).peer.equals(bob.id)).toBe(true)
    expect(legacy.registrations).toHaveLength(1)

    expect((await harness.discover(eve, 'foo', { readsBoth: true })).registrations).toHaveLength(2)

    harness.agents.set(eve.id.toString(), 'rust-libp2p/0.56.0')
    expect((await harness.discover(eve, 'foo')).registrations).toHaveLength(1)
  })

  it('hands out the one of two that was sent along for others', async () => {
    const answer = await harness.ask(alice, {
      type: MessageType.REGISTER,
      register: { ns: utf8('foo'), signedPeerRecord: await alice.seal(), legacySignedPeerRecord: await alice.seal({ codec: legacyRecord }) }
    })
    expect(expectAnswer(answer).registerResponse?.status).toBe(OK)

    harness.agents.set(eve.id.toString(), 'rust-libp2p/0.56.0')
    const [{ signedPeerRecord }] = (await harness.discover(eve, 'foo')).registrations
    expect((await openRecord(legacyRecord, signedPeerRecord ?? new Uint8Array())).peer.equals(alice.id)).toBe(true)
  })

  it('checks the one sent along as well', async () => {
    const answer = await harness.ask(alice, {
      type: MessageType.REGISTER,
      register: { ns: utf8('foo'), signedPeerRecord: await alice.seal(), legacySignedPeerRecord: await eve.seal({ codec: legacyRecord }) }
    })

    expect(expectAnswer(answer).registerResponse?.status).toBe(INVALID_SIGNED_PEER_RECORD)
  })

  it.each(['standard', 'legacy'] as const)('%s alone refuses the other', async recordFormat => {
    harness = await PointHarness.start({ recordFormat })

    expect((await harness.register(alice, 'foo')).status).toBe(recordFormat === 'standard' ? OK : INVALID_SIGNED_PEER_RECORD)
    expect((await harness.register(bob, 'foo', 7_200, await bob.seal({ codec: legacyRecord }))).status).toBe(recordFormat === 'legacy' ? OK : INVALID_SIGNED_PEER_RECORD)
    expect((await harness.discover(eve, 'foo')).registrations).toHaveLength(1)
  })
})

describe('streams', () => {
  const discover: Uint8Array = Message.encode({ type: MessageType.DISCOVER, discover: { ns: new TextEncoder().encode('foo') } })

  it('two requests on one stream, answered in order', async () => {
    const stream = await harness.open(alice.id)
    const lp = lpStream(stream)
    await lp.writeV([Message.encode({ type: MessageType.REGISTER, register: { ns: utf8('foo'), signedPeerRecord: await alice.seal() } }), discover])

    expect(expectAnswer(await readOutcome(lp)).type).toBe(MessageType.REGISTER_RESPONSE)
    expect(expectAnswer(await readOutcome(lp)).discoverResponse?.registrations).toHaveLength(1)

    await lp.write(discover)
    expect(expectAnswer(await readOutcome(lp)).type).toBe(MessageType.DISCOVER_RESPONSE)
    await stream.close()
    expect(await readOutcome(lp)).toBe('closed')
  })

  it('answers after a half-close', async () => {
    expect(expectAnswer(await harness.send(alice, frame(discover))).type).toBe(MessageType.DISCOVER_RESPONSE)
  })

  it('P47: writes type and status when they are 0', async () => {
    const stream = await harness.open(alice.id)
    const lp = lpStream(stream)
    await lp.write(Message.encode({ register: { ns: utf8('foo'), signedPeerRecord: await alice.seal() } }))
    const registered = (await lp.read()).subarray()
    await lp.write(Message.encode({ type: MessageType.DISCOVER, discover: { ns: utf8('x') } }))
    const discovered = (await lp.read()).subarray()
    await stream.close()

    // type 1, registerResponse { status 0, ttl 7200 }
    expect([...registered]).toEqual([0x08, 0x01, 0x1a, 0x05, 0x08, 0x00, 0x18, 0xa0, 0x38])
    // type 4, discoverResponse { 9 bytes of cookie, status 0 }
    expect([...discovered.subarray(0, 6)]).toEqual([0x08, 0x04, 0x32, 0x0d, 0x12, 0x09])
    expect([...discovered.subarray(-2)]).toEqual([0x18, 0x00])
  })

  it('resets on an oversized message, a length that never ends, and what is no request', async () => {
    const resets: string[] = []
    harness.point.on('reset', ({ error }) => { resets.push(error.message) })

    expect(await harness.send(alice, frame(new Uint8Array(8_193)))).toBe('reset')
    expect(await harness.send(alice, new Uint8Array(20).fill(0xff))).toBe('reset')
    expect(await harness.send(alice, frame(Message.encode({ type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0 } })))).toBe('reset')
    expect(await harness.send(alice, frame(Message.encode({ type: 77 })))).toBe('reset')
    expect(await harness.send(alice, frame(Message.encode({ type: MessageType.DISCOVER })))).toBe('reset')
    expect(await harness.send(alice, frame(utf8('\xff\xff\xff')))).toBe('reset')
    expect(resets).toHaveLength(6)
  })

  it('a client that ends its stream with a reset, as go does, is no fault', async () => {
    const resets: string[] = []
    harness.point.on('reset', ({ error }) => { resets.push(error.message) })
    const stream = await harness.open(alice.id)
    const lp = lpStream(stream)
    await lp.write(discover)
    expect(expectAnswer(await readOutcome(lp)).type).toBe(MessageType.DISCOVER_RESPONSE)
    stream.abort(new Error('done'))

    await expect.poll(() => (Reflect.get(harness.point, 'open') as Set<unknown>).size, { interval: 1 }).toBe(0)
    expect(resets).toEqual([])
    expect(harness.clock.pending).toBe(0)
  })

  it('lets others have their turn between the registrations of one stream', async () => {
    const frames = await Promise.all(Array.from({ length: 50 }, async (_, i) => frame(Message.encode({ type: MessageType.REGISTER, register: { ns: utf8('foo'), signedPeerRecord: await alice.seal({ sequence: BigInt(i + 1) }) } }))))
    const stream = await harness.open(alice.id)
    const lp = lpStream(stream)
    let turns = 0
    let done = false
    const count = (): void => {
      turns++
      done || setImmediate(count)
    }
    stream.send(Uint8Array.from(frames.flatMap(frame => [...frame])))
    setImmediate(count)

    for (let i = 0; i < 50; i++) {
      expect(expectAnswer(await readOutcome(lp)).registerResponse?.status).toBe(OK)
    }

    done = true
    expect(turns).toBeGreaterThanOrEqual(50)
    await stream.close()
  })

  it('half a frame is the end', async () => {
    expect(await harness.send(alice, frame(discover).subarray(0, 5))).toBe('closed')
  })

  it('slow loris: a frame that comes byte by byte is cut after 10 s', async () => {
    const stream = await harness.open(alice.id)
    const closed = new Promise<boolean>(resolve => { stream.addEventListener('close', ({ error }) => { resolve(error != null) }) })

    for (const byte of frame(discover).subarray(0, 9)) {
      stream.send(Uint8Array.of(byte))
      await harness.clock.advance(1_000)
    }

    expect(stream.status).toBe('open')
    await harness.clock.advance(1_000)
    expect(await closed).toBe(true)
  })

  it('bounds the streams of a peer, not those of others', async () => {
    harness = await PointHarness.start({ maxStreamsPerPeer: 2 })
    const open = [await harness.open(alice.id), await harness.open(alice.id)]

    expect(await harness.send(alice, frame(discover))).toBe('reset')
    expect(expectAnswer(await harness.send(bob, frame(discover))).type).toBe(MessageType.DISCOVER_RESPONSE)

    await open[0].close()
    await expect.poll(async () => await harness.send(alice, frame(discover)), { interval: 5 }).toMatchObject({ type: MessageType.DISCOVER_RESPONSE })
    await open[1].close()
  })
})

describe('events', () => {
  it('a handler of events that throws stops nobody', async () => {
    const seen: string[] = []
    harness.point.on('register', () => { throw new Error('mine') })
    const off = harness.point.on('register', ({ peer, namespace, ttl, refreshed }) => { seen.push(`${peer.equals(alice.id)} ${namespace} ${ttl} ${refreshed}`) })
    harness.point.on('expire', ({ peer, namespace }) => { seen.push(`${peer === alice.id.toString()} ${namespace}`) })

    await harness.register(alice, 'foo', 7_200)
    await harness.register(alice, 'foo', 7_300)
    off()
    await harness.register(alice, 'foo', 7_200)
    await harness.clock.advance(7_201_000)

    expect(seen).toEqual(['true foo 7200 false', 'true foo 7300 true', 'true foo'])
  })
})

it.each([
  { minTtl: 0 },
  { minTtl: 10, maxTtl: 9 },
  { maxTtl: 1.5 },
  { maxRegistrations: 0 },
  { maxRegistrationsPerPeer: -1 },
  { requestsPerSecond: 0 },
  { maxAnswerBytes: NaN },
  { protocol: 'rendezvous' },
  { recordFormat: 'old' as 'legacy' }
])('refuses %o', init => {
  expect(() => rendezvousPoint(init)({} as RendezvousPointComponents)).toThrow(InvalidParametersError)
})
