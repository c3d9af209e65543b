import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpiryHeap } from '../../src/rendezvous/point/expiry-heap.js'
import type { Expiring } from '../../src/rendezvous/point/expiry-heap.js'

describe('ExpiryHeap', () => {
  it('gives what expires first, whatever is added, moved and removed', () => {
    const step = fc.record({ time: fc.nat(100), move: fc.option(fc.nat()), remove: fc.option(fc.nat()) })

    fc.assert(fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const heap = new ExpiryHeap<Expiring>()
      const model = new Map<Expiring, number>()

      for (const { time, move, remove } of steps) {
        const entries = [...model.keys()]
        const entry = move == null || entries.length === 0 ? { heapIndex: -1 } : entries[move % entries.length]
        heap.set(entry, time)
        model.set(entry, time)

        if (remove != null && entries.length > 0) {
          const gone = entries[remove % entries.length]
          heap.remove(gone)
          model.delete(gone)
          expect(heap.timeOf(gone)).toBeUndefined()
        }
      }

      for (const [entry, time] of model) {
        expect(heap.timeOf(entry)).toBe(time)
      }

      for (const time of [...model.values()].sort((a, b) => a - b)) {
        const first = heap.peek()
        expect(first == null ? undefined : heap.timeOf(first)).toBe(time)

        if (first != null) {
          heap.remove(first)
          heap.remove(first)
        }
      }

      expect(heap.peek()).toBeUndefined()
    }), { numRuns: 200 })
  })
})
