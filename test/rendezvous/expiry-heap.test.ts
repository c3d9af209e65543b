import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpiryHeap } from '../../src/rendezvous/point/expiry-heap.js'
import type { Expiring } from '../../src/rendezvous/point/expiry-heap.js'

describe('ExpiryHeap', () => {
  it('gives what expires first, whatever is added and removed', () => {
    fc.assert(fc.property(fc.array(fc.record({ expiresAt: fc.nat(100), remove: fc.option(fc.nat()) }), { maxLength: 300 }), steps => {
      const heap = new ExpiryHeap<Expiring>()
      const model: Expiring[] = []

      for (const { expiresAt, remove } of steps) {
        const entry = { expiresAt, heapIndex: -1 }
        heap.add(entry)
        model.push(entry)

        if (remove != null) {
          heap.remove(model.splice(remove % model.length, 1)[0])
        }
      }

      model.sort((a, b) => a.expiresAt - b.expiresAt)

      for (const { expiresAt } of model) {
        const first = heap.peek()
        expect(first?.expiresAt).toBe(expiresAt)

        if (first != null) {
          heap.remove(first)
          heap.remove(first)
        }
      }

      expect(heap.peek()).toBeUndefined()
    }), { numRuns: 200 })
  })
})
