import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { Libp2pOptions } from 'libp2p'

/** Where a node listens when nothing else is said. */
export const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/0']

/** libp2p options that differ between Node.js and browsers. */
export const PLATFORM_OPTIONS: Libp2pOptions = {
  transports: [tcp(), webSockets()]
}
