import type { Metrics } from '@libp2p/interface'

/** Counters of the exchange. */
export interface ExchangeMetrics {
  sent (bytes: number, messages: number): void
  received (bytes: number): void
  /** bytes that were here already, or that nobody had asked for */
  wasted (bytes: number): void
  invalid (): void
  timeout (): void
  /** a proof that fits no channel */
  denied (): void
}

/** Registers with libp2p's metrics, if there are any. */
export function exchangeMetrics (metrics?: Metrics): ExchangeMetrics {
  const bytes = metrics?.registerCounterGroup('holdfast_exchange_bytes_total', { label: 'kind', help: 'Bytes of payloads' })
  const events = metrics?.registerCounterGroup('holdfast_exchange_events_total', { label: 'kind', help: 'What happened in the exchange' })

  return {
    sent: (count, messages) => {
      bytes?.increment({ sent: count })
      events?.increment({ sent: messages })
    },
    received: (count) => {
      bytes?.increment({ received: count })
      events?.increment({ received: true })
    },
    wasted: (count) => { bytes?.increment({ wasted: count }) },
    invalid: () => { events?.increment({ invalid: true }) },
    timeout: () => { events?.increment({ timeout: true }) },
    denied: () => { events?.increment({ denied: true }) }
  }
}
