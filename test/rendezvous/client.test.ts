import { InvalidParametersError, peerDiscoverySymbol } from '@libp2p/interface'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ResponseStatus, legacyRecord, rendezvousClient, standardRecord } from '../../src/rendezvous/index.js'
import { MessageType } from '../../src/rendezvous/constants.js'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { openRecord } from '../../src/rendezvous/records.js'
import { PeerCache } from '../../src/rendezvous/client/peer-cache.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { ClientHarness, PointHarness, collect, createPeer, registrationOf, utf8 } from './fixtures.js'
import type { Raw, Script, TestPeer } from './fixtures.js'
import type { RegisteredPeer, RendezvousClientComponents } from '../../src/rendezvous/index.js'
import type { PeerInfo } from '@libp2p/interface'

const REGISTERED: Message = { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: ResponseStatus.OK, ttl: 7_200n } }

let alice: TestPeer
let bob: TestPeer
let carol: TestPeer
let robert: TestPeer
let rita: TestPeer

beforeEach(async () => {
  [alice, bob, carol, robert, rita] = await Promise.all([1, 2, 3, 101, 102].map(createPeer))
})

/** A point that answers DISCOVER with these pages, and remembers what it was asked. */
function pages (...answers: Array<Message['discoverResponse']>): { script: Script, asked: Message[] } {
  const asked: Message[] = []

  return {
    asked,
    script: (request) => {
      asked.push(request)

      return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: answers[asked.length - 1] ?? { registrations: [], status: 0, cookie: utf8('end-of-list') } }
    }
  }
}

const cookie = (text: string): Raw => utf8(text.padEnd(8, '.'))

