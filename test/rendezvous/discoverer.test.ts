import { peerDiscoverySymbol } from '@libp2p/interface'
import { beforeEach, describe, expect, it } from 'vitest'
import { CookieJar } from '../../src/rendezvous/client/cookie-jar.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { ClientHarness, PointHarness, createPeer, registrationOf, utf8 } from './fixtures.js'
import type { Raw, Script, TestPeer } from './fixtures.js'
import type { Message } from '../../src/rendezvous/pb/rendezvous.js'
import type { PeerInfo } from '@libp2p/interface'

let alice: TestPeer
let bob: TestPeer
let carol: TestPeer
let robert: TestPeer

beforeEach(async () => {
  [alice, bob, carol, robert] = await Promise.all([1, 2, 3, 101].map(createPeer))
})

const ids = (peers: Array<TestPeer | PeerInfo>): string[] => peers.map(({ id }) => id.toString()).sort()

/** A point that gives a cookie each time, and all that it has where it is sent none. */
function listing (registrations: NonNullable<Message['discoverResponse']>['registrations']): { script: Script, cookies: Array<Raw | undefined> } {
  const cookies: Array<Raw | undefined> = []

  return {
    cookies,
    script: ({ discover }) => {
      cookies.push(discover?.cookie)

      return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: discover?.cookie == null ? registrations : [], status: 0, cookie: utf8('a cookie') } }
    }
  }
}

describe('a cookie hides nobody', () => {
  it('after a stop and a start: everything that is still registered comes again', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await point.register(bob, 'foo', 7_200)
    await point.register(carol, 'foo', 14_400)
    expect((await harness.found('foo')).sort()).toEqual(ids([bob, carol]))
    expect(await harness.found('foo')).toEqual([])

    for (const still of [[bob, carol], [carol], []]) {
      await harness.client.stop()
      await harness.start()
      expect((await harness.found('foo')).sort()).toEqual(ids(still))
      await harness.clock.advance(7_200_000)
      expect(ids(harness.client.requestLocally('foo'))).toEqual(ids(still.slice(1)))
    }
  })

  it('nor when an answer from before the stop is read to its end after the start', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await point.register(bob, 'foo')
    const before = harness.client.discover('foo')[Symbol.asyncIterator]()
    expect((await before.next()).done).toBe(false)
    await harness.client.stop()
    await harness.start()
    expect((await before.next()).done).toBe(true)

    expect(await harness.found('foo')).toEqual(ids([bob]))
  })

  it('after an unregister of our own: what is known stays known, and only what is new comes', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await harness.clock.until(harness.client.register('foo'))
    await point.register(bob, 'foo')
    expect(await harness.found('foo')).toEqual(ids([bob]))
    await harness.client.unregister('foo')
    await point.register(carol, 'foo')

    expect(await harness.found('foo')).toEqual(ids([carol]))
    expect(ids(harness.client.requestLocally('foo'))).toEqual(ids([bob, carol]))
  })

  it('whose TTL was shortened, once the cache has forgotten it', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock, maxTtl: 100 }, [[robert, point]])
    await point.register(bob, 'foo', 7_200)
    await point.register(carol, 'foo', 14_400)
    expect(await harness.found('foo')).toHaveLength(2)

    for (let i = 0; i < 3; i++) {
      await harness.clock.advance(99_999)
      expect(await harness.found('foo')).toEqual([])
      expect(harness.client.requestLocally('foo')).toHaveLength(2)
      await harness.clock.advance(1)
      expect(harness.client.requestLocally('foo')).toEqual([])
      expect((await harness.found('foo')).sort()).toEqual(ids([bob, carol]))
    }
  })

  it('for which the point gave no TTL, likewise', async () => {
    const { script } = listing([{ ...await registrationOf(bob, 'foo'), ttl: undefined }, await registrationOf(carol, 'foo', { ttl: 2n ** 64n - 1n })])
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])
    expect(await harness.found('foo')).toHaveLength(2)

    await harness.clock.advance(7_199_999)
    expect(await harness.found('foo')).toEqual([])
    await harness.clock.advance(1)
    expect(ids(harness.client.requestLocally('foo'))).toEqual(ids([carol]))
    expect((await harness.found('foo')).sort()).toEqual(ids([bob, carol]))
  })

  it('who is registered at another point for longer, with an older record', async () => {
    const rita = await createPeer(102)
    const short = listing([await registrationOf(bob, 'foo', { sequence: 2n, addresses: ['/ip4/2.2.2.2/tcp/2'], ttl: 100n })])
    const long = listing([await registrationOf(bob, 'foo', { sequence: 1n, addresses: ['/ip4/1.1.1.1/tcp/1'], ttl: 7_200n })])
    const harness = await ClientHarness.start(alice, {}, [[rita, long.script], [robert, short.script]])
    const met: string[] = []
    Reflect.get(harness.client, peerDiscoverySymbol).addEventListener('peer', ({ detail }: CustomEvent<PeerInfo>) => { met.push(...detail.multiaddrs.map(String)) })
    expect(await harness.found('foo')).toEqual(ids([bob]))
    expect(met).toEqual(['/ip4/2.2.2.2/tcp/2'])

    await harness.clock.advance(7_199_999)
    expect(harness.client.requestLocally('foo').map(({ multiaddrs }) => multiaddrs.map(String))).toEqual([['/ip4/2.2.2.2/tcp/2']])
    await harness.clock.advance(1)
    expect(harness.client.requestLocally('foo')).toEqual([])
  })

  it('and is kept when registrations end as the point said they would', async () => {
    const { script, cookies } = listing([await registrationOf(bob, 'foo', { ttl: 10n })])
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])
    expect(await harness.found('foo')).toHaveLength(1)
    cookies.length = 0
    await harness.clock.advance(10_000)

    expect(harness.client.requestLocally('foo')).toEqual([])
    expect(await harness.found('foo')).toEqual([])
    expect(cookies).toEqual([utf8('a cookie')])
  })
})

