/** Holds the peers' logs against each other and against what was to be said. */
import type { Line } from './script.ts'
import type { Report } from './protocol.ts'

export interface Expected {
  lines: Line[]
  /** the line before which the binary was sent, and by whom */
  binary: { sha256: string, size: number, sender: string, beforeLine: number }
  sha256: (bytes: Uint8Array) => string
}

export interface Verdict {
  /** messages that a peer has not */
  lost: number
  /** messages that a peer has, or was told of, more than once */
  duplicated: number
  /** what else is wrong, in words */
  violations: string[]
}

/**
 * @param emitted - by peer, the IDs of the messages that it was told of, in that order, over all its lives
 */
export function compareLogs (expected: Expected, reports: Report[], emitted: Map<string, string[]>): Verdict {
  const verdict: Verdict = { lost: 0, duplicated: 0, violations: [] }
  const sender = new Map(reports.map(report => [report.name, report.senderId]))
  const script = contents(expected).map(({ speaker, sha256 }) => `${sender.get(speaker)} ${sha256}`)
  const [first] = reports

  for (const report of reports) {
    const { name, log } = report
    const ids = log.map(entry => entry.messageId)
    const said = log.map(entry => `${entry.senderId} ${entry.sha256}`)

    verdict.lost += missing(script, said)
    verdict.duplicated += repeated(ids) + missing(said, script)

    // the same messages in the same order, and that the order in which they answer each other
    if (!same(ids, first.log.map(entry => entry.messageId))) {
      verdict.violations.push(`the logs of ${name} and ${first.name} differ`)
    }

    if (!same(said, script)) {
      verdict.violations.push(`the log of ${name} is not the conversation`)
    }

    checkDeliveries(report, reports, verdict)
    checkEmitted(report, emitted.get(name) ?? [], verdict)
  }

  return verdict
}

/** Every message in the order in which one answers the other. */
function contents ({ lines, binary, sha256 }: Expected): Array<{ speaker: string, sha256: string }> {
  const said = lines.map(({ speaker, text }) => ({ speaker, sha256: sha256(new TextEncoder().encode(text)) }))

  return said.toSpliced(binary.beforeLine, 0, { speaker: binary.sender, sha256: binary.sha256 })
}

/** Each of our own is delivered, to everybody else. */
function checkDeliveries ({ name, senderId, log }: Report, reports: Report[], { violations }: Verdict): void {
  const others = reports.map(report => report.senderId).filter(id => id !== senderId).sort()

  for (const entry of log.filter(entry => entry.senderId === senderId)) {
    if (entry.state !== 'delivered') {
      violations.push(`message ${entry.messageId} of ${name} is ${entry.state}, not delivered`)
    } else if (!same([...entry.receipts ?? []].sort(), others)) {
      violations.push(`message ${entry.messageId} of ${name} has receipts of ${entry.receipts?.length ?? 0} peers, not ${others.length}`)
    }
  }
}

/** Nothing was told twice, nothing before what it answers, nothing that is not in the log. */
function checkEmitted ({ name, log }: Report, emitted: string[], verdict: Verdict): void {
  const place = new Map(log.map((entry, i) => [entry.messageId, i]))
  const places = emitted.map(id => place.get(id) ?? -1)

  verdict.duplicated += repeated(emitted)

  if (places.includes(-1)) {
    verdict.violations.push(`${name} was told of a message that is not in its log`)
  }

  if (places.some((at, i) => i > 0 && at < places[i - 1])) {
    verdict.violations.push(`${name} was told of a message before one that it answers`)
  }
}

/** How many of `wanted` are not in `given`, each counted as often as it stands there. */
function missing (wanted: string[], given: string[]): number {
  const left = new Map<string, number>()

  given.forEach(item => { left.set(item, (left.get(item) ?? 0) + 1) })

  return wanted.filter(item => {
    const count = left.get(item) ?? 0

    left.set(item, count - 1)

    return count <= 0
  }).length
}

function repeated (items: string[]): number {
  return items.length - new Set(items).size
}

function same (a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
