import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SequenceList } from '../../src/rendezvous/point/sequence-list.js'

interface Entry { sequence: number }

function after (list: SequenceList<Entry>, sequence: number, most = Infinity): number[] {
  const seen: number[] = []

  list.walk(sequence, entry => {
    seen.push(entry.sequence)

    return seen.length < most
  })

  return seen
}

describe('SequenceList', () => {
  it('equals a sorted array, whatever is appended and removed', () => {
    fc.assert(fc.property(fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), remove: fc.option(fc.nat()) }), { maxLength: 1_000, size: 'max' }), fc.nat(3_000), (steps, from) => {
      const list = new SequenceList<Entry>()
      const model: Entry[] = []
      let sequence = 0

      for (const { gap, remove } of steps) {
        sequence += gap
        const entry = { sequence }
        list.append(entry)
        model.push(entry)

        if (remove != null) {
          list.remove(model.splice(remove % model.length, 1)[0])
        }
      }

      expect(after(list, from)).toEqual(model.filter(entry => entry.sequence > from).map(entry => entry.sequence))
      expect(list.isEmpty).toBe(model.length === 0)
    }), { numRuns: 60 })
  })

  it('stops when told to, and finds a place between entries', () => {
    const list = new SequenceList<Entry>()

    for (let i = 1; i <= 1_000; i++) {
      list.append({ sequence: i * 10 })
    }

    expect(after(list, 5_005, 3)).toEqual([5_010, 5_020, 5_030])
    expect(after(list, 10_000)).toEqual([])
  })

  it('ignores the removal of what is not in it', () => {
    const list = new SequenceList<Entry>()
    const entry = { sequence: 1 }
    list.append(entry)
    list.remove({ sequence: 1 })
    list.remove({ sequence: 7 })

    expect(after(list, 0)).toEqual([1])
  })

  it('keeps few chunks when it thins out', () => {
    const list = new SequenceList<Entry>()
    const entries = Array.from({ length: 10_000 }, (_, i) => ({ sequence: i + 1 }))
    entries.forEach(entry => { list.append(entry) })
    entries.forEach(entry => { if (entry.sequence % 100 !== 0) { list.remove(entry) } })

    const chunks = Reflect.get(list, 'chunks') as unknown[]

    expect(after(list, 0)).toHaveLength(100)
    expect(chunks.length).toBeLessThan(10)
  })
})
