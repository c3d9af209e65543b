import { NotStartedError } from '@libp2p/interface'
import { GossipsubMessaging } from '../messaging/index.js'
import { createEmitter } from '../mitt.js'
import type { GossipsubMessagingComponents, GossipsubMessagingInit, MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId } from '../messaging/index.js'
import type { AbortOptions } from '@libp2p/interface'

const EVENTS = ['message_sent', 'message_propagated', 'message_error', 'message_received'] as const

/**
 * Messaging over a gossipsub that is known only when the node starts: services are made in any
 * order, and find each other then.
 */
export class DeferredMessaging implements MessagingApi {
  readonly events = createEmitter<MessagingEvents>()
  private readonly components: () => GossipsubMessagingComponents
  private readonly init: GossipsubMessagingInit
  private readonly watchers = new Set<(contentTopic: string) => void>()
  private inner?: GossipsubMessaging
  private started = false

  constructor (components: () => GossipsubMessagingComponents, init: GossipsubMessagingInit = {}) {
    this.components = components
    this.init = init
  }

  /** @throws {GossipsubConfigError} */
  async start (): Promise<void> {
    if (this.inner == null) {
      this.inner = new GossipsubMessaging(this.components(), this.init)
      EVENTS.forEach(type => { this.inner?.events.on(type, event => { this.events.emit(type, event) }) })
      this.inner.onSubscribersChange(topic => { this.watchers.forEach(fn => { fn(topic) }) })
    }

    await this.inner.start()
    this.started = true
  }

  async stop (): Promise<void> {
    this.started = false
    await this.inner?.stop()
  }

  async send (envelope: MessageEnvelope, options?: AbortOptions): Promise<MessagingRequestId> {
    return await this.running().send(envelope, options)
  }

  async subscribe (contentTopic: string, options?: AbortOptions): Promise<void> {
    await this.running().subscribe(contentTopic, options)
  }

  async unsubscribe (contentTopic: string, options?: AbortOptions): Promise<void> {
    await this.running().unsubscribe(contentTopic, options)
  }

  subscribers (contentTopic: string): number {
    return this.started ? this.inner?.subscribers(contentTopic) ?? 0 : 0
  }

  onSubscribersChange (fn: (contentTopic: string) => void): () => void {
    this.watchers.add(fn)

    return () => { this.watchers.delete(fn) }
  }

  private running (): GossipsubMessaging {
    if (this.inner == null) {
      throw new NotStartedError('the node is not started')
    }

    return this.inner
  }
}
