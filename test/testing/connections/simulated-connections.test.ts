import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { beforeEach, describe, expect, it } from 'vitest'
import { SimulatedConnections } from '../../../src/testing/connections/simulated-connections.js'
import { MeetingPlace } from '../../../src/testing/connections/simulated-discovery.js'
import { SimulatedNetwork } from '../../../src/testing/simulated-network.js'
import { seededRandom, SimulatedClock } from '../../../src/testing/index.js'
import type { SimulatedHost } from '../../../src/testing/connections/simulated-connections.js'
import type { NetworkConditions } from '../../../src/testing/index.js'
import type { PeerId, Stream } from '@libp2p/interface'

const PROTOCOL = '/echo/1'
/** Longer than any connection outlives its end. */
const LONG = 60_000

let clock: SimulatedClock
let network: SimulatedNetwork
let connections: SimulatedConnections
let hosts: SimulatedHost[]
let accepted: Array<{ stream: Stream, from: PeerId }>
const peers = await Promise.all([0, 1, 2].map(async i => peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i)))))

function setUp (conditions: Partial<NetworkConditions> = {}): void {
  clock = new SimulatedClock()
  network = new SimulatedNetwork(clock, seededRandom('network'), conditions)
  connections = new SimulatedConnections(network, seededRandom('connections'))
  accepted = []
  hosts = peers.map((peer, index) => connections.host(index, peer))
  hosts.forEach(host => { void host.handle(PROTOCOL, (stream, { remotePeer }) => { accepted.push({ stream, from: remotePeer }) }) })
}

async function open (from = 0, to = 1): Promise<{ near: Stream, far: Stream, received: number[], ends: string[] }> {
  const near = await clock.until(hosts[from].openStream(peers[to], PROTOCOL))
  const { stream: far } = accepted[accepted.length - 1]
  const received: number[] = []
  const ends: string[] = []

  far.addEventListener('message', ({ data }) => { received.push(...data.subarray()) })
  near.addEventListener('close', () => { ends.push('near') })
  far.addEventListener('close', () => { ends.push('far') })

  return { near, far, received, ends }
}

const errorOf = async (promise: Promise<unknown>): Promise<string> => await clock.until(promise.then(() => 'none', (err: Error) => err.name))

