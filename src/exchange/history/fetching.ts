import type { Outcome } from '../asking/want.js'
import type { LogEntry } from '../types.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Messages, and bytes of them, that are asked for before more is listed. */
const WINDOW = 4096
const WINDOW_BYTES = 32 * 1024 * 1024

/** Entries that only one member listed and nobody could deliver, before that member is left out. */
export const MAX_INVENTED = 64

/** A place in the book is looked for again after this. */
const ROOM_MS = 500

export interface FetchingInit<M> {
  /**
   * Asks for a message that these list.
   *
   * @returns false when there is no room for it now
   */
  fetch (entry: LogEntry, claimants: PeerId[], onSettled: (outcome: Outcome) => void): boolean
  onSettled? (entry: LogEntry, had: boolean): void
  /** before a wait */
  onWait? (): void
  /** it lists what nobody can deliver */
  onInvented (member: M): void
  wait (ms: number): Promise<void>
}

/** Asks for what members list, so much of it at once, and tells those who invent. */
export class Fetching<M extends { readonly peer: PeerId }> {
  private readonly init: FetchingInit<M>
  private readonly signal?: AbortSignal
  private readonly invented = new Map<M, number>()
  private outstanding = 0
  private bytes = 0
  private wake?: () => void

  constructor (init: FetchingInit<M>, { signal }: AbortOptions = {}) {
    this.init = init
    this.signal = signal
  }

  /**
   * Asks for it.
   *
   * @returns a promise only when it has to be waited for before the next: what is added in one turn leaves in one request
   */
  add (entry: LogEntry, claimants: M[]): void | Promise<void> {
    this.outstanding++
    this.bytes += entry.size

    if (!this.fetch(entry, claimants)) {
      return this.insist(entry, claimants)
    }

    if (this.full) {
      return this.room()
    }
  }

  /** Resolves when nothing is outstanding. */
  async all (): Promise<void> {
    await this.until(() => this.outstanding === 0)
  }

  private get full (): boolean {
    return this.outstanding >= WINDOW || this.bytes >= WINDOW_BYTES
  }

  private fetch (entry: LogEntry, claimants: M[]): boolean {
    return this.init.fetch(entry, claimants.map(({ peer }) => peer), (outcome) => { this.settled(entry, claimants, outcome) })
  }

  /** Others have filled the book. */
  private async insist (entry: LogEntry, claimants: M[]): Promise<void> {
    do {
      await this.init.wait(ROOM_MS)
      this.signal?.throwIfAborted()
    } while (!this.fetch(entry, claimants))

    if (this.full) {
      await this.room()
    }
  }

  /** Half of it at a time, so that requests stay large. */
  private async room (): Promise<void> {
    await this.until(() => this.outstanding <= WINDOW / 2 && this.bytes <= WINDOW_BYTES / 2)
  }

  private async until (reached: () => boolean): Promise<void> {
    while (!reached()) {
      this.signal?.throwIfAborted()
      this.init.onWait?.()
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => { reject(this.signal?.reason) }

        this.wake = () => {
          this.signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        this.signal?.addEventListener('abort', onAbort, { once: true })
      })
      this.wake = undefined
    }

    this.signal?.throwIfAborted()
  }

  private settled (entry: LogEntry, claimants: M[], outcome: Outcome): void {
    this.outstanding--
    this.bytes -= entry.size
    this.init.onSettled?.(entry, outcome === 'had')

    if (outcome === 'unavailable' && claimants.length === 1) {
      const [member] = claimants
      const count = (this.invented.get(member) ?? 0) + 1
      this.invented.set(member, count)

      if (count === MAX_INVENTED) {
        this.init.onInvented(member)
      }
    }

    this.wake?.()
  }
}
