import type { Observation, ObservationOf } from '../history.js'

/** One call of `send()`, and what is known of the message that it made. */
export interface Sent {
  readonly call: number
  readonly member: number
  readonly life: number
  readonly channelId: string
  readonly at: number
  /** by the sender's own clock, ms */
  readonly wall: number
  readonly hash: string
  readonly size: number
  readonly ephemeral: boolean
  /** place among the member's causally ordered messages of the channel, from 1; 0 when ephemeral */
  readonly sequence: number
  requestId?: string
  messageId?: string
  refused: boolean
}

/**
 * Who sent what. A message is found by its ID where the sender's application learned it, else by
 * its payload: a sender that crashes while `send()` is under way never learns the ID.
 */
export class MessageIndex {
  readonly sent: Sent[] = []
  private readonly byCall = new Map<number, Sent>()
  private readonly byRequest = new Map<string, Sent>()
  private readonly byMessage = new Map<string, Sent>()
  private readonly byHash = new Map<string, Sent[]>()
  private readonly senders = new Map<string, number>()

  constructor (history: readonly Observation[]) {
    const sequences = new Map<string, number>()

    for (const seen of history) {
      switch (seen.type) {
        case 'opened':
          this.senders.set(seen.senderId, seen.member)
          break
        case 'send':
          this.add(seen, sequences)
          break
        case 'staged':
          this.stage(seen)
          break
        case 'refused':
          (this.byCall.get(seen.call) as Sent).refused = true
          break
        case 'queued':
        case 'sent':
        case 'receipt':
        case 'delivered':
        case 'send-error':
        case 'delivery-error':
          this.name(seen)
          break
        default:
      }
    }

    // queued may be told before send() resolved
    history.forEach(seen => { 'requestId' in seen && 'messageId' in seen && this.name(seen) })
  }

  /** The member that goes by this sender ID; none when it is a stranger or a liar. */
  memberOf (senderId: string): number | undefined {
    return this.senders.get(senderId)
  }

  request (member: number, channelId: string, requestId: string): Sent | undefined {
    return this.byRequest.get(key(member, channelId, requestId))
  }

  message (channelId: string, messageId: string, senderId?: string, hash?: string): Sent | undefined {
    const known = this.byMessage.get(key(channelId, messageId))

    if (known != null || senderId == null || hash == null) {
      return known
    }

    const member = this.senders.get(senderId)
    const unnamed = this.byHash.get(key(channelId, hash))?.find(sent => sent.member === member && sent.messageId == null)

    if (unnamed != null) {
      unnamed.messageId = messageId
      this.byMessage.set(key(channelId, messageId), unnamed)
    }

    return unnamed
  }

  private add (seen: ObservationOf<'send'>, sequences: Map<string, number>): void {
    const { call, member, life, channelId, at, wall, hash, size, ephemeral } = seen
    const line = key(member, channelId)
    const sequence = ephemeral ? 0 : (sequences.get(line) ?? 0) + 1
    const sent: Sent = { call, member, life, channelId, at, wall, hash, size, ephemeral, sequence, refused: false }

    if (!ephemeral) {
      sequences.set(line, sequence)
    }

    this.sent.push(sent)
    this.byCall.set(call, sent)
    const same = this.byHash.get(key(channelId, hash)) ?? []

    same.push(sent)
    this.byHash.set(key(channelId, hash), same)
  }

  private stage ({ call, member, channelId, requestId }: ObservationOf<'staged'>): void {
    const sent = this.byCall.get(call) as Sent

    sent.requestId = requestId
    this.byRequest.set(key(member, channelId, requestId), sent)
  }

  private name ({ member, channelId, requestId, messageId }: { member: number, channelId: string, requestId: string, messageId?: string }): void {
    const sent = this.byRequest.get(key(member, channelId, requestId))

    if (sent != null && messageId != null) {
      sent.messageId = messageId
      this.byMessage.set(key(channelId, messageId), sent)
    }
  }
}

export function key (...parts: Array<string | number>): string {
  return parts.join('\n')
}
