import { equal } from '../link/proof.js'
import { Fingerprint, comparePositions } from './fingerprint.js'
import { successor } from './wire.js'
import type { Range } from './parts.js'
import type { RemoteLog } from './remote.js'
import type { HistoryOptions, HistoryProgress, HistoryResult, LogEntry, LogPosition } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** Entries of one page. */
const PAGE = 1000

/** Members that check each other. */
export const HISTORY_MEMBERS = 3

/** Messages, and bytes of them, that are asked for before the next page. */
const WINDOW = 4096
const WINDOW_BYTES = 32 * 1024 * 1024

/** Entries that only one member listed and nobody could deliver, before that member is left out. */
const MAX_INVENTED = 64

const DEFAULT_LIMIT = 1_000

/** A member that is asked for its log. */
export interface HistoryMember extends RemoteLog {
  readonly peer: PeerId
}

export interface HistoryInit {
  members: HistoryMember[]
  has (messageId: string): boolean
  /**
   * Asks for a message that these list.
   *
   * @returns false when there is no room for it now
   */
  fetch (entry: LogEntry, claimants: PeerId[], onSettled: (had: boolean) => void): boolean
}

interface Listed {
  entry: LogEntry
  claimants: HistoryMember[]
}

/**
 * Fetches the past, newest first. One member lists it, page by page; the others compare the
 * fingerprint of each page with theirs and list what they have when it differs. So it takes one
 * honest member to see that something is hidden; what is invented cannot be delivered.
 */
export class History {
  private readonly init: HistoryInit
  private readonly options: HistoryOptions
  private readonly progress: HistoryProgress = { listed: 0, held: 0, bytes: 0 }
  private readonly invented = new Map<HistoryMember, number>()
  private readonly promoted = new Set<HistoryMember>()
  private members: HistoryMember[]
  private took = 0
  private unavailable = 0
  private horizon?: LogPosition
  private outstanding = 0
  private outstandingBytes = 0
  private wake?: () => void

  constructor (init: HistoryInit, options: HistoryOptions) {
    this.init = init
    this.options = options
    this.members = init.members.slice(0, HISTORY_MEMBERS)
    this.took = this.members.length
  }

  async run (): Promise<HistoryResult> {
    const { mode = 'full', limit = DEFAULT_LIMIT, after } = this.options
    let before: LogPosition | undefined
    let left = mode === 'recent' ? limit : Infinity
    let ended = false

    while (!ended && left > 0 && this.members.length > 0) {
      const [lead, ...witnesses] = this.members
      const page = await this.attempt(lead, () => lead.page({ after, before }, Math.min(PAGE, left) + 1, this.options))

      if (page == null || (page.more && page.entries.length < 2)) {
        // without a second entry, the next page would begin where this one did
        this.leave(lead)
        continue
      }

      this.sawHorizon(page.horizon)
      // the last entry only marks where the page ends; the next one begins with it
      const end = page.more ? page.entries[page.entries.length - 1] : undefined
      const range: Range = { after: end ?? after, before }
      const listed = new Map((page.more ? page.entries.slice(0, -1) : page.entries).map(entry => [entry.messageId, { entry, claimants: [lead] }]))
      const richer = await this.check(listed, range, witnesses)

      if (richer != null) {
        // it says that the lead hides a lot: let it list them, with the others as witnesses
        this.promoted.add(richer)
        this.members = [richer, ...this.members.filter(member => member !== richer)]
        continue
      }

      left -= await this.take([...listed.values()], left)
      this.progress.reached = end

      if (end == null) {
        ended = true
      } else {
        before = successor(end)
      }
    }

    await this.room(1)
    this.report()

    return { ...this.progress, unavailable: this.unavailable, horizon: this.horizon, members: this.took, complete: this.unavailable === 0 && (ended || left <= 0) }
  }

