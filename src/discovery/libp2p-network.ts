import { KEEP_ALIVE } from '@libp2p/interface'
import { CODE_P2P } from '@multiformats/multiaddr'
import { Frames } from '../rendezvous/framing.js'
import { MAX_FRAME_BYTES } from './session.js'
import { sealRecord } from './signed-record.js'
import type { DiscoveryNetwork, SessionChannel } from './network.js'
import type { SignedRecord } from './signed-record.js'
import type { Clock } from '../clock.js'
import type { AbortOptions, PeerId, PeerStore, PrivateKey, Stream } from '@libp2p/interface'
import type { AddressManager, ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

export const DISCOVERY_PROTOCOL = '/holdfast/discovery/1.0.0'

const KEEP_TAG = `${KEEP_ALIVE}-holdfast`
const KEEP_VALUE = 50

export interface Libp2pNetworkInit {
  peerId: PeerId
  privateKey: PrivateKey
  addressManager: AddressManager
  connectionManager: ConnectionManager
  peerStore: PeerStore
  clock: Clock
  /** addresses from the configuration, which the peer store must not forget */
  bootstrap: Map<string, Multiaddr[]>
}

/** Discovery's network, over libp2p. */
export class Libp2pNetwork implements DiscoveryNetwork {
  readonly self: PeerId
  private readonly init: Libp2pNetworkInit
  private own?: { addresses: string, record: Promise<SignedRecord> }
  private lastSeq = 0n

  constructor (init: Libp2pNetworkInit) {
    this.init = init
    this.self = init.peerId
  }

  async record (): Promise<SignedRecord | undefined> {
    const { addressManager, clock, peerId, privateKey } = this.init
    const addresses = addressManager.getAddresses().map(address => address.decapsulateCode(CODE_P2P))
    const fingerprint = addresses.map(String).sort().join()

    if (addresses.length === 0) {
      return undefined
    }

    if (this.own?.addresses !== fingerprint) {
      const now = BigInt(clock.now())
      this.lastSeq = now > this.lastSeq ? now : this.lastSeq + 1n
      this.own = { addresses: fingerprint, record: sealRecord(peerId, privateKey, addresses, this.lastSeq) }
    }

    return await this.own.record
  }

  async knownRecord (peer: PeerId): Promise<Uint8Array | undefined> {
    try {
      return (await this.init.peerStore.get(peer)).peerRecordEnvelope
    } catch (err) {
      if (err instanceof Error && err.name === 'NotFoundError') {
        return undefined
      }

      throw err
    }
  }

  async remember (record: SignedRecord): Promise<void> {
    await this.init.peerStore.consumePeerRecord(record.envelope, { expectedPeer: record.peer })
  }

  isConnected (peer: PeerId): boolean {
    return this.init.connectionManager.getConnections(peer).some(({ status }) => status === 'open')
  }

  * connected (): Iterable<PeerId> {
    for (const [peer, connections] of this.init.connectionManager.getConnectionsMap()) {
      if (connections.some(({ status }) => status === 'open')) {
        yield peer
      }
    }
  }

  isOnline (): boolean {
    return this.init.connectionManager.getConnectionsMap().size > 0
  }

  async connect (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<void> {
    await this.recall(peer, record, options)
    await this.init.connectionManager.openConnection(peer, options)
  }

  async open (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<SessionChannel> {
    await this.recall(peer, record, options)

    return streamChannel(await this.init.connectionManager.openStream(peer, DISCOVERY_PROTOCOL, {
      ...options,
      runOnLimitedConnection: true
    }))
  }

  async keep (peer: PeerId, keep: boolean): Promise<void> {
    await this.init.peerStore.merge(peer, { tags: { [KEEP_TAG]: keep ? { value: KEEP_VALUE } : undefined } })
  }

  /** The peer store forgets addresses after an hour; the address book does not. */
  private async recall (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<void> {
    if (this.isConnected(peer)) {
      return
    }

    const configured = (this.init.bootstrap.get(peer.toString()) ?? []).map(multiaddr => ({ multiaddr, isCertified: false }))
    const signed = (record?.addresses ?? []).map(multiaddr => ({ multiaddr, isCertified: true }))

    if (configured.length + signed.length > 0) {
      await this.init.peerStore.merge(peer, { addresses: [...configured, ...signed] }, options)
    }
  }
}

/** Call it in the same turn in which the stream was received, or its first bytes are missed. */
export function streamChannel (stream: Stream): SessionChannel {
  const frames = new Frames(stream, MAX_FRAME_BYTES, 2 * MAX_FRAME_BYTES)

  return {
    read: async options => await frames.read(options),
    write: async (frame, options) => { await frames.write(frame, options) },
    close: async options => { await stream.close(options) },
    abort: (err) => { stream.abort(err) }
  }
}
