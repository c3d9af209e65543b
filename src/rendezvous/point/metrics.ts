import type { RegistrationStore } from './registration-store.js'
import type { Counter, Metric, Metrics } from '@libp2p/interface'

/** The names of the reference implementation, nim-libp2p, and a counter of what was refused. */
export class PointMetrics {
  readonly register?: Counter
  readonly discover?: Counter
  readonly refused?: Counter
  private readonly registered?: Metric
  private readonly namespaces?: Metric

  constructor (metrics?: Metrics) {
    this.register = metrics?.registerCounter('libp2p_rendezvous_register', { help: 'number of register requests' })
    this.discover = metrics?.registerCounter('libp2p_rendezvous_discover', { help: 'number of discover requests' })
    this.refused = metrics?.registerCounter('libp2p_rendezvous_refused', { help: 'number of requests that were refused and of streams that were reset' })
    this.registered = metrics?.registerMetric('libp2p_rendezvous_registered', { help: 'number of registrations held' })
    this.namespaces = metrics?.registerMetric('libp2p_rendezvous_namespaces', { help: 'number of namespaces with a registration' })
  }

  /** Taken from the store itself after every change, so that nothing is counted twice. */
  update (store: RegistrationStore): void {
    this.registered?.update(store.size)
    this.namespaces?.update(store.namespaceCount)
  }
}
