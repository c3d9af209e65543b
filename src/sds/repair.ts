import { isInResponseGroup, requestDelay, responseDelay, responseGroups } from './repair-hash.js'
import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { Missing } from './missing.js'
import type { HistoryEntry, MessageId } from './types.js'

/** Requests in one message (SDS-R). */
const MAX_REQUESTS = 3
/** Requests of one message that are looked at. */
const MAX_READ_REQUESTS = 16
/** How often the requests of others put off ours for one message. */
const MAX_DELAYS = 2
/** Each repetition of a request waits so much longer. */
const BACKOFF = 1.25
/** Responses that wait for their time, in all and for one requester. */
const MAX_RESPONSES = 1_000
const MAX_RESPONSES_PER_SENDER = 250
/** The budget of responses: so many at once, and so many a second after that. */
const BURST = 32
const PER_SECOND = 8

interface Response {
  readonly messageId: MessageId
  readonly requester: string
  readonly deadline: Deadline
}

/** Asking for what is missing, by SDS-R. What is due travels with the next message. */
export class RepairRequests {
  private readonly dueRequests = new Map<MessageId, Missing>()

  constructor (private readonly core: Core) {}

  /**
   * A request is due: it travels with the next message. The first time it is only T_min that is
   * over; T_req is computed no sooner, because most messages have come by then.
   */
  due (missing: Missing, now: number): void {
    if (!missing.planned) {
      missing.planned = true
      const at = missing.since + this.delay(missing)

      if (at > now) {
        missing.requestAt = at

        return
      }
    }

    this.dueRequests.set(missing.messageId, missing)
  }

  gone (missing: Missing): void {
    this.dueRequests.delete(missing.messageId)
  }

  get size (): number {
    return this.dueRequests.size
  }

  /** Requests for the next message, each of which is repeated with backoff until met or lost. */
  take (): HistoryEntry[] {
    const entries: HistoryEntry[] = []

    for (const [messageId, missing] of this.dueRequests) {
      if (entries.length === MAX_REQUESTS) {
        break
      }

      const { retrievalHint, senderId, lamportTimestamp } = missing.first

      entries.push({ messageId, retrievalHint, senderId, lamportTimestamp })
      this.dueRequests.delete(messageId)
      missing.requestAt = this.again(missing, BACKOFF ** missing.requests++)
      missing.reschedule()
    }

    return entries
  }

  /** Somebody else asked for it: its answer may serve us too, so ours is put off, but not for good. */
  heard (missing: Missing): void {
    if (missing.delays >= MAX_DELAYS) {
      return
    }

    missing.delays++
    missing.planned = true
    this.dueRequests.delete(missing.messageId)

    const at = this.again(missing, 1)
    missing.requestAt = missing.requestAt === Infinity ? at : Math.max(missing.requestAt, at)
    missing.reschedule()
  }

  /** Never later than half way to giving up, so that there are several more. */
  private again (missing: Missing, factor: number): number {
    const { now } = this.core.timeline
    const wait = Math.min(this.delay(missing) * factor, (missing.lostAt - now) / 2)

    return now + Math.max(wait, this.core.config.repairMinMs)
  }

  private delay (missing: Missing): number {
    const { repairMinMs, repairMaxMs } = this.core.config

    return requestDelay(this.core.senderId, missing.messageId, repairMinMs, repairMaxMs)
  }
}

/** Answering the requests of others with the original bytes, within a budget. */
export class RepairResponses {
  private readonly responses = new Map<MessageId, Response>()
  private readonly perRequester = new Map<string, number>()
  /** when each was last answered */
  private readonly answered = new Map<MessageId, number>()
  private tokens = BURST
  private refilledAt = 0

  constructor (private readonly core: Core) {}

  get size (): number {
    return this.responses.size
  }

  /** `holds` answers the sender of a message that we can send again. */
  request (entries: readonly HistoryEntry[], requester: string, holds: (messageId: MessageId) => string | undefined): void {
    const groups = responseGroups(this.core.senders.active(this.core.wall) + 1)

    for (const { messageId } of entries.slice(0, MAX_READ_REQUESTS)) {
      const senderId = holds(messageId)
      const waiting = this.perRequester.get(requester) ?? 0

      if (senderId == null || this.responses.has(messageId) || this.isFresh(messageId) ||
        this.responses.size >= MAX_RESPONSES || waiting >= MAX_RESPONSES_PER_SENDER ||
        !isInResponseGroup(this.core.senderId, senderId, messageId, groups)) {
        continue
      }

      const response: Response = { messageId, requester, deadline: this.core.timer(now => { this.respond(response, now) }) }
      this.responses.set(messageId, response)
      this.perRequester.set(requester, waiting + 1)
      this.core.schedule(response.deadline, this.core.timeline.now + responseDelay(this.core.senderId, senderId, messageId, this.core.config.repairMaxMs))
    }
  }

  /** Somebody sent it again: nobody waits for us. */
  cancel (messageId: MessageId): void {
    const response = this.responses.get(messageId)

    if (response != null) {
      this.core.deadlines.cancel(response.deadline)
      this.end(response)
    }
  }

  private respond (response: Response, now: number): void {
    this.tokens = Math.min(BURST, this.tokens + (now - this.refilledAt) * PER_SECOND / 1_000)
    this.refilledAt = now

    if (this.tokens < 1) {
      this.core.schedule(response.deadline, now + Math.ceil((1 - this.tokens) * 1_000 / PER_SECOND))

      return
    }

    this.tokens--
    this.end(response)
    this.answered.delete(response.messageId)
    this.answered.set(response.messageId, now)

    if (this.answered.size > MAX_RESPONSES) {
      for (const oldest of this.answered.keys()) {
        this.answered.delete(oldest)
        break
      }
    }

    this.core.emit({ type: 'transmit', reason: 'repair', messageId: response.messageId })
  }

  private isFresh (messageId: MessageId): boolean {
    const at = this.answered.get(messageId)

    return at != null && this.core.timeline.now - at < this.core.config.repairMinMs
  }

  private end (response: Response): void {
    this.responses.delete(response.messageId)
    const waiting = (this.perRequester.get(response.requester) ?? 1) - 1

    if (waiting === 0) {
      this.perRequester.delete(response.requester)
    } else {
      this.perRequester.set(response.requester, waiting)
    }
  }
}
