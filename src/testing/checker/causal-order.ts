import { short } from './deliveries.js'
import { key } from './message-index.js'
import type { Violation } from './types.js'
import type { MessageIndex, Sent } from './message-index.js'
import type { Observation, ObservationOf } from '../history.js'

/** Clocks that are wrong by less are common: who joins does not take that for a sign of history. */
const COMMON_AHEAD_MS = 30_000

/** Envelopes take no longer than this, ms: by so much clocks are told wrongly from what comes. */
const DELIVERY_MS = 5_000

/** What one member has of one channel, as vectors over the senders. */
class View {
  /** the newest message of each sender that the member knows of, directly or through others */
  readonly clock: number[] = []
  /** per sender: everything up to here is here, or need not be */
  readonly settled: number[] = []
  /** per sender: what came before a message that was reported as lost */
  readonly excused: number[] = []
  readonly have = new Set<Sent>()
  /** when its application was given each, or told that it is lost; ms */
  readonly toldAt = new Map<Sent, number>()
  readonly lost = new Set<string>()
  /** when the member asked for the channel for the first time, and when it was open */
  joinedFrom = Infinity
  joinedAt = Infinity
  /** how far its clock was ahead then, ms */
  skew = 0
  /** when it was given its first message */
  firstAt = Infinity
  /** the latest Lamport timestamp that it knows of, at least; ms */
  lamport = 0
}

/**
 * G3 and the part of G8 that is about order. Happened-before is computed from what applications
 * saw alone: a message comes after those that its sender had sent or had been given before.
 */
export class CausalOrder {
  readonly violations: Violation[] = []
  private readonly index: MessageIndex
  private readonly lostAfterMs: number
  private readonly views = new Map<string, View>()
  private readonly clocks = new Map<Sent, number[]>()
  /** the same when `send()` resolved: what came while it was staged may be cited, or not */
  private readonly staged = new Map<Sent, number[]>()
  /** Lamport timestamps, as far as applications can tell: the true ones are the same or later */
  private readonly stamps = new Map<Sent, number>()
  /** by how much the fastest clock is ahead, ms */
  private ahead = -Infinity
  /** by how much each member's clock is ahead, ms */
  private readonly skews: number[] = []
  private readonly bySender = new Map<string, Sent[]>()

  constructor (history: readonly Observation[], index: MessageIndex, lostAfterMs: number) {
    this.index = index
    this.lostAfterMs = lostAfterMs

    for (const sent of index.sent) {
      if (sent.sequence > 0) {
        const line = key(sent.member, sent.channelId)
        const list = this.bySender.get(line) ?? []

        list[sent.sequence] = sent
        this.bySender.set(line, list)
      }
    }

    for (const seen of history) {
      if (seen.type === 'opened') {
        this.skews[seen.member] = seen.wall - seen.at
      }
    }

    const byCall = new Map(index.sent.map(sent => [sent.call, sent]))

    for (const seen of history) {
      switch (seen.type) {
        case 'opened':
          this.open(this.view(seen), seen)
          break
        case 'send':
          this.send(this.view(seen), byCall.get(seen.call) as Sent)
          break
        case 'staged':
          this.staged.set(byCall.get(seen.call) as Sent, this.view(seen).clock.slice())
          break
        case 'received':
          this.receive(seen)
          break
        case 'lost':
          this.lose(seen)
          break
        case 'log':
          // an application that starts reads its log: what is there counts as told
          seen.final || this.read(seen)
          break
        default:
      }
    }
  }

  /** Whether `member` may do without the message: it is from before its time, lost, or was never sent. */
  isExcused (member: number, sent: Sent): boolean {
    const view = this.view({ member, channelId: sent.channelId })

    return sent.refused || sent.requestId == null || this.isBefore(view, sent) ||
      sent.sequence <= (view.excused[sent.member] ?? 0) ||
      (sent.messageId != null && view.lost.has(sent.messageId))
  }

  /** When the member's application was given the message, or told that it is lost. */
  toldAt (member: number, sent: Sent): number | undefined {
    return this.view({ member, channelId: sent.channelId }).toldAt.get(sent)
  }

  /** What the message, had it been here at `at`, might still have waited for: what happened before it, told later or never. */
  awaited (member: number, sent: Sent, at: number): 'nothing' | 'history' | 'dependencies' {
    const view = this.view({ member, channelId: sent.channelId })
    let history = false

    for (const [sender, newest] of this.latestClockOf(sent).entries()) {
      const line = this.bySender.get(key(sender, sent.channelId)) ?? []

      for (const before of line.slice(1, (newest ?? 0) + 1)) {
        if (before !== sent && before.member !== member && !before.refused && (view.toldAt.get(before) ?? Infinity) > at) {
          if (before.at >= view.joinedFrom || !this.looksOld(member, view, before)) {
            return 'dependencies'
          }

          history = true
        }
      }
    }

    return history ? 'history' : 'nothing'
  }

  /** The newest message of each member that happened before this one, by sequence; itself included. */
  clockOf (sent: Sent): readonly number[] {
    return this.clocks.get(sent) ?? []
  }

  private open (view: View, { at, since, wall }: ObservationOf<'opened'>): void {
    this.ahead = Math.max(this.ahead, wall - at)

    if (view.joinedAt === Infinity) {
      view.joinedFrom = since
      view.joinedAt = at
      view.skew = wall - at
    }
  }

  /** With all that it may cite. */
  private latestClockOf (sent: Sent): readonly number[] {
    return this.staged.get(sent) ?? this.clockOf(sent)
  }

  private send (view: View, sent: Sent): void {
    if (sent.sequence > 0) {
      view.clock[sent.member] = sent.sequence
      view.lamport = Math.max(view.lamport + 1, sent.wall)
      view.have.add(sent)
      this.clocks.set(sent, view.clock.slice())
      this.stamps.set(sent, view.lamport)
    }
  }

