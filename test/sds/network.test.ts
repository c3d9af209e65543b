import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { ofType } from './support/member.js'
import { Network } from './support/network.js'
import type { Member } from './support/member.js'

beforeAll(loadFastKeccak)

/** Each message after everything that its sender had delivered or sent before. */
function checkCausality (member: Member, cites: Map<string, string[]>): void {
  const place = new Map(member.delivered.map((id, i) => [id, i]))

  expect(place.size, 'each once').toBe(member.delivered.length)

  for (const id of member.delivered) {
    for (const cited of cites.get(id) ?? []) {
      const before = place.get(cited)

      if (before != null) {
        expect(before, `${id} after ${cited}`).toBeLessThan(place.get(id) ?? -1)
      }
    }
  }
}

describe('sds: members on a bad link', () => {
  it.each(Array.from({ length: 24 }, (_, i) => i + 1))('everybody has everything, in causal order, once; seed %i', (seed) => {
    const network = new Network({ members: 4, seed, loss: 0.2, duplication: 0.2, maxDelay: 400 })
    const cites = new Map<string, string[]>()
    const sent: string[] = []

    for (let i = 0; i < 60; i++) {
      const from = Math.floor(network.random.float() * 4)
      const id = network.send(from, `message ${i}`)
      const bytes = network.members[from].kept.get(id)
      sent.push(id)
      cites.set(id, decodeMessage(bytes ?? new Uint8Array()).causalHistory.map(entry => entry.messageId))
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
      checkCausality(member, cites)
    }
  })
})
