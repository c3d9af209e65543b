import type { PartialSet } from './partial-set.js'
import type { SaltedSet } from './segment-ids.js'

/** A completed set, as far as its late segments need it. */
interface CompletedSet {
  /** how many sets with this key completed before it: without salts a repeated payload has the same key */
  generation: number
  /** one bit a slot: what was held when it completed, and what came since */
  seen: Uint8Array
  messageId: string
  shape: Partial<SaltedSet> & Omit<SaltedSet, 'saltBase'>
}

/** Remembers completed sets, the latest `max`; the oldest goes first. */
export class CompletedSets {
  private readonly max: number
  private readonly sets = new Map<string, CompletedSet>()
  /** keys of those that lack parity, by sender */
  private readonly open = new Map<string, Set<string>>()

  constructor (max: number) {
    this.max = max
  }

  has (key: string): boolean {
    return this.sets.has(key)
  }

  /** The generation that a new set with this key would have. */
  nextGeneration (key: string): number {
    const set = this.sets.get(key)

    return set == null ? 0 : set.generation + 1
  }

  /** To be called before the set lets its segments go. */
  add (set: PartialSet, messageId: string): void {
    const { saltBase, senderId, shape } = set
    const key = saltBase == null ? set.key.slice(set.key.indexOf('/') + 1) : set.key
    const seen = new Uint8Array(32)

    for (let slot = 0; slot < shape.dataCount + shape.parityCount; slot++) {
      // SDS is told that data with a known ID is here, so none of it comes any more
      if ((saltBase != null && slot < shape.dataCount) || set.at(slot).length > 0) {
        seen[slot >> 3] |= 1 << (slot & 7)
      }
    }

    const generation = this.nextGeneration(key)

    this.delete(key)
    this.sets.set(key, { generation, seen, messageId, shape: { ...shape, senderId, saltBase } })

    if (saltBase != null && this.unseen(key).length > 0) {
      const open = this.open.get(senderId) ?? new Set()

      this.open.set(senderId, open.add(key))
    }

    if (this.sets.size > this.max) {
      this.delete(this.sets.keys().next().value as string)
    }
  }

  /** Marks a slot of the latest completed set with this key; false when it was seen before, or there is none. */
  see (key: string, slot: number): boolean {
    const set = this.sets.get(key)

    if (set == null || bit(set.seen, slot)) {
      return false
    }

    set.seen[slot >> 3] |= 1 << (slot & 7)

    if (this.unseen(key).length === 0) {
      this.close(key, set)
    }

    return true
  }

  /** Slots that no segment came for; with salts all of them are parity. */
  unseen (key: string): number[] {
    const set = this.sets.get(key)
    const slots: number[] = []

    for (let slot = 0; set != null && slot < set.shape.dataCount + set.shape.parityCount; slot++) {
      if (!bit(set.seen, slot)) {
        slots.push(slot)
      }
    }

    return slots
  }

  /** Sets of a sender with known salts that have such slots. */
  lacking (senderId: string): Array<{ setKey: string, messageId: string }> {
    return [...this.open.get(senderId) ?? []].map(setKey => ({ setKey, messageId: this.sets.get(setKey)?.messageId ?? '' }))
  }

  salted (key: string): SaltedSet | undefined {
    const shape = this.sets.get(key)?.shape

    return shape?.saltBase == null ? undefined : { ...shape, saltBase: shape.saltBase }
  }

  private delete (key: string): void {
    const set = this.sets.get(key)

    if (set != null) {
      this.sets.delete(key)
      this.close(key, set)
    }
  }

  private close (key: string, set: CompletedSet): void {
    const open = this.open.get(set.shape.senderId)

    open?.delete(key)

    if (open?.size === 0) {
      this.open.delete(set.shape.senderId)
    }
  }
}

function bit (bits: Uint8Array, at: number): boolean {
  return (bits[at >> 3] & (1 << (at & 7))) !== 0
}
