import { readFile } from 'node:fs/promises'
import { generateKeyPairFromSeed, privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { RecordEnvelope } from '@libp2p/peer-record'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { beforeAll, describe, expect, it } from 'vitest'
import { ResponseStatus, legacyRecord, standardRecord } from '../../src/rendezvous/index.js'
import { decodeCookie } from '../../src/rendezvous/cookie.js'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { openRecord, sealRecord } from '../../src/rendezvous/records.js'
import { ClientHarness, PointHarness, createPeer, frame, hex } from './fixtures.js'
import type { TestPeer } from './fixtures.js'

interface Fields {
  type?: number
  register?: { ns?: string, spr?: string, signedPeerRecord?: string, ttl?: number }
  registerResponse?: { status?: number, text?: string, ttl?: number }
  unregister?: { ns?: string }
  discover?: { ns?: string, limit?: number, cookie?: string }
  discoverResponse?: { regs?: Array<Fields['register']>, registrations?: Array<Fields['register']>, status?: number, cookie?: string, text?: string }
  undecodable?: string
}

interface Capture { id: number, author: string, to: string, name: string, hex: string, framed: string, decoded: Fields }
interface NimFrame { muxer: string, name: string, request: string, response: string | null }
interface SealedVector { privateKeyProto: string, peerId: string, seqNo: number, addrs: string[], peerRecord: string, signedPeerRecord: string, sameAsJs?: boolean }

interface Captures {
  vectors: Capture[]
  envelopes: { peerId: string, standard: { hex: string }, rustLegacy: { hex: string } }
  oldDialect: { registerFoo7200: string, registerOk7200: string }
  crash: { hex: string }
}

interface Nim {
  frames: NimFrame[]
  signedPeerRecords: { vectors: SealedVector[] }
  codec: Array<{ name: string, message: Fields, hex: string }>
  cookies: Array<{ hex: string }>
  muxers: Record<string, { nimClientFrames: Array<{ fromNimClient: string, answered: string | null }> }>
}

const load = async <T>(name: string): Promise<T> => JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as T
const captures = await load<Captures>('rendezvous-captures')
const nim = await load<Nim>('rendezvous-nim-libp2p')

const text = (bytes?: Uint8Array): string | undefined => bytes == null ? undefined : new TextDecoder().decode(bytes)
const toHex = (bytes?: Uint8Array): string | undefined => bytes == null ? undefined : Buffer.from(bytes).toString('hex')
const count = (value?: bigint): number | undefined => value == null ? undefined : Number(value)

/** A decoded message in the terms of the vectors, without what is absent. */
function fieldsOf (message: Message, record: 'spr' | 'signedPeerRecord', registrations: 'regs' | 'registrations'): unknown {
  const { type, register, registerResponse, unregister, discover, discoverResponse } = message
  const one = (it: NonNullable<Message['register']>): unknown => ({ ns: text(it.ns), [record]: toHex(it.signedPeerRecord), ttl: count(it.ttl) })

  return JSON.parse(JSON.stringify({
    type,
    register: register && one(register),
    registerResponse: registerResponse && { status: registerResponse.status, text: registerResponse.statusText, ttl: count(registerResponse.ttl) },
    unregister: unregister && { ns: text(unregister.ns) },
    discover: discover && { ns: text(discover.ns), limit: count(discover.limit), cookie: toHex(discover.cookie) },
    discoverResponse: discoverResponse && { [registrations]: discoverResponse.registrations.map(one), cookie: toHex(discoverResponse.cookie), status: discoverResponse.status, text: discoverResponse.statusText }
  }))
}

describe('every captured frame', () => {
  it.each(captures.vectors)('$id: $author, $name', ({ hex: body, framed, decoded }) => {
    expect(toHex(frame(hex(body)))).toBe(framed)

    if (decoded.undecodable != null) {
      expect(() => Message.decode(hex(body))).toThrow()
      return
    }

    const message = Message.decode(hex(body))
    expect(fieldsOf(message, 'spr', 'regs')).toEqual(decoded)
    // presence is kept, so that the same bytes come out
    expect(toHex(Message.encode(message))).toBe(body)
  })

  it.each(nim.codec)('nim codec: $name', ({ message, hex: body }) => {
    expect(fieldsOf(Message.decode(hex(body)), 'signedPeerRecord', 'registrations')).toEqual(message)
    expect(toHex(Message.encode(Message.decode(hex(body))))).toBe(body)
  })

  it.each(nim.frames)('nim frame over $muxer: $name', ({ name, request, response }) => {
    // one has a field that the spec had once, which is skipped
    expect(toHex(Message.encode(Message.decode(hex(request))))).toBe(/id field 2/.test(name) ? '080222060a0470616765' : request)

    if (response != null) {
      expect(toHex(Message.encode(Message.decode(hex(response))))).toBe(response)
    }
  })
})

describe('sealed records', () => {
  it.each(nim.signedPeerRecords.vectors)('of nim: $key, $addrs', async ({ privateKeyProto, peerId, seqNo, addrs, signedPeerRecord, sameAsJs }) => {
    const privateKey = privateKeyFromProtobuf(hex(privateKeyProto))

    if (addrs.length === 0) {
      await expect(openRecord(standardRecord, hex(signedPeerRecord))).rejects.toMatchObject({ name: 'InvalidRecordError' })
      return
    }

    const content = await openRecord(standardRecord, hex(signedPeerRecord))
    expect(content.peer.toString()).toBe(peerId)
    expect(content.sequence).toBe(BigInt(seqNo))
    expect(content.multiaddrs.map(String)).toEqual(addrs)

    if (sameAsJs === true) {
      expect(toHex(await sealRecord(standardRecord, { ...content, peer: peerIdFromPrivateKey(privateKey) }, privateKey))).toBe(signedPeerRecord)
    }
  })

  it('of the specs and of rust: made and read alike, never taken for each other', async () => {
    const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
    const { standard, rustLegacy, peerId } = captures.envelopes

    for (const [codec, sealed, other] of [[standardRecord, standard.hex, legacyRecord], [legacyRecord, rustLegacy.hex, standardRecord]] as const) {
      const content = await openRecord(codec, hex(sealed))
      expect(content.peer.toString()).toBe(peerId)
      expect(toHex(await sealRecord(codec, content, privateKey))).toBe(sealed)
      await expect(openRecord(other, hex(sealed))).rejects.toMatchObject({ name: 'InvalidRecordError' })
    }
  })
})

/** What the spec demands of a point, by the name of the request. First match wins. */
const DEMANDED: Array<[RegExp, number | 'closed' | 'reset']> = [
  [/no discover field|register_response sent/, 'reset'],
  [/^unregister/, 'closed'],
  [/ttl=0|ttl=60|72h\+1|ttl too/, ResponseStatus.INVALID_TTL],
  [/register (empty|no) ns|register ns 256|256 B|discover ns 256/, ResponseStatus.INVALID_NAMESPACE],
  [/garbage spr|empty spr|other peer's|another peer's|corrupted|no signedPeerRecord/, ResponseStatus.INVALID_SIGNED_PEER_RECORD],
  [/./, ResponseStatus.OK]
]

function demanded (name: string, { discover }: Message): number | 'closed' | 'reset' {
  const cookie = discover?.cookie

  // cookies of other implementations: too short, or with another namespace where ours have it
  if (cookie != null && (cookie.byteLength < 8 || text(cookie.subarray(8)) !== (text(discover?.ns) ?? ''))) {
    return ResponseStatus.INVALID_COOKIE
  }

  return DEMANDED.find(([pattern]) => pattern.test(name))?.[1] ?? ResponseStatus.OK
}

describe('our point answers every captured request with what the spec demands', () => {
  let probe: TestPeer
  let point: PointHarness

  beforeAll(async () => {
    const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
    probe = { ...await createPeer(1), privateKey, id: peerIdFromPrivateKey(privateKey) }
    point = await PointHarness.start()
  })

  const requests = captures.vectors.filter(({ author, name }) => author === 'probe' && name.startsWith('request: '))

  it.each(requests)('$id: $name (to $to)', async ({ name, hex: body, framed }) => {
    await check(point, probe, name.slice('request: '.length), hex(body), hex(framed))
  })

  it.each(captures.vectors.filter(({ to, name }) => to === 'probe' && name === 'client request'))('$id: a request of a $author client', async ({ framed, decoded }) => {
    const request = Message.decode(hex(framed).subarray(framed.length / 2 > 129 ? 2 : 1))
    const peer = request.register?.signedPeerRecord == null ? probe : { ...probe, id: signerOf(request.register.signedPeerRecord) }
    const cookie = decoded.discover?.cookie

    // without a type they mean REGISTER; a TTL of 100 s is below our range
    const status = decoded.register?.ttl === 100 ? ResponseStatus.INVALID_TTL : ResponseStatus.OK
    expect(cookie == null || decodeCookie(hex(cookie))?.namespace === decoded.discover?.ns).toBe(true)
    await expectStatus(point, peer, hex(framed), decoded.unregister == null ? status : 'closed')
  })

  it('the request that ends a nim process', async () => {
    await expectStatus(point, probe, frame(hex(captures.crash.hex)), ResponseStatus.OK)
  })

  it('the dialect of old go and py, whose record is no signed one', async () => {
    await expectStatus(point, probe, frame(hex(captures.oldDialect.registerFoo7200)), ResponseStatus.INVALID_SIGNED_PEER_RECORD)
    expect(Message.decode(hex(captures.oldDialect.registerOk7200)).registerResponse).toEqual({ ttl: 7_200n })
  })

  it.each(nim.frames)('nim over $muxer: $name', async ({ name, request }) => {
    const record = Message.decode(hex(request)).register?.signedPeerRecord
    const stranger = /another peer/.test(name)
    const peer = record == null || record.byteLength < 100 || stranger ? probe : { ...probe, id: signerOf(record) }
    await check(point, peer, name, hex(request), frame(hex(request)))
  })

  it.each(Object.values(nim.muxers).flatMap(({ nimClientFrames }) => nimClientFrames))('nim client: $fromNimClient', async ({ fromNimClient, answered }) => {
    const request = Message.decode(hex(fromNimClient))
    const peer = request.register?.signedPeerRecord == null ? probe : { ...probe, id: signerOf(request.register.signedPeerRecord) }
    // a cookie of nim's own point, with its namespace elsewhere
    await expectStatus(point, peer, frame(hex(fromNimClient)), request.discover?.cookie != null ? ResponseStatus.INVALID_COOKIE : answered == null ? 'closed' : ResponseStatus.OK)
  })
})

describe('our client understands every captured answer', () => {
  const answers = captures.vectors.filter(({ decoded }) => decoded.registerResponse != null || decoded.discoverResponse != null)

  it.each(answers)('$id: $author, $name', async ({ hex: body, decoded }) => { await understand(body, decoded) })

  const ofNim = [...nim.frames.map(({ response }) => response), ...Object.values(nim.muxers).flatMap(({ nimClientFrames }) => nimClientFrames.map(({ answered }) => answered))]
    .filter(answer => answer != null)

  it.each(ofNim)('of nim, or given to it: %s', async body => {
    await understand(body, fieldsOf(Message.decode(hex(body)), 'spr', 'regs') as Fields)
  })

  async function understand (body: string, decoded: Fields): Promise<void> {
    const [alice, robert] = await Promise.all([9, 101].map(createPeer))
    const harness = await ClientHarness.start(alice, {}, [[robert, () => Message.decode(hex(body))]])
    const { registerResponse, discoverResponse } = decoded
    const status = registerResponse?.status ?? discoverResponse?.status ?? 0
    const namespaces = new Set(discoverResponse?.regs?.map(registration => registration?.ns))
    // more than one: it answers a request for all of them
    const namespace = namespaces.size === 1 ? [...namespaces][0] ?? '' : ''

    const result = registerResponse == null
      ? harness.client.discoverAt(robert.id, namespace).then(({ peers }) => peers.length)
      : harness.client.registerAt(robert.id, 'foo')

    if (registerResponse != null && status === 0) {
      await expect(result).resolves.toBe(registerResponse.ttl)
    } else if (registerResponse == null && (status === 0 || status === ResponseStatus.INVALID_NAMESPACE)) {
      // registered without a namespace, as only canvas lets one do, is under none
      await expect(result).resolves.toBe(discoverResponse?.regs?.filter(registration => registration?.ns != null).length)
    } else {
      await expect(result).rejects.toMatchObject({ name: 'RendezvousStatusError', status })
    }
  }
})

it('every captured frame is a request, an answer, or garbage that says so', () => {
  const others = captures.vectors.filter(({ decoded: { undecodable, register, unregister, discover, registerResponse, discoverResponse } }) => {
    return [undecodable, register, unregister, discover, registerResponse, discoverResponse].every(part => part == null)
  })

  expect(others.map(({ name }) => name)).toEqual([])
})

it.each(nim.cookies)('the cookie of nim, $hex, is one of another shape: refused, not believed', async ({ hex: cookie }) => {
  const point = await PointHarness.start()
  const answer = await point.discover(await createPeer(1), 'foo', { cookie: hex(cookie) })

  expect(answer).toMatchObject({ status: ResponseStatus.INVALID_COOKIE, registrations: [] })
})

function signerOf (record: Uint8Array): TestPeer['id'] {
  return peerIdFromPublicKey(RecordEnvelope.createFromProtobuf(record).publicKey)
}

async function check (point: PointHarness, peer: TestPeer, name: string, body: Uint8Array, framed: Uint8Array): Promise<void> {
  await expectStatus(point, peer, framed, name === 'garbage message' ? 'reset' : demanded(name, Message.decode(body)))
}

async function expectStatus (point: PointHarness, peer: TestPeer, framed: Uint8Array, status: number | 'closed' | 'reset'): Promise<void> {
  const outcome = await point.send(peer, framed)

  if (typeof outcome === 'string') {
    expect(outcome).toBe(status)
  } else {
    expect((outcome.registerResponse ?? outcome.discoverResponse)?.status).toBe(status)
  }
}
