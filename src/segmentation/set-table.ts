import { heldBytes } from './held-segment.js'
import type { SegmentationConfig } from './config.js'
import type { HeldSegment } from './held-segment.js'
import type { PartialSet } from './partial-set.js'

/** What one sender has in the table, or all of them. */
interface Share {
  /** incomplete ones, the longest without an update first */
  partial: Set<PartialSet>
  /** assembled, or being assembled */
  settled: Set<PartialSet>
  bytes: number
}

type Bounds = Pick<SegmentationConfig, 'maxSets' | 'maxSetsPerSender' | 'maxBytes' | 'maxBytesPerSender'>

/**
 * The sets that are held, and what they count. Incomplete ones are bounded in number and bytes,
 * complete ones, which wait for their causal release, in bytes.
 */
export class SetTable {
  private readonly bounds: Bounds
  private readonly sets = new Map<string, PartialSet>()
  private readonly senders = new Map<string, Share>()
  private readonly all: Share = emptyShare()

  constructor (bounds: Bounds) {
    this.bounds = bounds
  }

  get size (): number {
    return this.sets.size
  }

  get incomplete (): number {
    return this.all.partial.size
  }

  /** of all that is held */
  get bytes (): number {
    return this.all.bytes
  }

  get (key: string): PartialSet | undefined {
    return this.sets.get(key)
  }

  values (): IterableIterator<PartialSet> {
    return this.sets.values()
  }

  /** The incomplete set that was not updated for longest. */
  oldest (): PartialSet | undefined {
    return this.all.partial.values().next().value
  }

  /** Adds a segment to its set, which enters the table with its first one. */
  put (set: PartialSet, segment: HeldSegment, now: number): void {
    const bytes = heldBytes(segment)

    this.sets.set(set.key, set)
    set.put(segment)
    set.updated = now

    for (const share of this.shares(set)) {
      share.bytes += bytes

      if (!share.settled.has(set)) {
        share.partial.delete(set)
        share.partial.add(set)
      }
    }
  }

  /** Moves a set between the incomplete ones and those that are complete or about to be. */
  settle (set: PartialSet, settled: boolean): void {
    for (const share of this.shares(set)) {
      const [from, to] = settled ? [share.partial, share.settled] : [share.settled, share.partial]

      from.delete(set)
      to.add(set)
    }
  }

  /** Counts a set at its new size. */
  resize (set: PartialSet, bytes: number): void {
    for (const share of this.shares(set)) {
      share.bytes += bytes - set.bytes
    }

    set.bytes = bytes
  }

  delete (set: PartialSet): void {
    this.resize(set, 0)
    this.sets.delete(set.key)

    for (const share of this.shares(set)) {
      share.partial.delete(set)
      share.settled.delete(set)

      if (share !== this.all && share.partial.size + share.settled.size === 0) {
        this.senders.delete(set.senderId)
      }
    }
  }

  /**
   * What has to go before `bytes` more may come for `set`: of its sender when that is over its
   * own bounds, incomplete sets before complete ones, the longest without an update first.
   * `null`: it does not fit.
   */
  overflow (set: PartialSet, bytes: number): PartialSet | undefined | null {
    const { maxSets, maxSetsPerSender, maxBytes, maxBytesPerSender } = this.bounds
    const sender = this.senders.get(set.senderId) ?? emptyShare()
    // one that is complete with its first segment is never counted among the incomplete
    const joins = !this.sets.has(set.key) && set.shape.dataCount > 1

    if (sender.bytes + bytes > maxBytesPerSender || (joins && sender.partial.size >= maxSetsPerSender)) {
      return evictable(sender, set)
    }

    if (this.bytes + bytes > maxBytes || (joins && this.incomplete >= maxSets)) {
      return evictable(this.all, set)
    }

    return undefined
  }

  private shares (set: PartialSet): [Share, Share] {
    let sender = this.senders.get(set.senderId)

    if (sender == null) {
      sender = emptyShare()
      this.senders.set(set.senderId, sender)
    }

    return [this.all, sender]
  }
}

function emptyShare (): Share {
  return { partial: new Set(), settled: new Set(), bytes: 0 }
}

function evictable (from: Share, except: PartialSet): PartialSet | null {
  for (const sets of [from.partial, from.settled]) {
    for (const set of sets) {
      if (set !== except && set.work == null) {
        return set
      }
    }
  }

  return null
}
