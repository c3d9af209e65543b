import { encodeCursor } from './cursor.js'
import type { LoggedMessage } from './message-log.js'
import type { Cursor, ReceivedMessage } from './types.js'
import type { Bytes } from '../clock.js'

/** A message of the log as the application sees it. */
export function toReceived (channelId: string, message: LoggedMessage, payload: Bytes): ReceivedMessage & { cursor: Cursor } {
  return {
    channelId,
    messageId: message.messageId,
    senderId: message.senderId,
    sender: message.sender,
    payload,
    streamed: message.parts != null,
    size: message.size,
    ephemeral: false,
    own: message.own,
    late: message.late,
    timestamp: message.timestamp,
    receivedAt: message.receivedAt,
    cursor: encodeCursor(message)
  }
}