it('P44: a cookie goes to the point that gave it, for the namespace that it was given for', async () => {
  const rita = await createPeer(102)
  const sent: string[] = []
  const script = (name: string): Script => ({ discover }) => {
    sent.push([name, ...[discover?.ns, discover?.cookie].map(bytes => new TextDecoder().decode(bytes))].join())

    return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [], status: 0, cookie: utf8(`${name} ${new TextDecoder().decode(discover?.ns)}`) } }
  }
  const harness = await ClientHarness.start(alice, {}, [[robert, script('robert')], [rita, script('rita')]])

  for (const namespace of ['foo', 'bar', '', 'foo', 'bar', '']) {
    await harness.found(namespace)
  }

  expect(sent.slice(0, 6).sort()).toEqual(['rita,,', 'rita,bar,', 'rita,foo,', 'robert,,', 'robert,bar,', 'robert,foo,'])
  expect(sent.slice(6).sort()).toEqual(['rita,,rita ', 'rita,bar,rita bar', 'rita,foo,rita foo', 'robert,,robert ', 'robert,bar,robert bar', 'robert,foo,robert foo'])
})

it('a cookie that was refused is not sent again, though the point gave no other', async () => {
  const cookies: Array<Raw | undefined> = []
  const registration = await registrationOf(bob, 'foo')
  const harness = await ClientHarness.start(alice, {}, [[robert, ({ discover }) => {
    cookies.push(discover?.cookie)
    const isFirst = cookies.length === 1

    return {
      type: MessageType.DISCOVER_RESPONSE,
      discoverResponse: discover?.cookie == null
        ? { registrations: [registration], status: 0, cookie: isFirst ? utf8('a cookie') : undefined }
        : { registrations: [], status: 103 }
    }
  }]])

  for (let i = 0; i < 3; i++) {
    expect(await harness.found('foo')).toEqual(ids([bob]))
  }

  expect(cookies).toEqual([undefined, utf8('a cookie'), undefined, undefined, undefined])
})

it.each(['reset', 'close'] as const)('a cookie over which the point resets or closes the stream is dropped: %s', async outcome => {
  const cookies: Array<Raw | undefined> = []
  const registration = await registrationOf(bob, 'foo')
  const harness = await ClientHarness.start(alice, {}, [[robert, ({ discover }) => {
    cookies.push(discover?.cookie)

    return discover?.cookie == null
      ? { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0, cookie: cookies.length === 1 ? utf8('a cookie') : undefined } }
      : outcome
  }]])
  expect(await harness.found('foo')).toEqual(ids([bob]))
  await expect(harness.found('foo')).rejects.toMatchObject({ name: 'DiscoverError' })
  expect(await harness.found('foo')).toEqual(ids([bob]))

  // for the second page, for the second call, and no more
  expect(cookies).toEqual([undefined, utf8('a cookie'), utf8('a cookie'), undefined])
})

