import { isMarked } from '../messaging/index.js'
import type { Arrival } from './opened.js'
import type { Cancel, Clock } from '../clock.js'
import type { DeliveryVerdict } from '../exchange/types.js'
import type { MessagingApi, MessagingEvents } from '../messaging/index.js'
import type { AbortOptions, Logger } from '@libp2p/interface'

const RETRY_MS = 5_000
const NS_PER_MS = 1_000_000n

/** A channel, as far as its topic is concerned. */
export interface TopicOwner {
  readonly contentTopic: string
  receive (payload: Uint8Array, arrival: Arrival): Promise<DeliveryVerdict>
  /** none of the topic's channels could read a payload */
  unreadable (): void
}

interface Topic {
  owners: Set<TopicOwner>
  retry?: Cancel
}

/**
 * Content topics and the channels on them. A topic is subscribed while it has a channel; what
 * comes on it goes to its channels, once the marker shows that it is for channels at all.
 */
export class Topics {
  private readonly messaging: MessagingApi
  private readonly clock: Clock
  private readonly log?: Logger
  private readonly topics = new Map<string, Topic>()
  private running = false

  constructor (messaging: MessagingApi, clock: Clock, log?: Logger) {
    this.messaging = messaging
    this.clock = clock
    this.log = log
  }

  start (): void {
    if (!this.running) {
      this.running = true
      this.messaging.events.on('message_received', this.onReceived)
      this.topics.forEach((topic, name) => { this.subscribe(name, topic) })
    }
  }

  async stop (options?: AbortOptions): Promise<void> {
    if (this.running) {
      this.running = false
      this.messaging.events.off('message_received', this.onReceived)
      await Promise.all([...this.topics].map(async ([name, topic]) => { await this.unsubscribe(name, topic, options) }))
    }
  }

  add (owner: TopicOwner): void {
    const known = this.topics.get(owner.contentTopic)

    if (known != null) {
      known.owners.add(owner)

      return
    }

    const topic = { owners: new Set([owner]) }

    this.topics.set(owner.contentTopic, topic)

    if (this.running) {
      this.subscribe(owner.contentTopic, topic)
    }
  }

  async remove (owner: TopicOwner, options?: AbortOptions): Promise<void> {
    const topic = this.topics.get(owner.contentTopic)

    if (topic?.owners.delete(owner) === true && topic.owners.size === 0) {
      this.topics.delete(owner.contentTopic)

      if (this.running) {
        await this.unsubscribe(owner.contentTopic, topic, options)
      }
    }
  }

  private subscribe (name: string, topic: Topic): void {
    this.messaging.subscribe(name).catch(err => {
      this.log?.error('could not subscribe to %s - %e', name, err)

      if (this.running && this.topics.get(name) === topic) {
        topic.retry = this.clock.setTimer(() => { this.subscribe(name, topic) }, RETRY_MS)
      }
    })
  }

  private async unsubscribe (name: string, topic: Topic, options?: AbortOptions): Promise<void> {
    topic.retry?.()

    try {
      await this.messaging.unsubscribe(name, options)
    } catch (err) {
      this.log?.error('could not unsubscribe from %s - %e', name, err)
    }
  }

  private readonly onReceived = ({ message, from }: MessagingEvents['message_received']): void => {
    const topic = isMarked(message.meta) ? this.topics.get(message.contentTopic) : undefined

    if (topic != null) {
      const transmittedAt = message.timestamp == null ? undefined : Number(message.timestamp / NS_PER_MS)

      void this.deliver([...topic.owners], message.payload, { from, transmittedAt })
    }
  }

  private async deliver (owners: TopicOwner[], payload: Uint8Array, arrival: Arrival): Promise<void> {
    const verdicts = await Promise.all(owners.map(async owner => await owner.receive(payload, arrival)))

    if (verdicts.every(({ result }) => result === 'unreadable')) {
      owners.forEach(owner => { owner.unreadable() })
    }
  }
}
