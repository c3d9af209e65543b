import { short } from './checker/deliveries.js'
import { NOBODY } from './history.js'
import type { Violation } from './checker/types.js'
import type { Observation } from './history.js'

/** Lines of a trace: the last ones before the violation count most. */
const MAX_LINES = 60

/** What is worth a line when it happens to a member that is concerned. */
const MILESTONES = new Set(['opened', 'open-failed', 'closed', 'deleted', 'crashed', 'started', 'threw'])

/** The part of the history that shows the violation, one line for each observation. */
export function formatTrace (history: readonly Observation[], violation: Violation): string[] {
  const start = history[0]?.at ?? 0
  const messages = new Set(violation.messageIds)
  const requests = new Set(history.flatMap(seen => 'requestId' in seen && 'messageId' in seen && seen.messageId != null && messages.has(seen.messageId) ? [seen.requestId] : []))

  if (violation.requestId != null) {
    requests.add(violation.requestId)
  }

  const isConcerned = (seen: Observation): boolean =>
    seen.member === NOBODY ||
    ('messageId' in seen && seen.messageId != null && messages.has(seen.messageId)) ||
    ('requestId' in seen && requests.has(seen.requestId)) ||
    (MILESTONES.has(seen.type) && violation.members.includes(seen.member))

  const lines = history.filter(seen => seen.at <= violation.at && isConcerned(seen)).map(seen => formatLine(seen, start))
  const hidden = lines.length - MAX_LINES

  return hidden > 0 ? [`(${hidden} earlier lines)`, ...lines.slice(-MAX_LINES)] : lines
}

function formatLine (seen: Observation, start: number): string {
  const at = `+${((seen.at - start) / 1_000).toFixed(3)} s`.padStart(14)

  if (seen.type === 'note') {
    return `${at}  ${seen.text}`
  }

  const details = [
    'requestId' in seen ? seen.requestId : '',
    'messageId' in seen && seen.messageId != null ? short(seen.messageId) : '',
    'senderId' in seen ? seen.senderId : '',
    seen.type === 'lost' ? `cited by ${short(seen.citedBy)}` : '',
    seen.type === 'received' && seen.late ? 'late' : '',
    'error' in seen && seen.error != null ? String(seen.error) : ''
  ].filter(detail => detail !== '')

  return `${at}  member ${seen.member}${seen.life > 1 ? ` (life ${seen.life})` : ''}  ${seen.type}  ${details.join('  ')}`
}