it('a cookie is kept while the point cannot be reached', async () => {
  const { script, cookies } = listing([await registrationOf(bob, 'foo')])
  let isUp = true
  const harness = await ClientHarness.start(alice, {}, [[robert, async (request, peer) => isUp ? await script(request, peer) : 'hang']])
  await harness.found('foo')
  isUp = false
  const failed = harness.found('foo').then(() => 'found', err => err.name as string)
  await expect.poll(() => harness.streams.length, { interval: 1 }).toBeGreaterThan(2)
  harness.giveUp.forEach(go => { go() })
  await harness.clock.advance(5_000)
  expect(await failed).toBe('DiscoverError')
  isUp = true
  cookies.length = 0

  expect(await harness.found('foo')).toEqual([])
  expect(cookies).toEqual([utf8('a cookie')])
})

it('a peer with two registrations comes once from all namespaces, and is known under both', async () => {
  const point = await PointHarness.start()
  const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
  await point.register(bob, 'foo')
  await point.register(bob, 'bar')
  await point.register(carol, 'bar')

  expect((await harness.found('')).sort()).toEqual(ids([bob, carol]))
  expect(ids(harness.client.requestLocally('foo'))).toEqual(ids([bob]))
  expect(ids(harness.client.requestLocally('bar'))).toEqual(ids([bob, carol]))
  expect(ids(harness.client.requestLocally(''))).toEqual(ids([bob, carol]))
})

it('of two registrations of a peer, the cache gives the newer addresses for all namespaces', async () => {
  const { script } = listing([
    await registrationOf(bob, 'foo', { sequence: 1n, addresses: ['/ip4/1.1.1.1/tcp/1'] }),
    await registrationOf(bob, 'bar', { sequence: 2n, addresses: ['/ip4/2.2.2.2/tcp/2'], ttl: 10n }),
    await registrationOf(bob, 'baz', { sequence: 1n, addresses: ['/ip4/1.1.1.1/tcp/1'] })
  ])
  const harness = await ClientHarness.start(alice, {}, [[robert, script]])
  const addresses = (): string[] => harness.client.requestLocally('').flatMap(({ multiaddrs }) => multiaddrs.map(String))
  await harness.found('')

  expect(addresses()).toEqual(['/ip4/2.2.2.2/tcp/2'])
  await harness.clock.advance(10_000)
  expect(addresses()).toEqual(['/ip4/1.1.1.1/tcp/1'])
})

it('a registration under no namespace is none, also where all are asked for', async () => {
  const { script } = listing([{ ...await registrationOf(bob, 'foo'), ns: undefined }, { ...await registrationOf(bob, 'foo'), ns: utf8('') }, await registrationOf(carol, 'foo')])
  const harness = await ClientHarness.start(alice, {}, [[robert, script]])

  expect(await harness.found('')).toEqual(ids([carol]))
})

describe('the jar', () => {
  it('keeps 10 000 cookies, the ones that were set last', () => {
    const jar = new CookieJar()
    const bookmark = { cookie: utf8('x'), until: Infinity }

    for (let i = 0; i < 10_000; i++) {
      jar.set(`${i}`, bookmark)
    }

    jar.set('0', bookmark)
    jar.set('10000', bookmark)
    expect(['0', '1', '2', '10000'].map(key => jar.get(key, 0).cookie != null)).toEqual([true, false, true, true])
  })

  it('keeps none of more than 1 000 bytes, and then not the one before either', () => {
    const jar = new CookieJar()
    jar.set('a', { cookie: new Uint8Array(1_000), until: Infinity })
    expect(jar.get('a', 0).cookie).toHaveLength(1_000)
    jar.set('a', { cookie: new Uint8Array(1_001), until: Infinity })
    expect(jar.get('a', 0)).toEqual({ until: Infinity })
  })
})
