import { encodeCompact, WakuFilter } from './bloom/index.js'
import type { Core } from './core.js'
import type { HashedId } from './bloom/index.js'
import type { Bytes } from '../clock.js'

/** IDs in a `compact` filter: 4 KiB. */
const MAX_RECENT = 1_024
/** So many are in it however long ago they came. */
const MIN_RECENT = 16

/** What we hold and our filters tell of: kept as one rolling filter, or as a list of which each is made. */
export class RecentIds {
  private readonly rolling?: WakuFilter
  private recent: Array<{ hashed: HashedId, at: number }> = []

  constructor (private readonly core: Core) {
    this.rolling = core.config.bloom === 'waku' ? new WakuFilter() : undefined
  }

  /** We hold this message now. */
  insert (slot: number, own: boolean): void {
    if (this.rolling != null) {
      this.rolling.insert(this.core.seen.hashed(slot))
    } else if (!own) {
      // our own messages need nobody's acknowledgement from us
      this.recent.push({ hashed: this.core.seen.hashed(slot), at: this.core.timeline.now })

      if (this.recent.length > 2 * MAX_RECENT) {
        this.recent = this.recent.slice(-MAX_RECENT)
      }
    }
  }

  /** The filter for a message of ours; in the `compact` format only sync messages have one. */
  toBytes (sync: boolean): Bytes | undefined {
    if (this.rolling != null) {
      return this.rolling.toBytes()
    }

    if (!sync || this.recent.length === 0) {
      return undefined
    }

    const from = this.core.timeline.now - this.windowMs
    let first = Math.max(0, this.recent.length - MAX_RECENT)

    while (first < this.recent.length - MIN_RECENT && this.recent[first].at < from) {
      first++
    }

    return encodeCompact(this.recent.slice(first).map(({ hashed }) => hashed), this.core.random)
  }

  get byteLength (): number {
    return this.rolling == null ? this.recent.length * 100 : 2 * this.rolling.shape.bytes
  }

  /** From a message's arrival until its sender has used up all resends. */
  private get windowMs (): number {
    const { acknowledgementTimeoutMs, maxRetransmissions } = this.core.config

    return acknowledgementTimeoutMs * 2 ** Math.min(maxRetransmissions + 1, 8)
  }
}
