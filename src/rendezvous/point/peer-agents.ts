import type { Clock } from '../../clock.js'
import type { PeerId, PeerStore } from '@libp2p/interface'

/** An agent that is not known yet is looked for again after this long: identify may be under way. */
const UNKNOWN_MS = 100

interface Agent {
  isLegacy: boolean
  /** unix time, ms */
  until: number
}

/** What software peers run, by what they said in identify. */
export class PeerAgents {
  /** by the ID that a connection has of its peer: the peer store takes longer than a whole request */
  private readonly known = new WeakMap<PeerId, Agent>()
  private readonly clock: Clock
  private readonly peerStore?: PeerStore

  constructor (clock: Clock, peerStore?: PeerStore) {
    this.clock = clock
    this.peerStore = peerStore
  }

  /** Rust's rendezvous reads legacy envelopes only. */
  async isLegacy (peer: PeerId): Promise<boolean> {
    const now = this.clock.now()
    let agent = this.known.get(peer)

    if (agent == null || agent.until <= now) {
      const name = await this.nameOf(peer)
      agent = { isLegacy: name?.startsWith('rust-libp2p') === true, until: name == null ? now + UNKNOWN_MS : Infinity }
      this.known.set(peer, agent)
    }

    return agent.isLegacy
  }

  private async nameOf (peer: PeerId): Promise<string | undefined> {
    try {
      const agent = (await this.peerStore?.get(peer))?.metadata.get('AgentVersion')

      return agent == null ? undefined : new TextDecoder().decode(agent)
    } catch {
      // not in the peer store
      return undefined
    }
  }
}