  /** Adds what witnesses have in the range. Returns one that has much more, once for each of them. */
  private async check (listed: Map<string, Listed>, range: Range, witnesses: HistoryMember[]): Promise<HistoryMember | undefined> {
    const print = new Fingerprint()
    listed.forEach(({ entry }) => { print.add(entry) })
    const digest = print.digest()
    let richer: HistoryMember | undefined

    await Promise.all(witnesses.map(async witness => {
      const answer = await this.attempt(witness, () => witness.digest(range, 1, this.options))

      if (answer == null) {
        this.leave(witness)

        return
      }

      this.sawHorizon(answer.horizon)
      const [part] = answer.parts

      if (part == null) {
        return
      }

      if (part.count === print.count && equal(part.fingerprint, digest)) {
        listed.forEach(({ claimants }) => { claimants.push(witness) })
      } else if (part.count > print.count + PAGE && !this.promoted.has(witness)) {
        richer = witness
      } else {
        await this.merge(listed, range, witness)
      }
    }))

    return richer
  }

  private async merge (listed: Map<string, Listed>, range: Range, witness: HistoryMember): Promise<void> {
    let { before } = range

    // it has said that there are not many more than in the page
    for (let pages = 0; pages < 4; pages++) {
      const page = await this.attempt(witness, () => witness.page({ after: range.after, before }, PAGE, this.options))

      if (page == null) {
        this.leave(witness)

        return
      }

      for (const entry of page.entries) {
        const known = listed.get(entry.messageId)

        if (known == null) {
          listed.set(entry.messageId, { entry, claimants: [witness] })
        } else {
          known.claimants.push(witness)
        }
      }

      if (!page.more) {
        return
      }

      before = page.entries[page.entries.length - 1]
    }
  }

  /** Asks for what is not here. Returns how many entries it took. */
  private async take (listed: Listed[], most: number): Promise<number> {
    listed.sort((a, b) => comparePositions(b.entry, a.entry))
    const taken = listed.slice(0, most)

    for (const { entry, claimants } of taken) {
      this.progress.listed++

      if (this.init.has(entry.messageId)) {
        this.progress.held++
        continue
      }

      await this.room(WINDOW)

      const peers = claimants.map(({ peer }) => peer)
      this.outstanding++
      this.outstandingBytes += entry.size

      while (!this.init.fetch(entry, peers, (had) => { this.settled(entry, claimants, had) })) {
        // others have filled the book: what is settled of ours makes room
        await this.room(Math.max(this.outstanding - 1, 2))

        if (this.outstanding <= 1) {
          this.settled(entry, claimants, false)
          break
        }
      }
    }

    this.report()

    return taken.length
  }

  private settled (entry: LogEntry, claimants: HistoryMember[], had: boolean): void {
    this.outstanding--
    this.outstandingBytes -= entry.size

    if (had) {
      this.progress.held++
      this.progress.bytes += entry.size
    } else {
      this.unavailable++

      if (claimants.length === 1) {
        const [member] = claimants
        const count = (this.invented.get(member) ?? 0) + 1
        this.invented.set(member, count)

        if (count >= MAX_INVENTED) {
          this.leave(member)
        }
      }
    }

    this.wake?.()
  }

  /** Resolves when fewer than `count` messages are outstanding. */
  private async room (count: number): Promise<void> {
    while (this.outstanding >= count || (this.outstandingBytes >= WINDOW_BYTES && this.outstanding > 0)) {
      this.report()
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => { reject(this.options.signal?.reason) }

        this.wake = () => {
          this.options.signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        this.options.signal?.addEventListener('abort', onAbort, { once: true })
      })
      this.wake = undefined
    }

    this.options.signal?.throwIfAborted()
  }

  /** What a member answers; nothing when it fails, which costs it its part. */
  private async attempt<T> (member: HistoryMember, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question()
    } catch {
      this.options.signal?.throwIfAborted()

      return undefined
    }
  }

  private leave (member: HistoryMember): void {
    this.members = this.members.filter(other => other !== member)
  }

  private sawHorizon (horizon?: LogPosition): void {
    if (horizon != null && (this.horizon == null || comparePositions(horizon, this.horizon) < 0)) {
      this.horizon = horizon
    }
  }

  private report (): void {
    this.options.onProgress?.({ ...this.progress })
  }
}
