import { short } from './deliveries.js'
import { key } from './message-index.js'
import type { CausalOrder } from './causal-order.js'
import type { Violation } from './types.js'
import type { MessageIndex, Sent } from './message-index.js'
import type { LogLine, Observation, ObservationOf } from '../history.js'

type ReadLog = ObservationOf<'log'> & { lines: LogLine[] }

/**
 * What is stored. G6: a log never forgets what its application was given or sent. Convergence:
 * when all is over every log has everything, in one order, which is a causal one.
 */
export function checkLogs (history: readonly Observation[], index: MessageIndex, order: CausalOrder): Violation[] {
  const violations: Violation[] = []
  const known = new Map<string, Map<string, Sent | undefined>>()
  const told = new Set<string>()
  const interrupted = new Map<string, number>()
  const final: ReadLog[] = []
  const failed = new Set<Sent>()
  const whole = new Set<string>()

  for (const seen of history) {
    const channel = key(seen.member, seen.channelId)
    const mine = known.get(channel) ?? new Map<string, Sent | undefined>()

    known.set(channel, mine)

    if (seen.type === 'crashed') {
      interrupted.set(key(seen.member), seen.at)
    } else if (seen.type === 'closed') {
      interrupted.set(channel, seen.at)
    } else if (seen.type === 'opened' && seen.whole) {
      whole.add(channel)
    } else if (seen.type === 'deleted') {
      mine.clear()
    } else if (seen.type === 'open-failed') {
      violations.push({ guarantee: 'G6', message: `member ${seen.member} could not open its store: ${seen.error.message}`, at: seen.at, channelId: seen.channelId, members: [seen.member], messageIds: [] })
    } else if (seen.type === 'received' && !seen.ephemeral) {
      mine.set(seen.messageId, undefined)
      told.add(key(channel, seen.messageId))
    } else if (seen.type === 'queued' && seen.messageId != null && index.request(seen.member, seen.channelId, seen.requestId)?.ephemeral === false) {
      mine.set(seen.messageId, undefined)
    } else if (seen.type === 'send-error') {
      const sent = index.request(seen.member, seen.channelId, seen.requestId)

      sent == null || failed.add(sent)
    } else if (seen.type === 'log' && seen.lines != null) {
      const log = { ...seen, lines: seen.lines }

      violations.push(...checkKept(log, mine), ...checkOrder(log, index, order))
      seen.final && final.push(log)
    }
  }

  // who fetches all of the past need not do without what was before its time, nor without what was lost once
  const isExcused = (member: number, sent: Sent): boolean => failed.has(sent) ||
    (whole.has(key(member, sent.channelId)) ? sent.refused || sent.requestId == null : order.isExcused(member, sent))

  // what is in the log was emitted, but for events that a crash or a close came before
  const isTold = (member: number, sent: Sent): boolean =>
    member === sent.member || order.isExcused(member, sent) ||
    told.has(key(member, sent.channelId, sent.messageId ?? '')) ||
    Math.max(interrupted.get(key(member)) ?? -1, interrupted.get(key(member, sent.channelId)) ?? -1) >= sent.at

  return [
    ...violations,
    ...final.flatMap(log => checkComplete(log, index, isExcused)),
    ...final.flatMap(log => checkTold(log, index, isTold)),
    ...checkAgreement(final, index)
  ]
}

function checkKept (log: ReadLog, known: Map<string, unknown>): Violation[] {
  const lines = new Set(log.lines.map(line => line.messageId))
  const gone = [...known.keys()].find(messageId => !lines.has(messageId))

  return gone == null ? [] : [violation(log, 'G6', `the log of member ${log.member} has lost ${short(gone)}`, gone)]
}

function checkOrder (log: ReadLog, index: MessageIndex, order: CausalOrder): Violation[] {
  const newest: number[] = []

  for (const { messageId, senderId, hash } of log.lines) {
    const sent = index.message(log.channelId, messageId, senderId, hash)

    if (sent == null) {
      continue
    }

    if (sent.sequence <= (newest[sent.member] ?? 0)) {
      return [violation(log, 'G3', `the log of member ${log.member} has ${short(messageId)} after what follows from it`, messageId)]
    }

    order.clockOf(sent).forEach((sequence, sender) => {
      newest[sender] = Math.max(newest[sender] ?? 0, sequence)
    })
  }

  return []
}

function checkComplete (log: ReadLog, index: MessageIndex, isExcused: (member: number, sent: Sent) => boolean): Violation[] {
  const lines = new Set(log.lines.map(line => line.messageId))
  const missing = index.sent.find(sent =>
    sent.channelId === log.channelId && sent.at < log.at && sent.sequence > 0 && !isExcused(log.member, sent) &&
    (sent.messageId == null || !lines.has(sent.messageId)))

  return missing == null
    ? []
    : [violation(log, 'convergence', `the log of member ${log.member} lacks ${short(missing.messageId ?? '?')} of member ${missing.member}`, missing.messageId)]
}

function checkTold (log: ReadLog, index: MessageIndex, isTold: (member: number, sent: Sent) => boolean): Violation[] {
  for (const { messageId, senderId, hash } of log.lines) {
    const sent = index.message(log.channelId, messageId, senderId, hash)

    if (sent != null && !isTold(log.member, sent)) {
      return [violation(log, 'G2', `member ${log.member} has ${short(messageId)} in its log and was never told of it`, messageId)]
    }
  }

  return []
}

/**
 * What two logs have in common is in the same order in both. Messages of liars are left out: one
 * that tells two members different stories is to blame itself.
 */
function checkAgreement (logs: ReadLog[], index: MessageIndex): Violation[] {
  const violations: Violation[] = []
  const longest = new Map<string, ReadLog>()

  for (const log of logs) {
    if (log.lines.length >= (longest.get(log.channelId)?.lines.length ?? 0)) {
      longest.set(log.channelId, log)
    }
  }

  for (const log of logs) {
    const places = new Map(longest.get(log.channelId)?.lines.map((line, place) => [line.messageId, place]))
    let last = -1

    for (const { messageId, senderId } of log.lines) {
      const place = index.memberOf(senderId) == null ? last : places.get(messageId) ?? last

      if (place < last) {
        violations.push(violation(log, 'convergence', `the logs of members ${log.member} and ${longest.get(log.channelId)?.member} have ${short(messageId)} in another order`, messageId))
        break
      }

      last = place
    }
  }

  return violations
}

function violation (log: ReadLog, guarantee: Violation['guarantee'], message: string, messageId?: string): Violation {
  return { guarantee, message, at: log.at, channelId: log.channelId, members: [log.member], messageIds: messageId == null ? [] : [messageId] }
}
