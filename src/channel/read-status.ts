import type { ChannelContext } from './context.js'
import type { Dispatcher } from './dispatcher.js'
import type { Membership } from './membership.js'
import type { Presence } from './presence.js'
import type { StoredBudget } from './send-budget.js'
import type { ChannelStatus } from './types.js'

/** What the status of a channel is read from. */
export interface StatusSources {
  readonly state: 'stopped' | 'started' | 'closed'
  readonly context: ChannelContext
  readonly dispatcher: Dispatcher
  readonly presence: Presence
  readonly membership: Membership
  readonly budget: StoredBudget
}

/** The status of a channel as it is now. */
export function readStatus ({ state, context, dispatcher, presence, membership, budget }: StatusSources): ChannelStatus {
  const { unacknowledged, parked, missing, lost } = context.sds.status()

  return {
    state: state === 'started' ? phase(presence, membership, missing + parked) : state,
    discoverable: membership.discoverable,
    queued: context.requests.pendingCount,
    inFlight: dispatcher.inFlightCount,
    unacknowledged,
    parked,
    missing,
    lost,
    peers: Math.max(state === 'started' ? presence.peers : 0, membership.peers().length),
    rateLimit: budget.state()
  }
}

function phase (presence: Presence, membership: Membership, open: number): ChannelStatus['state'] {
  if (presence.peers === 0) {
    return 'waiting-for-peers'
  }

  return membership.busy ? 'joining' : open > 0 ? 'syncing' : 'synced'
}
