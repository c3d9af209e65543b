import { HASH_BYTES, MAX_ID_BYTES, MAX_PAYLOAD_BYTES } from '../constants.js'
import type { Entry, Position } from '../pb/exchange.js'
import type { LogEntry, LogPosition } from '../types.js'

/** A place may be just behind an ID of full length, see {@link successor}. */
export function validPosition (position?: Position): boolean {
  return position == null || (position.messageId.length <= MAX_ID_BYTES + 1 && Number.isSafeInteger(position.lamportTimestamp))
}

/** Whether it can be the ID of a message. */
export function validId (messageId: string): boolean {
  return messageId.length > 0 && (3 * messageId.length <= MAX_ID_BYTES || new TextEncoder().encode(messageId).byteLength <= MAX_ID_BYTES)
}

/** The place right behind an entry, so that a range that excludes its ends includes the entry. */
export function successor ({ lamportTimestamp, messageId }: LogPosition): LogPosition {
  return { lamportTimestamp, messageId: `${messageId}\u0000` }
}

export function toPlace (position?: Position): LogPosition | undefined {
  return position && { lamportTimestamp: position.lamportTimestamp, messageId: position.messageId }
}

export function toPosition ({ lamportTimestamp, messageId }: LogPosition): Position {
  return { lamportTimestamp, messageId }
}

export function toWire (entry: LogEntry): Entry {
  return { position: toPosition(entry), senderId: entry.senderId, hash: entry.hash as Entry['hash'], size: entry.size }
}

/** An entry of a peer's page, or nothing when it cannot be one. */
export function fromWire ({ position, senderId, hash, size }: Entry): LogEntry | undefined {
  if (position == null || !validPosition(position) || !validId(position.messageId) || senderId.length > MAX_ID_BYTES) {
    return undefined
  }

  return { ...position, senderId, hash: hash?.byteLength === HASH_BYTES ? new Uint8Array(hash) : undefined, size: Math.min(size, MAX_PAYLOAD_BYTES) }
}
