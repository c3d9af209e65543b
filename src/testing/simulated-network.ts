import { GOOD_CONDITIONS } from './network-conditions.js'
import { SimulatedMessaging } from './simulated-messaging.js'
import type { NetworkConditions, NetworkCounters } from './network-conditions.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedClock } from './simulated-clock.js'
import type { Clock } from '../clock.js'
import type { MessageEnvelope, MessagingEvents } from '../messaging/types.js'
import type { PeerId } from '@libp2p/interface'

/** How long a transmission that is reordered may be held up, in ms. */
const HOLD_UP_MS = 3_000

/** The longest that the network takes to tell what became of an envelope, in ms. */
const OUTCOME_MS = 20

interface Node {
  online: boolean
  group: number
  messaging?: SimulatedMessaging
}

/**
 * One broadcast medium in memory, as gossipsub is one: whoever is subscribed to a content topic,
 * online and in the sender's partition gets what is published there, unless the seed says that
 * it is lost, and perhaps twice, late, or in another order.
 */
export class SimulatedNetwork {
  readonly counters: NetworkCounters = { transmissions: 0, deliveries: 0, lost: 0, duplicated: 0, bytes: 0 }
  conditions: NetworkConditions
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly onThrow: (error: unknown, index: number) => void
  /** called when some reach each other that did not, or the other way round */
  onChange: () => void = () => {}
  private readonly nodes: Node[] = []

  /** @param onThrow told when a handler of `message_received` throws */
  constructor (clock: SimulatedClock, random: SeededRandom, conditions: Partial<NetworkConditions> = {}, onThrow: (error: unknown, index: number) => void = () => {}) {
    this.clock = clock
    this.random = random
    this.conditions = { ...GOOD_CONDITIONS, ...conditions }
    this.onThrow = onThrow
  }

  /**
   * The messaging layer of a node that starts; the one that it had before is dead from now on.
   *
   * @param clock - the node's own, by which its envelopes are stamped
   */
  connect (index: number, peerId: PeerId, clock: Clock = this.clock): SimulatedMessaging {
    const node = this.node(index)

    node.messaging?.kill()
    node.messaging = new SimulatedMessaging(this, index, peerId, clock)

    return node.messaging
  }

  disconnect (index: number): void {
    const node = this.node(index)

    node.messaging?.kill()
    node.messaging = undefined
  }

  setOnline (index: number, online: boolean): void {
    this.node(index).online = online
    this.onChange()
  }

  /** Only nodes of the same group reach each other; those in no group form one more. */
  partition (groups: ReadonlyArray<readonly number[]>): void {
    this.nodes.forEach(node => { node.group = 0 })
    groups.forEach((group, number) => {
      group.forEach(index => { this.node(index).group = number + 1 })
    })
    this.onChange()
  }

  heal (): void {
    this.partition([])
  }

  /** Whether two nodes are online and in one partition. */
  isLinked (a: number, b: number): boolean {
    const [one, other] = [this.node(a), this.node(b)]

    return one.online && other.online && one.group === other.group
  }

  /** How many others would get what `index` publishes on the topic now. */
  reachable (index: number, contentTopic: string): number {
    let count = 0

    for (let other = 0; other < this.nodes.length; other++) {
      if (this.reaches(index, other, contentTopic)) {
        count++
      }
    }

    return count
  }

  /** Publishes; returns how many others there were to get it. */
  publish (index: number, envelope: MessageEnvelope, now = this.clock.now()): { recipients: number, messageHash: string } {
    const { counters, random, conditions } = this
    const messageHash = (++counters.transmissions).toString(16).padStart(64, '0')
    // fresh bytes and a fresh timestamp, as if they had travelled
    const message = { ...envelope, payload: new Uint8Array(envelope.payload), meta: new Uint8Array(envelope.meta), timestamp: BigInt(now) * 1_000_000n }
    let recipients = 0

    counters.bytes += message.payload.byteLength

    for (let other = 0; other < this.nodes.length; other++) {
      if (!this.reaches(index, other, envelope.contentTopic)) {
        continue
      }

      recipients++

      if (random.chance(conditions.loss)) {
        counters.lost++
        continue
      }

      this.transmit(index, other, messageHash, message)

      if (random.chance(conditions.duplicate)) {
        counters.duplicated++
        this.transmit(index, other, messageHash, message)
      }
    }

    return { recipients, messageHash }
  }

  /** ms until the network tells the outcome; 0: before `send()` has returned. */
  outcomeDelay (): number {
    return this.random.chance(0.2) ? 0 : 1 + this.random.integer(OUTCOME_MS)
  }

  private transmit (from: number, to: number, messageHash: string, message: MessageEnvelope): void {
    const { conditions: { delay: [least, most], reorder }, random } = this
    let ms = least + random.integer(most - least + 1)

    if (random.chance(reorder)) {
      ms += random.integer(HOLD_UP_MS)
    }

    const relay = this.nodes[from].messaging?.peerId

    this.clock.setTimer(() => { this.deliver(from, to, { messageHash, message, from: relay }) }, ms)
  }

  private deliver (from: number, to: number, event: MessagingEvents['message_received']): void {
    if (!this.reaches(from, to, event.message.contentTopic)) {
      this.counters.lost++

      return
    }

    this.counters.deliveries++

    try {
      this.nodes[to].messaging?.deliver(event)
    } catch (err) {
      this.onThrow(err, to)
    }
  }

  private reaches (from: number, to: number, contentTopic: string): boolean {
    return from !== to && this.isLinked(from, to) && this.nodes[to].messaging?.topics.has(contentTopic) === true
  }

  private node (index: number): Node {
    while (this.nodes.length <= index) {
      this.nodes.push({ online: true, group: 0 })
    }

    return this.nodes[index]
  }
}
