import { ChannelManager } from '../channel/index.js'
import { DeferredMessaging } from './deferred-messaging.js'
import type { ChannelManagerInit } from '../channel/index.js'
import type { ChannelDiscovery } from '../discovery/index.js'
import type { MessageExchange } from '../exchange/index.js'
import type { GossipsubMessagingInit } from '../messaging/index.js'
import type { GossipSub } from '@libp2p/gossipsub'
import type { ComponentLogger, Metrics, PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** What the service takes from libp2p. `pubsub`, `discovery` and `exchange` are sibling services under these names. */
export interface ReliableChannelsComponents {
  peerId: PeerId
  logger: ComponentLogger
  metrics?: Metrics
  /** made with `gossipsub(gossipsubOptions())` */
  pubsub: GossipSub
  discovery?: ChannelDiscovery
  exchange?: MessageExchange
}

export interface ReliableChannelsInit extends ChannelManagerInit {
  /** where channels keep their state. @default in memory */
  datastore?: Datastore
  /** of messaging over gossipsub */
  messaging?: GossipsubMessagingInit
}

/**
 * Channels as a libp2p service.
 *
 * @example
 *
 * ```ts
 * const libp2p = await createLibp2p({
 *   services: {
 *     identify: identify(),
 *     pubsub: gossipsub(gossipsubOptions()),
 *     channels: reliableChannels({ datastore })
 *   }
 * })
 *
 * const channel = await libp2p.services.channels.createChannel('tea', { encryption })
 * ```
 */
export function reliableChannels (init: ReliableChannelsInit = {}): (components: ReliableChannelsComponents) => ChannelManager {
  return components => new ReliableChannels(components, init)
}

/** Starts once its siblings have started, and stops before them. */
class ReliableChannels extends ChannelManager {
  readonly [Symbol.toStringTag] = 'holdfast/channels'
  private readonly messaging: DeferredMessaging

  constructor (components: ReliableChannelsComponents, init: ReliableChannelsInit) {
    const { datastore, messaging: messagingInit, ...channels } = init
    // libp2p's components throw when asked for what is not there, so only these are looked at
    const messaging = new DeferredMessaging(() => ({ pubsub: components.pubsub, peerId: components.peerId, logger: components.logger }), messagingInit)

    super({
      messaging,
      datastore,
      peerId: components.peerId,
      logger: components.logger,
      metrics: sibling(components, 'metrics'),
      get discovery () { return sibling(components, 'discovery') },
      get exchange () { return sibling(components, 'exchange') }
    }, channels)
    this.messaging = messaging
  }

  override async start (): Promise<void> {}

  async afterStart (): Promise<void> {
    await this.messaging.start()
    await super.start()
  }

  async beforeStop (): Promise<void> {
    await super.stop()
    await this.messaging.stop()
  }

  override async stop (): Promise<void> {}
}

/** libp2p's components throw when asked for a service that is not there. */
function sibling<K extends keyof ReliableChannelsComponents> (components: ReliableChannelsComponents, name: K): ReliableChannelsComponents[K] | undefined {
  try {
    return components[name]
  } catch {
    return undefined
  }
}
