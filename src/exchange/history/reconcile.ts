import { equal } from '../link/proof.js'
import { fingerprint } from './parts.js'
import { successor } from './wire.js'
import type { Log, Range } from './parts.js'
import type { RemoteLog } from './remote.js'
import type { LogEntry } from '../types.js'
import type { AbortOptions } from '@libp2p/interface'

/** Parts that a range is cut into. */
const PARTS = 16

/** A part with no more entries than this is listed rather than cut again. */
const LIST_BELOW = 128

/** Questions in one round: a peer whose fingerprints never agree is left at that. */
const MAX_QUESTIONS = 512

export interface ReconcileInit {
  log: Log
  remote: RemoteLog
  range: Range
  /** something that only the remote has */
  onMissing (entry: LogEntry): void
  has (messageId: string): boolean
  pause (): Promise<void>
}

/**
 * Range-based set reconciliation: compares fingerprints of ranges and goes into those that
 * differ. Costs a logarithm of the log where the logs agree.
 *
 * @returns how many entries only the remote has
 */
export async function reconcile ({ log, remote, range, onMissing, has, pause }: ReconcileInit, options?: AbortOptions): Promise<number> {
  const open: Range[] = [range]
  let questions = 0
  let missing = 0

  const list = async (part: Range): Promise<void> => {
    for (let { before } = part; questions < MAX_QUESTIONS;) {
      questions++
      const page = await remote.page({ after: part.after, before }, LIST_BELOW, options)

      for (const entry of page.entries) {
        if (!has(entry.messageId)) {
          missing++
          onMissing(entry)
        }
      }

      if (!page.more) {
        return
      }

      before = page.entries[page.entries.length - 1]
    }
  }

  for (let next = open.pop(); next != null && questions < MAX_QUESTIONS; next = open.pop()) {
    questions++
    const { parts } = await remote.digest(next, PARTS, options)
    let { after } = next

    for (const [i, part] of parts.entries()) {
      // what lies behind the last part belongs to it, so that no place is left out
      const cut: Range = { after, before: i === parts.length - 1 ? next.before : successor(part.last) }
      const ours = await fingerprint(log, cut, pause)
      options?.signal?.throwIfAborted()

      if (ours.count !== part.count || !equal(ours.fingerprint, part.fingerprint)) {
        if (part.count <= LIST_BELOW || parts.length === 1) {
          await list(cut)
        } else {
          open.push(cut)
        }
      }

      after = part.last
    }
  }

  return missing
}
