import type { InvalidStreamFrameError } from './errors.js'
import type { StreamFrame } from './stream-frame.js'

/** A frame whose set is complete. */
export interface StreamFrameInput {
  frame: StreamFrame
  senderId: string
  /** of the set: that of its data segment 0 */
  messageId: string
  /** Keccak-256 of the set's payload, as reassembly verified it */
  hash: Uint8Array
}

/** Why a frame was not taken. */
export type StreamRejectReason =
  /** the stream would be larger than `maxPayloadBytes` */
  | 'too-large'
  /** its place has as many frames as are kept */
  | 'contradicting'
  /** its stream alone would be over the bound of its sender: it is cut too small */
  | 'full'

/** Why a stream was given up. */
export type StreamDropReason =
  /** nothing new for `reconstructionTimeoutMs` */
  | 'expired'
  /** it made room for another: it was not updated for longest */
  | 'evicted'

export interface DroppedStream {
  streamKey: string
  senderId: string
  reason: StreamDropReason
  /** of the frames that were here */
  messageIds: string[]
}

/** A stream that waits for more. */
export interface StreamProgress {
  state: 'partial'
  streamKey: string
  /** frames */
  have: number
  total: number
  bytes: number
  totalBytes: number
}

/** All frames of a stream are here, and each names the one before it. */
export interface CompleteStream {
  state: 'complete'
  streamKey: string
  streamId: string
  senderId: string
  /** ID of the whole: that of its first frame */
  messageId: string
  /** in bytes */
  size: number
  /** in order: where the bytes are stored, how many, and the message that brought them */
  frames: Array<{ contentKey: string, byteLength: number, messageId: string }>
}

/** What became of a frame. */
export type StreamResult =
  | { state: 'rejected', reason: StreamRejectReason, error: InvalidStreamFrameError }
  | { state: 'duplicate' }
  | StreamProgress
  | CompleteStream

export interface StreamStatus {
  /** that are held, complete ones included */
  streams: number
  /** in storage, as counted against the bounds */
  bytes: number
  /** since construction */
  completed: number
  duplicates: number
  rejected: Record<StreamRejectReason, number>
  dropped: Record<StreamDropReason, number>
}
