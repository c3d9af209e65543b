import { encodeCompact, WakuFilter } from './bloom/index.js'
import type { Core } from './core.js'
import type { Bytes } from '../clock.js'

/** IDs in a `compact` filter: 4 KiB. */
export const MAX_RECENT = 1_024
/** So many are in it however long ago they came. */
const MIN_RECENT = 16

/** What we hold and our filters tell of: kept as one rolling filter, or as a list of which each is made. */
export class RecentIds {
  private readonly rolling?: WakuFilter
  /** when each slot came, the last at the end */
  private recent = new Map<number, number>()

  constructor (private readonly core: Core) {
    this.rolling = core.config.bloom === 'waku' ? new WakuFilter() : undefined
  }

  /** We hold this message now. */
  insert (slot: number, own: boolean): void {
    if (this.rolling != null) {
      this.rolling.insert(this.core.seen.hashed(slot))
    } else if (!own) {
      // our own messages need nobody's acknowledgement from us
      this.recent.delete(slot)
      this.recent.set(slot, this.core.timeline.now)

      if (this.recent.size > 2 * MAX_RECENT) {
        this.recent = new Map([...this.recent].slice(-MAX_RECENT))
      }
    }
  }

  /** It came again, since its sender saw no filter of ours with it: the next one has it, however long ago it came first. */
  refresh (slot: number): void {
    if (this.rolling?.has(this.core.seen.hashed(slot)) !== true) {
      this.insert(slot, false)
    }
  }

  /** The filter for a message of ours; in the `compact` format only sync messages have one. */
  toBytes (sync: boolean): Bytes | undefined {
    if (this.rolling != null) {
      return this.rolling.toBytes()
    }

    if (!sync || this.recent.size === 0) {
      return undefined
    }

    const from = this.core.timeline.now - this.windowMs
    const recent = [...this.recent].slice(-MAX_RECENT)
    let first = 0

    while (first < recent.length - MIN_RECENT && recent[first][1] < from) {
      first++
    }

    return encodeCompact(recent.slice(first).map(([slot]) => this.core.seen.filterKey(slot)), this.core.random)
  }

  get byteLength (): number {
    return this.rolling == null ? this.recent.size * 40 : 2 * this.rolling.shape.bytes
  }

  /** From a message's arrival until its sender has used up all resends. */
  private get windowMs (): number {
    const { acknowledgementTimeoutMs, maxRetransmissions } = this.core.config

    return acknowledgementTimeoutMs * 2 ** Math.min(maxRetransmissions + 1, 8)
  }
}
