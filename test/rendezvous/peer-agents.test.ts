import { stubInterface } from 'sinon-ts'
import { expect, it } from 'vitest'
import { PeerAgents } from '../../src/rendezvous/point/peer-agents.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { createPeer, utf8 } from './fixtures.js'
import type { PeerStore } from '@libp2p/interface'

it('asks the peer store once for what a peer said, and again for what it has not said yet', async () => {
  const { id } = await createPeer(1)
  const clock = new SimulatedClock()
  const peerStore = stubInterface<PeerStore>()
  const agents = new PeerAgents(clock, peerStore)
  const says = (agent?: string): void => {
    peerStore.get.resolves({ id, metadata: new Map(agent == null ? [] : [['AgentVersion', utf8(agent)]]) })
  }

  peerStore.get.rejects(new Error('not in here'))
  expect(await agents.isLegacy(id)).toBe(false)
  says('rust-libp2p/0.56.0')
  expect(await agents.isLegacy(id)).toBe(false)
  expect(peerStore.get.callCount).toBe(1)

  await clock.advance(100)
  expect(await agents.isLegacy(id)).toBe(true)
  says('nim-libp2p')
  await clock.advance(1_000_000)
  expect(await agents.isLegacy(id)).toBe(true)
  expect(peerStore.get.callCount).toBe(2)
})

it('knows nothing without a peer store', async () => {
  expect(await new PeerAgents(new SimulatedClock()).isLegacy((await createPeer(1)).id)).toBe(false)
})
