import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { storedIdentity } from '../../node/identity.js'
import { PLATFORM_OPTIONS } from '../../node/transports.js'
import { rendezvousPoint } from '../../rendezvous/index.js'
import { openDatastore } from '../../storage/index.js'
import type { RendezvousPoint } from '../../rendezvous/index.js'
import type { Libp2p, Metrics, ServiceMap } from '@libp2p/interface'

/** A point has many short visits, and from one address as many as peers share it. */
const MAX_CONNECTIONS = 10_000
const INBOUND_CONNECTIONS_PER_SECOND = 100

export interface PointInit {
  /** LevelDB folder. @default in memory */
  data?: string
  listen: string[]
  /** @default the addresses that are listened on */
  announce: string[]
  /** @default 100_000 */
  maxRegistrations?: number
  metrics?: Metrics
}

interface PointServices extends ServiceMap {
  rendezvous: RendezvousPoint
}

export interface PointNode {
  libp2p: Libp2p<PointServices>
  stop (): Promise<void>
}

/**
 * A libp2p that is a rendezvous point and nothing else. It has no gossipsub on purpose: peers
 * would tell it the topics of their channels.
 *
 * @throws {StoreLockedError} {@link StoreCorruptError}
 */
export async function startPoint (init: PointInit): Promise<PointNode> {
  const { datastore, close, discard } = init.data == null
    ? { datastore: new MemoryDatastore(), close: async () => {}, discard: async () => {} }
    : await openDatastore(init.data)

  try {
    const { metrics } = init
    const libp2p = await createLibp2p<PointServices>({
      ...PLATFORM_OPTIONS,
      privateKey: await storedIdentity(datastore),
      datastore,
      addresses: { listen: init.listen, announce: init.announce },
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { maxConnections: MAX_CONNECTIONS, inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND },
      ...(metrics == null ? {} : { metrics: () => metrics }),
      services: {
        identify: identify(),
        ping: ping(),
        rendezvous: rendezvousPoint({ datastore, maxRegistrations: init.maxRegistrations })
      },
      start: false
    })

    try {
      await libp2p.start()
    } catch (err) {
      await libp2p.stop()

      throw err
    }

    return {
      libp2p,
      stop: async () => {
        await libp2p.stop()
        await close()
      }
    }
  } catch (err) {
    await discard()

    throw err
  }
}
