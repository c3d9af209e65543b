import type { FrameChannel } from './session.js'
import type { SignedRecord } from './signed-record.js'
import type { AbortOptions, PeerId, PeerInfo } from '@libp2p/interface'

/** A session's stream. */
export interface SessionChannel extends FrameChannel {
  /** ends our side in good order */
  close (options: AbortOptions): Promise<void>
  abort (err: Error): void
}

/** What discovery needs of a network. `Libp2pNetwork` is the real one. */
export interface DiscoveryNetwork {
  readonly self: PeerId
  /** our own record, as of now; none while we have no address */
  record (): Promise<SignedRecord | undefined>
  /** a record that some other protocol learned */
  knownRecord (peer: PeerId): Promise<Uint8Array | undefined>
  /** tells the other protocols of a record */
  remember (record: SignedRecord): Promise<void>
  isConnected (peer: PeerId): boolean
  /** every peer that we have a connection with */
  connected (): Iterable<PeerId>
  /** whether there is any connection at all */
  isOnline (): boolean
  connect (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<void>
  /** connects if need be; rejects with `UnsupportedProtocolError` when the peer does not speak ours */
  open (peer: PeerId, record: SignedRecord | undefined, options: AbortOptions): Promise<SessionChannel>
  /** marks the connection to a peer as worth keeping, or not any more */
  keep (peer: PeerId, keep: boolean): Promise<void>
}

type Namespace = string | ((point: PeerId) => string)

/** A member found at a point, with its signed record where the client has it. */
export type FoundPeer = PeerInfo & { record?: Uint8Array }

/** What discovery needs of a `RendezvousClient`. */
export interface RendezvousSource {
  /** kept up until `unregister()` with the same namespace object, also where it failed at first */
  register (namespace: Namespace, options?: { ttl?: number } & AbortOptions): Promise<Array<{ point: PeerId, ttl?: number, error?: Error }>>
  unregister (namespace: Namespace, options?: AbortOptions): Promise<void>
  /** only what is new since the last call */
  discover (namespace: Namespace, options?: { limit?: number } & AbortOptions): AsyncIterable<FoundPeer>
}