describe('register', () => {
  it('reports per point what happened', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => REGISTERED], [rita, () => ({ type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 200, statusText: 'not you' } })]])
    const [one, two] = await harness.clock.until(harness.client.register('foo', { ttl: 7_200 }))

    expect(one).toEqual({ point: robert.id, ttl: 7_200 })
    expect(two).toMatchObject({ point: rita.id, error: { name: 'RendezvousStatusError', status: 200 } })
  })

  it('passes the point to a namespace that depends on it', async () => {
    const names: string[] = []
    const script: Script = (request) => {
      names.push(new TextDecoder().decode(request.register?.ns ?? request.unregister?.ns))

      return request.register == null ? 'close' : REGISTERED
    }
    const harness = await ClientHarness.start(alice, {}, [[robert, script], [rita, script]])
    const namespace = (point: { toString (): string }): string => `at ${point.toString()}`
    await harness.client.register(namespace)
    await harness.client.unregister(namespace)

    const each = [robert, rita].map(({ id }) => `at ${id.toString()}`).sort()
    expect(names.slice(0, 2).sort()).toEqual(each)
    expect(names.slice(2).sort()).toEqual(each)
  })

  it('keeps a REGISTER under 4 096 bytes, the most useful addresses first', async () => {
    const requests: Message[] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, request => {
      requests.push(request)

      return REGISTERED
    }]])
    const publicOnes = Array.from({ length: 80 }, (_, i) => `/dns4/${'x'.repeat(50)}${i}.example.org/tcp/443/wss`)
    harness.addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/192.168.1.1/tcp/1', ...publicOnes, '/ip4/1.2.3.4/tcp/1']
    await harness.client.register('é'.repeat(127))

    expect(Message.encode(requests[0]).byteLength).toBeLessThan(4_096)
    const { multiaddrs } = await openRecord(standardRecord, requests[0].register?.signedPeerRecord ?? new Uint8Array())
    // go points take addresses of 2 048 bytes in all
    const bytes = multiaddrs.reduce((sum, ma) => sum + ma.bytes.byteLength, 0)
    expect(bytes).toBeLessThanOrEqual(2_048)
    expect(bytes).toBeGreaterThan(1_900)
    expect(multiaddrs.map(String)).toContain('/ip4/1.2.3.4/tcp/1')
    expect(multiaddrs.map(String)).not.toContain('/ip4/127.0.0.1/tcp/1')
  })

  it('leaves out one address that is too long by itself', async () => {
    const requests: Message[] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, request => {
      requests.push(request)

      return REGISTERED
    }]])
    const long = `/dns4/${'x'.repeat(2_100)}/tcp/443/wss`
    harness.addresses = [long, '/ip4/127.0.0.1/tcp/1']
    await harness.client.register('foo')

    const { multiaddrs } = await openRecord(standardRecord, requests[0].register?.signedPeerRecord ?? new Uint8Array())
    expect(multiaddrs.map(String)).toEqual(['/ip4/127.0.0.1/tcp/1'])
  })

  it('P47: writes the type of a request when it is 0', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => REGISTERED]])
    await harness.client.registerAt(robert.id, 'foo')

    expect([...harness.requests[0].subarray(0, 2)]).toEqual([0x08, 0x00])
  })

  it('a node without addresses registers nothing, and does so once it has one', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => REGISTERED]])
    harness.addresses = []
    const [result] = await harness.client.register('foo')

    expect(result.error).toMatchObject({ name: 'NoAddressesError' })
    expect(harness.dialled).toEqual([])
    expect(harness.client.status()[0].failures).toBe(0)

    harness.addresses = ['/ip4/127.0.0.1/tcp/4001']
    harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
    await harness.clock.advance(0)
    expect(harness.dialled).toHaveLength(1)
  })

  it('retries in the legacy form when a point closes without an answer, and remembers', async () => {
    const forms: string[] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, async ({ register }) => {
      const legacy = await openRecord(legacyRecord, register?.signedPeerRecord ?? new Uint8Array()).then(() => true, () => false)
      forms.push(legacy ? 'legacy' : 'standard')

      return legacy ? REGISTERED : 'close'
    }]])

    expect(await harness.client.register('foo')).toEqual([{ point: robert.id, ttl: 7_200 }])
    expect(await harness.client.register('bar')).toEqual([{ point: robert.id, ttl: 7_200 }])
    expect(forms).toEqual(['standard', 'legacy', 'legacy'])
  })

  it('goes back to the standard form when a point was brought up to date', async () => {
    const forms: string[] = []
    let reads = 'legacy'
    const harness = await ClientHarness.start(alice, {}, [[robert, async ({ register }) => {
      const form = await openRecord(legacyRecord, register?.signedPeerRecord ?? new Uint8Array()).then(() => 'legacy', () => 'standard')
      forms.push(form)

      return form === reads ? REGISTERED : 'close'
    }]])
    await harness.client.registerAt(robert.id, 'foo')
    reads = 'standard'

    await expect(harness.client.registerAt(robert.id, 'foo')).rejects.toMatchObject({ name: 'NoAnswerError' })
    expect(await harness.client.registerAt(robert.id, 'foo')).toBe(7_200)
    expect(forms).toEqual(['standard', 'legacy', 'legacy', 'standard'])
  })

  it('does not retry in the legacy form when told not to', async () => {
    const harness = await ClientHarness.start(alice, { recordFormat: 'standard' }, [[robert, () => 'close']])
    const [result] = await harness.client.register('foo')

    expect(result.error).toMatchObject({ name: 'NoAnswerError' })
    expect(harness.dialled).toHaveLength(1)
  })

  it('gives a point 5 s', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => 'hang']])
    const results = harness.client.register('foo')
    await expect.poll(() => harness.giveUp.length).toBe(1)
    harness.giveUp.forEach(go => { go() })
    await harness.clock.advance(5_000)

    expect((await results)[0].error).toMatchObject({ name: 'TimeoutError' })
  })

  it('asks 5 at a time', async () => {
    let [running, most] = [0, 0]
    const points = await Promise.all(Array.from({ length: 12 }, async (_, i) => await createPeer(200 + i)))
    const harness = await ClientHarness.start(alice, {}, points.map((point): [TestPeer, Script] => [point, async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => { setTimeout(resolve, 5) })
      running--

      return REGISTERED
    }]))
    const results = await harness.client.register('foo')

    expect(results.filter(({ ttl }) => ttl === 7_200)).toHaveLength(12)
    expect(most).toBe(5)
  })

  it.each(['', 'é'.repeat(128), 'foo\ud800'])('refuses the namespace %j before anything is sent', async namespace => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => REGISTERED]])

    await expect(harness.client.register(namespace)).rejects.toThrow(InvalidParametersError)
    await expect(harness.client.register('foo', { ttl: 0 })).rejects.toThrow(InvalidParametersError)
    await expect(harness.client.registerAt(robert.id, namespace)).rejects.toThrow(InvalidParametersError)
    expect(harness.dialled).toEqual([])
  })

  it('can be aborted', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => 'hang']])
    const signal = AbortSignal.timeout(20)
    const [result] = await harness.client.register('foo', { signal })

    expect(result.error).toMatchObject({ name: 'TimeoutError' })
  })
})

