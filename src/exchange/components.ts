import type { ComponentLogger, Metrics, PeerId } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Datastore } from 'interface-datastore'

/** What the exchange needs of libp2p. */
export interface ExchangeComponents {
  peerId: PeerId
  registrar: Pick<Registrar, 'handle' | 'unhandle'>
  connectionManager: Pick<ConnectionManager, 'openStream'>
  logger: ComponentLogger
  /** the ledger is kept here; without it, it lasts as long as the process */
  datastore?: Datastore
  metrics?: Metrics
}
