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
  /** the last at the end; a slot that was refreshed is there again, and its last place counts */
  private slots: number[] = []
  /** when each of them came */
  private times: number[] = []
  /** whether a slot may be there twice */
  private isRepeated = false

  constructor (private readonly core: Core) {
    this.rolling = core.config.bloom === 'waku' ? new WakuFilter() : undefined
  }

  /** We hold this message now. */
  insert (slot: number, own: boolean): void {
    if (this.rolling != null) {
      this.rolling.insert(this.core.seen.hashed(slot))
    } else if (!own) {
      // our own messages need nobody's acknowledgement from us
      this.slots.push(slot)
      this.times.push(this.core.timeline.now)

      if (this.slots.length > 2 * MAX_RECENT) {
        this.trim()
      }
    }
  }

  /** It came again, since its sender saw no filter of ours with it: the next one has it, however long ago it came first. */
  refresh (slot: number): void {
    this.isRepeated = true

    if (this.rolling?.has(this.core.seen.hashed(slot)) !== true) {
      this.insert(slot, false)
    }
  }

  /** The filter for a message of ours; in the `compact` format only sync messages have one. */
  toBytes (sync: boolean): Bytes | undefined {
    if (this.rolling != null) {
      return this.rolling.toBytes()
    }

    if (!sync || this.slots.length === 0) {
      return undefined
    }

    const from = this.core.timeline.now - this.windowMs
    const recent = this.places(MAX_RECENT).filter((place, i) => i < MIN_RECENT || this.times[place] >= from)

    return encodeCompact(recent.reverse().map(place => this.core.seen.filterKey(this.slots[place])), this.core.random)
  }

  get byteLength (): number {
    return this.rolling == null ? this.slots.length * 16 : 2 * this.rolling.shape.bytes
  }

  /** Where the slots that came last are, each once, the last first. */
  private places (max: number): number[] {
    const slots = new Set<number>()
    const places: number[] = []

    for (let place = this.slots.length - 1; place >= 0 && places.length < max; place--) {
      if (slots.size < slots.add(this.slots[place]).size) {
        places.push(place)
      }
    }

    return places
  }

  private trim (): void {
    // slots are used again once something was evicted
    if (this.isRepeated || this.core.seen.floor > 0) {
      const places = this.places(MAX_RECENT).reverse()
      this.slots = places.map(place => this.slots[place])
      this.times = places.map(place => this.times[place])
      this.isRepeated = false
    } else {
      this.slots = this.slots.slice(-MAX_RECENT)
      this.times = this.times.slice(-MAX_RECENT)
    }
  }

  /** From a message's arrival until its sender has used up all resends. */
  private get windowMs (): number {
    const { acknowledgementTimeoutMs, maxRetransmissions } = this.core.config

    return acknowledgementTimeoutMs * 2 ** Math.min(maxRetransmissions + 1, 8)
  }
}
