import { ContentMessage, Message, MessageChannel, MessageChannelEvent } from '@waku/sds'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { decodeMessage } from '../../src/sds/index.js'
import { Member, ofType, START } from './support/member.js'
import { seededRandom } from './support/random.js'
import type { Random } from '../../src/clock.js'

const SWEEP_MS = 2_000
const RESEND_MS = 10_000
const SYNC_MS = 15_000

/** After so long theirs looks a missing message up in the store: it asks for a repair only once. */
const STORE_AFTER_MS = 60_000

/** A channel of @waku/sds, driven as its own documentation says: tasks, sweeps, syncs, a store at last. */
class Theirs {
  readonly channel: MessageChannel
  readonly delivered = new Set<string>()
  readonly acknowledged = new Set<string>()
  readonly repaired: string[] = []
  readonly sent = new Map<string, Message>()
  private readonly missingSince = new Map<string, number>()
  private turn = 0

  constructor (senderId: string, private readonly publish: (bytes: Uint8Array) => void, private readonly store: Map<string, Uint8Array>) {
    this.channel = new MessageChannel('tea', senderId, {
      causalHistorySize: 20,
      repairConfig: { tMin: 2_000, tMax: 20_000 }
    })
    this.channel.addEventListener(MessageChannelEvent.InMessageDelivered, ({ detail }) => { this.delivered.add(detail) })
    this.channel.addEventListener(MessageChannelEvent.OutMessageAcknowledged, ({ detail }) => { this.acknowledged.add(detail) })
  }

  async send (payload: Uint8Array): Promise<string> {
    let messageId = ''

    this.channel.pushOutgoingMessage(payload, async (message) => {
      messageId = message.messageId
      this.sent.set(messageId, message)
      this.publish(message.encode())

      return { success: true }
    })
    await this.channel.processTasks()

    return messageId
  }

  async receive (bytes: Uint8Array): Promise<void> {
    const message = Message.decode(bytes)

    if (message != null) {
      this.channel.pushIncomingMessage(message, undefined)
      await this.channel.processTasks()
    }
  }

  async sweep (): Promise<void> {
    this.turn++

    for (const { messageId } of this.channel.sweepIncomingBuffer()) {
      const since = this.missingSince.get(messageId) ?? Date.now()
      const stored = this.store.get(messageId)
      this.missingSince.set(messageId, since)

      if (Date.now() - since > STORE_AFTER_MS && stored != null) {
        await this.receive(stored)
      }
    }

    await this.channel.sweepRepairIncomingBuffer(async (message) => {
      this.repaired.push(message.messageId)
      this.publish(message.encode())

      return true
    })

    if (this.turn % (RESEND_MS / SWEEP_MS) === 0) {
      const { unacknowledged, possiblyAcknowledged } = this.channel.sweepOutgoingBuffer()
      unacknowledged.concat(possiblyAcknowledged).forEach(message => { this.publish(message.encode()) })
    }

    if (this.turn % Math.round(SYNC_MS / SWEEP_MS) === 0) {
      await this.channel.pushOutgoingSyncMessage(async (message) => {
        this.publish(message.encode())

        return true
      })
    }
  }
}

/** Three of theirs and three of ours on one link that loses, doubles and reorders. */
class Mixed {
  readonly ours: Member[]
  readonly theirs: Theirs[]
  readonly random: Random
  now = START
  loss = 0
  /** everything that was published */
  private readonly store = new Map<string, Uint8Array>()
  private packets: Array<{ at: number, to: Member | Theirs, bytes: Uint8Array }> = []
  private nextSweep = START + SWEEP_MS

  constructor (seed: number) {
    this.random = seededRandom(seed)
    this.ours = [0, 1, 2].map(i => {
      const member: Member = new Member({
        senderId: `ours-${i}`,
        seed: seed * 10 + i,
        config: { bloom: 'waku', lostAfterMs: 300_000 },
        publish: bytes => { this.publish(member, bytes) }
      })

      return member
    })
    this.theirs = [0, 1, 2].map(i => {
      const peer: Theirs = new Theirs(`theirs-${i}`, bytes => { this.publish(peer, bytes) }, this.store)

      return peer
    })
  }

  publish (from: Member | Theirs, bytes: Uint8Array): void {
    this.store.set(decodeMessage(bytes).messageId, bytes)

    for (const to of [...this.ours, ...this.theirs]) {
      for (let copies = to === from ? 0 : this.random.float() < 0.1 ? 2 : 1; copies > 0; copies--) {
        if (this.random.float() >= this.loss) {
          this.packets.push({ at: this.now + 1 + Math.floor(this.random.float() * 300), to, bytes })
        }
      }
    }
  }

  async run (ms: number): Promise<void> {
    const end = this.now + Math.floor(ms)

    for (;;) {
      let next = this.nextSweep
      this.packets.forEach(({ at }) => { next = Math.min(next, at) })
      this.ours.forEach(({ sds }) => { next = Math.min(next, sds.nextDeadline() ?? Infinity) })

      if (next > end) {
        break
      }

      this.setTime(Math.max(this.now, next))
      await this.step()
    }

    this.setTime(end)
  }

