import { InvalidParametersError, NotStartedError } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import { systemClock, systemRandom } from '../clock.js'
import { createEmitter } from '../mitt.js'
import { decodeEnvelope, encodeEnvelope, MAX_ENVELOPE_BYTES } from './envelope.js'
import { EnvelopeTooLargeError, PublishQueueFullError } from './errors.js'
import { checkGossipsub } from './gossipsub-options.js'
import { OutboundBacklog } from './outbound-backlog.js'
import { createProfile } from './profile.js'
import { TopicPublisher } from './topic-publisher.js'
import type { Profile, ProfileOptions } from './profile.js'
import type { Outcome, Outgoing } from './topic-publisher.js'
import type { MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId } from './types.js'
import type { Clock, Random } from '../clock.js'
import type { GossipSub, GossipsubMessage, SubscriptionChangeData } from '@libp2p/gossipsub'
import type { AbortOptions, ComponentLogger, Logger, PeerId, Startable } from '@libp2p/interface'

export interface GossipsubMessagingComponents {
  pubsub: GossipSub
  peerId: PeerId
  logger: ComponentLogger
  /** @default systemClock */
  clock?: Clock
  /** @default systemRandom */
  random?: Random
}

export interface GossipsubMessagingInit extends ProfileOptions {
  /** how long one `send()` waits for a peer that takes it, in ms. @default 10_000 */
  patienceMs?: number
  /** serialised envelopes larger than this are neither sent nor read. @default 1_048_576 */
  maxEnvelopeBytes?: number
  /** bytes that may wait to be published; `send()` rejects beyond. @default 33_554_432 */
  maxQueuedBytes?: number
  /** unwritten bytes in a peer's stream from which on publishing waits. @default 1_048_576 */
  maxBacklogBytes?: number
}

/** What happened since it was made. */
export interface MessagingCounters {
  sent: number
  failed: number
  received: number
  /** dropped: not an envelope, or too large */
  malformed: number
  /** dropped: the content topic does not belong on the gossipsub topic that it came on */
  misplaced: number
}

/** What an envelope takes beyond its payload, for the bound on waiting bytes. */
const ENVELOPE_OVERHEAD_BYTES = 256

/** MESSAGING-API over a node's gossipsub. `start()` it after the node, `stop()` it before. */
export class GossipsubMessaging implements MessagingApi, Startable {
  readonly events = createEmitter<MessagingEvents>()
  readonly counters: MessagingCounters = { sent: 0, failed: 0, received: 0, malformed: 0, misplaced: 0 }
  readonly #pubsub: GossipSub
  readonly #peerId: PeerId
  readonly #clock: Clock
  readonly #log: Logger
  readonly #profile: Profile
  readonly #limits: Required<Omit<GossipsubMessagingInit, keyof ProfileOptions>>
  readonly #backlog: OutboundBacklog
  /** owners of each content topic */
  readonly #owners = new Map<string, number>()
  /** the gossipsub topics that these live on, with the number of content topics */
  readonly #topics = new Map<string, number>()
  readonly #publishers = new Map<string, TopicPublisher>()
  readonly #watchers = new Set<(contentTopic: string) => void>()
  /** as last told to the watchers, by content topic */
  #subscribers = new Map<string, number>()
  readonly #idPrefix: string
  #listeners?: AbortController
  #starting?: Promise<void>
  #nextId = 0
  #queuedBytes = 0
  #lastTimestamp = 0n

  constructor (components: GossipsubMessagingComponents, init: GossipsubMessagingInit = {}) {
    this.#pubsub = components.pubsub
    this.#peerId = components.peerId
    this.#clock = components.clock ?? systemClock
    this.#log = components.logger.forComponent('holdfast:messaging')
    this.#profile = createProfile(init)
    this.#limits = limitsOf(init)
    this.#backlog = new OutboundBacklog(this.#pubsub, this.#clock, this.#limits.maxBacklogBytes)
    this.#idPrefix = bytesToHex((components.random ?? systemRandom).bytes(8))
  }

  isStarted (): boolean {
    return this.#listeners != null
  }

  /** @throws {GossipsubConfigError} the node's gossipsub was not made with `gossipsubOptions()` */
  async start (): Promise<void> {
    this.#starting ??= this.#start().finally(() => { this.#starting = undefined })
    await this.#starting
  }

  async #start (): Promise<void> {
    if (this.isStarted()) {
      return
    }

