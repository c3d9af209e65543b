import type { Metrics } from '@libp2p/interface'

/** Every counter with what it counts; all grow from 0 at construction. */
const COUNTERS = {
  sessionsStarted: 'discovery sessions started, in both roles',
  sessionsSucceeded: 'discovery sessions that ended well',
  sessionsFailed: 'discovery sessions that failed',
  sessionsRefused: 'sessions that we refused as busy',
  sessionsBusy: 'sessions that others refused as busy',
  recordsReceived: 'peer records received in sessions',
  recordsLearned: 'peer records received that were new to us',
  recordsOlder: 'peer records received that were older than what we have',
  recordsForged: 'peer records refused for their signature',
  recordsForeign: 'peer records refused because another peer than the named one signed them',
  recordsMalformed: 'peer records refused because they cannot be read',
  peersOverQuota: 'new peers refused because their source named too many within the hour',
  peersEvicted: 'peers that left the full address book for others',
  peersRefused: 'new peers refused because the address book was full of better ones',
  peersPruned: 'peers dropped after long silence',
  peersStale: 'times a peer was marked stale',
  peersMisbehaving: 'times a peer was penalised',
  entriesCorrupt: 'stored entries that could not be read back',
  entriesUnsaved: 'entries that could not be written to the datastore',
  dialsSucceeded: 'members dialled to heal the overlay',
  dialsFailed: 'members that could not be dialled',
  pointErrors: 'failed rounds at rendezvous points',
  walkerResets: 'times the walks started over',
  walkerRestarts: 'failed walkers that were restarted'
}

export type DiscoveryStat = keyof typeof COUNTERS
export type DiscoveryStats = Record<DiscoveryStat, number>

export function createStats (): DiscoveryStats {
  const stats = { ...COUNTERS } as unknown as DiscoveryStats

  for (const name of Object.keys(COUNTERS) as DiscoveryStat[]) {
    stats[name] = 0
  }

  return stats
}

/** Live figures that go up and down. */
export interface DiscoveryGauges {
  /** peers in the address book */
  peers: number
  /** members located, over all channels */
  members: number
  /** sessions under way */
  sessions: number
}

/** Counters appear as `holdfast_discovery_<name>_total`, gauges as `holdfast_discovery_<name>`, in snake case. */
export function registerMetrics (metrics: Metrics, stats: DiscoveryStats, gauges: () => DiscoveryGauges): void {
  for (const [name, help] of Object.entries(COUNTERS)) {
    metrics.registerCounter(`holdfast_discovery_${snakeCase(name)}_total`, { help, calculate: () => stats[name as DiscoveryStat] })
  }

  for (const name of ['peers', 'members', 'sessions'] as const) {
    metrics.registerMetric(`holdfast_discovery_${name}`, { calculate: () => gauges()[name] })
  }
}

function snakeCase (name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
