import { isSealedBy, standardRecord } from '../records.js'
import type { RegisteredPeer } from './types.js'
import type { Logger, PeerDiscoveryEvents, PeerStore, TypedEventTarget } from '@libp2p/interface'

/** Peers remembered as reported; the ones that were met the longest ago are reported again. */
const MAX_MET = 10_000

/** Tells libp2p of the peers that were found: their records to the peer store, each new one as an event. */
export class Introductions {
  private readonly peerStore: PeerStore
  private readonly discovery: TypedEventTarget<PeerDiscoveryEvents>
  private readonly log: Logger
  /** the sequence number of the record that was stored, by peer */
  private readonly met = new Map<string, bigint>()

  constructor (peerStore: PeerStore, discovery: TypedEventTarget<PeerDiscoveryEvents>, log: Logger) {
    this.peerStore = peerStore
    this.discovery = discovery
    this.log = log
  }

  async introduce (peers: readonly RegisteredPeer[]): Promise<void> {
    for (const peer of peers) {
      const id = peer.id.toString()
      const known = this.met.get(id)

      if (known == null || known < peer.sequence) {
        await this.save(peer)
        this.remember(id, peer.sequence)
      }

      if (known == null) {
        this.discovery.safeDispatchEvent('peer', { detail: { id: peer.id, multiaddrs: peer.multiaddrs } })
      }
    }
  }

  /** Under the registrant's ID, whoever handed the record out. */
  private async save (peer: RegisteredPeer): Promise<void> {
    try {
      if (isSealedBy(standardRecord, peer.record)) {
        // certifies the addresses, unless it has a newer record
        await this.peerStore.consumePeerRecord(peer.record, { expectedPeer: peer.id })
      } else {
        await this.peerStore.merge(peer.id, { multiaddrs: peer.multiaddrs })
      }
    } catch (err) {
      this.log.error('%p is not added to the peer store - %e', peer.id, err)
    }
  }

  private remember (id: string, sequence: bigint): void {
    this.met.delete(id)
    this.met.set(id, sequence)

    if (this.met.size > MAX_MET) {
      for (const oldest of this.met.keys()) {
        this.met.delete(oldest)
        break
      }
    }
  }
}