    if (!await checkGossipsub(this.#pubsub, this.#profile)) {
      this.#log('gossipsub does not show its message ID function: it could not be checked')
    }

    for (const topic of this.#topics.keys()) {
      this.#pubsub.subscribe(topic)
    }

    this.#listeners = new AbortController()
    const { signal } = this.#listeners
    this.#pubsub.addEventListener('gossipsub:message', ({ detail }) => { this.#onMessage(detail) }, { signal })
    this.#pubsub.addEventListener('subscription-change', ({ detail }) => { this.#onSubscriptionChange(detail) }, { signal })
    // those who disconnect do not unsubscribe
    this.#pubsub.addEventListener('gossipsub:heartbeat', () => { this.#tellWatchers() }, { signal })
  }

  /** What waits to be published ends in `message_error`. Subscriptions come back with the next `start()`. */
  async stop (): Promise<void> {
    await this.#starting?.catch(() => {})

    if (this.#listeners == null) {
      return
    }

    this.#listeners.abort()
    this.#listeners = undefined

    for (const publisher of this.#publishers.values()) {
      publisher.stop()
    }

    this.#publishers.clear()
    this.#topics.forEach((_, topic) => { this.#leave(topic) })
  }

  /**
   * Rejects with a NotStartedError, an InvalidParametersError or a PublishQueueFullError. All
   * else is told by events: `message_error` is retryable when no peer took it within
   * `patienceMs`, and final when the envelope is too large.
   */
  async send (envelope: MessageEnvelope, options?: AbortOptions): Promise<MessagingRequestId> {
    options?.signal?.throwIfAborted()
    const topic = this.#profile.pubsubTopic(envelope.contentTopic)
    const bytes = envelope.payload.byteLength + ENVELOPE_OVERHEAD_BYTES

    if (!this.isStarted()) {
      throw new NotStartedError('messaging is not started')
    }

    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#limits.maxQueuedBytes) {
      throw new PublishQueueFullError(`${this.#queuedBytes} bytes wait to be published, at most ${this.#limits.maxQueuedBytes} may`)
    }

    const requestId = `${this.#idPrefix}-${this.#nextId++}`

    this.#queuedBytes += bytes
    this.#publisher(topic).push({ requestId, envelope, bytes, deadline: this.#clock.now() + this.#limits.patienceMs })

