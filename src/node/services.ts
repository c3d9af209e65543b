import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { discovery } from '../discovery/index.js'
import { exchange } from '../exchange/index.js'
import { gossipsubOptions } from '../messaging/index.js'
import { rendezvousClient, rendezvousPoint } from '../rendezvous/index.js'
import { reliableChannels } from './reliable-channels.js'
import type { NodeInit } from './types.js'
import type { ChannelManager } from '../channel/index.js'
import type { DiscoveryManager } from '../discovery/index.js'
import type { MessageExchange } from '../exchange/index.js'
import type { RendezvousClient, RendezvousPoint } from '../rendezvous/index.js'
import type { GossipSub } from '@libp2p/gossipsub'
import type { Startable } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** The services of a node by the names under which they find each other. */
export interface NodeServices extends Record<string, unknown> {
  identify: unknown
  ping: unknown
  pubsub: GossipSub
  rendezvous: RendezvousClient
  rendezvousPoint?: RendezvousPoint
  discovery: DiscoveryManager
  exchange: MessageExchange & Startable
  channels: ChannelManager
}

/** Makers of the services that a node has by default, in the order in which they may be made. */
export type ServiceFactories = { [K in keyof NodeServices]: (components: never) => NodeServices[K] }

export function serviceFactories (init: NodeInit, datastore: Datastore): ServiceFactories {
  const { actAsRendezvousPoint: point } = init

  return {
    identify: identify(),
    ping: ping(),
    pubsub: gossipsub(gossipsubOptions()),
    rendezvous: rendezvousClient({ points: init.rendezvousPoints }),
    ...(point == null || point === false ? {} : { rendezvousPoint: rendezvousPoint(point === true ? { datastore } : { datastore, ...point }) }),
    discovery: discovery(init.discovery),
    exchange: exchange(init.exchange),
    channels: reliableChannels({ ...init.channels, datastore })
  }
}
