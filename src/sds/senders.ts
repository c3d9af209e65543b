import type { ReceivedFilter } from './bloom/index.js'

/** Senders that are told apart; beyond that those heard least recently go. */
const MAX_SENDERS = 4_096
/** A sender counts as active for this long after it was heard, ms. */
const ACTIVE_MS = 600_000
/** Bytes of filters that are kept to tell who holds what. */
const MAX_FILTER_BYTES = 1_048_576
/** Salts of one sender's filters that are remembered: the same filter twice is one piece of evidence. */
const MAX_SALTS = 16

/** Somebody else in the channel. */
export interface Sender {
  readonly senderId: string
  /** wall clock, ms; -Infinity: never heard live */
  lastSeen: number
  /** messages that wait for dependencies */
  parked: number
  /** dependencies that only its messages cited at first */
  missing: number
  /** the newest filter */
  filter?: ReceivedFilter
  salts: number[]
}

/** Who was heard, and when. */
export class Senders {
  private readonly senders = new Map<string, Sender>()
  private filterBytes = 0
  private counted = { at: -Infinity, count: 0 }

  /** The sender of that ID, made when it is not known. */
  get (senderId: string): Sender {
    let sender = this.senders.get(senderId)

    if (sender == null) {
      sender = { senderId, lastSeen: -Infinity, parked: 0, missing: 0, salts: [] }
      this.senders.set(senderId, sender)

      if (this.senders.size > MAX_SENDERS) {
        this.forgetOldest(sender)
      }
    }

    return sender
  }

  all (): Iterable<Sender> {
    return this.senders.values()
  }

  peek (senderId: string): Sender | undefined {
    return this.senders.get(senderId)
  }

  heard (sender: Sender, now: number): void {
    if (now - sender.lastSeen >= ACTIVE_MS) {
      this.counted.count++
    }

    // order of the map is order of last sight, to the second
    if (Math.abs(now - sender.lastSeen) >= 1_000) {
      this.senders.delete(sender.senderId)
      this.senders.set(sender.senderId, sender)
    }

    sender.lastSeen = now
  }

  /** Senders heard within the last ten minutes, ourselves not counted. */
  active (now: number): number {
    if (now < this.counted.at || now - this.counted.at >= 1_000) {
      let count = 0

      for (const sender of this.senders.values()) {
        if (now - sender.lastSeen < ACTIVE_MS) {
          count++
        }
      }

      this.counted = { at: now, count }
    }

    return this.counted.count
  }

  /** Whether this filter is another one than those before, and so evidence of its own. */
  keepFilter (sender: Sender, filter: ReceivedFilter): boolean {
    if (filter.salt != null) {
      if (sender.salts.includes(filter.salt)) {
        return false
      }

      sender.salts.push(filter.salt)

      if (sender.salts.length > MAX_SALTS) {
        sender.salts.shift()
      }
    }

    this.filterBytes += filter.byteLength - (sender.filter?.byteLength ?? 0)
    sender.filter = filter

    for (const other of this.senders.values()) {
      if (this.filterBytes <= MAX_FILTER_BYTES) {
        break
      }

      if (other !== sender) {
        this.dropFilter(other)
      }
    }

    return true
  }

  * withFilter (): Generator<Sender & { filter: ReceivedFilter }> {
    for (const sender of this.senders.values()) {
      if (sender.filter != null) {
        yield sender as Sender & { filter: ReceivedFilter }
      }
    }
  }

  get byteLength (): number {
    return this.filterBytes
  }

  private dropFilter (sender: Sender): void {
    this.filterBytes -= sender.filter?.byteLength ?? 0
    sender.filter = undefined
  }

  private forgetOldest (except: Sender): void {
    for (const sender of this.senders.values()) {
      // one with parked messages is still needed for its bounds
      if (sender !== except && sender.parked + sender.missing === 0) {
        this.dropFilter(sender)
        this.senders.delete(sender.senderId)
        break
      }
    }
  }
}
