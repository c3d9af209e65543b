import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createParked, ParkedList } from '../../src/sds/parked.js'
import { Records } from '../../src/sds/pb/state.js'
import { Recorder } from '../../src/sds/recorder.js'
import { Senders } from '../../src/sds/senders.js'
import type { Parked } from '../../src/sds/parked.js'
import type { HistoryEntry } from '../../src/sds/types.js'

function waiting (messageId: string, unmet: HistoryEntry[] = []): Parked {
  const parked = createParked({ slot: 0, messageId, lamport: 5, sender: new Senders().get('bob'), cites: unmet.map(entry => entry.messageId), late: false, fetched: false })
  parked.unmet = unmet.length
  parked.needs = unmet.map(() => ({}))

  return parked
}

describe('sds: parked messages', () => {
  it('are listed as they came, whichever of them go', () => {
    fc.assert(fc.property(fc.array(fc.nat(7), { maxLength: 60 }), (steps) => {
      const all = Array.from({ length: 8 }, (_, i) => waiting(`${i}`))
      const list = new ParkedList()
      const model: Parked[] = []

      for (const step of steps) {
        const parked = all[step]

        if (model.includes(parked)) {
          list.remove(parked)
          model.splice(model.indexOf(parked), 1)
        } else {
          list.add(parked)
          model.push(parked)
        }

        expect([...list].map(({ messageId }) => messageId)).toEqual(model.map(({ messageId }) => messageId))
        expect(list.size).toBe(model.length)
      }

      // what is out of the list holds on to nothing that is in it
      all.filter(parked => !model.includes(parked)).forEach(parked => { expect([parked.before, parked.after]).toEqual([undefined, undefined]) })
    }), { numRuns: 300, seed: 1 })
  })

  const unmet = [{ messageId: 'one' }, { messageId: 'two' }]
  const read = (bytes: Uint8Array | undefined): unknown => Records.decode(bytes ?? new Uint8Array()).parked.map(({ message }) => message?.lamportTimestamp)

  it('are kept as the value that notes them', () => {
    const recorder = new Recorder(true)
    const parked = waiting('p', unmet)
    recorder.parked(parked, unmet)
    const [{ value }] = recorder.takeOps(0, 0, () => {})

    expect(parked.record).toBe(value)
    expect(read(value)).toEqual([5])

    recorder.lost('lost')
    recorder.takeOps(0, 0, () => {})

    expect(parked.record).toBe(value)
  })

  it('are kept as their part of it where there is more', () => {
    const recorder = new Recorder(true)
    const [first, second] = [waiting('first', unmet), waiting('second', unmet)]
    recorder.logged('logged', 3, 'bob', undefined)
    recorder.parked(first, unmet)
    recorder.lost('lost')
    recorder.parked(second, unmet)
    const [{ value }] = recorder.takeOps(0, 0, () => {})
    const alone = [first, second].map(parked => {
      const other = new Recorder(true)
      other.parked(waiting(parked.messageId, unmet), unmet)

      return other.takeOps(0, 0, () => {})[0].value
    })

    expect([first.record, second.record]).toEqual(alone)
    expect(value?.byteLength).toBeGreaterThan((first.record?.byteLength ?? 0) + (second.record?.byteLength ?? 0))
    const [third, fourth] = [waiting('first', unmet), waiting('second', unmet)]
    recorder.parked(third, unmet)
    recorder.parked(fourth, unmet)
    recorder.takeOps(0, 0, () => {})

    expect([third.record, fourth.record]).toEqual(alone)
    // they do not hold on to the rest of the value
    expect(first.record?.buffer).not.toBe(value?.buffer)
  })

  it('are not kept as they waited before, where they wait for less when that is noted', () => {
    const recorder = new Recorder(true)
    const parked = waiting('p', unmet)
    recorder.parked(parked, unmet)
    parked.unmet = 1
    recorder.takeOps(0, 0, () => {})

    expect(parked.record).toBeUndefined()
    // nor is what a checkpoint took the place of
    const later = waiting('q', unmet)
    Array.from({ length: 1_023 }, (_, i) => {
      recorder.lost(`${i}`)

      return recorder.takeOps(0, 0, () => {})
    })
    recorder.parked(later, unmet)
    recorder.takeOps(0, 0, () => {})
    recorder.lost('next')
    recorder.takeOps(0, 0, () => {})

    expect(later.record).toBeUndefined()
  })
})
