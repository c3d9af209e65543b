import { short } from './deliveries.js'
import { key } from './message-index.js'
import type { CausalOrder } from './causal-order.js'
import type { Violation } from './types.js'
import type { MessageIndex, Sent } from './message-index.js'
import type { Observation, ObservationOf } from '../history.js'

/** Between holding a message and telling the application of it, a store is written to; ms. */
const WRITING_MS = 1_000

/**
 * The part of G1 that is about truth: whoever is said to hold a message holds it. A member tells
 * its application at once of what it holds, unless the message waits for another; and in the end
 * what it holds is in its log. G8: what it waits for is not from before its joining.
 */
export function checkReceipts (history: readonly Observation[], index: MessageIndex, order: CausalOrder, segmentBytes: number): Violation[] {
  const violations: Violation[] = []
  const told = new Set<string>()
  const holders = new Set<string>()
  const interruptions = new Map<number, number[]>()
  const receipts: Array<{ seen: ObservationOf<'receipt'>, sent: Sent }> = []
  let convergedAt = -Infinity
  // what others cite, and what single segments cite, may keep a message waiting: we know nothing of it
  let opaque = index.sent.some(({ size }) => size > segmentBytes)

  for (const seen of history) {
    if (seen.type === 'crashed' || seen.type === 'closed' || seen.type === 'opened') {
      interruptions.set(seen.member, [...interruptions.get(seen.member) ?? [], seen.at])
    } else if (seen.type === 'received') {
      holders.add(key(seen.member, seen.channelId, seen.messageId))
      opaque ||= index.memberOf(seen.senderId) == null
    } else if (seen.type === 'log') {
      convergedAt = seen.final ? seen.at : convergedAt
      seen.lines?.forEach(({ messageId }) => { holders.add(key(seen.member, seen.channelId, messageId)) })
    } else if (seen.type === 'receipt') {
      const sent = index.request(seen.member, seen.channelId, seen.requestId)
      const receipt = key(seen.member, seen.channelId, seen.requestId, seen.senderId)

      if (told.has(receipt)) {
        violations.push(violation(seen, `the receipt of ${seen.senderId} came twice`))
      }

      told.add(receipt)
      sent == null || receipts.push({ seen, sent })
    }
  }

  for (const { seen, sent } of receipts) {
    const holder = index.memberOf(seen.senderId)

    if (holder == null) {
      continue
    }

    if (holder === sent.member) {
      violations.push(violation(seen, 'a receipt from its own sender'))
      continue
    }

    const toldAt = order.toldAt(holder, sent)
    const wasInterrupted = interruptions.get(holder)?.some(at => at >= sent.at && at <= (toldAt ?? Infinity)) === true

    if (seen.at < convergedAt && sent.messageId != null && !holders.has(key(holder, sent.channelId, sent.messageId))) {
      violations.push(violation(seen, `a receipt from ${seen.senderId}, which never had it`))
    } else if (toldAt != null && toldAt > seen.at + WRITING_MS && !opaque && !wasInterrupted) {
      const awaited = order.awaited(holder, sent, seen.at)

      if (awaited === 'nothing') {
        violations.push(violation(seen, `a receipt from ${seen.senderId}, which had it ${toldAt - seen.at} ms later only`))
      } else if (awaited === 'history') {
        violations.push({ ...violation(seen, `member ${holder} held it and waited ${toldAt - seen.at} ms for what is from before its joining`), guarantee: 'G8' })
      }
    }
  }

  return violations
}

function violation (seen: ObservationOf<'receipt'>, message: string): Violation {
  const { at, member, channelId, requestId, messageId } = seen

  return {
    guarantee: 'G1',
    message: `${messageId == null ? requestId : short(messageId)} of member ${member}: ${message}`,
    at,
    channelId,
    members: [member],
    messageIds: messageId == null ? [] : [messageId],
    requestId
  }
}
