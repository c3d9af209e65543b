import type { ChannelEvents, ChannelStatus, EventSource } from './types.js'
import type { Metrics } from '@libp2p/interface'

/** Events that are counted, by the label under which they are. */
const COUNTED = {
  queued: 'reliable:message:queued',
  sent: 'reliable:message:sent',
  delivered: 'reliable:message:delivered',
  send_error: 'reliable:message:send-error',
  delivery_error: 'reliable:message:delivery-error',
  receipt: 'reliable:message:receipt',
  received: 'reliable:message:received',
  lost: 'reliable:message:lost'
} as const satisfies Record<string, keyof ChannelEvents>

/** Numbers of `ChannelStatus` that are added up over the open channels. */
const SUMMED = ['queued', 'inFlight', 'unacknowledged', 'parked', 'missing'] as const satisfies Array<keyof ChannelStatus>

/**
 * Registers the metrics of a manager's channels:
 *
 * - `holdfast_channel_messages_total`, by `event`: what happened to messages
 * - `holdfast_channel_payload_bytes_total`, by `direction`: bytes of payloads that were queued and received
 * - `holdfast_channel_errors_total`, by `error`: what `reliable:channel:error` counted, by the error's name
 * - `holdfast_channels`: open channels
 * - `holdfast_channel_waiting`, by `what`: requests, envelopes and messages that wait, over all channels
 */
export function registerChannelMetrics (metrics: Metrics, events: EventSource<ChannelEvents>, statuses: () => ChannelStatus[]): void {
  const messages = metrics.registerCounterGroup('holdfast_channel_messages_total', { label: 'event', help: 'What happened to messages' })
  const bytes = metrics.registerCounterGroup('holdfast_channel_payload_bytes_total', { label: 'direction', help: 'Bytes of payloads' })
  const errors = metrics.registerCounterGroup('holdfast_channel_errors_total', { label: 'error', help: 'Errors that nobody called for' })

  for (const [label, type] of Object.entries(COUNTED)) {
    events.on(type, () => { messages.increment({ [label]: true }) })
  }

  events.on('reliable:message:queued', ({ size }) => { bytes.increment({ out: size }) })
  events.on('reliable:message:received', ({ size }) => { bytes.increment({ in: size }) })
  events.on('reliable:channel:error', ({ error, count }) => { errors.increment({ [error.name]: count }) })

  metrics.registerMetric('holdfast_channels', { help: 'Open channels', calculate: () => statuses().length })
  metrics.registerMetricGroup('holdfast_channel_waiting', {
    label: 'what',
    help: 'What waits, over all open channels',
    calculate: () => {
      const all = statuses()

      return Object.fromEntries(SUMMED.map(name => [name, all.reduce((sum, status) => sum + status[name], 0)]))
    }
  })
}
