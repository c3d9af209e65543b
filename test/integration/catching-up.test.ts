import { TopicValidatorResult } from '@libp2p/gossipsub'
import { expect, test } from 'vitest'
import { Ear, folder, history, located, node, open, point, SDS, send, texts, until, utf8 } from './harness.js'
import type { Channel, HoldfastNode } from '../../src/index.js'
import type { GossipSub } from '@libp2p/gossipsub'

/** No repair by gossip while a test runs: what comes, comes from the exchange. */
const NO_REPAIR = { ...SDS, repairMinMs: 30_000, repairMaxMs: 60_000, lostAfterMs: 180_000 }

const HUNDRED = Array.from({ length: 100 }, (_, i) => `message ${i}`)

test('a member that was offline while a hundred messages were said has them all when it is back, once and in order', async () => {
  const { addresses } = await point()
  const [alice, bob] = await Promise.all([0, 1].map(async () => await node({ rendezvousPoints: addresses })))
  const carol = await node({ rendezvousPoints: addresses, storage: await folder() })
  const [a, b, c] = await Promise.all([alice, bob, carol].map(async on => await open(on, { sds: NO_REPAIR })))
  const [atA, atB, atC] = [a, b, c].map(channel => new Ear(channel))

  await located([alice, bob, carol], 2)
  await send(a, 'before')
  await Promise.all([atB.hears(1), atC.hears(1)])
  await carol.stop()

  // two who take turns, so that each message has heard the one before
  for (const [i, said] of HUNDRED.entries()) {
    await send(i % 2 === 0 ? a : b, said)
    await (i % 2 === 0 ? atB : atA).hearsText(said)
  }

  await carol.start()
  await atC.hears(101)
  expect(texts(atC.received)).toEqual(['before', ...HUNDRED])
  expect(await history(c)).toEqual(['before', ...HUNDRED])
  expect(atC.lost).toEqual([])

  await send(b, 'welcome back')
  await Promise.all([atA, atC].map(async ear => { await ear.hearsText('welcome back') }))
  expect(atC.received).toHaveLength(102)
  expect(await history(c)).toEqual(await history(a))
})

interface Past {
  addresses: string[]
  members: HoldfastNode[]
  channels: Channel[]
}

/** Two members, one of which said these a while ago. */
async function past (said: string[]): Promise<Past> {
  const { addresses } = await point()
  const members = await Promise.all([0, 1].map(async () => await node({ rendezvousPoints: addresses })))
  const channels = await Promise.all(members.map(async on => await open(on)))
  const ear = new Ear(channels[1])

  await located(members, 1)

  await Promise.all(said.map(async payload => {
    const request = await channels[0].send(utf8(payload), { whenFull: 'wait' })

    await channels[0].settled(request, 'delivered')
  }))
  await ear.hears(said.length)

  // gossipsub hands on what was said in the last seconds to whoever comes, which is news to them
  await Promise.all(members.map(async member => { await member.stop() }))
  await Promise.all(members.map(async member => { await member.start() }))

  return { addresses, members, channels }
}

test('a newcomer with history.join full has the whole past in its history, and not as news', async () => {
  const said = Array.from({ length: 1_100 }, (_, i) => `message ${i}`)
  const { addresses, channels } = await past(said)
  const newcomer = await node({ rendezvousPoints: addresses })
  const late = await open(newcomer, { history: { join: 'full' } })
  const ear = new Ear(late)

  await late.ready('synced')
  expect(await history(late)).toEqual(said)
  expect(ear.received).toEqual([])
  expect(ear.lost).toEqual([])

  await send(channels[0], 'news')
  await ear.hears(1)
  expect(texts(ear.received)).toEqual(['news'])
  expect(await history(late)).toEqual([...said, 'news'])

  // the newest thousand are what is recent
  const other = await open(await node({ rendezvousPoints: addresses }), { history: { join: 'recent' } })
  const atOther = new Ear(other)

  await other.ready('synced')
  expect(await history(other)).toEqual([...said, 'news'].slice(-1_000))
  expect(atOther.received).toEqual([])
}, 40_000)

test('a newcomer with history.join none gets the first live message at once, and nothing old', async () => {
  const { addresses, members, channels } = await past(HUNDRED)
  const newcomer = await node({ rendezvousPoints: addresses })
  const late = await open(newcomer, { history: { join: 'none' } })
  const ear = new Ear(late)

  await located([newcomer, ...members], 1)
  await until(channels[0], ['reliable:channel:status'], () => channels[0].status().peers >= 2)

  const request = await send(channels[0], 'news')
  const sentAt = Date.now()

  await ear.hearsText('news')
  // far below the time for which a gap would have been waited for
  expect(Date.now() - sentAt).toBeLessThan(5_000)
  await channels[0].settled(request, 'delivered')
  expect(texts(ear.received)).toEqual(['news'])
  expect(await history(late)).toEqual(['news'])
  expect(ear.lost).toEqual([])
  expect(late.status().missing).toBe(0)
})

test('a member whose network was away for a while has everything when it is back', async () => {
  const { addresses } = await point()
  const [alice, bob] = await Promise.all([0, 1].map(async () => await node({ rendezvousPoints: addresses })))
  let away = false
  const connectionGater = { denyDialPeer: () => away, denyDialMultiaddr: () => away, denyInboundConnection: () => away }
  const carol = await node({ rendezvousPoints: addresses, libp2p: { connectionGater } })
  const [a, b, c] = await Promise.all([alice, bob, carol].map(async on => await open(on, { sds: NO_REPAIR })))
  const [atB, atC] = [b, c].map(channel => new Ear(channel))

  await located([alice, bob, carol], 2)
  await send(a, 'before')
  await atC.hears(1)
  away = true
  await Promise.all(carol.libp2p.getConnections().map(async connection => { connection.abort(new Error('no network')) }))

  for (const said of HUNDRED) {
    await send(a, said)
  }

  await atB.hears(101)
  // said while nobody listens: it waits
  const lonely = await send(c, 'nobody hears me')

  away = false
  carol.discovery.resetWalkers()
  await atC.hears(101)
  expect(texts(atC.received)).toEqual(['before', ...HUNDRED])
  expect(atC.lost).toEqual([])
  await c.settled(lonely, 'delivered')
  await atB.hearsText('nobody hears me')
  expect(await history(b)).toEqual(await history(c))
})

test('what gossip lost on the way to one member is fetched by the exchange, and comes in its place', async () => {
  const { addresses } = await point()
  const [alice, bob] = await Promise.all([0, 1].map(async () => await node({ rendezvousPoints: addresses })))
  const deaf = await node({ rendezvousPoints: addresses })
  // and nothing is sent twice
  const sds = { ...NO_REPAIR, acknowledgementTimeoutMs: 60_000 }
  const [a, , c] = await Promise.all([alice, bob, deaf].map(async on => await open(on, { sds })))
  const ear = new Ear(c)
  const { topicValidators } = deaf.libp2p.services.pubsub as GossipSub
  const topic = (deaf.libp2p.services.pubsub as GossipSub).getTopics()[0]
  let dropped = 0

  await located([alice, bob, deaf], 2)
  await send(a, 'one')
  await ear.hears(1)

  topicValidators.set(topic, () => {
    dropped++

    return TopicValidatorResult.Ignore
  })
  await send(a, 'two')
  await send(a, 'three')
  await expect.poll(() => dropped).toBeGreaterThanOrEqual(2)
  topicValidators.delete(topic)

  await send(a, 'four')
  await ear.hears(4)
  expect(texts(ear.received)).toEqual(['one', 'two', 'three', 'four'])
  expect(ear.lost).toEqual([])
})
