import { MAX_RECENT } from './recent-ids.js'
import type { Core } from './core.js'
import type { Deadline } from './deadlines.js'
import type { MessageId } from './types.js'

/** Up to so many active senders, everybody acknowledges for itself. */
const SMALL_GROUP = 8
/** Sync messages of ours are at least this far apart, ms. */
const MIN_GAP_MS = 500
/** Messages that we owe an acknowledgement and are told apart. */
const MAX_OWED = 4_096
/** Doublings of the wait between sync messages while nothing changes; after that we fall silent. */
const MAX_ROUNDS = 6
/** How often sync messages that differ from ours make us begin again, until our own log changes. */
const MAX_RESTARTS = 3

export interface SyncHooks {
  /** makes and emits a sync message; false when there is nothing to say */
  send (): boolean
  hasRequests (): boolean
}

/**
 * When to send sync messages. Three reasons:
 *
 * - we owe an acknowledgement: within half of `acknowledgementTimeoutMs`, at once after a
 *   duplicate and once they fill half a filter. Citing the message in one of our own settles it;
 * - a repair request is due;
 * - something changed lately, and members that missed the last message would not notice: then
 *   after random waits that scale with the number of senders, double each time and end after
 *   {@link MAX_ROUNDS}. A sync message of another that cites the same takes the place of ours.
 */
export class Sync {
  private readonly deadline: Deadline
  private readonly round: Deadline
  private readonly owed = new Set<MessageId>()
  private owedAt = Infinity
  private repairAt = Infinity
  private rounds = MAX_ROUNDS
  private restarts = 0
  private lastSent = -Infinity

  constructor (private readonly core: Core, private readonly hooks: SyncHooks) {
    this.deadline = core.timer(now => { this.due(now) })
    this.round = core.timer(() => {
      this.send()
      this.nextRound()
    })
  }

  /** A message came that its sender wants acknowledged. */
  owe (messageId: MessageId): void {
    if (this.owed.size < MAX_OWED) {
      this.owed.add(messageId)
    }

    if (this.owedAt === Infinity) {
      const { core } = this
      const half = core.config.acknowledgementTimeoutMs / 2
      const wait = this.isSmall
        ? half * (0.5 + 0.4 * core.random.float())
        : half * core.random.float() * core.senders.active(core.wall) / SMALL_GROUP

      this.owedAt = core.timeline.now + wait
      this.update()
    } else if (this.owed.size === MAX_RECENT / 2) {
      this.hurry()
    }
  }

  /** A message came again: its sender may not know that we hold it. */
  duplicate (messageId: MessageId): void {
    this.owe(messageId)
    this.hurry()
  }

  /** Our own message cites these, and so acknowledges them; `all`: it has a filter. */
  cited (messageIds: readonly MessageId[], all: boolean): void {
    for (const messageId of messageIds) {
      this.owed.delete(messageId)
    }

    if (all || this.owed.size === 0) {
      this.owed.clear()
      this.owedAt = Infinity
      this.update()
    }
  }

  /** We go: what is owed is said now. */
  leave (): void {
    if (this.owed.size > 0) {
      this.send()
    }
  }

  /** A repair request waits for a message to travel with. */
  repairDue (): void {
    this.repairAt = Math.min(this.repairAt, this.core.timeline.now)
    this.update()
  }

  /** Requests went with a message of ours; the rest of them soon. */
  requestsSent (): void {
    this.repairAt = this.hooks.hasRequests() ? this.core.timeline.now + MIN_GAP_MS : Infinity
    this.update()
  }

  /** The log changed, or others may have missed what is in it. */
  changed (): void {
    this.restarts = 0

    // while the first wait is running there is nothing to begin again
    if (this.rounds !== 1 || this.round.index < 0) {
      this.rounds = 0
      this.nextRound()
    }
  }

  /** Another's sync message; `same`: it cites what ours would. */
  heard (same: boolean): void {
    if (!this.isSmall && this.owedAt !== Infinity) {
      // somebody else keeps the sender from resending; we say so later
      this.owedAt += this.core.config.acknowledgementTimeoutMs / 2 * this.core.random.float()
      this.update()
    }

    if (!same && this.restarts < MAX_RESTARTS) {
      this.restarts++
      this.rounds = 0
      this.nextRound()
    } else if (same && this.round.index >= 0) {
      this.nextRound()
    }
  }

  private get isSmall (): boolean {
    return this.core.senders.active(this.core.wall) <= SMALL_GROUP
  }

  /** Acknowledges what is owed at once, unless many others do. */
  private hurry (): void {
    if (this.isSmall) {
      this.owedAt = this.core.timeline.now
      this.update()
    }
  }

  private due (now: number): void {
    if (this.repairAt <= now && !this.hooks.hasRequests()) {
      this.repairAt = Infinity
    }

    if (Math.min(this.owedAt, this.repairAt) <= now) {
      this.send()
    } else {
      this.update()
    }
  }

  private send (): void {
    if (this.hooks.send()) {
      this.lastSent = this.core.timeline.now
    }

    this.repairAt = this.hooks.hasRequests() ? this.core.timeline.now : Infinity
    this.cited([], true)
  }

  private nextRound (): void {
    if (this.rounds >= MAX_ROUNDS) {
      this.core.deadlines.cancel(this.round)

      return
    }

    const { core } = this
    const senders = Math.max(1, core.senders.active(core.wall))
    const wait = 2 * core.config.acknowledgementTimeoutMs * 2 ** this.rounds * Math.sqrt(senders)

    this.rounds++
    core.schedule(this.round, core.timeline.now + wait * (0.5 + 0.5 * core.random.float()))
  }

  private update (): void {
    const at = Math.min(this.owedAt, this.repairAt)

    if (at === Infinity) {
      this.core.deadlines.cancel(this.deadline)
    } else {
      this.core.schedule(this.deadline, Math.max(at, this.lastSent + MIN_GAP_MS))
    }
  }
}