describe('upkeep', () => {
  it('P46: refreshes before expiry, also where the TTL is seconds', async () => {
    for (const ttl of [2, 60, 7_200]) {
      const point = await PointHarness.start({ minTtl: 1 })
      const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
      const refreshed: boolean[] = []
      point.point.on('register', event => { refreshed.push(event.refreshed) })
      point.point.on('expire', () => { refreshed.push(false) })
      await harness.clock.until(harness.client.register('foo', { ttl }))

      for (let i = 0; i < 8; i++) {
        await harness.clock.advance(ttl * 500)
        expect(point.point.registrations).toBe(1)
      }

      // at half to three quarters of the TTL, never after it
      expect(refreshed[0]).toBe(false)
      expect(refreshed.slice(1)).not.toContain(false)
      expect(refreshed.length).toBeGreaterThanOrEqual(6)
      expect(refreshed.length).toBeLessThanOrEqual(10)
      await harness.client.stop()
      await point.point.stop()
    }
  })

  it('retries what failed with growing delays', async () => {
    const times: number[] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, () => {
      times.push(harness.clock.now())

      return times.length <= 6 ? 'reset' : REGISTERED
    }]])
    harness.clock.now()
    await harness.client.register('foo')
    await harness.clock.advance(120_000)

    const tries = times.filter((time, i) => time !== times[i - 1])
    const delays = tries.slice(1).map((time, i) => time - tries[i])
    expect(delays[0]).toBeGreaterThanOrEqual(500)
    expect(delays[1]).toBeGreaterThanOrEqual(1_000)
    expect(delays[2] + 1).toBeGreaterThan(delays[0])
    expect(harness.client.status()[0].failures).toBe(0)
  })

  it('registers again when an address is added or removed, and not when none is', async () => {
    const addresses: string[][] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, async ({ register }) => {
      addresses.push((await openRecord(standardRecord, register?.signedPeerRecord ?? new Uint8Array())).multiaddrs.map(String))

      return REGISTERED
    }]])
    await harness.client.register('foo')

    for (const now of [['/ip4/127.0.0.1/tcp/4001'], ['/ip4/127.0.0.1/tcp/4001', '/ip4/1.2.3.4/tcp/1'], ['/ip4/1.2.3.4/tcp/1']]) {
      harness.addresses = now
      harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
      await harness.clock.advance(10)
    }

    expect(addresses).toEqual([['/ip4/127.0.0.1/tcp/4001'], ['/ip4/1.2.3.4/tcp/1', '/ip4/127.0.0.1/tcp/4001'], ['/ip4/1.2.3.4/tcp/1']])
  })

  it('registers again after a lost connection', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await harness.clock.until(harness.client.register('foo'))
    await point.point.stop()
    Reflect.set(point.point, 'store', new (Reflect.get(point.point, 'store').constructor)())
    await point.point.start()
    expect(point.point.registrations).toBe(0)

    harness.events.safeDispatchEvent('peer:disconnect', { detail: robert.id })
    await harness.clock.advance(2_001)
    expect(point.point.registrations).toBe(1)
  })

  it('reaches points that are added later, and leaves those that are removed', async () => {
    const [one, two] = [await PointHarness.start(), await PointHarness.start()]
    const harness = await ClientHarness.start(alice, { points: [] }, [[robert, one], [rita, two]])
    expect(await harness.client.register('foo')).toEqual([])

    expect(harness.client.addPoint(`/ip4/127.0.0.1/tcp/1/p2p/${robert.id.toString()}`).equals(robert.id)).toBe(true)
    await harness.clock.advance(0)
    expect(one.point.registrations).toBe(1)

    harness.client.addPoint(`/ip4/127.0.0.1/tcp/2/p2p/${robert.id.toString()}`)
    harness.client.addPoint(`/ip4/127.0.0.1/tcp/1/p2p/${rita.id.toString()}`)
    await harness.clock.advance(0)
    expect(two.point.registrations).toBe(1)
    expect(harness.client.status().map(({ source, multiaddrs }) => [source, multiaddrs.length])).toEqual([['added', 2], ['added', 1]])

    harness.client.removePoint(robert.id)
    harness.dialled.length = 0
    await harness.clock.advance(7_200_000)
    expect(new Set(harness.dialled)).toEqual(new Set([rita.id.toString()]))
  })

  it('unregister ends it', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await harness.clock.until(harness.client.register('foo'))
    await harness.client.unregister('foo')
    expect(point.point.registrations).toBe(0)

    // whatever happens afterwards
    harness.addresses = ['/ip4/1.1.1.1/tcp/1']
    harness.events.safeDispatchEvent('self:peer:update', { detail: {} })
    harness.events.safeDispatchEvent('peer:disconnect', { detail: robert.id })
    await harness.clock.advance(20_000_000)
    await harness.client.stop()
    await harness.start()
    harness.connect(robert.id)
    await harness.clock.advance(20_000_000)
    expect(harness.dialled).toHaveLength(2)
  })

  it('unregister right after register leaves nothing', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    await Promise.all([harness.client.register('foo'), harness.client.unregister('foo')])
    await harness.clock.advance(10_000)

    expect(point.point.registrations).toBe(0)
  })

  it('unregister waits for what is under way', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    const registered = harness.client.register('foo')
    await new Promise(resolve => { setTimeout(resolve, 1) })
    await harness.client.unregister('foo')
    await registered

    expect(point.point.registrations).toBe(0)
  })
})

