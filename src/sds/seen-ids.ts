import { readWords, writeId } from './ids.js'
import type { FilterKey, HashedId } from './bloom/index.js'
import type { MessageId } from './types.js'
import type { Random } from '../clock.js'

const FIRST_CAPACITY = 64
/** IDs whose strings are kept at hand. */
const RECENT = 64

/**
 * Exact memory of message IDs, with the Lamport timestamp of each.
 *
 * An ID has a slot: 32 bytes of ID and 8 of timestamp in flat columns, found through an
 * open-addressing table of slot numbers: 1 000 000 IDs in about 55 MB. IDs that are *retired*
 * (no longer in the log) are evicted, lowest timestamp first, while there are more than
 * `capacity` in all and half as many retired ones; `floor` is the highest timestamp evicted so
 * far. So an ID above the floor that is not here was never here, and one that claims to be of
 * tomorrow does not raise the floor to there just because the log alone fills the capacity.
 */
export class SeenIds {
  /** ms; 0 until something was evicted */
  floor = 0
  size = 0
  /** the eight words of each slot's ID */
  words = new Uint32Array(FIRST_CAPACITY * 8)
  lamports = new Float64Array(FIRST_CAPACITY)

  private readonly capacity: number
  private readonly key: Uint32Array
  /** slot + 1, or 0 */
  private table = new Int32Array(FIRST_CAPACITY * 2)
  /** slots that were retired, a heap by timestamp */
  private retired = new Int32Array(FIRST_CAPACITY)
  private retiredCount = 0
  private readonly free: number[] = []
  private slots = 0
  /** IDs of another form than 64 hex digits, while they are not retired */
  private readonly texts = new Map<number, MessageId>()
  /** the ID that was looked up last, read into words */
  private readonly probe = new Uint32Array(8)
  private probed: MessageId = ''
  private isCanonical = false
  private probeHash = 0
  /** strings of the IDs that came last: they are cited next */
  private readonly recentSlots = new Int32Array(RECENT).fill(-1)
  private readonly recentIds: MessageId[] = new Array<MessageId>(RECENT).fill('')

  constructor (capacity: number, random: Random) {
    this.capacity = capacity
    // keyed, so that nobody can choose IDs that collide
    this.key = new Uint32Array(random.bytes(8).buffer)
  }

  /** Slot of `id`, or -1. */
  find (id: MessageId): number {
    this.read(id)

    return this.table[this.locate()] - 1
  }

  /** Remembers `id`, which must be new, and answers its slot. */
  add (id: MessageId, lamport: number): number {
    this.read(id)
    const slot = this.free.pop() ?? this.slots++

    if (slot >= this.lamports.length) {
      this.growColumns()
    }

    this.words.set(this.probe, slot * 8)
    this.lamports[slot] = lamport
    this.recentSlots[slot % RECENT] = slot
    this.recentIds[slot % RECENT] = id

    if (!this.isCanonical) {
      this.texts.set(slot, id)
    }

    if (++this.size * 3 > this.table.length * 2) {
      this.growTable()
    }

    this.table[this.locate()] = slot + 1

    return slot
  }

  id (slot: number): MessageId {
    const at = slot % RECENT

    if (this.recentSlots[at] === slot) {
      return this.recentIds[at]
    }

    return this.texts.get(slot) ?? writeId(this.words, slot * 8)
  }

  /** The ID as `compact` filters need it. */
  filterKey (slot: number): FilterKey {
    return { low: this.words[slot * 8], high: this.words[slot * 8 + 1] }
  }

  /** The ID as all filters need it. */
  hashed (slot: number): HashedId {
    return { messageId: this.id(slot), ...this.filterKey(slot) }
  }

  /** The ID is not in the log, or no longer: it may be evicted. Called once for a slot. */
  retire (slot: number): void {
    this.texts.delete(slot)
    this.push(slot)
    this.evict()
  }

  /** Bytes of memory that the tables hold. */
  get byteLength (): number {
    return this.words.byteLength + this.lamports.byteLength + this.table.byteLength + this.retired.byteLength
  }

