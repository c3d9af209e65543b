import { HELD_OVERHEAD_BYTES } from './config.js'
import { heldBytes } from './held-segment.js'
import type { HeldSegment } from './held-segment.js'
import type { Complete, Progress } from './reassembly-types.js'
import type { Segment, SetShape } from './segment.js'
import type { Steps } from './slices.js'

/** Contents kept for one slot: the one that came first, and what contradicts it. */
export const MAX_ALTERNATIVES = 4

/** What a set is made of besides its segments. */
export interface SetInit {
  key: string
  senderId: string
  saltBase?: bigint
  shape: SetShape
}

/** A set of segments, from the first that came until its message is delivered or given up. */
export class PartialSet {
  readonly key: string
  readonly senderId: string
  readonly saltBase?: bigint
  readonly shape: SetShape
  /** slots that have at least one segment */
  have = 0
  /** as counted against the bounds */
  bytes = 0
  /** when the last new segment came */
  updated = 0
  /** assembly under way; nothing evicts the set meanwhile */
  work?: Steps<Complete | undefined>
  /** somebody drives `work` */
  started = false
  /** what came since enough was there and was not tried yet */
  fresh: HeldSegment[] = []
  /** assembled: the segments are in storage only */
  complete?: Complete
  private slots: Array<HeldSegment[] | undefined>
  private released?: Array<Pick<HeldSegment, 'storeKey' | 'messageId'>>

  constructor (init: SetInit) {
    this.key = init.key
    this.senderId = init.senderId
    this.saltBase = init.saltBase
    // the hash is a view of a whole message
    this.shape = { ...init.shape, hash: new Uint8Array(init.shape.hash) }
    this.slots = new Array<HeldSegment[] | undefined>(init.shape.dataCount + init.shape.parityCount).fill(undefined)
  }

  /** Enough segments to assemble it, if none of them is forged. */
  get enough (): boolean {
    return this.have >= this.shape.dataCount
  }

  /** What is held for a slot, oldest first. */
  at (slot: number): readonly HeldSegment[] {
    return this.slots[slot] ?? []
  }

  put (segment: HeldSegment): void {
    const slot = this.slots[segment.slot]

    if (slot == null) {
      this.slots[segment.slot] = [segment]
      this.have++
    } else {
      slot.push(segment)
    }

    this.bytes += heldBytes(segment)

    if (this.enough) {
      this.fresh.push(segment)
    }
  }

  progress (): Progress {
    const { dataCount, length } = this.shape
    const bytes = this.slots.reduce((sum, slot) => sum + (slot?.[0].chunk.byteLength ?? 0), 0)

    return { state: 'partial', setKey: this.key, have: Math.min(this.have, dataCount), total: dataCount, bytes: Math.min(bytes, length), totalBytes: length }
  }

  /** What is stored of the set. */
  entries (): Array<Pick<HeldSegment, 'storeKey' | 'messageId'>> {
    return this.released ?? this.slots.flatMap(slot => slot ?? [])
  }

  /** Drops the contents of a complete set from memory; the payload stays. Returns what it counts now. */
  release (): number {
    this.released = this.entries().map(({ storeKey, messageId }) => ({ storeKey, messageId }))
    this.slots = []
    this.fresh = []

    return this.shape.length + this.released.length * HELD_OVERHEAD_BYTES
  }

  /**
   * Ways to choose one segment for each slot: what came first, then the alternatives, then
   * the same with one slot left out as though it were lost, where parity makes up for it. With
   * `fresh`, only the ways that use it: the others were tried before it came.
   */
  * selections (fresh?: HeldSegment): Generator<Array<HeldSegment | undefined>> {
    const { dataCount } = this.shape
    const open = [...this.slots.keys()].filter(slot => slot !== fresh?.slot && this.at(slot).length > 1)
    // with all data there, parity that comes later matters only for what is left out
    const redundant = fresh != null && fresh.slot >= dataCount && this.slots.slice(0, dataCount).every(slot => slot != null)

    // not even walked through otherwise: there may be 4 to the power of 256
    if (!redundant) {
      for (const choice of this.choices(open, fresh)) {
        yield this.fill(choice, fresh)
      }
    }

    if (this.have > dataCount) {
      for (const choice of this.choices(open, fresh)) {
        for (let slot = 0; slot < choice.length; slot++) {
          if (choice[slot] != null && slot !== fresh?.slot) {
            yield this.fill(choice.with(slot, undefined), fresh)
          }
        }
      }
    }
  }

  /** Every combination over the `open` slots; first choices for the others. */
  private * choices (open: number[], fresh?: HeldSegment): Generator<Array<HeldSegment | undefined>> {
    const digits = open.map(() => 0)

    for (;;) {
      const choice = Array.from(this.slots, slot => slot?.[0])

      if (fresh != null) {
        choice[fresh.slot] = fresh
      }

      open.forEach((slot, i) => { choice[slot] = this.at(slot)[digits[i]] })
      yield choice

      const carry = digits.findIndex((digit, i) => digit + 1 < this.at(open[i]).length)

      if (carry === -1) {
        return
      }

      digits.fill(0, 0, carry)
      digits[carry]++
    }
  }

  /** Takes out the parity that is not needed; `fresh` stays if any does. */
  private fill (choice: Array<HeldSegment | undefined>, fresh?: HeldSegment): Array<HeldSegment | undefined> {
    const parity = [...choice.keys()].slice(this.shape.dataCount).filter(slot => choice[slot] != null)
    const used = choice.reduce((count, segment) => segment == null ? count : count + 1, 0)
    const order = parity.sort((a, b) => Number(a === fresh?.slot) - Number(b === fresh?.slot) || b - a)

    for (const slot of order.slice(0, Math.max(used - this.shape.dataCount, 0))) {
      choice[slot] = undefined
    }

    return choice
  }
}

/** Whether a segment is one of the set, by all that both say about the whole. */
export function shapeKey (segment: Segment): string {
  const { length, dataCount, parityCount, chunkBytes } = segment

  return `${String.fromCharCode(...segment.hash)}/${length}/${dataCount}/${parityCount}/${chunkBytes}`
}
