import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { isSealedBy, standardRecord } from '../records.js'
import type { RegisteredPeer } from './types.js'
import type { Clock } from '../../clock.js'
import type { RecordCodecs } from '../record-formats.js'
import type { Logger, Peer, PeerDiscoveryEvents, PeerStore, TypedEventTarget } from '@libp2p/interface'

/** Peers remembered as reported; the ones that were met the longest ago are reported again. */
const MAX_MET = 10_000

/** A peer that is found again is looked up in the peer store after this long: that forgets an address after an hour. */
const SAVE_AGAIN_MS = 10 * 60_000

interface Met {
  /** of the record that was stored */
  sequence: bigint
  /** unix time, ms; absent when the peer store did not take it */
  savedAt?: number
}

export interface IntroductionsInit {
  peerStore: PeerStore
  discovery: TypedEventTarget<PeerDiscoveryEvents>
  /** with which the records were opened */
  codecs: RecordCodecs
  clock: Clock
  log: Logger
}

/** Tells libp2p of the peers that were found: their records to the peer store, each new one as an event. */
export class Introductions {
  private readonly init: IntroductionsInit
  private readonly met = new Map<string, Met>()

  constructor (init: IntroductionsInit) {
    this.init = init
  }

  async introduce (peers: readonly RegisteredPeer[]): Promise<void> {
    for (const peer of peers) {
      const id = peer.id.toString()
      const known = this.met.get(id)
      const now = this.init.clock.now()

      if (known?.savedAt == null || known.sequence < peer.sequence || now - known.savedAt >= SAVE_AGAIN_MS) {
        this.remember(id, { sequence: peer.sequence, savedAt: await this.save(peer) ? now : undefined })
      }

      if (known == null) {
        this.init.discovery.safeDispatchEvent('peer', { detail: { id: peer.id, multiaddrs: peer.multiaddrs } })
      }
    }
  }

  /** Under the registrant's ID, whoever handed the record out. @returns whether the peer store has it */
  private async save (peer: RegisteredPeer): Promise<boolean> {
    try {
      await this.consume(peer)

      return true
    } catch (err) {
      this.init.log.error('%p is not added to the peer store - %e', peer.id, err)

      return false
    }
  }

  /**
   * What `consumePeerRecord()` does, but for the signature, which was checked: a certified
   * record replaces an older one, and never a newer one.
   */
  private async consume ({ id, multiaddrs, sequence, record }: RegisteredPeer): Promise<void> {
    const { peerStore, codecs } = this.init
    // one that was opened with another codec is not what the peer store calls certified
    const isCertified = codecs.standard === standardRecord && isSealedBy(standardRecord, record)
    const stored = await this.stored(id)
    const storedSequence = sequenceOf(stored?.peerRecordEnvelope)
    const isNewer = isCertified && (storedSequence == null || storedSequence < sequence)
    const missing = multiaddrs.filter(ma => stored?.addresses.every(({ multiaddr }) => !multiaddr.equals(ma)) ?? true)

    if (stored != null && missing.length > 0) {
      // the store keeps the date of an address that it forgot, and would forget it again at once
      await peerStore.patch(id, { addresses: stored.addresses })
    }

    if (isNewer) {
      await peerStore.patch(id, { peerRecordEnvelope: record, addresses: multiaddrs.map(multiaddr => ({ multiaddr, isCertified })) })
    } else if (missing.length > 0) {
      await peerStore.merge(id, { addresses: missing.map(multiaddr => ({ multiaddr, isCertified: isCertified && storedSequence === sequence })) })
    }
  }

  private async stored (id: RegisteredPeer['id']): Promise<Peer | undefined> {
    try {
      return await this.init.peerStore.get(id)
    } catch (err) {
      if ((err as Error).name === 'NotFoundError') {
        return undefined
      }

      throw err
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

function sequenceOf (envelope?: Uint8Array): bigint | undefined {
  return envelope == null ? undefined : PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload).seqNumber
}
