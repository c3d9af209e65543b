import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkList } from '../../src/rendezvous/point/chunk-list.js'
import { OrderChunk } from '../../src/rendezvous/point/order-chunk.js'
import { RecordChunk } from '../../src/rendezvous/point/record-chunk.js'
import type { Chunk } from '../../src/rendezvous/point/chunk-list.js'

/** A list, and how an entry is added and what is after a place is read; an entry says its number itself. */
interface Subject {
  list: ChunkList<Chunk<never>>
  append (sequence: number): void
  after (sequence: number): number[]
}

function ofEntries (): Subject {
  const list = new ChunkList<OrderChunk<string>>()

  return {
    list,
    append: sequence => {
      list.tail?.append(sequence, `${sequence}`) === true || list.push(new OrderChunk(sequence, `${sequence}`), sequence)
    },
    after: sequence => {
      const seen: number[] = []
      list.walk(sequence, chunk => chunk.walk(sequence, entry => seen.push(Number(entry)) > 0))

      return seen
    }
  }
}

/** Which envelopes a record has, and how long they are, goes by its number. */
function recordsOf (sequence: number): { standard?: Uint8Array, legacy?: Uint8Array } {
  const record = new Uint8Array(3 + sequence * 7 % 300)
  new DataView(record.buffer).setUint16(0, sequence)

  return { standard: sequence % 3 === 1 ? undefined : record, legacy: sequence % 3 === 0 ? undefined : record.slice().reverse() }
}

function ofRecords (): Subject {
  const list = new ChunkList<RecordChunk>()

  return {
    list,
    append: sequence => {
      const record = recordsOf(sequence)
      list.tail?.append(sequence, sequence, record) === true || list.push(new RecordChunk(sequence, sequence, record), sequence)
    },
    after: after => {
      const seen: number[] = []

      list.walk(after, chunk => {
        for (let i = chunk.firstPast(after); i < chunk.count; i++) {
          const sequence = chunk.sequenceOf(i)

          if (chunk.expiryOf(i) !== -Infinity) {
            expect(chunk.expiryOf(i)).toBe(sequence)
            expect({ standard: chunk.recordOf(i, 'standard'), legacy: chunk.recordOf(i, 'legacy') }).toEqual(recordsOf(sequence))
            expect(list.find(sequence)?.indexOf(sequence)).toBe(i)
            seen.push(sequence)
          }
        }

        return true
      })

      return seen
    }
  }
}

describe.each([['entries', ofEntries], ['records', ofRecords]])('a ChunkList of %s', (_name, create) => {
  it('equals a sorted array, whatever is appended and removed', () => {
    const step = fc.record({ gap: fc.integer({ min: 1, max: 3 }), remove: fc.option(fc.nat(), { freq: 3 }) })

    fc.assert(fc.property(fc.array(step, { maxLength: 600, size: 'max' }), fc.nat(2_000), fc.nat(20), (steps, from, left) => {
      const { list, append, after } = create()
      const model: number[] = []
      let sequence = 0

      for (const { gap, remove } of steps) {
        sequence += gap
        append(sequence)
        model.push(sequence)

        if (remove != null) {
          expect(list.remove(model.splice(remove % model.length, 1)[0])).toBe(true)
        }
      }

      expect(after(from)).toEqual(model.filter(sequence => sequence > from))

      // from the front, as refreshes do
      for (const sequence of model.splice(0, model.length - left)) {
        expect(list.remove(sequence)).toBe(true)
        expect(list.remove(sequence)).toBe(false)
      }

      expect(after(0)).toEqual(model)
      expect(list.tail == null).toBe(model.length === 0)
    }), { numRuns: 60 })
  })

  it('finds a place between entries, and ignores the removal of what is not in it', () => {
    const { list, append, after } = create()
    expect(list.remove(1)).toBe(false)

    for (let i = 1; i <= 1_000; i++) {
      append(i * 10)
    }

    expect(list.remove(5)).toBe(false)
    expect(list.remove(5_005)).toBe(false)
    expect(list.remove(10_001)).toBe(false)
    expect(after(5_005).slice(0, 3)).toEqual([5_010, 5_020, 5_030])
    expect(after(0)).toHaveLength(1_000)
    expect(after(10_000)).toEqual([])
  })

  it('keeps few chunks when it thins out', () => {
    const { list, append, after } = create()
    const sequences = Array.from({ length: 10_000 }, (_, i) => i + 1)
    sequences.forEach(append)
    sequences.forEach(sequence => { sequence % 100 !== 0 && list.remove(sequence) })
    let chunks = 0
    list.walk(0, () => ++chunks > 0)

    expect(after(0)).toHaveLength(100)
    expect(chunks).toBeLessThan(10)
  })
})

describe('RecordChunk', () => {
  const roomOf = (chunk: RecordChunk): number => (Reflect.get(chunk, 'columns') as Float64Array).buffer.byteLength

  it('takes little more memory than what is in it, also after it thinned out and was refreshed', () => {
    const record = { standard: new Uint8Array(164) }
    const chunk = new RecordChunk(1, 1, record)
    const each = roomOf(chunk)
    expect(each).toBeLessThan(164 + 40)

    for (let i = 2; i <= 90; i++) {
      chunk.append(i, i, record)
    }

    expect(roomOf(chunk)).toBeLessThan(1.3 * 90 * each)

    for (let i = 1; i <= 80; i++) {
      chunk.remove(i)
    }

    expect(roomOf(chunk)).toBeLessThan(4.1 * 10 * each)

    for (let i = 91; i <= 500; i++) {
      chunk.remove(i - 10)
      expect(chunk.append(i, i, record)).toBe(true)
    }

    expect(chunk.size).toBe(10)
    expect(roomOf(chunk)).toBeLessThan(4.1 * 10 * each)
  })

  it('is full by bytes as well as by rows, and has room for any one record', () => {
    const large = { standard: new Uint8Array(200_000) }
    const chunk = new RecordChunk(1, 1, large)

    expect(chunk.recordOf(0, 'standard')).toHaveLength(200_000)
    expect(chunk.append(2, 2, large)).toBe(false)
  })
})
