import { key } from './message-index.js'
import type { Violation } from './types.js'
import type { MessageIndex } from './message-index.js'
import type { Observation, ObservationOf } from '../history.js'

/** Events that must not come while a channel is closed. */
const EVENTS = new Set(['queued', 'sent', 'delivered', 'send-error', 'delivery-error', 'receipt', 'received', 'lost', 'error'])

/** G2: each message at most once, unchanged, from who sent it. G4: nothing after close. */
export function checkDeliveries (history: readonly Observation[], index: MessageIndex): Violation[] {
  const violations: Violation[] = []
  const received = new Map<string, ObservationOf<'received'>>()
  const closed = new Set<string>()

  for (const seen of history) {
    const channel = key(seen.member, seen.channelId)

    if (seen.type === 'closed' || seen.type === 'deleted') {
      closed.add(channel)
    } else if (seen.type === 'opened') {
      closed.delete(channel)
    } else if (EVENTS.has(seen.type) && closed.has(channel)) {
      violations.push({ ...about(seen), guarantee: 'G4', message: `member ${seen.member} was told ${seen.type} after it had closed the channel` })
    }

    if (seen.type === 'log') {
      violations.push(...checkLog(seen, index))
    } else if (seen.type === 'received') {
      const id = key(channel, seen.messageId)
      const before = received.get(id)

      // nothing of an ephemeral message is stored: a restart may forget it
      if (before != null && !(seen.ephemeral && before.life !== seen.life)) {
        violations.push({ ...about(seen), guarantee: 'G2', message: `member ${seen.member} got ${short(seen.messageId)} twice` })
      }

      received.set(id, seen)
      violations.push(...checkContent(seen, index))
    }
  }

  return violations
}

function checkContent (seen: ObservationOf<'received'>, index: MessageIndex): Violation[] {
  const member = index.memberOf(seen.senderId)
  const sent = index.message(seen.channelId, seen.messageId, seen.senderId, seen.hash)
  const fail = (message: string): Violation[] => [{ ...about(seen), guarantee: 'G2', message: `member ${seen.member} got ${short(seen.messageId)}, ${message}` }]

  if (seen.own || member === seen.member) {
    return fail('which is its own')
  } else if (sent == null) {
    // what strangers send is none of our business
    return member == null ? [] : fail(`which ${seen.senderId} never sent`)
  } else if (sent.hash !== seen.hash || sent.size !== seen.size) {
    return fail('with another payload than was sent')
  } else if (sent.member !== member) {
    return fail(`under the name of ${seen.senderId}, from member ${sent.member}`)
  }

  return []
}

function checkLog (seen: ObservationOf<'log'>, index: MessageIndex): Violation[] {
  const violations: Violation[] = []
  const ids = new Set<string>()

  for (const line of seen.lines ?? []) {
    const sent = index.message(seen.channelId, line.messageId, line.senderId, line.hash)

    if (ids.has(line.messageId)) {
      violations.push({ ...about(seen, line.messageId), guarantee: 'G2', message: `the log of member ${seen.member} has ${short(line.messageId)} twice` })
    } else if (sent != null && sent.hash !== line.hash) {
      violations.push({ ...about(seen, line.messageId), guarantee: 'G2', message: `the log of member ${seen.member} has ${short(line.messageId)} with another payload` })
    }

    ids.add(line.messageId)
  }

  return violations
}

function about (seen: Observation, messageId?: string): Pick<Violation, 'at' | 'channelId' | 'members' | 'messageIds'> {
  const id = messageId ?? ('messageId' in seen ? seen.messageId : undefined)

  return { at: seen.at, channelId: seen.channelId, members: [seen.member], messageIds: id == null ? [] : [id] }
}

/** As much of a message ID as tells it from others in a trace. */
export function short (messageId: string): string {
  return messageId.slice(0, 8)
}