describe('points', () => {
  it('are found by the protocol when none is configured, our own never', async () => {
    const point = await PointHarness.start()
    const harness = new ClientHarness(alice, { clock: point.clock }, [[robert, point]], [robert.id, alice.id])
    harness.strangers.push(rita.id)
    await harness.start()

    expect(harness.client.points).toEqual([robert.id])
    expect(await harness.client.register('foo')).toMatchObject([{ ttl: 7_200 }])
    expect(harness.client.status()).toMatchObject([{ source: 'found' }])
  })

  it('that are this node itself are none', async () => {
    const own = `/ip4/127.0.0.1/tcp/1/p2p/${alice.id.toString()}`
    const harness = await ClientHarness.start(alice, { points: [own] }, [])
    expect(harness.client.addPoint(own).equals(alice.id)).toBe(true)
    harness.connect(alice.id)

    expect(harness.client.points).toEqual([])
    expect(await harness.client.register('foo')).toEqual([])
    expect(harness.dialled).toEqual([])
  })

  it('that connect later are registered with', async () => {
    const point = await PointHarness.start()
    const harness = await ClientHarness.start(alice, { clock: point.clock, points: [] }, [[robert, point]])
    await harness.client.register('foo')
    harness.connect(robert.id)
    await harness.clock.advance(10)

    expect(point.point.registrations).toBe(1)
  })

  it('that were found and are gone are given up', async () => {
    const harness = await ClientHarness.start(alice, {}, [], [robert.id])
    harness.peerStore.all.resolves([])
    await harness.client.register('foo')
    await harness.clock.advance(600_000)

    expect(harness.client.points).toEqual([])
    expect(harness.dialled.length).toBeLessThanOrEqual(6)
  })

  it('are 64 at most: one that is named takes the place of one that was found, and else is refused', async () => {
    const found = await Promise.all(Array.from({ length: 65 }, async (_, i) => (await createPeer(1_000 + i)).id))
    const named = await Promise.all(Array.from({ length: 65 }, async (_, i) => `/ip4/127.0.0.1/tcp/1/p2p/${(await createPeer(2_000 + i)).id.toString()}`))
    const harness = await ClientHarness.start(alice, { points: [] }, [])
    found.forEach(peer => { harness.connect(peer) })
    expect(harness.client.points).toHaveLength(64)
    await harness.client.register('foo')
    expect(new Set(harness.dialled).size).toBe(64)

    for (const [i, address] of named.slice(0, 64).entries()) {
      harness.client.addPoint(address)
      expect(harness.client.points).toHaveLength(i + 1)
    }

    expect(() => harness.client.addPoint(named[64])).toThrow(InvalidParametersError)
    expect(harness.client.addPoint(`/ip4/127.0.0.1/tcp/1/p2p/${alice.id.toString()}`).equals(alice.id)).toBe(true)
    // nothing is kept up with those that went
    harness.dialled.length = 0
    await harness.clock.advance(600_000)
    expect(new Set(harness.dialled)).toEqual(new Set(harness.client.points.map(String)))
  })

  it.each(['nonsense', '/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1/p2p/xx'])('refuses the address %s', point => {
    expect(() => rendezvousClient({ points: [point] })({ logger: { forComponent: () => () => {} } } as unknown as RendezvousClientComponents)).toThrow(InvalidParametersError)
  })
})

