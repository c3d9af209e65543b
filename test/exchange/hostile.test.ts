import { defaultLogger } from '@libp2p/logger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exchangeConfig } from '../../src/exchange/config.js'
import { PresenceType, WantType } from '../../src/exchange/pb/exchange.js'
import { Server } from '../../src/exchange/serving/server.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { askHarness } from './asking/harness.js'
import { FakeChannel, fakeMessage } from './fake-channel.js'
import { FakeSession } from './fake-session.js'
import { wants } from './nodes.js'
import { testPeers } from './peers.js'
import type { FrameInput } from '../../src/exchange/link/frame-input.js'

const [peer] = await testPeers(1)
const here = Array.from({ length: 4 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: i + 1 }))
const number = fc.oneof(fc.nat(12), fc.integer({ min: 0, max: 0xffff_ffff }))
const id = fc.oneof(fc.constantFrom(...here.map(({ messageId }) => messageId)), fc.string({ maxLength: 200 }))
const hash = fc.oneof(fc.constantFrom(...here.map(({ payload }) => payload)), fc.uint8Array({ maxLength: 40 }))
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const position = fc.record({ lamportTimestamp: fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.constant(2 ** 60)), messageId: id })

const request: fc.Arbitrary<FrameInput> = fc.record({
  wantList: maybe(fc.record({
    full: fc.boolean(),
    entries: fc.array(fc.record({ id: number, messageId: maybe(id), hash: maybe(hash), type: fc.constantFrom(WantType.BLOCK, WantType.HAVE), priority: number, cancel: fc.boolean(), sendDontHave: fc.boolean() }), { maxLength: 8 })
  })),
  pageRequest: maybe(fc.record({ id: number, after: maybe(position), before: maybe(position), limit: number })),
  digestRequest: maybe(fc.record({ id: number, after: maybe(position), before: maybe(position), parts: number })),
  receipt: maybe(fc.uint8Array({ maxLength: 10 }))
})

const answer: fc.Arbitrary<FrameInput> = fc.record({
  presences: fc.array(fc.record({ id: number, type: fc.constantFrom(PresenceType.PRESENT, PresenceType.DONT_HAVE, PresenceType.GONE) }), { maxLength: 5 }),
  deliveries: fc.array(fc.record({ id: number, payload: hash, byHash: fc.boolean() }), { maxLength: 5 }),
  busy: maybe(fc.record({ retryAfterMs: number, ids: fc.array(number, { maxLength: 5 }), request: maybe(number) })),
  page: maybe(fc.record({ id: number, entries: fc.array(fc.record({ position: maybe(position), senderId: id, hash: maybe(hash), size: number }), { maxLength: 4 }), more: fc.boolean(), horizon: maybe(position) })),
  digest: maybe(fc.record({ id: number, parts: fc.array(fc.record({ last: maybe(position), count: number, fingerprint: hash }), { maxLength: 4 }), horizon: maybe(position) }))
})

describe('a hostile peer', () => {
  it('asks for anything: the server does not throw, keeps no more than it may, and goes on serving others', async () => {
    await fc.assert(fc.asyncProperty(fc.array(request, { maxLength: 20 }), async (frames) => {
      const clock = new SimulatedClock()
      const log = defaultLogger().forComponent('test')
      const config = exchangeConfig({ maxWantsPerPeer: 10 })
      const channel = new FakeChannel().add(...here)
      const account = (): never => ({ peer, bytesIn: 0, bytesOut: 0 }) as never
      const server = new Server({ config, policy: config.policy, account, sent: () => {}, clock, pause: async () => {}, log })
      const [hostile, other] = [0, 1].map(() => {
        const session = new FakeSession(peer)
        session.handlers = server.open(channel, session)

        return session
      })

      for (const frame of frames) {
        await hostile.receive(frame)
        await clock.settle()
      }

      const waiting = Reflect.get(server, 'sessions') as Map<string, Set<{ size: number }>>
      expect([...waiting.get('lobby') ?? []].every(({ size }) => size <= 10)).toBe(true)
      await other.receive({ wantList: { full: true, entries: [{ id: 1, messageId: here[0].messageId, type: WantType.BLOCK, priority: 0, cancel: false, sendDontHave: true }] } })
      await clock.advance(60_000)
      expect(other.deliveries.length).toBe(1)
      hostile.close()
      other.close()
      expect(server.contenders).toBe(0)
    }), { numRuns: 150 })
  })

  it('answers anything: nothing false is believed, and what is wanted is had from another', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(answer, fc.nat(400)), { maxLength: 12 }), async (frames) => {
      const { asker, asked, presence, report, channel, clock, session, sessions, peers } = await askHarness(2, { maxRounds: 3, retryMs: 100 })
      const [wanted] = here
      channel.holding = [peers[0]]
      asker.want(wants([wanted.messageId]))
      await clock.settle()

      // the other one answers, a little late
      const honest = async (): Promise<void> => {
        const looks = sessions[1].length === 0 || session(1).closed ? [] : session(1).entries.filter(({ type, cancel }) => type === WantType.HAVE && cancel === false)
        looks.forEach(({ id: of }) => { presence(1, of, PresenceType.PRESENT) })
        await clock.advance(500)

        if (asked(wanted.messageId).includes(1)) {
          void session(1).receive({ deliveries: [{ id: session(1).entries.at(-1)?.id ?? 0, payload: wanted.payload, byHash: false }] })
        }
      }

      for (const [frame, ms] of frames) {
        if (sessions[0].length > 0 && !session(0).closed) {
          void session(0).receive(frame)
        }

        await clock.advance(ms)
        await honest()
      }

      for (let i = 0; i < 100 && !channel.messages.has(wanted.messageId); i++) {
        await honest()
      }

      // it has come, and nothing else has
      expect([...channel.messages.keys()]).toEqual([wanted.messageId])
      expect(report.banned.has(peers[1].toString())).toBe(false)
      asker.stop()
      await clock.settle()
    }), { numRuns: 60 })
  })
})
