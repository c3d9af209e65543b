import { afterEach, describe, expect, it } from 'vitest'
import { publicDiscoveryKey } from '../../src/discovery/index.js'
import { createNode, createPoint } from './nodes.js'
import type { Node } from './nodes.js'
import type { Libp2p } from '@libp2p/interface'

const KEYS = [publicDiscoveryKey('cats')]

describe('10 nodes over TCP', () => {
  const nodes: Node[] = []
  let point: Libp2p

  afterEach(async () => { await Promise.all([point, ...nodes.splice(0)].map(async node => { await node.stop() })) })

  it('heals a partition within 30 s although the rendezvous point has gone away', async () => {
    point = await createPoint()
    const side = new Map<string, number>()
    let isCut = false

    for (let i = 0; i < 10; i++) {
      const node: Node = await createNode({
        points: point.getMultiaddrs(),
        denies: peer => isCut && side.get(peer.toString()) !== side.get(node.peerId.toString())
      })
      nodes.push(node)
      side.set(node.peerId.toString(), i % 2)
    }

    const channels = nodes.map(node => node.services.discovery.join({ channelId: 'cats', keys: KEYS }))
    const isWhole = (): boolean => reachable(nodes).size === nodes.length

    await until(() => isWhole() && channels.every(channel => channel.peers().length === 9))

    const failedBefore = nodes.map(node => node.services.discovery.stats().dialsFailed)
    const cut = async (): Promise<void> => {
      await Promise.all(nodes.flatMap(node => nodes
        .filter(other => side.get(other.peerId.toString()) !== side.get(node.peerId.toString()))
        .map(async other => { await node.hangUp(other.peerId) })))
    }

    await point.stop()
    isCut = true
    // until the members of the other side have been found unreachable; a dial may be on its way while the cut is made
    await until(async () => {
      await cut()

      return nodes.every((node, i) => node.services.discovery.stats().dialsFailed > failedBefore[i])
    })
    expect(reachable(nodes).size).toBe(5)
    expect(reachable([...nodes].reverse()).size).toBe(5)

    isCut = false
    const healedFrom = performance.now()
    await until(isWhole)
    expect(performance.now() - healedFrom).toBeLessThan(30_000)
  }, 60_000)
})

/** Who can be reached from the first node over open connections. */
function reachable (nodes: Node[]): Set<string> {
  const found = new Set<string>([nodes[0].peerId.toString()])

  for (const peer of found) {
    const node = nodes.find(({ peerId }) => peerId.toString() === peer)

    for (const other of node?.getPeers() ?? []) {
      // the point is no bridge
      if (nodes.some(({ peerId }) => peerId.equals(other))) {
        found.add(other.toString())
      }
    }
  }

  return found
}

/** Looks every 50 ms of real time; the test's own timeout ends it. */
async function until (holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) {
    await new Promise(resolve => { setTimeout(resolve, 50) })
  }
}
