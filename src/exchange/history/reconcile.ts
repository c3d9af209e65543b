import { MAX_PARTS } from '../constants.js'
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

/** Entries of one page, and of a part that is listed because we have nothing in it. */
const PAGE = 1_000

/** Questions in one round: a peer whose fingerprints never agree is left at that. */
const MAX_QUESTIONS = 512

export interface ReconcileInit {
  log: Log
  remote: RemoteLog
  range: Range
  /** something that only the remote has; what it returns is waited for */
  onMissing (entry: LogEntry): void | Promise<void>
  has (messageId: string): boolean
  pause (): Promise<void>
}

/**
 * Range-based set reconciliation: compares fingerprints of ranges and goes into those that
 * differ, the oldest first, so that causes come before what cites them. Costs a logarithm of the
 * log where the logs agree.
 *
 * @returns how many entries only the remote has
 */
export async function reconcile ({ log, remote, range, onMissing, has, pause }: ReconcileInit, options?: AbortOptions): Promise<number> {
  let questions = 0
  let missing = 0

  const list = async ({ after, before }: Range): Promise<void> => {
    const entries: LogEntry[] = []

    for (let more = true; more && questions < MAX_QUESTIONS && entries.length <= PAGE;) {
      questions++
      const page = await remote.page({ after, before: entries.at(-1) ?? before }, PAGE, options)
      entries.push(...page.entries)
      more = page.more
    }

    for (const entry of entries.reverse()) {
      if (!has(entry.messageId)) {
        missing++
        const wait = onMissing(entry)

        if (wait != null) {
          await wait
        }
      }
    }
  }

  const compare = async (whole: Range, count: number): Promise<void> => {
    if (++questions > MAX_QUESTIONS) {
      return
    }

    const { parts } = await remote.digest(whole, count, options)
    let { after } = whole

    for (const [i, part] of parts.entries()) {
      // what lies behind the last part belongs to it, so that no place is left out
      const cut: Range = { after, before: i === parts.length - 1 ? whole.before : successor(part.last) }
      const ours = await fingerprint(log, cut, pause)
      options?.signal?.throwIfAborted()
      after = part.last

      if (ours.count === part.count && equal(ours.fingerprint, part.fingerprint)) {
        continue
      }

      if (part.count <= (ours.count === 0 ? PAGE : LIST_BELOW) || parts.length === 1) {
        await list(cut)
      } else {
        await compare(cut, ours.count === 0 ? Math.min(Math.ceil(part.count / PAGE), MAX_PARTS) : PARTS)
      }
    }
  }

  await compare(range, PARTS)

  return missing
}