  private setTime (now: number): void {
    this.now = now
    vi.setSystemTime(now)
    this.ours.forEach(member => { member.now = now })
  }

  private async step (): Promise<void> {
    const due = this.packets.filter(({ at }) => at <= this.now)
    this.packets = this.packets.filter(({ at }) => at > this.now)

    for (const { to, bytes } of due) {
      await to.receive(bytes)
    }

    for (const member of this.ours) {
      if ((member.sds.nextDeadline() ?? Infinity) <= this.now) {
        member.tick()
      }
    }

    if (this.now >= this.nextSweep) {
      this.nextSweep += SWEEP_MS

      for (const peer of this.theirs) {
        await peer.sweep()
      }
    }
  }
}

describe('@waku/sds 0.0.8 as a live peer', () => {
  beforeEach(async () => {
    await loadFastKeccak()
    vi.useFakeTimers({ toFake: ['Date'], now: START })
  })

  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it.each([1, 2])('500 messages reach everyone over a bad link; seed %i', async (seed) => {
    const link = new Mixed(seed)
    vi.spyOn(Math, 'random').mockImplementation(() => link.random.float())

    const sent = new Map<string, { by: Member | Theirs, cites: string[] }>()
    const send = async (who: number, text: string): Promise<void> => {
      const payload = new TextEncoder().encode(text)

      if (who < 3) {
        const [{ messageId, bytes }] = link.ours[who].send(text)
        sent.set(messageId, { by: link.ours[who], cites: decodeMessage(bytes).causalHistory.map(entry => entry.messageId) })
      } else {
        const peer = link.theirs[who - 3]
        const messageId = await peer.send(payload)
        sent.set(messageId, { by: peer, cites: peer.sent.get(messageId)?.causalHistory.map(entry => entry.messageId) ?? [] })
      }
    }

    // past the time in which their unstamped citations are taken for history
    for (let who = 0; who < 6; who++) {
      await send(who, `hello of ${who}`)
    }

    await link.run(70_000)
    link.loss = 0.15

    for (let i = 0; i < 494; i++) {
      await send(Math.floor(link.random.float() * 6), `message ${i}`)
      await link.run(link.random.float() * 600)
    }

    await link.run(200_000)
    link.loss = 0
    await link.run(150_000)

    expect(sent.size).toBe(500)
    const sorted = [...link.ours[0].log()].sort()
    expect(sorted).toEqual([...sent.keys()].sort())

    for (const member of link.ours) {
      const own = [...sent].filter(([, { by }]) => by === member).map(([id]) => id)
      const place = new Map(member.delivered.map((id, i) => [id, i]))

      expect(member.log()).toEqual(link.ours[0].log())
      expect(ofType(member.effects, 'lost')).toEqual([])
      expect(ofType(member.effects, 'rejected')).toEqual([])
      expect(place.size).toBe(member.delivered.length)
      expect(place.size).toBe(500 - own.length)
      expect(own.filter(id => member.sds.acknowledgement(id) !== 'acknowledged')).toEqual([])

      for (const id of member.delivered) {
        const late = sent.get(id)?.cites.filter(cited => (place.get(cited) ?? -1) > (place.get(id) ?? -1))
        expect(late, `${id} came before what it cites`).toEqual([])
      }
    }

    for (const peer of link.theirs) {
      const others = [...sent].filter(([, { by }]) => by !== peer).map(([id]) => id)
      expect(others.filter(id => !peer.delivered.has(id))).toEqual([])
      expect([...peer.sent.keys()].filter(id => !peer.acknowledged.has(id))).toEqual([])
    }

    // repairs in both directions
    const repairs = link.ours.flatMap(member => ofType(member.effects, 'transmit').filter(({ reason }) => reason === 'repair'))
    expect(repairs.some(({ messageId }) => sent.get(messageId)?.by instanceof Theirs)).toBe(true)
    expect(link.theirs.some(({ repaired }) => repaired.some(id => sent.get(id)?.by instanceof Member))).toBe(true)
  }, 60_000)

  it('each reads the messages of the other, field by field', async () => {
    const peer = new Theirs('theirs', () => {}, new Map())
    const member = new Member({ senderId: 'ours', config: { bloom: 'waku' } })
    const messageId = await peer.send(new TextEncoder().encode('theirs'))

    member.receive(peer.sent.get(messageId)?.encode() ?? new Uint8Array())
    expect(member.delivered).toEqual([messageId])

    const [ours] = member.send('ours')
    const read = Message.decode(ours.bytes)
    expect(read).toBeInstanceOf(ContentMessage)
    expect(read).toMatchObject({ messageId: ours.messageId, channelId: 'tea', senderId: 'ours', lamportTimestamp: BigInt(ours.lamportTimestamp) })
    expect(read?.causalHistory.map(entry => ({ ...entry }))).toMatchObject([{ messageId, senderId: 'theirs' }])

    // their filter finds what is in ours
    await peer.receive(ours.bytes)
    expect(peer.acknowledged.has(messageId)).toBe(true)
  })
})
