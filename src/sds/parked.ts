import type { Missing } from './missing.js'
import type { Sender } from './senders.js'
import type { MessageId } from './types.js'

/** A message that is here, and whether it waits for others. */
export interface Parked {
  readonly slot: number
  readonly messageId: MessageId
  readonly lamport: number
  readonly sender: Sender
  readonly hint?: string
  /** everything that it cites */
  readonly cites: readonly MessageId[]
  readonly late: boolean
  readonly fetched: boolean
  /** dependencies that are neither delivered nor given up */
  unmet: number
  /** what it began to wait for */
  needs: readonly Dependency[]
  /** when it began to wait */
  since: number
  /** where it is kept as it is stored */
  recordFrom: number
  recordEnd: number
  /** neighbours in {@link ParkedList} */
  before?: Parked
  after?: Parked
}

const NONE: readonly never[] = []

/** A message that just came, as it is before it waits for anything. */
export function createParked ({ slot, messageId, lamport, sender, hint, cites, late, fetched }: Omit<Parked, 'unmet' | 'needs' | 'since' | 'recordFrom' | 'recordEnd' | 'before' | 'after'>): Parked {
  return { slot, messageId, lamport, sender, hint, cites, late, fetched, unmet: 0, needs: NONE, since: 0, recordFrom: -1, recordEnd: -1, before: undefined, after: undefined }
}

/** Messages in the order in which they began to wait. */
export class ParkedList implements Iterable<Parked> {
  size = 0
  private first?: Parked
  private last?: Parked

  add (parked: Parked): void {
    if (this.last == null) {
      this.first = parked
    } else {
      this.last.after = parked
      parked.before = this.last
    }

    this.last = parked
    this.size++
  }

  /** Takes out what is in it. */
  remove (parked: Parked): void {
    const { before, after } = parked

    if (before == null) {
      this.first = after
    } else {
      before.after = after
    }

    if (after == null) {
      this.last = before
    } else {
      after.before = before
    }

    parked.before = parked.after = undefined
    this.size--
  }

  * [Symbol.iterator] (): Generator<Parked> {
    for (let parked = this.first; parked != null; parked = parked.after) {
      yield parked
    }
  }
}

/** Something that messages wait for: either here and parked itself, or missing; neither once it is met or given up. */
export interface Dependency {
  parked?: Parked
  missing?: Missing
  /** a list, in the order of arrival: it takes less memory than an array that grows */
  first?: Waiter
  last?: Waiter
}

export interface Waiter {
  readonly parked: Parked
  /** of the dependency among those of the message */
  readonly place: number
  next?: Waiter
}
