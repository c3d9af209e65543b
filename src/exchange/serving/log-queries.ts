import { MAX_LIST, MAX_PARTS } from '../constants.js'
import { countRange, cut } from '../history/parts.js'
import { toPlace, toPosition, toWire, validPosition as valid } from '../history/wire.js'
import type { ServedSession } from './served-session.js'
import type { Clock } from '../../clock.js'
import type { Range } from '../history/parts.js'
import type { Digest, DigestRequest, Frame, Page, PageRequest, Position } from '../pb/exchange.js'
import type { ExchangeChannel } from '../types.js'

/** Bytes that the entries of one page may make: well within a frame. */
const PAGE_BYTES = 256 * 1024

/** Bytes of an entry besides its two IDs, at most. */
const ENTRY_BYTES = 64

/** Peers with a budget of their own. */
const MAX_BUDGETS = 1024

/** A digest that covers more entries than this is refused: it is asked for in smaller ranges. */
const MAX_DIGEST_ENTRIES = 200_000

export interface LogQueriesInit {
  entriesPerSecond: number
  clock: Clock
  pause (): Promise<void>
}

/** Answers questions about the log. What a peer may cost is bounded in entries per second. */
export class LogQueries {
  private readonly init: LogQueriesInit
  private readonly budgets = new Map<string, { left: number, at: number }>()

  constructor (init: LogQueriesInit) {
    this.init = init
  }

  async answer ({ session, channel, byId }: ServedSession, { pageRequest, digestRequest }: Frame): Promise<void> {
    const request = pageRequest ?? digestRequest

    if (request == null) {
      return
    }

    const peer = session.peer.toString()
    const wait = this.wait(peer)

    if (wait > 0) {
      session.send({ busy: { retryAfterMs: wait, ids: [], request: request.id } })

      return
    }

    // a holder has no business with the log, and has none to show
    if (!byId || !valid(request.after) || !valid(request.before)) {
      session.send(pageRequest != null ? { page: { id: request.id, entries: [], more: false } } : { digest: { id: request.id, parts: [] } })

      return
    }

    if (pageRequest != null) {
      const page = this.page(channel, pageRequest)
      this.charge(peer, page.entries.length + 1)
      session.send({ page })
    } else if (digestRequest != null) {
      const { digest, work } = await this.digest(channel, digestRequest)
      this.charge(peer, work)
      session.send({ digest })
    }
  }

  private page (channel: ExchangeChannel, { id, limit, ...range }: PageRequest): Page {
    const after = toPlace(range.after)
    const before = toPlace(range.before)
    const most = Math.min(Math.max(limit, 1), MAX_LIST)
    // one more tells whether there are more
    const found = channel.entries({ after, before, limit: most + 1, reverse: true })
    const entries: Page['entries'] = []
    let bytes = 0

    for (const entry of found.slice(0, most)) {
      bytes += ENTRY_BYTES + 3 * (entry.messageId.length + entry.senderId.length)

      if (bytes > PAGE_BYTES) {
        break
      }

      entries.push(toWire(entry))
    }

    return { id, entries, more: entries.length < found.length, horizon: horizon(channel) }
  }

  private async digest (channel: ExchangeChannel, request: DigestRequest): Promise<{ digest: Digest, work: number }> {
    const range: Range = { after: toPlace(request.after), before: toPlace(request.before) }
    const parts = Math.min(Math.max(request.parts, 1), MAX_PARTS)
    const count = await countRange(channel, range, MAX_DIGEST_ENTRIES, this.init.pause)
    const cuts = await cut(channel, range, count, parts, this.init.pause)

    return {
      digest: { id: request.id, parts: cuts.map(part => ({ ...part, fingerprint: part.fingerprint as Digest['parts'][number]['fingerprint'] })), horizon: horizon(channel) },
      work: count + 1
    }
  }

  /** ms until the peer may ask again; its budget may go below zero, as what a question costs is known afterwards */
  private wait (peer: string): number {
    const { entriesPerSecond, clock } = this.init
    const now = clock.now()
    const budget = this.budgets.get(peer) ?? { left: entriesPerSecond, at: now }

    budget.left = Math.min(budget.left + Math.max(now - budget.at, 0) * entriesPerSecond / 1000, entriesPerSecond)
    budget.at = now
    this.budgets.delete(peer)
    this.budgets.set(peer, budget)

    if (this.budgets.size > MAX_BUDGETS) {
      const [oldest] = this.budgets.keys()
      this.budgets.delete(oldest)
    }

    return budget.left > 0 ? 0 : Math.ceil(1000 * (1 - budget.left) / entriesPerSecond)
  }

  private charge (peer: string, entries: number): void {
    const budget = this.budgets.get(peer)

    if (budget != null) {
      budget.left -= entries
    }
  }
}

function horizon (channel: ExchangeChannel): Position | undefined {
  const [oldest] = channel.entries({ limit: 1 })

  return oldest && toPosition(oldest)
}
