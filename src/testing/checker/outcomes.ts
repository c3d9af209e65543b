import { key } from './message-index.js'
import type { Violation } from './types.js'
import type { MessageIndex, Sent } from './message-index.js'
import type { Observation } from '../history.js'

interface Fate {
  sent: Sent
  outcomes: string[]
  receipts: number
  state?: string
}

const ENDED = new Set(['sent', 'delivered', 'send-error', 'delivery-error'])

/** G1: exactly one outcome for every `send()` that resolved. */
export function checkOutcomes (history: readonly Observation[], index: MessageIndex): Violation[] {
  const violations: Violation[] = []
  const fates = new Map<string, Fate>()
  const lastCrash = new Map<number, number>()
  let convergedAt = -Infinity

  for (const sent of index.sent) {
    if (sent.requestId != null) {
      fates.set(key(sent.member, sent.channelId, sent.requestId), { sent, outcomes: [], receipts: 0 })
    }
  }

  for (const seen of history) {
    if (seen.type === 'crashed') {
      lastCrash.set(seen.member, seen.at)
    } else if (seen.type === 'log') {
      convergedAt = seen.final ? seen.at : convergedAt
    }

    if (!('requestId' in seen)) {
      continue
    }

    const fate = fates.get(key(seen.member, seen.channelId, seen.requestId))

    if (fate == null || seen.type === 'staged' || seen.type === 'queued') {
      continue
    } else if (seen.type === 'request') {
      fate.state = seen.state
    } else if (seen.type === 'receipt') {
      fate.receipts++
    } else {
      const error = misplaced(fate, seen.type, lastCrash)

      fate.outcomes.push(seen.type)
      error == null || violations.push(violation(fate, error, seen.at))
    }
  }

  for (const fate of fates.values()) {
    if (fate.receipts === 0 && fate.outcomes.includes('delivered')) {
      violations.push(violation(fate, 'delivered without a receipt'))
    }

    if (fate.sent.at < convergedAt && !hasEnded(fate, lastCrash)) {
      violations.push(violation(fate, `neither sent nor send-error, its state is ${fate.state ?? 'unknown'}`))
    }
  }

  return violations
}

function misplaced ({ sent, outcomes }: Fate, type: string, lastCrash: Map<number, number>): string | undefined {
  // an event that was marked and lost to a crash is not told again
  const crashed = (lastCrash.get(sent.member) ?? -1) >= sent.at

  if (outcomes.includes(type)) {
    return `${type} came twice`
  } else if ((type === 'sent' || type === 'send-error') && outcomes.length > 0) {
    return `${type} came after ${outcomes.join(', ')}`
  } else if (type.startsWith('deliver') && sent.ephemeral) {
    return `${type} came for an ephemeral message`
  } else if (type.startsWith('deliver') && (outcomes.includes('send-error') || (!crashed && !outcomes.includes('sent')))) {
    return `${type} came ${outcomes.length === 0 ? 'before sent' : 'after send-error'}`
  } else if (type === 'delivery-error' && outcomes.includes('delivered')) {
    return 'delivery-error came after delivered'
  }

  return undefined
}

function hasEnded ({ sent, outcomes, state }: Fate, lastCrash: Map<number, number>): boolean {
  const told = outcomes.includes('sent') || outcomes.includes('send-error')
  const crashed = (lastCrash.get(sent.member) ?? -1) >= sent.at

  return told || (crashed && (sent.ephemeral || (state != null && ENDED.has(state))))
}

function violation ({ sent }: Fate, message: string, at = sent.at): Violation {
  return {
    guarantee: 'G1',
    message: `${sent.requestId} of member ${sent.member}: ${message}`,
    at,
    channelId: sent.channelId,
    members: [sent.member],
    messageIds: sent.messageId == null ? [] : [sent.messageId],
    requestId: sent.requestId
  }
}
