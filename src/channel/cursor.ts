import { InvalidParametersError } from '@libp2p/interface'
import type { Cursor, ReceivedMessage } from './types.js'

/** A message's place in the order of arrival and in the causal order. */
export interface Position {
  arrival: number
  /** Lamport timestamp in ms */
  lamport: number
  messageId: string
}

export function encodeCursor (position: Position): Cursor {
  return `${position.arrival.toString(36)}.${position.lamport.toString(36)}.${position.messageId}`
}

/** @throws {InvalidParametersError} it is not a cursor of this library */
export function decodeCursor (cursor: Cursor): Position {
  const match = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.(.*)$/s.exec(cursor)

  if (match == null) {
    throw new InvalidParametersError('the cursor is not one that a message or history() gave')
  }

  return { arrival: parseInt(match[1], 36), lamport: parseInt(match[2], 36), messageId: match[3] }
}

/** Orders by Lamport timestamp, then by message ID, compared by code unit. */
export function compareCausally (a: Omit<Position, 'arrival'>, b: Omit<Position, 'arrival'>): number {
  if (a.lamport !== b.lamport) {
    return a.lamport - b.lamport
  }

  return a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0
}

/**
 * The causal order of `history()`, for sorting messages that an application keeps itself.
 * Ephemeral messages have no place in it and are ordered by the sender's timestamp.
 */
export function compareMessages (a: ReceivedMessage, b: ReceivedMessage): number {
  return compareCausally(causalPosition(a), causalPosition(b))
}

function causalPosition (message: ReceivedMessage): Omit<Position, 'arrival'> {
  return message.cursor == null
    ? { lamport: message.timestamp, messageId: message.messageId }
    : decodeCursor(message.cursor)
}
