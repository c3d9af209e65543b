import { keccak256 } from '../keccak.js'
import { sameBytes } from './held-segment.js'
import type { Complete, SegmentInput } from './reassembly-types.js'
import type { Segment } from './segment.js'

interface InstantMessage {
  input: SegmentInput
  segment: Segment
  now: number
  complete: Complete
}

/**
 * Messages of one segment that came since the last transaction. Most are removed in the one in
 * which they come, so they are not worth an entry in the table, nor in storage.
 */
export class InstantMessages {
  /** by message ID, which is the set key as well */
  private readonly messages = new Map<string, InstantMessage>()

  get size (): number {
    return this.messages.size
  }

  has (messageId: string): boolean {
    return this.messages.has(messageId)
  }

  get (setKey: string): Complete | undefined {
    return this.messages.get(setKey)?.complete
  }

  /** Nothing when the payload has another hash than the segment says. */
  add (input: SegmentInput, segment: Segment, now: number): Complete | undefined {
    const { messageId, senderId, idSalt } = input

    if (!sameBytes(keccak256(segment.chunk), segment.hash)) {
      return undefined
    }

    const complete: Complete = {
      state: 'complete',
      setKey: messageId,
      senderId,
      messageId,
      hash: segment.hash,
      payload: segment.chunk,
      saltBase: idSalt,
      anchor: { messageId, slot: 0 },
      dataMessageIds: [messageId],
      absent: []
    }

    this.messages.set(messageId, { input, segment, now, complete })

    return complete
  }

  delete (setKey: string): boolean {
    return this.messages.delete(setKey)
  }

  /** All that were not removed, oldest first; none is left. */
  drain (): InstantMessage[] {
    const messages = [...this.messages.values()]
    this.messages.clear()

    return messages
  }
}