  private read (id: MessageId): void {
    if (id !== this.probed) {
      this.isCanonical = readWords(id, this.probe)
      this.probeHash = this.hash(this.probe, 0)
      this.probed = id
    }
  }

  private evict (): void {
    while (this.size > this.capacity && this.retiredCount > this.capacity >> 1) {
      const slot = this.pop()

      this.floor = Math.max(this.floor, this.lamports[slot])
      this.remove(slot)
      this.free.push(slot)
      this.size--
    }
  }

  /** Table position of the ID that was read, or the empty one where it belongs. */
  private locate (): number {
    const mask = this.table.length - 1

    for (let at = this.probeHash & mask; ; at = (at + 1) & mask) {
      const slot = this.table[at] - 1

      if (slot < 0 || this.isProbe(slot)) {
        return at
      }
    }
  }

  private isProbe (slot: number): boolean {
    for (let i = 0, offset = slot * 8; i < 8; i++, offset++) {
      if (this.words[offset] !== this.probe[i]) {
        return false
      }
    }

    return true
  }

  /** Linear probing keeps no tombstones: what follows is moved back into the gap. */
  private remove (slot: number): void {
    const mask = this.table.length - 1
    let gap = this.hash(this.words, slot * 8) & mask

    while (this.table[gap] !== slot + 1) {
      gap = (gap + 1) & mask
    }

    for (let at = (gap + 1) & mask; this.table[at] !== 0; at = (at + 1) & mask) {
      const home = this.hash(this.words, (this.table[at] - 1) * 8) & mask

      if (((at - home) & mask) >= ((at - gap) & mask)) {
        this.table[gap] = this.table[at]
        gap = at
      }
    }

    this.table[gap] = 0
  }

  /** HalfSipHash-1-3 of eight words. */
  private hash (words: Uint32Array, offset: number): number {
    let v0 = this.key[0]
    let v1 = this.key[1]
    let v2 = 0x6c796765 ^ this.key[0]
    let v3 = 0x74656462 ^ this.key[1]

    for (let i = 0; i < 12; i++) {
      const word = i < 8 ? words[offset + i] : 0
      v3 ^= word

      if (i === 9) {
        v2 ^= 0xff
      }

      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }

    return v1 ^ v3
  }

  private growColumns (): void {
    const capacity = this.lamports.length * 2
    const words = new Uint32Array(capacity * 8)
    const lamports = new Float64Array(capacity)

    words.set(this.words)
    lamports.set(this.lamports)
    this.words = words
    this.lamports = lamports
  }

  private growTable (): void {
    const slots = this.table
    this.table = new Int32Array(slots.length * 2)
    const mask = this.table.length - 1

    for (const entry of slots) {
      if (entry > 0) {
        let at = this.hash(this.words, (entry - 1) * 8) & mask

        while (this.table[at] !== 0) {
          at = (at + 1) & mask
        }

        this.table[at] = entry
      }
    }
  }

  private push (slot: number): void {
    if (this.retiredCount === this.retired.length) {
      const grown = new Int32Array(this.retired.length * 2)
      grown.set(this.retired)
      this.retired = grown
    }

    let at = this.retiredCount++

    for (; at > 0; at = (at - 1) >> 1) {
      const parent = this.retired[(at - 1) >> 1]

      if (this.lamports[parent] <= this.lamports[slot]) {
        break
      }

      this.retired[at] = parent
    }

    this.retired[at] = slot
  }

  private pop (): number {
    const top = this.retired[0]
    const last = this.retired[--this.retiredCount]
    let at = 0

    for (;;) {
      let child = at * 2 + 1

      if (child >= this.retiredCount) {
        break
      }

      if (child + 1 < this.retiredCount && this.lamports[this.retired[child + 1]] < this.lamports[this.retired[child]]) {
        child++
      }

      if (this.lamports[last] <= this.lamports[this.retired[child]]) {
        break
      }

      this.retired[at] = this.retired[child]
      at = child
    }

    this.retired[at] = last

    return top
  }
}
