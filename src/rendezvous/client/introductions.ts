import { isSealedBy, standardRecord } from '../records.js'
import type { RegisteredPeer } from './types.js'
import type { Clock } from '../../clock.js'
import type { Logger, PeerDiscoveryEvents, PeerStore, TypedEventTarget } from '@libp2p/interface'

/** Peers remembered as reported; the ones that were met the longest ago are reported again. */
const MAX_MET = 10_000

/** A peer that is found again is stored again after this long: the peer store forgets addresses after an hour. */
const SAVE_AGAIN_MS = 10 * 60_000

interface Met {
  /** of the record that was stored */
  sequence: bigint
  /** unix time, ms */
  savedAt: number
}

/** Tells libp2p of the peers that were found: their records to the peer store, each new one as an event. */
export class Introductions {
  private readonly peerStore: PeerStore
  private readonly discovery: TypedEventTarget<PeerDiscoveryEvents>
  private readonly log: Logger
  private readonly clock: Clock
  private readonly met = new Map<string, Met>()

  constructor (peerStore: PeerStore, discovery: TypedEventTarget<PeerDiscoveryEvents>, clock: Clock, log: Logger) {
    this.peerStore = peerStore
    this.discovery = discovery
    this.clock = clock
    this.log = log
  }

  async introduce (peers: readonly RegisteredPeer[]): Promise<void> {
    for (const peer of peers) {
      const id = peer.id.toString()
      const known = this.met.get(id)

      const now = this.clock.now()

      if (known == null || known.sequence < peer.sequence || now - known.savedAt >= SAVE_AGAIN_MS) {
        await this.save(peer)
        this.remember(id, { sequence: peer.sequence, savedAt: now })
      }

      if (known == null) {
        this.discovery.safeDispatchEvent('peer', { detail: { id: peer.id, multiaddrs: peer.multiaddrs } })
      }
    }
  }

  /** Under the registrant's ID, whoever handed the record out. */
  private async save (peer: RegisteredPeer): Promise<void> {
    try {
      // certifies the addresses; false for a record that it has already
      if (!isSealedBy(standardRecord, peer.record) || !await this.peerStore.consumePeerRecord(peer.record, { expectedPeer: peer.id })) {
        await this.peerStore.merge(peer.id, { multiaddrs: peer.multiaddrs })
      }
    } catch (err) {
      this.log.error('%p is not added to the peer store - %e', peer.id, err)
    }
  }

  private remember (id: string, met: Met): void {
    this.met.delete(id)
    this.met.set(id, met)

    if (this.met.size > MAX_MET) {
      for (const oldest of this.met.keys()) {
        this.met.delete(oldest)
        break
      }
    }
  }
}
