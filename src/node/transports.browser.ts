import { webSockets } from '@libp2p/websockets'
import type { Libp2pOptions } from 'libp2p'

/** A browser cannot listen. */
export const DEFAULT_LISTEN: string[] = []

/** libp2p options that differ between Node.js and browsers. */
export const PLATFORM_OPTIONS: Libp2pOptions = {
  transports: [webSockets()]
}