  /**
   * Whether the message is from before the joining (G8): truly, or by its Lamport timestamp, where
   * its sender's clock is slow and it had heard of nobody whose clock is fast.
   */
  private isBefore (view: View, sent: Sent): boolean {
    const stamp = this.stamps.get(sent) ?? 0

    return sent.at <= view.joinedAt || stamp < view.joinedAt + view.skew ||
      (this.ahead > view.skew + COMMON_AHEAD_MS && stamp < view.firstAt + this.ahead)
  }

  /**
   * Whether a member can tell that a message is from before its joining: by its own clock, or,
   * where all others are further ahead than clocks commonly are, by any of theirs.
   */
  private looksOld (member: number, view: View, before: Sent): boolean {
    const stamp = this.stamps.get(before) ?? 0
    const slowest = Math.min(...this.skews.filter((_, other) => other !== member))

    return stamp < view.joinedFrom + view.skew ||
      (slowest - view.skew > COMMON_AHEAD_MS + DELIVERY_MS && stamp < view.joinedFrom + slowest - DELIVERY_MS)
  }

  private receive (seen: ObservationOf<'received'>): void {
    const sent = this.index.message(seen.channelId, seen.messageId, seen.senderId, seen.hash)
    const view = this.view(seen)

    // ephemeral messages have no place in the order, and begin no joining
    view.firstAt = seen.ephemeral ? view.firstAt : Math.min(view.firstAt, seen.at)

    if (seen.late !== view.lost.has(seen.messageId) && !seen.ephemeral) {
      this.fail(seen, [seen.messageId], `member ${seen.member} got ${short(seen.messageId)} with late: ${String(seen.late)}, which it ${seen.late ? 'had not been told was' : 'had been told was'} lost`)
    }

    if (sent == null || sent.sequence === 0) {
      return
    }

    const missing = this.missingBefore(seen.member, view, sent)

    if (missing != null) {
      this.fail(seen, [seen.messageId, missing.messageId ?? ''], `member ${seen.member} got ${short(seen.messageId)} of member ${sent.member} before ${short(missing.messageId ?? '?')} of member ${missing.member}, which comes first`)
    }

    view.have.add(sent)
    view.toldAt.set(sent, seen.at)
    view.lamport = Math.max(view.lamport, this.stamps.get(sent) ?? 0)
    merge(view.clock, this.clockOf(sent))
  }

  private missingBefore (member: number, view: View, sent: Sent): Sent | undefined {
    const clock = this.clockOf(sent)
    let missing: Sent | undefined

    clock.forEach((newest, sender) => {
      const line = this.bySender.get(key(sender, sent.channelId))
      let settled = view.settled[sender] ?? 0
      let contiguous = true

      for (let sequence = settled + 1; sequence <= newest; sequence++) {
        const before = line?.[sequence]
        const fine = before == null || before === sent || view.have.has(before) || this.isExcused(member, before)

        if (fine && contiguous && before !== sent) {
          settled = sequence
        } else if (!fine) {
          missing ??= before
        }

        contiguous &&= fine && before !== sent
      }

      view.settled[sender] = settled
    })

    return missing
  }

  private lose (seen: ObservationOf<'lost'>): void {
    const view = this.view(seen)
    const sent = this.index.message(seen.channelId, seen.messageId)
    const id = short(seen.messageId)

    if (view.lost.has(seen.messageId)) {
      this.fail(seen, [seen.messageId], `member ${seen.member} was told twice that ${id} is lost`)
    }

    view.lost.add(seen.messageId)

    if (sent == null) {
      return
    }

    if (view.have.has(sent)) {
      this.fail(seen, [seen.messageId], `member ${seen.member} was told that ${id} is lost, after it had got it`)
    } else if (sent.at < view.joinedFrom && this.looksOld(seen.member, view, sent)) {
      this.violations.push({ ...this.about(seen, [seen.messageId]), guarantee: 'G8', message: `member ${seen.member} was told that ${id} is lost, which is from before its joining` })
    } else if (seen.at < sent.at + this.lostAfterMs) {
      this.fail(seen, [seen.messageId], `member ${seen.member} was told that ${id} is lost, ${seen.at - sent.at} ms after it was sent`)
    }

    view.toldAt.set(sent, seen.at)
    merge(view.excused, this.latestClockOf(sent))
  }

  private read (seen: ObservationOf<'log'>): void {
    const view = this.view(seen)

    for (const { messageId, senderId, hash } of seen.lines ?? []) {
      const sent = this.index.message(seen.channelId, messageId, senderId, hash)

      if (sent != null) {
        view.have.add(sent)
        view.toldAt.set(sent, view.toldAt.get(sent) ?? seen.at)
        merge(view.clock, this.clockOf(sent))
      }
    }
  }

  private view ({ member, channelId }: { member: number, channelId: string }): View {
    const id = key(member, channelId)
    const view = this.views.get(id) ?? new View()

    this.views.set(id, view)

    return view
  }

  private fail (seen: Observation, messageIds: string[], message: string): void {
    this.violations.push({ ...this.about(seen, messageIds), guarantee: 'G3', message })
  }

  private about (seen: Observation, messageIds: string[]): Pick<Violation, 'at' | 'channelId' | 'members' | 'messageIds'> {
    return { at: seen.at, channelId: seen.channelId, members: [seen.member], messageIds }
  }
}

function merge (clock: number[], other: readonly number[]): void {
  for (let i = 0; i < other.length; i++) {
    if ((other[i] ?? 0) > (clock[i] ?? 0)) {
      clock[i] = other[i]
    }
  }
}
