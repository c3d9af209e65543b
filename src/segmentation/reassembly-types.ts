import type { SegmentationConfig } from './config.js'
import type { InvalidSegmentError } from './errors.js'

/** A segment, as SDS hands it over on first sight. */
export interface SegmentInput {
  /** the serialised SegmentMessage; held as it is, so it must not change */
  content: Uint8Array
  senderId: string
  messageId: string
  /** absent with other implementations: the set then has no base, and absent segments no known ID */
  idSalt?: bigint
  /** held in memory only */
  ephemeral?: boolean
}

/** Why a segment was not taken. */
export type RejectReason =
  /** it breaks the rules, or says something that its own bytes contradict */
  | 'malformed'
  /** its payload would be larger than `maxPayloadBytes` */
  | 'too-large'
  /** its slot has as many contents as are kept */
  | 'contradicting'
  /** no room, and nothing to evict */
  | 'full'

/** Why a set was given up. */
export type DropReason =
  /** nothing new for `reconstructionTimeoutMs` */
  | 'expired'
  /** it made room for another: it was not updated for longest */
  | 'evicted'

export interface DroppedSet {
  setKey: string
  senderId: string
  reason: DropReason
  /** it was complete and waited for its release */
  complete: boolean
  /** of the segments that were held */
  messageIds: string[]
}

/** A set that waits for more: counted in data segments and payload bytes; parity counts for what it replaces. */
export interface Progress {
  state: 'partial'
  setKey: string
  have: number
  total: number
  bytes: number
  totalBytes: number
}

/** What became of a segment. */
export type SegmentResult =
  | { state: 'rejected', reason: RejectReason, error: InvalidSegmentError }
  | { state: 'duplicate' }
  | Progress
  /** enough came, and assembling is more than a moment's work: see `Reassembly.assemble()` */
  | { state: 'ready', setKey: string }
  | Complete

export interface ReassemblyInit {
  config: SegmentationConfig
  /** called when a set is given up; must not call back */
  onDrop? (set: DroppedSet): void
}

export interface ReassemblyStatus {
  /** sets that are held, and the complete ones among them */
  sets: number
  complete: number
  /** as counted against the bounds */
  bytes: number
  /** since construction */
  completed: number
  duplicates: number
  rejected: Record<RejectReason, number>
  dropped: Record<DropReason, number>
}

/** A set whose payload is known and has the hash that its sender announced. */
export interface Complete {
  state: 'complete'
  setKey: string
  senderId: string
  /** ID of the whole: that of data segment 0 */
  messageId: string
  /** Keccak-256 of the payload */
  hash: Uint8Array
  payload: Uint8Array
  /** salt of data segment 0, ns; absent with other implementations */
  saltBase?: bigint
  /** a segment that did come, data if there is any, and its place in the set, parity behind data */
  anchor: { messageId: string, slot: number }
  /** ID of every data segment in order; without salts (other implementations) those that came */
  dataMessageIds: string[]
  /** the ones among them that did not come: SDS need not fetch them */
  absent: string[]
}
