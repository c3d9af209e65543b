import { encodeMessage } from '../../../src/sds/codec.js'
import { computeMessageId } from '../../../src/sds/index.js'
import { Member, START } from './member.js'
import type { MessageFields } from '../../../src/sds/codec.js'
import type { MemberInit } from './member.js'

let counter = 0n

/** A message with content as some other implementation would make it, with whatever is to be wrong about it. */
export function craft (fields: Partial<MessageFields> = {}): { messageId: string, bytes: Uint8Array } {
  const senderId = fields.senderId ?? 'mallory'
  const content = fields.content ?? [new TextEncoder().encode(`content ${counter}`)]
  const idSalt = fields.idSalt ?? BigInt(START) * 1_000_000n + counter++
  const messageId = fields.messageId ?? computeMessageId(senderId, idSalt, ...content)

  return {
    messageId,
    bytes: encodeMessage({ senderId, messageId, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [], repairRequest: [], content, idSalt, ...fields })
  }
}

export function craftSync (fields: Partial<MessageFields> = {}): Uint8Array {
  return encodeMessage({ senderId: 'mallory', messageId: `sync-${counter++}`, channelId: 'tea', lamportTimestamp: START + 10, causalHistory: [], repairRequest: [], ...fields })
}

export function member (init: Partial<MemberInit> = {}): Member {
  return new Member({ senderId: 'alice', ...init })
}
