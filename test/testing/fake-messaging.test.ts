import { describe, expect, it } from 'vitest'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import type { MessageEnvelope } from '../../src/messaging/types.js'

const envelope: MessageEnvelope = { contentTopic: '/cats', payload: Uint8Array.of(1), ephemeral: false, meta: new Uint8Array() }

describe('createFakeMessaging', () => {
  it('confirms by itself, after send() resolved', async () => {
    const messaging = createFakeMessaging({ confirm: 'auto' })
    const order: string[] = []

    messaging.events.on('message_sent', ({ requestId }) => order.push(`sent ${requestId}`))
    const requestId = await messaging.send(envelope)
    order.push(`resolved ${requestId}`)
    await new Promise(resolve => { setImmediate(resolve) })

    expect(order).to.deep.equal([`resolved ${requestId}`, `sent ${requestId}`])
    expect(messaging.sent).to.deep.equal([{ requestId, envelope }])
  })

  it('leaves outcomes to the test', async () => {
    const messaging = createFakeMessaging()
    const outcomes: unknown[] = []

    messaging.events.on('message_sent', ({ requestId }) => outcomes.push(requestId))
    messaging.events.on('message_error', event => outcomes.push(event))
    const first = await messaging.send(envelope)
    const second = await messaging.send(envelope)
    const error = new Error('no')

    expect(outcomes).to.deep.equal([])
    messaging.confirm(second)
    messaging.fail(first, error, true)
    expect(outcomes).to.deep.equal([second, { requestId: first, error, retryable: true }])
  })

  it('delivers on subscribed topics alone', async () => {
    const messaging = createFakeMessaging()
    const received: MessageEnvelope[] = []

    messaging.events.on('message_received', ({ message }) => received.push(message))
    messaging.receive(envelope)
    await messaging.subscribe('/cats')
    messaging.receive(envelope)
    await messaging.unsubscribe('/cats')
    messaging.receive(envelope)

    expect(received).to.deep.equal([envelope])
    expect(messaging.topics.size).to.equal(0)
  })

  it('rejects sends and counts subscribers as told', async () => {
    const messaging = createFakeMessaging({ subscribers: 0 })

    expect(messaging.subscribers('/cats')).to.equal(0)
    messaging.setSubscribers(3)
    expect(messaging.subscribers('/cats')).to.equal(3)
    messaging.rejectSends(new Error('down'))
    await expect(messaging.send(envelope)).rejects.toThrow('down')
    messaging.rejectSends()
    await messaging.send(envelope)
    expect(messaging.sent).to.have.length(1)
    await expect(messaging.send(envelope, { signal: AbortSignal.abort() })).rejects.toThrow()
  })
})