    return requestId
  }

  /** Counted: as many `unsubscribe()` calls end it. Before `start()` it is noted. */
  async subscribe (contentTopic: string, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    const topic = this.#profile.pubsubTopic(contentTopic)

    // content topics share shards
    if (count(this.#owners, contentTopic, 1) === 1 && count(this.#topics, topic, 1) === 1 && this.isStarted()) {
      this.#pubsub.subscribe(topic)
    }
  }

  async unsubscribe (contentTopic: string, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    const topic = this.#profile.pubsubTopic(contentTopic)

    if (this.#owners.has(contentTopic) && count(this.#owners, contentTopic, -1) === 0 && count(this.#topics, topic, -1) === 0 && this.isStarted()) {
      this.#leave(topic)
    }
  }

  subscribers (contentTopic: string): number {
    return this.#pubsub.getSubscribers(this.#profile.pubsubTopic(contentTopic)).length
  }

  /** For subscribed content topics: at once when a peer comes, within a heartbeat (1 s) when one goes. */
  onSubscribersChange (fn: (contentTopic: string) => void): () => void {
    // another function each time, so that one that is given twice has two ends
    const watcher = (contentTopic: string): void => { fn(contentTopic) }
    this.#watchers.add(watcher)

    return () => { this.#watchers.delete(watcher) }
  }

  #tellWatchers (): void {
    const before = this.#subscribers
    this.#subscribers = new Map(Array.from(this.#owners.keys(), contentTopic => [contentTopic, this.subscribers(contentTopic)]))

    for (const [contentTopic, subscribers] of this.#subscribers) {
      if (subscribers === (before.get(contentTopic) ?? 0)) {
        continue
      }

      for (const watcher of this.#watchers) {
        try {
          watcher(contentTopic)
        } catch (err) {
          this.#log.error('a watcher of subscribers threw - %e', err)
        }
      }
    }
  }

  #leave (topic: string): void {
    try {
      this.#pubsub.unsubscribe(topic)
    } catch (err) {
      // a gossipsub that was stopped first has forgotten the topic anyway
      this.#log.trace('could not unsubscribe from %s - %e', topic, err)
    }
  }

  #publisher (topic: string): TopicPublisher {
    let publisher = this.#publishers.get(topic)

    if (publisher == null) {
      publisher = new TopicPublisher({
        clock: this.#clock,
        log: this.#log,
        backlog: this.#backlog,
        subscribers: () => this.#pubsub.getSubscribers(topic),
        publish: async outgoing => this.#publish(topic, outgoing),
        done: (outgoing, outcome) => { this.#done(topic, outgoing, outcome) }
      })
      this.#publishers.set(topic, publisher)
    }

    return publisher
  }

  async #publish (topic: string, { envelope }: Outgoing): Promise<string | undefined> {
    const data = encodeEnvelope(envelope, this.#timestamp())

    if (data.byteLength > this.#limits.maxEnvelopeBytes) {
      throw new EnvelopeTooLargeError(`the envelope has ${data.byteLength} bytes, at most ${this.#limits.maxEnvelopeBytes} are allowed`)
    }

    const { recipients } = await this.#pubsub.publish(topic, data)

    // with emitSelf we are one of them
    return recipients.some(peer => !peer.equals(this.#peerId))
      ? bytesToHex(this.#profile.messageId(topic, data))
      : undefined
  }

  #done (topic: string, { requestId, bytes }: Outgoing, outcome: Outcome): void {
    this.#queuedBytes -= bytes

    if ('error' in outcome) {
      this.counters.failed++
      this.#emit('message_error', { requestId, ...outcome })
    } else {
      this.counters.sent++
      this.#emit('message_sent', { requestId, ...outcome })
    }

    if (this.#publishers.get(topic)?.idle === true) {
      this.#publishers.delete(topic)
    }
  }

  /** ns, another one for each transmission: the same payload again must not be taken for a copy. */
  #timestamp (): bigint {
    const now = BigInt(this.#clock.now()) * 1_000_000n
    this.#lastTimestamp = now > this.#lastTimestamp ? now : this.#lastTimestamp + 1n

    return this.#lastTimestamp
  }

  #onMessage ({ propagationSource, msg: { topic, data } }: GossipsubMessage): void {
    let message: MessageEnvelope

    if (propagationSource.equals(this.#peerId) || !this.#topics.has(topic)) {
      return
    }

    try {
      message = decodeEnvelope(data, this.#limits.maxEnvelopeBytes)
    } catch (err) {
      this.counters.malformed++
      this.#log.trace('dropped a message of %p - %e', propagationSource, err)
      return
    }

    if (this.#owners.has(message.contentTopic) && this.#profile.pubsubTopic(message.contentTopic) === topic) {
      this.counters.received++
      this.#emit('message_received', { messageHash: bytesToHex(this.#profile.messageId(topic, data)), message, from: propagationSource })
    } else if (!this.#belongs(message.contentTopic, topic)) {
      this.counters.misplaced++
      this.#log.trace('dropped a message of %p: %s does not belong on %s', propagationSource, message.contentTopic, topic)
    }
  }

  #belongs (contentTopic: string, topic: string): boolean {
    try {
      return this.#profile.pubsubTopic(contentTopic) === topic
    } catch {
      return false
    }
  }

  #onSubscriptionChange ({ subscriptions }: SubscriptionChangeData): void {
    for (const { topic, subscribe } of subscriptions) {
      if (subscribe) {
        this.#publishers.get(topic)?.wake()
      }
    }

    this.#tellWatchers()
  }

  #emit<K extends keyof MessagingEvents> (type: K, event: MessagingEvents[K]): void {
    try {
      this.events.emit(type, event)
    } catch (err) {
      this.#log.error('a listener of %s threw - %e', type, err)
    }
  }
}

/** Adds to a counter, which is forgotten at 0, and gives its new value. */
function count (counters: Map<string, number>, key: string, change: 1 | -1): number {
  const value = (counters.get(key) ?? 0) + change

  if (value > 0) {
    counters.set(key, value)
  } else {
    counters.delete(key)
  }

  return value
}

function limitsOf ({ patienceMs = 10_000, maxEnvelopeBytes = MAX_ENVELOPE_BYTES, maxQueuedBytes = 32 * 2 ** 20, maxBacklogBytes = 2 ** 20 }: GossipsubMessagingInit): Required<Omit<GossipsubMessagingInit, keyof ProfileOptions>> {
  const limits = { patienceMs, maxEnvelopeBytes, maxQueuedBytes, maxBacklogBytes }

  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) {
      throw new InvalidParametersError(`${name} must be a positive number, got ${value}`)
    }
  }

  return limits
}
