import { expect, it } from 'vitest'
import { PrometheusMetrics } from '../../../src/cli/rendezvous/prometheus.js'
import { SimulatedClock } from '../../../src/testing/index.js'

it('writes counters, gauges and groups', async () => {
  const metrics = new PrometheusMetrics()

  metrics.registerCounter('requests', { help: 'number of\nrequests' }).increment(2)
  metrics.registerCounter('requests').increment()
  metrics.registerMetric('open').update(5)
  metrics.registerMetric('open').decrement(2)
  metrics.registerMetricGroup('by-kind', { label: 'kind' }).increment({ 'a"b': true, c: 3 })
  metrics.registerMetric('calculated', { calculate: async () => 7 })
  metrics.registerMetricGroup('calculated_group', { label: 'kind', calculate: () => ({ x: 1 }) })

  expect(await metrics.text()).toBe(`# HELP requests number of\\nrequests
# TYPE requests counter
requests 3
# HELP open open
# TYPE open gauge
open 3
# HELP by_kind by-kind
# TYPE by_kind gauge
by_kind{kind="a\\"b"} 1
by_kind{kind="c"} 3
# HELP calculated calculated
# TYPE calculated gauge
calculated 7
# HELP calculated_group calculated_group
# TYPE calculated_group gauge
calculated_group{kind="x"} 1
`)
})

it('gives sum and count of what is observed or timed', async () => {
  const clock = new SimulatedClock()
  const metrics = new PrometheusMetrics(clock)
  const stop = metrics.registerHistogram('dial').timer()

  await clock.advance(1_500)
  stop()
  metrics.registerHistogram('dial').observe(0.5)
  metrics.registerSummaryGroup('sizes', { label: 'of' }).observe({ answer: 10 })

  const text = await metrics.text()

  expect(text).toContain('# TYPE dial summary\ndial_sum 2\ndial_count 2\n')
  expect(text).toContain('sizes_sum{of="answer"} 10\nsizes_count{of="answer"} 1\n')
})

it('shows 0 from the start, and again after a reset, where there is no label', async () => {
  const metrics = new PrometheusMetrics()
  const requests = metrics.registerCounter('requests')

  metrics.registerMetric('open')
  metrics.registerSummary('dial')
  metrics.registerCounterGroup('by_kind')

  const atStart = await metrics.text()

  expect(atStart.split('\n').filter(line => !line.startsWith('#'))).toEqual(['requests 0', 'open 0', 'dial_sum 0', 'dial_count 0', ''])

  requests.increment(3)
  requests.reset()
  expect(await metrics.text()).toBe(atStart)
})

it('bounds labels: those beyond count as one', async () => {
  const metrics = new PrometheusMetrics()
  const group = metrics.registerCounterGroup('peers', { label: 'peer' })

  for (let i = 0; i < 1_010; i++) {
    group.increment({ [`peer-${i}`]: true })
  }

  const text = await metrics.text()

  expect(text.split('\n').filter(line => line.startsWith('peers{'))).toHaveLength(1_001)
  expect(text).toContain('peers{peer="other"} 10\n')
})
