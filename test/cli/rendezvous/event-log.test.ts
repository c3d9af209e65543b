import { expect, it } from 'vitest'
import { logEvents, quote } from '../../../src/cli/rendezvous/event-log.js'
import { PointHarness, createPeer } from '../../rendezvous/fixtures.js'

it('prints one line for each event', async () => {
  const [alice, bob] = await Promise.all([1, 2].map(createPeer))
  const harness = await PointHarness.start()
  const lines: string[] = []
  logEvents(harness.point, harness.clock, line => { lines.push(line) })

  await harness.register(alice, 'foo', 7_200)
  await harness.register(alice, 'foo', 7_300)
  await harness.register(alice, 'a "b"\n', 10_000)
  await harness.discover(bob, 'foo')
  await harness.discover(bob)
  await harness.register(bob, 'foo', 1)
  await harness.register(bob, '')
  await harness.unregister(alice, 'foo')
  await harness.unregister(alice, '')
  await harness.send(bob, new Uint8Array(20).fill(0xff))
  await harness.clock.advance(10_000_000)

  const [a, b] = [alice, bob].map(({ id }) => id.toString())
  const at = '2025-01-01T00:00:00.000Z'

  expect(lines).toEqual([
    `${at} register ${a} "foo" ttl=7200`,
    `${at} refresh ${a} "foo" ttl=7300`,
    `${at} register ${a} "a \\"b\\"\\n" ttl=10000`,
    `${at} discover ${b} "foo" returned=1`,
    `${at} discover ${b} "" returned=2`,
    `${at} refuse ${b} register "foo" status=102 "a TTL is 7200 to 259200 seconds"`,
    `${at} refuse ${b} register "" status=100 "a namespace is 1 to 255 bytes of UTF-8"`,
    `${at} unregister ${a} "foo"`,
    `${at} refuse ${a} unregister "" status=100 "a namespace is 1 to 255 bytes of UTF-8"`,
    expect.stringMatching(new RegExp(`^${at} reset ${b} ".+"$`)),
    `2025-01-01T02:46:40.000Z expire ${a} "a \\"b\\"\\n"`
  ])
})

it('quotes namespaces: peers choose them', () => {
  expect(quote('a"\n\u001b[2J\u0085\u202e')).toBe('"a\\"\\n\\u001b[2J\\u0085\\u202e"')
})
