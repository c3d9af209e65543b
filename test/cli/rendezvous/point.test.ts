import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../../src/cli/cli.js'
import { createNode } from '../../../src/node/index.js'
import { fakeIo } from '../fake-io.js'
import type { FakeIo } from '../fake-io.js'

let folder: string

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-point-')) })
afterAll(async () => { await rm(folder, { recursive: true }) })

function start (args: string[]): { io: FakeIo, stop: () => Promise<number> } {
  const io = fakeIo()
  const ended = run(['rendezvous', '--data', join(folder, 'point'), '--listen', '/ip4/127.0.0.1/tcp/0', ...args], io)

  return {
    io,
    stop: async () => {
      io.interrupt()

      return await ended
    }
  }
}

it('keeps its identity and its registrations', async () => {
  const first = start([])
  const [, address, peerId] = await first.io.until(/^listening (\S+\/p2p\/(\w+))$/m)
  const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], rendezvousPoints: [address] })
  const [registered] = await node.rendezvous.register('oysters')

  expect(registered.ttl).toBe(7200)
  expect(await first.stop()).toBe(0)

  const second = start(['--metrics', '0'])
  const [, url] = await second.io.until(/^metrics (\S+)$/m)

  expect((await second.io.until(/^listening \S+\/p2p\/(\w+)$/m))[1]).toBe(peerId)
  const metrics = (await (await fetch(url)).text()).split('\n')

  // counters too, which nothing has raised yet
  expect(metrics.filter(line => line.startsWith('libp2p_rendezvous_'))).toEqual([
    'libp2p_rendezvous_register 0',
    'libp2p_rendezvous_discover 0',
    'libp2p_rendezvous_refused 0',
    'libp2p_rendezvous_registered 1',
    'libp2p_rendezvous_namespaces 1'
  ])
  expect(await second.stop()).toBe(0)
  await node.stop()
})

it('refuses what is more than --max-registrations, and says so', async () => {
  const point = start(['--data', join(folder, 'small'), '--max-registrations', '1', '--verbose'].slice(2))
  const [, address] = await point.io.until(/^listening (\S+)$/m)
  const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], rendezvousPoints: [address] })

  // one is there from before
  const [refused] = await node.rendezvous.register('pepper')

  expect(refused.error?.name).toBe('RendezvousStatusError')
  await point.io.until(/^\S+ refuse \w+ register "pepper" status=\d00 /m)
  await node.stop()
  expect(await point.stop()).toBe(0)
})

it('announces what it is told to', async () => {
  const point = start(['--announce', '/dns4/point.example.org/tcp/8710'])

  await point.io.until(/^listening \/dns4\/point\.example\.org\/tcp\/8710\/p2p\/\w+$/m)
  expect(await point.stop()).toBe(0)
})
