import { createEmitter } from '../mitt.js'
import type { NetworkConditions } from './network-conditions.js'
import type { SeededRandom } from './seeded-random.js'
import type { Clock } from '../clock.js'
import type { MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId } from '../messaging/types.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** What a node needs of the network. */
export interface Medium {
  readonly clock: Clock
  readonly random: SeededRandom
  readonly conditions: NetworkConditions
  /** @param now - what the publisher's clock says, ms */
  publish (index: number, envelope: MessageEnvelope, now?: number): { recipients: number, messageHash: string }
  reachable (index: number, contentTopic: string): number
  outcomeDelay (): number
}

/** The network did not take it, this time. */
class RefusedError extends Error {
  static name = 'RefusedError'
  name = 'RefusedError'
}

/** One node's access to a simulated network, from its start until its crash. */
export class SimulatedMessaging implements MessagingApi {
  readonly events = createEmitter<MessagingEvents>()
  readonly topics = new Set<string>()
  readonly peerId: PeerId
  private readonly network: Medium
  private readonly index: number
  private readonly clock: Clock
  private sent = 0
  private dead = false

  constructor (network: Medium, index: number, peerId: PeerId, clock: Clock) {
    this.network = network
    this.index = index
    this.clock = clock
    this.peerId = peerId
  }

  /** The outcome comes by event, at times before this resolves. */
  readonly send = async (envelope: MessageEnvelope, options?: AbortOptions): Promise<MessagingRequestId> => {
    options?.signal?.throwIfAborted()
    await this.alive()
    const { random, conditions } = this.network

    if (random.chance(conditions.refuse)) {
      throw new RefusedError('the network refused the envelope')
    }

    const requestId = `${this.index}-${this.sent++}`
    const { recipients, messageHash } = this.network.publish(this.index, envelope, this.clock.now())
    const tell = (): void => {
      if (this.dead) {
        return
      }

      if (recipients > 0) {
        this.events.emit('message_sent', { requestId, messageHash })
      } else {
        this.events.emit('message_error', { requestId, messageHash, error: new RefusedError('no peer is subscribed to the topic'), retryable: true })
      }
    }
    const delay = this.network.outcomeDelay()

    if (delay === 0) {
      tell()
    } else {
      this.network.clock.setTimer(tell, delay)
    }

    return requestId
  }

  async subscribe (contentTopic: string): Promise<void> {
    await this.alive()
    this.topics.add(contentTopic)
  }

  async unsubscribe (contentTopic: string): Promise<void> {
    await this.alive()
    this.topics.delete(contentTopic)
  }

  subscribers (contentTopic: string): number {
    return this.network.reachable(this.index, contentTopic)
  }

  deliver (event: MessagingEvents['message_received']): void {
    if (!this.dead) {
      this.events.emit('message_received', event)
    }
  }

  /** From now on nothing comes in or goes out, and calls hang: the process is gone. */
  kill (): void {
    this.dead = true
    this.topics.clear()
    this.events.all.clear()
  }

  private async alive (): Promise<void> {
    if (this.dead) {
      await new Promise<never>(() => {})
    }
  }
}
