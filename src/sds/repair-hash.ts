import { sha256 } from '../sha256.js'

/** Participants in one response group (SDS-R). */
const PARTICIPANTS_PER_GROUP = 128n

const encoder = new TextEncoder()

/** The first 8 bytes of sha256 of the strings, big-endian, as @waku/sds has it. */
export function repairHash (...parts: string[]): bigint {
  const hash = sha256(encoder.encode(parts.join('')))

  return new DataView(hash.buffer, hash.byteOffset).getBigUint64(0)
}

/** How long after it was found missing a message is asked for, ms. */
export function requestDelay (participantId: string, messageId: string, repairMinMs: number, repairMaxMs: number): number {
  return Number(repairHash(participantId, messageId) % BigInt(repairMaxMs - repairMinMs)) + repairMinMs
}

/** How long after it was asked for a message is sent again, ms: its sender does so at once. */
export function responseDelay (participantId: string, senderId: string, messageId: string, repairMaxMs: number): number {
  const distance = repairHash(participantId) ^ repairHash(senderId)

  return Number(distance * repairHash(messageId) % BigInt(repairMaxMs))
}

/** How many groups share the answering among so many participants. */
export function responseGroups (participants: number): bigint {
  const groups = BigInt(participants) / PARTICIPANTS_PER_GROUP

  return groups > 1n ? groups : 1n
}

/** Whether `participantId` answers requests for this message of `senderId`. */
export function isInResponseGroup (participantId: string, senderId: string, messageId: string, groups: bigint): boolean {
  // whose message it is must be known
  return senderId !== '' && (groups <= 1n || repairHash(participantId, messageId) % groups === repairHash(senderId, messageId) % groups)
}
