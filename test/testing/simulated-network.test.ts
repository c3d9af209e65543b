import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { SimulatedNetwork } from '../../src/testing/simulated-network.js'
import type { MessageEnvelope } from '../../src/messaging/types.js'
import type { SimulatedMessaging } from '../../src/testing/simulated-messaging.js'
import type { NetworkConditions } from '../../src/testing/network-conditions.js'
import type { PeerId } from '@libp2p/interface'

const TOPIC = '/cats'
const numbered = (n: number): MessageEnvelope => ({ contentTopic: TOPIC, payload: Uint8Array.of(n), ephemeral: false, meta: new Uint8Array(1) })

describe('SimulatedNetwork', () => {
  let clock: SimulatedClock
  let peerId: PeerId

  beforeEach(async () => {
    clock = new SimulatedClock()
    peerId = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32)))
  })

  async function start (seed: number, members: number, conditions: Partial<NetworkConditions> = {}): Promise<{ network: SimulatedNetwork, nodes: SimulatedMessaging[], received: number[][] }> {
    const network = new SimulatedNetwork(clock, seededRandom(seed), conditions)
    const nodes = Array.from({ length: members }, (_, index) => network.connect(index, peerId))
    const received = nodes.map((node): number[] => {
      const got: number[] = []

      node.events.on('message_received', ({ message }) => got.push(message.payload[0]))

      return got
    })

    await Promise.all(nodes.map(async node => { await node.subscribe(TOPIC) }))

    return { network, nodes, received }
  }

  it('takes an envelope to everybody else on the topic, within the delay', async () => {
    const { nodes, received } = await start(1, 4, { delay: [50, 60] })

    await nodes[3].unsubscribe(TOPIC)
    await nodes[0].send(numbered(7))
    await clock.advance(49)
    expect(received).to.deep.equal([[], [], [], []])
    await clock.advance(11)
    expect(received).to.deep.equal([[], [7], [7], []])
  })

  it('tells the outcome, before send() resolved or after, and a retryable error when nobody was there', async () => {
    const { network, nodes } = await start(2, 2)
    const outcomes: string[] = []
    let early = 0

    nodes[0].events.on('message_sent', () => outcomes.push('sent'))
    nodes[0].events.on('message_error', ({ retryable }) => outcomes.push(`error, retryable: ${retryable}`))

    for (let i = 0; i < 50; i++) {
      await nodes[0].send(numbered(i))
      early += outcomes.length - i === 1 ? 1 : 0
      await clock.advance(50)
    }

    expect(outcomes).to.deep.equal(new Array(50).fill('sent'))
    expect(early).to.be.within(1, 49)

    network.setOnline(1, false)
    expect(nodes[0].subscribers(TOPIC)).to.equal(0)
    await nodes[0].send(numbered(0))
    await clock.advance(50)
    expect(outcomes.at(-1)).to.equal('error, retryable: true')
  })

  it('loses, repeats and reorders at the rates that it was given', async () => {
    const { network, nodes, received } = await start(3, 2, { loss: 0.3, duplicate: 0.2, reorder: 0.5 })

    for (let i = 0; i < 200; i++) {
      await nodes[0].send(numbered(i))
      await clock.advance(10)
    }

    await clock.advance(10_000)
    const [, got] = received
    const distinct = new Set(got)

    expect(distinct.size).to.be.within(120, 160)
    expect(got.length - distinct.size).to.be.within(15, 45)
    expect(got).to.not.deep.equal([...got].sort((a, b) => a - b))
    expect(network.counters).to.include({ transmissions: 200, deliveries: got.length, lost: 200 - distinct.size })
  })

  it('does the same for the same seed, and something else for another', async () => {
    const run = async (seed: number): Promise<number[][]> => {
      clock = new SimulatedClock()
      const { nodes, received } = await start(seed, 3, { loss: 0.3, duplicate: 0.3, reorder: 0.3 })

      for (let i = 0; i < 30; i++) {
        await nodes[i % 3].send(numbered(i))
      }

      await clock.advance(10_000)

      return received
    }

    expect(await run(4)).to.deep.equal(await run(4))
    expect(await run(4)).to.not.deep.equal(await run(5))
  })

  it('keeps partitions apart, loses what is under way, and heals', async () => {
    const { network, nodes, received } = await start(6, 4)

    await nodes[0].send(numbered(1))
    network.partition([[0, 1], [2]])
    await nodes[0].send(numbered(2))
    await nodes[3].send(numbered(3))
    await clock.advance(1_000)
    expect(received.map(got => [...got].sort())).to.deep.equal([[], [1, 2], [], []])

    network.heal()
    await nodes[0].send(numbered(4))
    await clock.advance(1_000)
    expect(received.map(got => got.includes(4))).to.deep.equal([false, true, true, true])
  })

  it('leaves a killed node without a word; what it had sent travels on', async () => {
    const { network, nodes, received } = await start(7, 2)
    let outcomes = 0

    nodes[1].events.on('message_sent', () => outcomes++)
    await nodes[1].send(numbered(1))
    await nodes[0].send(numbered(2))
    network.disconnect(1)
    void nodes[1].send(numbered(3))
    await clock.advance(1_000)

    expect(received).to.deep.equal([[1], []])
    expect(outcomes).to.equal(0)
  })

  it('hands a handler that throws to whoever watches, and goes on', async () => {
    const thrown: unknown[] = []
    const network = new SimulatedNetwork(clock, seededRandom(8), {}, (error, index) => thrown.push([index, error]))
    const [first, second] = [network.connect(0, peerId), network.connect(1, peerId)]
    const error = new Error('handler')

    second.events.on('message_received', () => { throw error })
    await second.subscribe(TOPIC)
    await first.send(numbered(1))
    await clock.advance(1_000)

    expect(thrown).to.deep.equal([[1, error]])
  })

  it('refuses envelopes at the rate that it was given', async () => {
    const { nodes } = await start(9, 2, { refuse: 0.5 })
    let refused = 0

    for (let i = 0; i < 100; i++) {
      await nodes[0].send(numbered(i)).catch(() => { refused++ })
    }

    expect(refused).to.be.within(30, 70)
  })
})
