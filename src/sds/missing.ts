import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { Sender } from './senders.js'
import type { HistoryEntry, MessageId, MissingEntry } from './types.js'

/** Citations of one missing message that are kept: they may differ in their hints. */
const MAX_CITATIONS = 4
/** Senders that are remembered to cite a missing message. */
const MAX_CITERS = 16
/** What a missing message counts, in bytes, and each further citation, which is kept for its other hint. */
const MISSING_BYTES = 500
const CITATION_BYTES = 600
/** What each character counts that makes an ID longer than ours. */
const CHARACTER_BYTES = 2
const OUR_ID_LENGTH = 64
/** Between two reports of a missing message: doubles from the first to the second, ms. */
const FIRST_REPORT_MS = 1_000
const LAST_REPORT_MS = 15_000

const NONE: readonly never[] = []

/** That somebody cites a message. */
export interface Citation extends HistoryEntry {
  citedBy: MessageId
  citer: string
}

/** What happens to a missing message when its time has come. */
export interface MissingHooks {
  /** SDS-R's turn: sets `requestAt` when it is to be asked again */
  requestDue (missing: Missing, now: number): void
  report (entry: MissingEntry): void
  giveUp (missing: Missing): void
}

/** A message that is cited and not here, and its one deadline: to report it, to ask for it, to give it up. */
export class Missing implements Deadline {
  at = Infinity
  index = -1
  order = 0
  /** the first citation, whose hint and sender count; further ones have other hints */
  readonly first: Citation
  readonly since: number
  lostAt: number
  /** as estimated */
  byteLength: number
  attempt = 0
  reportAt: number
  /** when SDS-R may ask for it next; at first T_min after it was found missing */
  requestAt: number
  /** whether `requestAt` is T_req */
  planned = false
  /** requests of ours, and how often those of others delayed them */
  requests = 0
  delays = 0
  /** to be given up with what is due now */
  abandoned = false
  private further: readonly Citation[] = NONE
  /** senders that cite it beyond those whose citations are kept */
  private others: readonly string[] = NONE

  /** `owner`: whose message cited it first, and whose bound it counts against */
  constructor (private readonly core: Core, private readonly hooks: MissingHooks, citation: Citation, readonly owner: Sender) {
    const { now } = core.timeline

    this.first = citation
    this.byteLength = weighMissing(citation)
    this.since = this.reportAt = now
    this.lostAt = now + core.config.lostAfterMs
    this.requestAt = now + core.config.repairMinMs
    this.report(citation)
  }

  get messageId (): MessageId {
    return this.first.messageId
  }

  /** How many citations are kept. */
  get citations (): number {
    return 1 + this.further.length
  }

  /** Senders that cite it, and so hold it; some may be named twice. */
  get citers (): string[] {
    return [this.first.citer, ...this.further.map(({ citer }) => citer), ...this.others]
  }

  /** Another message cites it too: with another hint it is worth another try at once. */
  corroborate (entry: HistoryEntry, citedBy: MessageId, citer: string): void {
    const known = this.kept(other => sameBytes(other.retrievalHint, entry.retrievalHint))

    if (known == null && this.citations < MAX_CITATIONS) {
      const citation = createCitation(entry, citedBy, citer)
      this.further = [...this.further, citation]
      this.byteLength += CITATION_BYTES + weighTexts(citation)
      this.report(citation)

      return
    }

    if (known != null) {
      this.complete(known, entry)
    }

    this.citedBy(citer)
  }

  fire (now: number): void {
    if (now >= this.lostAt) {
      this.hooks.giveUp(this)

      return
    }

    if (now >= this.requestAt) {
      this.requestAt = Infinity
      this.hooks.requestDue(this, now)
    }

    if (now >= this.reportAt) {
      this.report(this.further[this.attempt % this.citations - 1] ?? this.first)
    } else {
      this.reschedule()
    }
  }

  /** Nobody can deliver it on request: SDS-R asks for it now, if it has not yet, and does not wait for T_req. */
  hurry (): void {
    if (this.requests === 0) {
      this.planned = true
      this.requestAt = this.core.timeline.now
      this.reschedule()
    }
  }

  /** Gives it up with what is due now. */
  abandon (): void {
    this.abandoned = true
    this.lostAt = this.core.timeline.now
    this.core.deadlines.schedule(this, this.lostAt)
  }

  reschedule (): void {
    this.core.schedule(this, Math.min(this.reportAt, this.requestAt, this.lostAt))
  }

  private complete (known: Citation, { senderId, lamportTimestamp }: HistoryEntry): void {
    known.lamportTimestamp ??= lamportTimestamp

    if (known.senderId == null && senderId != null) {
      this.byteLength -= weighTexts(known)
      known.senderId = senderId
      this.byteLength += weighTexts(known)
    }
  }

  private kept (test: (citation: Citation) => boolean): Citation | undefined {
    return test(this.first) ? this.first : this.further.find(test)
  }

  private citedBy (citer: string): void {
    if (this.citations + this.others.length < MAX_CITERS && !this.others.includes(citer) && this.kept(known => known.citer === citer) == null) {
      this.others = [...this.others, citer]
    }
  }

  private report (citation: Citation): void {
    this.attempt++
    this.reportAt = this.core.timeline.now + Math.min(FIRST_REPORT_MS * 2 ** (this.attempt - 1), LAST_REPORT_MS)
    const { messageId, retrievalHint, senderId, lamportTimestamp, citedBy, citer } = citation
    this.hooks.report({ messageId, retrievalHint, senderId, lamportTimestamp, citedBy, citer, attempt: this.attempt })
    this.reschedule()
  }
}

/** Estimated bytes that the entry takes while it is missing. */
export function weighMissing (entry: HistoryEntry): number {
  return MISSING_BYTES + weighTexts(entry)
}

function weighTexts ({ messageId, senderId }: HistoryEntry): number {
  return CHARACTER_BYTES * (Math.max(0, messageId.length - OUR_ID_LENGTH) + Math.max(0, (senderId?.length ?? 0) - OUR_ID_LENGTH))
}

export function createCitation ({ messageId, retrievalHint, senderId, lamportTimestamp }: HistoryEntry, citedBy: MessageId, citer: string): Citation {
  // a copy of the hint: the buffer of the message is not kept
  return { messageId, retrievalHint: retrievalHint?.slice(), senderId, lamportTimestamp, citedBy, citer }
}

function sameBytes (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a != null && b != null && a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]))
}
