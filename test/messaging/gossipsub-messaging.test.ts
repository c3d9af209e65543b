import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeEnvelope, encodeEnvelope, EnvelopeTooLargeError, GossipsubConfigError, gossipsubOptions, messageHash, NoPeersError, PublishQueueFullError } from '../../src/messaging/index.js'
import { envelope, other, peer, self, setup } from './fixtures.js'
import type { Setup } from './fixtures.js'
import type { GossipsubMessagingInit } from '../../src/messaging/index.js'

async function started (init?: GossipsubMessagingInit): Promise<Setup> {
  const made = setup(init)
  await made.messaging.start()
  onTestFinished(async () => { await made.messaging.stop() })

  return made
}

describe('GossipsubMessaging, sending', () => {
  it('publishes to the topic and tells the hash under which it went', async () => {
    const { clock, pubsub, messaging, events } = await started()
    pubsub.setSubscribers('room', [other])
    const requestId = await messaging.send(envelope('room', 'hi'))
    await clock.settle()
    const [{ topic, data }] = pubsub.published

    expect(topic).to.equal('room')
    expect(decodeEnvelope(data)).to.deep.include({ ...envelope('room', 'hi'), timestamp: BigInt(clock.now()) * 1_000_000n })
    expect(events).to.deep.equal([{ type: 'message_sent', requestId, messageHash: messageHash(decodeEnvelope(data)) }])
  })

  it('waits for the first subscriber instead of failing', async () => {
    const { clock, pubsub, messaging, events } = await started()
    const requestId = await messaging.send(envelope('room', 'hi'))
    await clock.advance(5000)
    expect(pubsub.published).to.deep.equal([])
    expect(events).to.deep.equal([])

    pubsub.setSubscribers('elsewhere', [other])
    pubsub.setSubscribers('room', [other])
    await clock.settle()
    expect(events).to.have.lengthOf(1)
    expect(events[0]).to.include({ type: 'message_sent', requestId })
  })

  it('tries again, with another ID, when nobody took it', async () => {
    const { clock, pubsub, messaging, events } = await started()
    pubsub.setSubscribers('room', [other])
    let attempts = 0
    pubsub.taking = () => {
      switch (attempts++) {
        case 0: return []
        case 1: throw new Error('PublishError.Duplicate')
        // as with emitSelf
        case 2: return [self]
        default: return [other]
      }
    }
    await messaging.send(envelope('room', 'hi'))
    await clock.advance(2000)
    const timestamps = pubsub.published.map(({ data }) => decodeEnvelope(data).timestamp)

    expect(attempts).to.equal(4)
    expect(new Set(timestamps).size).to.equal(3)
    expect(events.map(({ type }) => type)).to.deep.equal(['message_sent'])
  })

  it('gives up for now when its patience ends', async () => {
    const { clock, messaging, events } = await started({ patienceMs: 3000 })
    const requestId = await messaging.send(envelope('room', 'hi'))
    await clock.advance(2999)
    expect(events).to.deep.equal([])
    await clock.advance(1)

    expect(events).to.deep.include({ type: 'message_error', requestId, error: events[0].error, retryable: true })
    expect(events[0].error).to.be.instanceOf(NoPeersError)
    expect(clock.pending).to.equal(0)
  })

  it('fails for good when the envelope is too large, and goes on with the next', async () => {
    const { clock, pubsub, messaging, events } = await started({ maxEnvelopeBytes: 200 })
    pubsub.setSubscribers('room', [other])
    const large = await messaging.send(envelope('room', 'x'.repeat(200)))
    const small = await messaging.send(envelope('room', 'x'.repeat(100)))
    await clock.settle()

    expect(events[0]).to.include({ type: 'message_error', requestId: large, retryable: false })
    expect(events[0].error).to.be.instanceOf(EnvelopeTooLargeError)
    expect(events[1]).to.include({ type: 'message_sent', requestId: small })
    expect(pubsub.published).to.have.lengthOf(1)
  })

  it('keeps the order within a topic, and lets no topic wait for another', async () => {
    const { clock, pubsub, messaging } = await started()
    pubsub.setSubscribers('open', [other])

    for (const text of ['1', '2', '3']) {
      await messaging.send(envelope('closed', text))
      await messaging.send(envelope('open', text))
    }

    await clock.settle()
    pubsub.setSubscribers('closed', [other])
    await clock.settle()

    expect(pubsub.published.map(({ topic, data }) => `${topic} ${new TextDecoder().decode(decodeEnvelope(data).payload)}`))
      .to.deep.equal(['open 1', 'open 2', 'open 3', 'closed 1', 'closed 2', 'closed 3'])
  })

  it('gives each transmission of one payload its own ID, and its own request', async () => {
    const { clock, pubsub, messaging, events } = await started()
    pubsub.setSubscribers('room', [other])
    const ids = [await messaging.send(envelope('room', 'hi')), await messaging.send(envelope('room', 'hi'))]
    await clock.settle()

    expect(new Set(ids).size).to.equal(2)
    expect(new Set(events.map(({ messageHash }) => messageHash)).size).to.equal(2)
    expect(decodeEnvelope(pubsub.published[1].data).payload).to.deep.equal(decodeEnvelope(pubsub.published[0].data).payload)
  })

  it('bounds what waits, in bytes', async () => {
    const { clock, pubsub, messaging } = await started({ maxQueuedBytes: 1000 })
    await messaging.send(envelope('room', 'x'.repeat(600)))

    await expect(messaging.send(envelope('room', 'y'.repeat(600)))).rejects.toBeInstanceOf(PublishQueueFullError)
    pubsub.setSubscribers('room', [other])
    await clock.settle()
    await messaging.send(envelope('room', 'y'.repeat(600)))
    await clock.settle()
    expect(pubsub.published).to.have.lengthOf(2)
  })

  it('waits while the streams of those who would get it are full', async () => {
    const { clock, pubsub, messaging } = await started({ maxBacklogBytes: 1000 })
    const rawStream = { writeBufferLength: 1001 }
    pubsub.streamsOutbound.set(other.toString(), { rawStream })
    pubsub.setSubscribers('room', [other])
    await messaging.send(envelope('room', 'hi'))
    await clock.advance(1000)
    expect(pubsub.published).to.have.lengthOf(0)

    rawStream.writeBufferLength = 1000
    await clock.advance(5)
    expect(pubsub.published).to.have.lengthOf(1)
  })

  it('does not wait for ever for a peer that takes nothing', async () => {
    const { clock, pubsub, messaging } = await started({ maxBacklogBytes: 1000, patienceMs: 60_000 })
    const stalled = { writeBufferLength: 5000 }
    const third = await peer(3)
    pubsub.streamsOutbound.set(other.toString(), { rawStream: stalled })
    pubsub.streamsOutbound.set(third.toString(), { rawStream: { writeBufferLength: 0 } })
    pubsub.setSubscribers('room', [other, third])
    await messaging.send(envelope('room', '1'))
    await clock.advance(2000)
    expect(pubsub.published).to.have.lengthOf(1)

    // it stays left out until it drains
    await messaging.send(envelope('room', '2'))
    await clock.settle()
    expect(pubsub.published).to.have.lengthOf(2)
    stalled.writeBufferLength = 0
    await messaging.send(envelope('room', '3'))
    await clock.settle()
    stalled.writeBufferLength = 5000
    await messaging.send(envelope('room', '4'))
    await clock.advance(1000)
    expect(pubsub.published).to.have.lengthOf(3)
  })

  it('refuses what cannot be sent, before anything happens', async () => {
    const { messaging } = setup()
    await expect(messaging.send(envelope('room', 'hi'))).rejects.toMatchObject({ name: 'NotStartedError' })
    await messaging.start()
    await expect(messaging.send(envelope('', 'hi'))).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(messaging.send(envelope('room', 'hi'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    await messaging.stop()
  })

  it.each(['patienceMs', 'maxEnvelopeBytes', 'maxQueuedBytes', 'maxBacklogBytes'])('refuses a %s of 0', name => {
    expect(() => setup({ [name]: 0 })).to.throw().with.property('name', 'InvalidParametersError')
  })
})

describe('GossipsubMessaging, receiving', () => {
  it('tells envelopes on subscribed topics, with the relaying peer', async () => {
    const { pubsub, messaging, events } = await started()
    await messaging.subscribe('room')
    const data = encodeEnvelope(envelope('room', 'hi'), 5n)
    pubsub.receive('room', data)
    pubsub.receive('another app', data)

    expect(events).to.have.lengthOf(1)
    expect(events[0]).to.deep.include({ type: 'message_received', from: other, messageHash: messageHash({ ...envelope('room', 'hi'), timestamp: 5n }) })
    expect(events[0].message).to.deep.equal({ ...envelope('room', 'hi'), timestamp: 5n })
  })

  it('drops and counts noise, misplaced and oversized envelopes', async () => {
    const { pubsub, messaging, events } = await started({ maxEnvelopeBytes: 300 })
    await messaging.subscribe('room')
    pubsub.receive('room', new Uint8Array(50).fill(255))
    pubsub.receive('room', encodeEnvelope(envelope('room', 'x'.repeat(300)), 1n))
    pubsub.receive('room', encodeEnvelope(envelope('other room', 'hi'), 1n))
    pubsub.receive('room', encodeEnvelope(envelope('room', 'our own'), 1n), self)

    expect(events).to.deep.equal([])
    expect(messaging.counters).to.include({ received: 0, malformed: 2, misplaced: 1 })
  })

  it('waku: shares a shard between content topics, and drops what belongs on another', async () => {
    const { pubsub, messaging, events } = setup({ profile: 'waku' })
    pubsub.msgIdFn = gossipsubOptions({ profile: 'waku' }).msgIdFn
    await messaging.start()
    const shard = '/waku/2/rs/1/3'
    await messaging.subscribe('/toychat/2/huilong/proto')
    await messaging.subscribe('/toychat/2/other/proto')
    expect([...pubsub.topics]).to.deep.equal([shard])

    pubsub.receive(shard, encodeEnvelope(envelope('/toychat/2/huilong/proto', 'hi'), 1n))
    pubsub.receive(shard, encodeEnvelope(envelope('/toychat/2/nobody/proto', 'hi'), 1n))
    pubsub.receive(shard, encodeEnvelope(envelope('/myapp/1/latest/proto', 'hi'), 1n))
    pubsub.receive(shard, encodeEnvelope(envelope('not a topic', 'hi'), 1n))
    expect(events).to.have.lengthOf(1)
    expect(events[0].messageHash).to.equal(messageHash({ ...envelope('/toychat/2/huilong/proto', 'hi'), timestamp: 1n }, shard))
    expect(messaging.counters.misplaced).to.equal(2)

    await messaging.unsubscribe('/toychat/2/huilong/proto')
    expect([...pubsub.topics]).to.deep.equal([shard])
    await messaging.unsubscribe('/toychat/2/other/proto')
    expect([...pubsub.topics]).to.deep.equal([])
    await messaging.stop()
  })

  it('P08: ends a subscription with its last owner', async () => {
    const { pubsub, messaging } = await started()
    await messaging.subscribe('room')
    await messaging.subscribe('room')
    await messaging.unsubscribe('room')
    expect(pubsub.topics.has('room')).to.equal(true)
    await messaging.unsubscribe('room')
    expect(pubsub.topics.has('room')).to.equal(false)
    await messaging.unsubscribe('room')
    await messaging.subscribe('room')
    expect(pubsub.topics.has('room')).to.equal(true)
  })

  it('counts subscribers', async () => {
    const { pubsub, messaging } = await started()
    expect(messaging.subscribers('room')).to.equal(0)
    pubsub.setSubscribers('room', [other])
    expect(messaging.subscribers('room')).to.equal(1)
  })

  it('tells when the number of subscribers changed, also when a peer went without a word', async () => {
    const { pubsub, messaging } = await started()
    const changes: string[] = []
    const stop = messaging.onSubscribersChange(contentTopic => { changes.push(`${contentTopic} ${messaging.subscribers(contentTopic)}`) })
    messaging.onSubscribersChange(() => { throw new Error('the application\'s') })
    await messaging.subscribe('room')

    pubsub.setSubscribers('elsewhere', [other])
    pubsub.setSubscribers('room', [other])
    pubsub.setSubscribers('room', [other])
    expect(changes).to.deep.equal(['room 1'])

    pubsub.disconnectAll()
    pubsub.safeDispatchEvent('gossipsub:heartbeat')
    pubsub.safeDispatchEvent('gossipsub:heartbeat')
    expect(changes).to.deep.equal(['room 1', 'room 0'])

    stop()
    pubsub.setSubscribers('room', [other])
    expect(changes).to.have.lengthOf(2)
  })

  it('survives a listener that throws', async () => {
    const { pubsub, messaging } = await started()
    messaging.events.on('message_received', () => { throw new Error('the application\'s') })
    await messaging.subscribe('room')
    pubsub.receive('room', encodeEnvelope(envelope('room', 'hi'), 1n))
    pubsub.receive('room', encodeEnvelope(envelope('room', 'hi'), 2n))

    expect(messaging.counters.received).to.equal(2)
  })
})

describe('GossipsubMessaging, life', () => {
  it('P45: starts and stops any number of times, keeps subscriptions and leaves no listener', async () => {
    const { clock, pubsub, messaging, events } = setup()
    await messaging.subscribe('room')
    expect(pubsub.topics.size).to.equal(0)

    for (let i = 0; i < 3; i++) {
      await Promise.all([messaging.start(), messaging.start()])
      expect(pubsub.listeners).to.equal(3)
      expect([...pubsub.topics]).to.deep.equal(['room'])
      pubsub.receive('room', encodeEnvelope(envelope('room', 'hi'), BigInt(i)))
      await messaging.stop()
      await messaging.stop()
      expect(pubsub.listeners).to.equal(0)
      expect(pubsub.topics.size).to.equal(0)
      pubsub.receive('room', encodeEnvelope(envelope('room', 'late'), BigInt(i)))
    }

    expect(events).to.have.lengthOf(3)
    expect(clock.pending).to.equal(0)
  })

  it('ends what waits when it stops, so that it can be tried again', async () => {
    const { clock, messaging, events } = await started()
    const requestId = await messaging.send(envelope('room', 'hi'))
    await clock.settle()
    await messaging.stop()

    expect(events).to.have.lengthOf(1)
    expect(events[0]).to.include({ type: 'message_error', requestId, retryable: true })
    await clock.advance(60_000)
    expect(events).to.have.lengthOf(1)
    expect(clock.pending).to.equal(0)
  })

  it('refuses a node that does not fit, leaves nothing behind, and starts once it fits', async () => {
    const { pubsub, messaging } = setup()
    await messaging.subscribe('room')
    pubsub.globalSignaturePolicy = 'StrictSign'
    await expect(messaging.start()).rejects.toBeInstanceOf(GossipsubConfigError)
    expect(messaging.isStarted()).to.equal(false)
    expect([pubsub.listeners, pubsub.topics.size]).to.deep.equal([0, 0])

    pubsub.globalSignaturePolicy = 'StrictNoSign'
    await messaging.start()
    expect(messaging.isStarted()).to.equal(true)
    await messaging.stop()
  })

  it('stops after a gossipsub that was stopped first', async () => {
    const { pubsub, messaging } = await started()
    await messaging.subscribe('room')
    pubsub.unsubscribe = () => { throw new Error('Pubsub is not started') }

    await messaging.stop()
    expect(pubsub.listeners).to.equal(0)
  })
})
