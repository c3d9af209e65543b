import { defaultLogger } from '@libp2p/logger'
import { Asker } from '../../../src/exchange/asking/asker.js'
import { exchangeConfig } from '../../../src/exchange/config.js'
import { seededRandom } from '../../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../../src/testing/simulated-clock.js'
import { FakeChannel } from '../fake-channel.js'
import { FakeSession } from '../fake-session.js'
import { testPeers } from '../peers.js'
import type { ExchangeInit } from '../../../src/exchange/config.js'
import type { PresenceType } from '../../../src/exchange/pb/exchange.js'
import type { Role } from '../../../src/exchange/types.js'
import type { FakeMessage } from '../fake-channel.js'
import type { PeerId } from '@libp2p/interface'

export interface AskHarness {
  asker: Asker
  channel: FakeChannel
  clock: SimulatedClock
  peers: PeerId[]
  /** every session opened, by peer, the newest last */
  sessions: FakeSession[][]
  /** how often each peer was dialled */
  dials: number[]
  /** peers that cannot be reached */
  offline: Set<number>
  report: { banned: Set<string>, delivered: number, invalid: number, wasted: number, unrequested: number, timeouts: number }
  /** the session of a peer */
  session (peer: number): FakeSession
  presence (peer: number, id: number, type: PresenceType): void
  deliver (peer: number, id: number, message: FakeMessage, byHash?: boolean): Promise<void>
  /** peers whose last word was that we want the block */
  asked (messageId: string): number[]
}

export async function askHarness (count: number, init: ExchangeInit & { roles?: Role[] } = {}): Promise<AskHarness> {
  const [self, ...peers] = await testPeers(count + 1)
  const { roles, ...rest } = init
  const clock = new SimulatedClock()
  const channel = new FakeChannel()
  const sessions: FakeSession[][] = peers.map(() => [])
  const dials = peers.map(() => 0)
  const offline = new Set<number>()
  const report = { banned: new Set<string>(), delivered: 0, invalid: 0, wasted: 0, unrequested: 0, timeouts: 0 }
  channel.others = peers

  const asker = new Asker({
    channel,
    self,
    config: exchangeConfig({ graceMs: 0, ...rest }),
    clock,
    random: seededRandom(1),
    log: defaultLogger().forComponent('test'),
    provider: {
      connect: async (peer, handlers) => {
        const index = peers.findIndex(other => other.equals(peer))
        dials[index]++

        if (offline.has(index)) {
          throw new Error('offline')
        }

        const session = new FakeSession(peer, roles?.[index])
        session.handlers = handlers
        sessions[index].push(session)

        return session
      }
    },
    reports: {
      banned: (peer) => report.banned.has(peer.toString()),
      delivered: (_, bytes) => {
        report.delivered += bytes

        return undefined
      },
      invalid: (peer) => {
        report.invalid++
        report.banned.add(peer.toString())
      },
      wasted: (_, bytes, unrequested) => {
        report.wasted += bytes
        report.unrequested += unrequested ? 1 : 0
      },
      timeout: () => { report.timeouts++ },
      latency: () => {}
    }
  })

  const session = (peer: number): FakeSession => sessions[peer][sessions[peer].length - 1]
  channel.membership = { arrived: (id: string) => { asker.arrived(id) } } as unknown as FakeChannel['membership']

  return {
    asker,
    channel,
    clock,
    peers,
    sessions,
    dials,
    offline,
    report,
    session,
    presence: (peer, id, type) => { void session(peer).receive({ presences: [{ id, type }] }) },
    deliver: async (peer, id, message, byHash = false) => {
      await session(peer).receive({ deliveries: [{ id, payload: message.payload, byHash }] })
      await clock.settle()
    },
    asked: (messageId) => peers.map((_, i) => i).filter(i => {
      const ids = new Map<number, string>()
      let wanted = false

      for (const entry of sessions[i].length === 0 || session(i).closed ? [] : session(i).entries) {
        if (entry.messageId != null) {
          ids.set(entry.id, entry.messageId)
        }

        if (ids.get(entry.id) === messageId) {
          wanted = !entry.cancel && entry.type === 'BLOCK'
        }
      }

      return wanted
    })
  }
}
