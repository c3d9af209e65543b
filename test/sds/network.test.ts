import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { ofType } from './support/member.js'
import { Network } from './support/network.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

/** Each message after everything that its sender had delivered or sent before it, cited or not. */
function checkCausality (member: Member, before: Map<string, string[]>): void {
  const place = new Map(member.delivered.map((id, i) => [id, i]))

  expect(place.size, 'each once').toBe(member.delivered.length)

  for (const id of member.delivered) {
    const at = place.get(id) ?? -1
    const late = before.get(id)?.filter(earlier => (place.get(earlier) ?? -1) > at)

    expect(late, `${id} came before what its sender knew`).toEqual([])
  }
}

describe('sds: members on a bad link', () => {
  it.each(Array.from({ length: 24 }, (_, i) => i + 1))('P66: everybody has everything, in causal order, once; seed %i', (seed) => {
    const network = new Network({ members: 4, seed, loss: 0.2, duplication: 0.2, maxDelay: 400 })
    const before = new Map<string, string[]>()
    const sent: string[] = []

    for (let i = 0; i < 60; i++) {
      const from = Math.floor(network.random.float() * 4)
      const known = network.members[from].log()
      const id = network.send(from, `message ${i}`)
      sent.push(id)
      before.set(id, known)
      network.run(network.random.float() * 800)
    }

    network.run(300_000)
    network.loss = 0
    network.run(120_000)

    for (const member of network.members) {
      const own = sent.filter(id => member.sds.entry(id)?.senderId === member.senderId)

      expect(member.log().length, member.senderId).toBe(60)
      expect(member.log()).toEqual(network.members[0].log())
      expect(ofType(member.effects, 'lost')).toEqual([])
      expect(ofType(member.effects, 'rejected')).toEqual([])
      expect(member.delivered.length + own.length).toBe(60)
      expect(own.map(id => member.sds.acknowledgement(id))).toEqual(own.map(() => 'acknowledged'))
      expect(member.sds.status()).toMatchObject({ unacknowledged: 0, parked: 0, missing: 0 })
      checkCausality(member, before)
    }
  })
})
