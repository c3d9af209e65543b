import { equal } from '../link/proof.js'
import { Fetching } from './fetching.js'
import { Fingerprint, comparePositions } from './fingerprint.js'
import { successor } from './wire.js'
import type { FetchingInit } from './fetching.js'
import type { Range } from './parts.js'
import type { RemoteLog, RemotePage } from './remote.js'
import type { HistoryOptions, HistoryProgress, HistoryResult, LogEntry, LogPosition } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** Entries of one page. */
const PAGE = 1000

/** Members that check each other. */
export const HISTORY_MEMBERS = 3

/** A page that is not the last has at least so many entries, when so many were asked for: who gives less would make us ask for ever. */
const MIN_PAGE = 100

const DEFAULT_LIMIT = 1_000

/** A member that is asked for its log. */
export interface HistoryMember extends RemoteLog {
  readonly peer: PeerId
}

export interface HistoryInit {
  members: HistoryMember[]
  has (messageId: string): boolean
  fetch: FetchingInit<HistoryMember>['fetch']
  wait: FetchingInit<HistoryMember>['wait']
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
  private readonly fetching: Fetching<HistoryMember>
  private readonly took: number
  private members: HistoryMember[]
  private unavailable = 0
  private horizon?: LogPosition
  /** with a limit, nobody may fill it with one message in many places */
  private readonly taken = new Set<string>()

  constructor (init: HistoryInit, options: HistoryOptions) {
    this.init = init
    this.options = options
    this.members = init.members.slice(0, HISTORY_MEMBERS)
    this.took = this.members.length
    this.fetching = new Fetching({
      fetch: init.fetch,
      wait: init.wait,
      onSettled: (entry, had) => { this.settled(entry, had) },
      onWait: () => { this.report() },
      onInvented: (member) => { this.leave(member) }
    }, options)
  }

  async run (): Promise<HistoryResult> {
    const { after } = this.options
    let before: LogPosition | undefined
    let ended = false

    while (!ended && this.members.length > 0) {
      if (this.left <= 0) {
        await this.fetching.all()

        // what was listed and could not be had does not count: older ones take its place
        if (this.left <= 0) {
          break
        }
      }

      const [lead, ...witnesses] = this.members
      const most = Math.min(PAGE, this.left) + 1
      const page = await this.page(lead, { after, before }, most)

      if (page == null) {
        continue
      }

      this.sawHorizon(page.horizon)
      // the last entry only marks where the page ends; the next one begins with it
      const listed = new Map(page.entries.map(entry => [entry.messageId, { entry, claimants: [lead] }]))
      const edge = page.more ? page.entries[page.entries.length - 1] : undefined
      const end = await this.check(listed, { after, before }, edge, witnesses)
      const next = await this.take([...listed.values()].filter(({ entry }) => end == null || comparePositions(entry, end) > 0))

      ended = next == null && end == null
      before = next ?? (end && successor(end))
      this.progress.reached = next ?? end
    }

    await this.fetching.all()
    this.report()

    return { ...this.progress, unavailable: this.unavailable, horizon: this.horizon, members: this.took, complete: this.unavailable === 0 && (ended || this.left <= 0) }
  }

  /** Messages that are still wanted. */
  private get left (): number {
    const { mode = 'full', limit = DEFAULT_LIMIT } = this.options

    return mode === 'full' ? Infinity : limit - this.progress.listed + this.unavailable
  }

  /** A page of a member that is worth going on with; nothing when it is not, which costs it its part. */
  private async page (member: HistoryMember, range: Range, most: number): Promise<RemotePage | undefined> {
    const page = await this.attempt(member, () => member.page(range, most, this.options))

    if (page == null || (page.more && page.entries.length < Math.min(MIN_PAGE, most))) {
      this.leave(member)

      return undefined
    }

    return page
  }

  /**
   * Adds what witnesses have. The range ends where a page of any of them does, so that nobody can
   * hide more than fits in a page behind a range that is wide.
   *
   * @returns the entry at which the range ends, which is not part of it
   */
  private async check (listed: Map<string, Listed>, { after, before }: Range, edge: LogPosition | undefined, witnesses: HistoryMember[]): Promise<LogPosition | undefined> {
    const range = { after: edge ?? after, before }
    const print = new Fingerprint()
    let count = 0

    for (const { entry } of listed.values()) {
      if (edge == null || comparePositions(entry, edge) > 0) {
        print.add(entry)
        count++
      }
    }

    const digest = print.digest()
    const ofLead = [...listed.values()]
    let end = edge

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

      if (part.count === count && equal(part.fingerprint, digest)) {
        ofLead.forEach(({ claimants }) => { claimants.push(witness) })

        return
      }

      const page = await this.page(witness, range, PAGE)

      for (const entry of page?.entries ?? []) {
        const known = listed.get(entry.messageId)

        if (known == null) {
          listed.set(entry.messageId, { entry, claimants: [witness] })
        } else {
          known.claimants.push(witness)
        }
      }

      if (page?.more === true) {
        const last = page.entries[page.entries.length - 1]
        end = end == null || comparePositions(last, end) > 0 ? last : end
        // it has more: with it in front, pages are fuller
        this.members = [witness, ...this.members.filter(member => member !== witness)]
      }
    }))

    return end
  }

  /** Asks for what is not here. Returns the last one that it took when those were not all. */
  private async take (listed: Listed[]): Promise<LogPosition | undefined> {
    listed.sort((a, b) => comparePositions(b.entry, a.entry))
    const fresh = this.left === Infinity ? listed : listed.filter(({ entry }) => !this.taken.has(entry.messageId))
    const taken = fresh.slice(0, this.left)

    if (this.left !== Infinity) {
      taken.forEach(({ entry }) => { this.taken.add(entry.messageId) })
    }

    for (const { entry, claimants } of taken) {
      this.progress.listed++

      if (this.init.has(entry.messageId)) {
        this.progress.held++
      } else {
        const wait = this.fetching.add(entry, claimants)

        if (wait != null) {
          await wait
        }
      }
    }

    this.report()

    return taken.length < fresh.length ? taken[taken.length - 1].entry : undefined
  }

  private settled (entry: LogEntry, had: boolean): void {
    if (had) {
      this.progress.held++
      this.progress.bytes += entry.size
    } else {
      this.unavailable++
    }
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
