import { stubInterface } from 'sinon-ts'
import { expect, it } from 'vitest'
import { PointHarness, createPeer } from './fixtures.js'
import type { Counter, Metric, Metrics } from '@libp2p/interface'

/** The values that a metrics backend would show. */
function fakeMetrics (): { metrics: Metrics, values: Record<string, number> } {
  const values: Record<string, number> = {}
  const metrics = stubInterface<Metrics>()

  metrics.registerCounter.callsFake(((name: string) => {
    values[name] = 0
    const counter = stubInterface<Counter>()
    counter.increment.callsFake((by = 1) => { values[name] += by })

    return counter
  }) as Metrics['registerCounter'])
  metrics.registerMetric.callsFake(((name: string) => {
    const metric = stubInterface<Metric>()
    metric.update.callsFake((value: number) => { values[name] = value })

    return metric
  }) as Metrics['registerMetric'])

  return { metrics, values }
}

it('P41: gauges are right after a refresh, an unknown unregister, an expiry and a restart', async () => {
  const [alice, bob] = await Promise.all([1, 2].map(createPeer))
  const { metrics, values } = fakeMetrics()
  const harness = await PointHarness.start({}, { metrics })
  const held = (): number[] => [values.libp2p_rendezvous_registered, values.libp2p_rendezvous_namespaces]

  expect(held()).toEqual([0, 0])
  await harness.register(alice, 'foo', 7_200)
  await harness.register(alice, 'foo', 7_200)
  await harness.register(bob, 'foo', 10_000)
  await harness.register(bob, 'bar', 10_000)
  expect(held()).toEqual([3, 2])

  await harness.unregister(alice, 'bar')
  await harness.unregister(alice, 'never')
  expect(held()).toEqual([3, 2])

  await harness.unregister(bob, 'bar')
  expect(held()).toEqual([2, 1])

  await harness.point.stop()
  await harness.point.start()
  expect(held()).toEqual([2, 1])

  await harness.clock.advance(7_200_000)
  expect(held()).toEqual([1, 1])
  await harness.clock.advance(10_000_000)
  expect(held()).toEqual([0, 0])

  // two that expire within a second of each other: a request comes before the sweep
  await harness.register(alice, 'foo', 7_200)
  await harness.clock.advance(500)
  await harness.register(bob, 'bar', 7_200)
  await harness.clock.advance(7_199_500)
  expect(held()).toEqual([1, 1])
  await harness.clock.advance(500)
  await harness.discover(alice, 'foo')
  expect(held()).toEqual([0, 0])

  await harness.register(alice, '', 7_200)
  expect(values).toMatchObject({ libp2p_rendezvous_register: 7, libp2p_rendezvous_discover: 1, libp2p_rendezvous_refused: 1 })
})
