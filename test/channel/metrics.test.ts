import { expect, test } from 'vitest'
import { ChannelManager } from '../../src/channel/index.js'
import { plaintext } from '../../src/encryption/index.js'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import type { Metrics } from '@libp2p/interface'

/** Metrics that can be read back. */
function readableMetrics (): { metrics: Metrics, read (): Promise<Record<string, unknown>> } {
  const counters: Record<string, Record<string, number>> = {}
  const calculated: Record<string, () => unknown> = {}
  const group = (name: string): { increment (by: Record<string, number | true>): void } => {
    const values: Record<string, number> = counters[name] = {}

    return {
      increment: by => {
        for (const [label, count] of Object.entries(by)) {
          values[label] = (values[label] ?? 0) + (count === true ? 1 : count)
        }
      }
    }
  }
  const register = (name: string, options: { calculate? (): unknown } = {}): unknown => {
    if (options.calculate == null) {
      return group(name)
    }

    calculated[name] = options.calculate

    return undefined
  }

  return {
    metrics: { registerCounterGroup: register, registerMetric: register, registerMetricGroup: register } as unknown as Metrics,
    read: async () => ({ ...counters, ...Object.fromEntries(await Promise.all(Object.entries(calculated).map(async ([name, calculate]) => [name, await calculate()]))) })
  }
}

test('metrics tell what happened and what waits', async () => {
  const { metrics, read } = readableMetrics()
  const clock = new SimulatedClock()
  const messaging = createFakeMessaging({ confirm: 'manual' })
  const channels = new ChannelManager({ messaging, clock, metrics })

  await channels.start()

  const channel = await channels.createChannel('tea', { encryption: plaintext() })

  await channel.send(new Uint8Array(10))
  await channel.send(new Uint8Array(20))
  await clock.settle()
  messaging.confirm(messaging.sent[0].requestId)
  await clock.settle()
  expect(await read()).toEqual({
    holdfast_channel_messages_total: { queued: 2, sent: 1 },
    holdfast_channel_payload_bytes_total: { out: 30 },
    holdfast_channel_errors_total: {},
    holdfast_channels: 1,
    holdfast_channel_waiting: { queued: 1, inFlight: 1, unacknowledged: 2, parked: 0, missing: 0 }
  })
  await channel.close()
  expect(await read()).toMatchObject({ holdfast_channels: 0 })
})
