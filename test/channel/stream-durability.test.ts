import { describe, expect, test } from 'vitest'
import { CrashableDatastore } from '../../src/testing/crashable-datastore.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { collect, device } from './harness.js'
import type { MessageEnvelope } from '../../src/messaging/index.js'

const CONFIG = { segmentation: { segmentSizeBytes: 512, streamSegments: 4, parityRate: 0.25 } }
const SIZE = 4_000

async function * source (): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < SIZE; at += 500) {
    yield Uint8Array.from({ length: 500 }, (_, i) => (at + i) * 31 >> 3)
  }
}

/** Another source that never comes to its end. */
async function * stalled (): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3_000)
  await new Promise(() => {})
}

async function envelopes (): Promise<MessageEnvelope[]> {
  const alice = await device({ name: 'alice' })
  const channel = await alice.open('tea', CONFIG)
  const requestId = await channel.sendStream(source(), { size: SIZE })

  await alice.clock.until(channel.settled(requestId, 'sent'))

  return alice.messaging.sent.map(({ envelope }) => envelope)
}

/** Keys of what is stored of segments and frames. */
async function frames (datastore: CrashableDatastore): Promise<string[]> {
  const found: string[] = []

  for await (const key of datastore.queryKeys({})) {
    found.push(key.toString())
  }

  return found.filter(key => /seg\/[cfs]\/\d/.test(key))
}

describe('streams and crashes', () => {
  test('a receiver that crashes after any segment has the stream once, and whole', async () => {
    const sent = await envelopes()
    const whole = Buffer.concat(await collect(source()))

    for (let crashAt = 0; crashAt <= sent.length; crashAt++) {
      const clock = new SimulatedClock()
      let datastore = new CrashableDatastore()
      let bob = await device({ name: 'bob', clock, datastore })
      let channel = await bob.open('tea', CONFIG)
      let told = 0

      for (const [i, envelope] of [...sent, undefined].entries()) {
        if (i === crashAt) {
          // as far as it was written, at once or a moment later
          await (crashAt % 2 === 0 ? Promise.resolve() : clock.advance(50))
          told += bob.of('reliable:message:received').length
          datastore = datastore.restart()
          bob = await device({ name: 'bob', clock, datastore })
          channel = await bob.open('tea', CONFIG)

          // what came before may have been lost with the crash: it comes again
          for (const again of sent.slice(0, crashAt)) {
            bob.messaging.receive(again)
            await clock.settle()
          }
        }

        if (envelope != null) {
          bob.messaging.receive(envelope)
          await clock.settle()
        }
      }

      await clock.advance(1_000)

      const [message, ...others] = await collect(channel.history())

      expect(told + bob.of('reliable:message:received').length, `crash at ${crashAt}`).toBeLessThanOrEqual(1)
      expect(others).toEqual([])
      expect(message).toMatchObject({ streamed: true, size: SIZE })
      expect(Buffer.compare(Buffer.concat(await collect(channel.content(message.messageId))), whole)).toBe(0)
      await bob.channels.closeChannel('tea')
    }
  }, 60_000)

  test('a sender whose process ends before the source does says so, and leaves nothing of the stream', async () => {
    const clock = new SimulatedClock()
    const datastore = new CrashableDatastore()
    const alice = await device({ clock, datastore })
    const channel = await alice.open('tea', CONFIG)
    const requestId = await channel.sendStream(stalled(), { size: SIZE })

    await clock.advance(1_000)
    expect(channel.request(requestId)?.state).toBe('sending')

    const disk = datastore.restart()
    const again = await device({ clock, datastore: disk })
    const reopened = await again.open('tea', CONFIG)

    await clock.advance(1_000)
    expect(again.of('reliable:message:send-error')).toMatchObject([{ requestId, error: { name: 'StreamInterruptedError' } }])
    expect(reopened.request(requestId)?.state).toBe('send-error')
    expect(await collect(reopened.history())).toEqual([])

    // the frames that were staged go when nothing comes to them any more
    expect(await frames(disk)).not.toEqual([])
    await clock.advance(600_000)
    await reopened.close()
    expect(await frames(disk)).toEqual([])
  })

  test('a sender whose stream is staged whole sends the rest of it after a crash', async () => {
    const clock = new SimulatedClock()
    const datastore = new CrashableDatastore()
    const alice = await device({ clock, datastore, confirm: 'manual' })
    const channel = await alice.open('tea', { ...CONFIG, sending: { maxInFlight: 2 } })
    const requestId = await channel.sendStream(source(), { size: SIZE })

    // confirmed one by one, until all of it is in the log and some is not sent
    for (let i = 0; await channel.count({ own: true }) === 0; i++) {
      await clock.settle()
      alice.messaging.confirm(`request-${i}`)
    }

    await clock.settle()
    expect(channel.request(requestId)?.state).toBe('sending')

    const again = await device({ clock, datastore: datastore.restart() })
    const reopened = await again.open('tea', CONFIG)

    await clock.until(reopened.settled(requestId, 'sent'))

    const [message] = await collect(reopened.history())

    expect(Buffer.concat(await collect(reopened.content(message.messageId)))).toEqual(Buffer.concat(await collect(source())))
  })
})