describe('discover', () => {
  it('P37: stores a record under the registrant, not under the point', async () => {
    const { script } = pages({ registrations: [await registrationOf(bob, 'foo')], status: 0, cookie: cookie('1') })
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])
    const met: PeerInfo[] = []
    Reflect.get(harness.client, peerDiscoverySymbol).addEventListener('peer', ({ detail }: CustomEvent<PeerInfo>) => { met.push(detail) })
    const found = await collect(harness.client.discover('foo'))

    expect(found).toMatchObject([{ id: bob.id, namespace: 'foo', ttl: 7_200, sequence: 1n }])
    expect(harness.peerStore.patch.args).toEqual([[bob.id, {
      peerRecordEnvelope: found[0].record,
      addresses: [{ multiaddr: found[0].multiaddrs[0], isCertified: true }]
    }]])
    expect(met).toEqual([{ id: bob.id, multiaddrs: found[0].multiaddrs }])
    expect(harness.client.requestLocally('foo')).toEqual(met)
  })

  it('P42: drops what is not in order, and stores nothing of it', async () => {
    const good = await registrationOf(bob, 'foo')
    const changed = await registrationOf(carol, 'foo')
    changed.signedPeerRecord[changed.signedPeerRecord.byteLength - 1] ^= 1
    const { script } = pages({
      registrations: [
        changed,
        await registrationOf(carol, 'other'),
        { ...good, ns: undefined },
        await registrationOf(carol, 'foo', { addresses: [] }),
        await registrationOf(carol, 'foo', { as: rita.id }),
        await registrationOf(carol, 'foo', { ttl: 0n }),
        { ns: utf8('foo') },
        await registrationOf(alice, 'foo'),
        good
      ],
      status: 0
    })
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])

    expect(await harness.found('foo')).toEqual([bob.id.toString()])
    expect(harness.peerStore.patch.callCount).toBe(1)
    expect(harness.peerStore.patch.firstCall.args[0]).toEqual(bob.id)
    expect(harness.peerStore.merge.callCount).toBe(0)
    expect(harness.client.requestLocally('foo')).toHaveLength(1)
    expect(harness.client.requestLocally('other')).toEqual([])
  })

  it('P42: clamps a TTL that lies, and the cache forgets in time', async () => {
    const { script } = pages({ registrations: [await registrationOf(bob, 'foo', { ttl: 2n ** 64n - 1n }), await registrationOf(carol, 'foo', { ttl: 10n })], status: 0 })
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])
    const found = await collect(harness.client.discover('foo'))

    expect(found.map(({ ttl }) => ttl)).toEqual([259_200, 10])
    await harness.clock.advance(10_000)
    expect(harness.client.requestLocally('foo')).toMatchObject([{ id: bob.id }])
    await harness.clock.advance(259_200_000)
    expect(harness.client.requestLocally('foo')).toEqual([])
  })

  it('P39: saves the newest cookie of each point and namespace, and sends it', async () => {
    const { script, asked } = pages(
      { registrations: [await registrationOf(bob, 'foo')], status: 0, cookie: cookie('one') },
      { registrations: [], status: 0, cookie: cookie('two') },
      { registrations: [await registrationOf(carol, 'foo')], status: 0, cookie: cookie('three') },
      { registrations: [], status: 0, cookie: cookie('four') },
      { registrations: [], status: 0, cookie: cookie('five') },
      { registrations: [], status: 0, cookie: cookie('six') }
    )
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])

    expect(await harness.found('foo')).toEqual([bob.id.toString()])
    expect(await harness.found('foo')).toEqual([carol.id.toString()])
    expect(await harness.found('bar')).toEqual([])
    expect(await harness.found('foo')).toEqual([])
    expect(asked.map(({ discover }) => discover?.cookie)).toEqual([undefined, cookie('one'), cookie('two'), cookie('three'), undefined, cookie('four')])
  })

  it('P44: drops a cookie that is refused, once', async () => {
    const asked: Array<Raw | undefined> = []
    const registration = await registrationOf(bob, 'foo')
    const harness = await ClientHarness.start(alice, {}, [[robert, ({ discover }) => {
      asked.push(discover?.cookie)

      return {
        type: MessageType.DISCOVER_RESPONSE,
        discoverResponse: discover?.cookie != null && asked.length > 1 ? { registrations: [], status: 103 } : { registrations: [registration], status: 0, cookie: cookie('x') }
      }
    }]])

    const first = await harness.client.discoverAt(robert.id, 'foo')
    expect(first.peers).toHaveLength(1)
    expect((await harness.client.discoverAt(robert.id, 'foo', { cookie: first.cookie })).peers).toHaveLength(1)
    expect(asked).toEqual([undefined, cookie('x'), undefined])
  })

  it('merges points: the newest record, then the longest TTL', async () => {
    const one = pages({ registrations: [await registrationOf(bob, 'foo', { sequence: 2n, addresses: ['/ip4/2.2.2.2/tcp/2'] }), await registrationOf(carol, 'foo', { ttl: 100n })], status: 0 })
    const two = pages({ registrations: [await registrationOf(bob, 'foo', { sequence: 1n, ttl: 20_000n }), await registrationOf(carol, 'foo', { ttl: 200n })], status: 0 })
    const harness = await ClientHarness.start(alice, {}, [[robert, one.script], [rita, two.script]])
    const found = await collect(harness.client.discover('foo'))

    expect(found).toHaveLength(2)
    expect(found.find(({ id }) => id.equals(bob.id))).toMatchObject({ sequence: 2n, ttl: 7_200 })
    expect(found.find(({ id }) => id.equals(carol.id))).toMatchObject({ ttl: 200 })
  })

  it('reports each peer that is newly met once', async () => {
    const registration = await registrationOf(bob, 'foo')
    const { script } = pages({ registrations: [registration], status: 0 }, { registrations: [registration], status: 0 }, { registrations: [await registrationOf(bob, 'foo', { sequence: 5n })], status: 0 })
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])
    let met = 0
    Reflect.get(harness.client, peerDiscoverySymbol).addEventListener('peer', () => { met++ })

    for (let i = 0; i < 3; i++) {
      expect(await harness.found('foo')).toHaveLength(1)
    }

    expect(met).toBe(1)
    // the newer record still reaches the peer store
    expect(harness.peerStore.patch.callCount).toBe(2)
  })

  it('checks a record once, from whichever point and in whichever answer it comes', async () => {
    const registration = await registrationOf(bob, 'foo')
    const script: Script = () => ({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0 } })
    const opened: number[] = []
    const recordCodec = { ...standardRecord, decode: (payload: Uint8Array) => { opened.push(payload.byteLength); return standardRecord.decode(payload) } }
    const harness = await ClientHarness.start(alice, { recordCodec }, [[robert, script], [rita, script]])
    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toHaveLength(1)
    expect((await harness.client.discoverAt(rita.id, 'foo')).peers).toHaveLength(1)
    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toMatchObject([{ id: bob.id, ttl: 7_200 }])
    expect(opened).toHaveLength(1)

    // one byte more or less is another record
    registration.signedPeerRecord = registration.signedPeerRecord.slice()
    registration.signedPeerRecord[registration.signedPeerRecord.byteLength - 1] ^= 1
    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toEqual([])
    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toEqual([])
  })

  it('lets others have their turn while it checks a long answer', async () => {
    const registrations = await Promise.all(Array.from({ length: 200 }, async (_, i) => await registrationOf(await createPeer(1_000 + i), 'foo')))
    const harness = await ClientHarness.start(alice, {}, [[robert, pages({ registrations, status: 0 }).script]])
    let turns = 0
    let done = false
    const count = (): void => {
      turns++
      done || setImmediate(count)
    }
    const found = harness.client.discoverAt(robert.id, 'foo')
    setImmediate(count)
    expect((await found).peers).toHaveLength(200)
    done = true

    // a slice is 16 signatures
    expect(turns).toBeGreaterThanOrEqual(Math.floor(200 / 16))
  })

  it('asks a point again that failed once, though another works and nothing is registered', async () => {
    let isDown = true
    const { script } = pages({ registrations: [], status: 0 })
    const registration = await registrationOf(bob, 'foo')
    const harness = await ClientHarness.start(alice, {}, [[robert, () => isDown ? 'reset' : { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0 } }], [rita, script]])
    expect(await harness.found('foo')).toEqual([])
    isDown = false
    await harness.clock.advance(999)
    expect(await harness.found('foo')).toEqual([])
    await harness.clock.advance(1)
    expect(await harness.found('foo')).toEqual([bob.id.toString()])

    // longer with every failure in a row, and at most 5 minutes
    isDown = true

    for (let i = 0; i < 20; i++) {
      await harness.found('foo')
      await harness.clock.advance(300_000)
    }

    isDown = false
    expect(await harness.found('foo')).toEqual([bob.id.toString()])
  })

  it('keeps the pages of a point that fails after them, and goes on from there', async () => {
    const asked: Array<Raw | undefined> = []
    const registration = await registrationOf(bob, 'foo')
    const later = await registrationOf(carol, 'foo')
    const harness = await ClientHarness.start(alice, {}, [[robert, ({ discover }) => {
      asked.push(discover?.cookie)

      switch (asked.length) {
        case 1: return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0, cookie: cookie('1') } }
        case 2: return 'reset'
        case 3: return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [later], status: 0, cookie: cookie('2') } }
        default: return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [], status: 0, cookie: cookie('2') } }
      }
    }]])

    expect(await harness.found('foo')).toEqual([bob.id.toString()])
    expect(await harness.found('foo')).toEqual([carol.id.toString()])
    expect(asked).toEqual([undefined, cookie('1'), cookie('1'), cookie('2')])
  })

  it('follows a point that is slow for 10 s, and not through all its pages', async () => {
    let page = 0
    const registrations = await Promise.all(Array.from({ length: 9 }, async (_, i) => await registrationOf(await createPeer(300 + i), 'foo')))
    const harness = await ClientHarness.start(alice, {}, [[robert, async () => {
      await new Promise<void>(resolve => { harness.clock.setTimer(resolve, 4_000) })

      return { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registrations[page % 9]], status: 0, cookie: cookie(`${page++}`) } }
    }]])
    const started = harness.clock.now()
    const found = harness.found('foo')
    const step = setInterval(() => { harness.giveUp.splice(0).forEach(go => { go() }) }, 1)
    expect(await harness.clock.until(found)).toHaveLength(3)
    clearInterval(step)
    expect(harness.clock.now() - started).toBeLessThan(15_000)
  })

  it('reads an answer that a reset follows at once, as go points send it', async () => {
    const registration = await registrationOf(bob, 'foo')
    const harness = await ClientHarness.start(alice, {}, [[robert, () => ({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0 } })]])
    harness.resetsAfterAnswer = true

    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toHaveLength(1)
  })

  it('P38: what fell to the limit, or was not read, comes again', async () => {
    const point = await PointHarness.start()
    const peers = await Promise.all(Array.from({ length: 7 }, async (_, i) => await createPeer(300 + i)))

    for (const peer of peers) {
      await point.register(peer, 'foo')
    }

    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point], [rita, point]])
    const found = new Set<string>()

    for await (const { id } of harness.client.discover('foo', { limit: 3 })) {
      expect(id).toBeDefined()
      break
    }

    for (let i = 0; i < 4; i++) {
      const ids = await harness.found('foo', 3)
      expect(ids.length).toBeLessThanOrEqual(3)
      ids.forEach(id => { found.add(id) })
    }

    expect(found.size).toBe(7)
    expect(await harness.found('foo')).toEqual([])
  })

  it('P38: what fell to the limit because another point had as many comes again', async () => {
    const points = [await PointHarness.start(), await PointHarness.start()]

    for (let i = 0; i < 6; i++) {
      await points[i % 2].register(await createPeer(300 + i), 'foo')
    }

    const harness = await ClientHarness.start(alice, {}, [[robert, points[0]], [rita, points[1]]])
    const found = new Set<string>()

    for (let i = 0; i < 4; i++) {
      (await harness.found('foo', 3)).forEach(id => { found.add(id) })
    }

    expect(found.size).toBe(6)
  })

  it('follows a point through its pages, past its own record, and not for ever', async () => {
    const point = await PointHarness.start({ maxAnswerBytes: 700 })
    await point.register(alice, 'foo')

    for (let i = 0; i < 9; i++) {
      await point.register(await createPeer(300 + i), 'foo')
    }

    const harness = await ClientHarness.start(alice, { clock: point.clock }, [[robert, point]])
    expect(await harness.found('foo', 1)).toHaveLength(1)
    expect(await harness.found('foo')).toHaveLength(8)

    let asked = 0
    const registrations = await Promise.all([1, 2, 3].map(async n => await registrationOf(await createPeer(400 + n), 'foo')))
    const endless = await ClientHarness.start(alice, {}, [[robert, () => ({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registrations[asked % 3]], status: 0, cookie: cookie(`${asked++}`) } })]])
    expect(await endless.found('foo')).toHaveLength(3)
    expect(asked).toBe(4)
  })

  it('an unknown namespace, which nim answers with 100, is empty', async () => {
    const { script } = pages({ registrations: [], status: 100, statusText: '' })
    const harness = await ClientHarness.start(alice, {}, [[robert, script]])

    expect(await harness.found('foo')).toEqual([])
  })

  it('one point that fails does not hide the others; all of them are an error', async () => {
    const { script } = pages({ registrations: [await registrationOf(bob, 'foo')], status: 0 })
    const harness = await ClientHarness.start(alice, {}, [[robert, () => 'reset'], [rita, script]])
    expect(await harness.found('foo')).toEqual([bob.id.toString()])
    expect(harness.client.status().map(({ failures }) => failures)).toEqual([1, 0])

    // and is left out while it is known to be down
    harness.dialled.length = 0
    await harness.found('foo')
    expect(harness.dialled).toEqual([rita.id.toString()])

    const dead = await ClientHarness.start(alice, {}, [[robert, () => 'reset'], [rita, () => 'close']])
    await expect(dead.found('foo')).rejects.toMatchObject({ name: 'DiscoverError', errors: [{ name: 'NoAnswerError' }, { name: 'NoAnswerError' }] })
    await expect((await ClientHarness.start(alice, {}, [])).found('foo')).resolves.toEqual([])
  })

  it('reads legacy envelopes as well, and answers without type or status', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, async ({ discover }) => {
      expect(discover?.readsBoth).toBe(true)

      return { discoverResponse: { registrations: [await registrationOf(bob, 'foo', { codec: legacyRecord }), await registrationOf(carol, 'foo')] } }
    }]])

    expect(await harness.found('foo')).toHaveLength(2)
    // the peer store takes standard envelopes only
    expect(harness.peerStore.merge.callCount).toBe(1)
  })

  it.each<[string, Message]>([
    ['a type that does not fit', { type: MessageType.REGISTER_RESPONSE, registerResponse: { status: 0 } }],
    ['no body', { type: MessageType.DISCOVER_RESPONSE }],
    ['a status of the future', { type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [], status: 999, statusText: 'x'.repeat(1_000) } }]
  ])('an answer with %s is an error', async (_name, answer) => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => answer]])

    await expect(harness.client.discoverAt(robert.id, 'foo')).rejects.toMatchObject({ name: expect.stringMatching(/NoAnswerError|RendezvousStatusError/), message: expect.stringMatching(/^.{1,300}$/) })
  })

  it('a peer that is found again stays in the cache for longer', async () => {
    const registration = await registrationOf(bob, 'foo', { ttl: 7_200n })
    const harness = await ClientHarness.start(alice, {}, [[robert, () => ({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [registration], status: 0 } })]])
    await harness.found('foo')
    await harness.clock.advance(3_600_000)
    registration.ttl = 7_100n
    await harness.found('foo')
    await harness.clock.advance(7_000_000)

    expect(harness.client.requestLocally('foo')).toHaveLength(1)
  })

  it('no answer of a point throws past it, or is anything but an error of its kind', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (err: unknown): void => { unhandled.push(err) }
    process.on('unhandledRejection', onUnhandled)
    let answer: Uint8Array = new Uint8Array()
    const point: Script = () => 'close'
    const harness = await ClientHarness.start(alice, {}, [[robert, point]])
    const good = Message.encode({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [await registrationOf(bob, 'foo')], status: 0, cookie: cookie('1') } })
    harness.answerBytes = () => answer

    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })), async noise => {
      answer = noise instanceof Uint8Array ? noise : good.slice()
      noise instanceof Uint8Array || noise.forEach(([at, value]) => { answer[at] = value })
      const outcome = await harness.client.discoverAt(robert.id, 'foo').then(({ peers }) => peers, err => err.name as string)

      if (typeof outcome === 'string') {
        expect(['NoAnswerError', 'RendezvousStatusError']).toContain(outcome)
      } else {
        outcome.forEach(({ id }) => { expect(id.equals(bob.id)).toBe(true) })
      }
    }), { numRuns: 150 })

    process.off('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
  })

  it('a point that closes connections again and again is not hammered', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => REGISTERED]])
    await harness.client.register('foo')
    let closed = 0

    for (let second = 0; second < 100; second++) {
      // after each exchange, and never in between, which would only put off the next one
      if (harness.dialled.length > closed) {
        closed = harness.dialled.length
        harness.events.safeDispatchEvent('peer:disconnect', { detail: robert.id })
      }

      await harness.clock.advance(1_000)
    }

    expect(harness.dialled.length).toBeGreaterThan(2)
    expect(harness.dialled.length).toBeLessThan(7)
  })

  it('nor one that drops the connection at every request', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => {
      harness.events.safeDispatchEvent('peer:disconnect', { detail: robert.id })

      return 'reset'
    }]])
    await harness.client.register('foo')
    await harness.clock.advance(60_000)

    // two each, for the two envelopes
    expect(harness.dialled.length).toBeLessThan(20)
  })

  it('an address that changes while a registration is under way is registered after it', async () => {
    const seen: string[] = []
    const harness = await ClientHarness.start(alice, {}, [[robert, async ({ register }) => {
      seen.push((await openRecord(standardRecord, register?.signedPeerRecord ?? new Uint8Array())).multiaddrs.join())
      harness.addresses = ['/ip4/5.5.5.5/tcp/5']
      harness.events.safeDispatchEvent('self:peer:update', { detail: {} })

      return REGISTERED
    }]])
    await harness.client.register('foo')
    await harness.clock.advance(100)

    expect(seen).toEqual(['/ip4/127.0.0.1/tcp/4001', '/ip4/5.5.5.5/tcp/5'])
  })

  it('resets a stream that the point does not close after its answer', async () => {
    const harness = await ClientHarness.start(alice, {}, [[robert, () => 'stay']])
    await harness.client.registerAt(robert.id, 'foo')
    harness.giveUp.forEach(giveUp => { giveUp() })

    await harness.clock.advance(999)
    expect(harness.streams.map(({ status }) => status)).toEqual(['open'])
    await harness.clock.advance(1)
    expect(harness.streams.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('an answer with more than 4 000 registrations is none', async () => {
    const registrations: NonNullable<Message['discoverResponse']>['registrations'] = new Array(4_000).fill({ ns: utf8('foo') })
    const harness = await ClientHarness.start(alice, {}, [[robert, () => ({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations, status: 0 } })]])

    expect((await harness.client.discoverAt(robert.id, 'foo')).peers).toEqual([])
    registrations.push({ ns: utf8('foo') })
    await expect(harness.client.discoverAt(robert.id, 'foo')).rejects.toMatchObject({ name: 'NoAnswerError' })
  })

  it('the cache keeps a peer for as long as any of its registrations says', async () => {
    const clock = new SimulatedClock()
    const cache = new PeerCache(clock)
    const peer: RegisteredPeer = { id: bob.id, multiaddrs: [], namespace: 'foo', sequence: 1n, ttl: 100, record: new Uint8Array() }
    cache.set(peer)
    cache.set({ ...peer, ttl: 10 })

    await clock.advance(99_999)
    expect(cache.get('foo')).toHaveLength(1)
    await clock.advance(1)
    expect(cache.get('foo')).toEqual([])
  })

  it('the cache is bounded', async () => {
    const cache = new PeerCache(new SimulatedClock())
    const peer: RegisteredPeer = { id: bob.id, multiaddrs: [], namespace: '', sequence: 1n, ttl: 10, record: new Uint8Array() }

    for (let i = 0; i <= 10_000; i++) {
      cache.set({ ...peer, namespace: `n${i}` })
    }

    expect(cache.get('n0')).toEqual([])
    expect(cache.get('n1')).toHaveLength(1)
    expect(cache.get('n10000')).toHaveLength(1)
  })
})