describe('SimulatedConnections', () => {
  beforeEach(() => { setUp() })

  it('takes bytes to the other end and back, and tells who calls', async () => {
    const { near, far, received } = await open()
    const answers: number[] = []

    near.addEventListener('message', ({ data }) => { answers.push(...data.subarray()) })
    near.send(Uint8Array.of(1, 2))
    far.send(Uint8Array.of(3))
    expect([received, answers]).to.deep.equal([[], []])
    await clock.advance(200)
    expect([received, answers]).to.deep.equal([[1, 2], [3]])
    expect(accepted[0].from.equals(peers[0])).to.equal(true)
    expect([hosts[0].sent, hosts[1].sent]).to.deep.equal([2, 1])
  })

  it('keeps everything in order, whatever is lost on the way', async () => {
    setUp({ loss: 0.3, delay: [1, 500] })
    const { near, received } = await open()
    const sent = Array.from({ length: 200 }, (_, i) => i)

    for (const byte of sent) {
      near.send(Uint8Array.of(byte))
      await clock.advance(10)
    }

    await clock.advance(LONG)
    expect(received).to.deep.equal(sent)
  })

  it('ends in order: what was sent before the end arrives', async () => {
    const { near, far, received, ends } = await open()

    near.send(Uint8Array.of(1))
    await near.close()
    await clock.advance(200)
    expect(received).to.deep.equal([1])
    expect(ends).to.deep.equal([])
    await far.close()
    await clock.advance(200)
    expect(ends.sort()).to.deep.equal(['far', 'near'])
  })

  it('tells the other end of a reset', async () => {
    const { near, ends } = await open()

    near.abort(new Error('enough'))
    expect(ends).to.deep.equal(['near'])
    await clock.advance(200)
    expect(ends).to.deep.equal(['near', 'far'])
  })

  it('outlives a short partition, not a long one', async () => {
    const { near, received, ends } = await open()

    network.partition([[0], [1]])
    near.send(Uint8Array.of(1))
    await clock.advance(2_000)
    expect(received).to.deep.equal([])
    network.heal()
    await clock.advance(10_000)
    expect(received).to.deep.equal([1])

    network.setOnline(1, false)
    near.send(Uint8Array.of(2))
    await clock.advance(LONG)
    expect(ends.sort()).to.deep.equal(['far', 'near'])
    network.setOnline(1, true)
    await clock.advance(LONG)
    expect(received).to.deep.equal([1])
  })

  it('breaks when nobody says anything either', async () => {
    const { ends } = await open()

    network.partition([[0], [1]])
    await clock.advance(LONG)
    expect(ends.sort()).to.deep.equal(['far', 'near'])
  })

  it('leaves a dead process without a word, and tells the other end in a while', async () => {
    const { near, far, received, ends } = await open()
    const dialling = hosts[0].openStream(peers[2], PROTOCOL)

    near.send(Uint8Array.of(1))
    connections.end(peers[0])
    near.send(Uint8Array.of(2))
    far.send(Uint8Array.of(3))
    await clock.advance(LONG)

    expect(received).to.deep.equal([])
    expect(ends).to.deep.equal(['far'])
    expect(await Promise.race([dialling, Promise.resolve('hangs')])).to.equal('hangs')

    // its successor is another process
    hosts[0] = connections.host(0, peers[0])
    expect((await open()).near.status).to.equal('open')
  })

  it('holds a fast writer back while the reader pauses, and for the time that bytes take', async () => {
    const { near, far, received } = await open()
    const block = new Uint8Array(100_000)
    let drained = 0

    near.addEventListener('drain', () => { drained++ })
    far.pause()
    expect([near.send(block), near.send(block), near.send(block), near.send(block)]).to.deep.equal([true, true, false, false])
    await clock.advance(LONG)
    expect([received.length, drained]).to.deep.equal([0, 0])

    far.resume()
    await clock.advance(LONG)
    expect(received).to.have.length(400_000)
    expect(drained).to.be.greaterThan(0)
  })

  it('says why a stream cannot be opened', async () => {
    expect(await errorOf(hosts[0].openStream(peers[1], '/unknown/1'))).to.equal('UnsupportedProtocolError')
    network.setOnline(1, false)
    expect(await errorOf(hosts[0].openStream(peers[1], PROTOCOL))).to.equal('UnreachableError')

    const controller = new AbortController()
    const dial = hosts[0].openStream(peers[1], PROTOCOL, { signal: controller.signal })

    controller.abort()
    expect(await errorOf(dial)).to.equal('AbortError')
  })
})

describe('MeetingPlace', () => {
  beforeEach(() => { setUp() })

  it('brings those together who have a key in common, and notices when one is away', async () => {
    const meeting = new MeetingPlace(connections)
    const [cats, dogs] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const [first, second, third] = [[cats], [dogs, cats], [dogs]].map((keys, i) => meeting.discovery(hosts[i]).join({ channelId: 'pets', keys }))
    let changes = 0

    first.onChange(() => { changes++ })
    expect(first.members()).to.deep.equal([])
    await clock.advance(10_000)
    expect([first, second, third].map(place => place.peers().map(peer => peers.findIndex(other => other.equals(peer))).sort())).to.deep.equal([[1], [0, 2], [1]])
    expect(changes).to.equal(1)

    network.setOnline(1, false)
    await clock.advance(10_000)
    expect(first.members().map(({ connected }) => connected)).to.deep.equal([false])
    expect(changes).to.equal(2)

    network.setOnline(1, true)
    await clock.advance(10_000)
    expect(first.members().map(({ connected }) => connected)).to.deep.equal([true])

    third.setKeys([cats])
    await clock.advance(10_000)
    expect(first.members()).to.have.length(2)

    connections.end(peers[1])
    await clock.advance(10_000)
    expect(first.members().filter(({ connected }) => connected).map(({ peer }) => peers[2].equals(peer))).to.deep.equal([true])
  })
})
