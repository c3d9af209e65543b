import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idFromBytes } from '../../src/sds/ids.js'
import { createParked, ParkedList } from '../../src/sds/parked.js'
import { Records } from '../../src/sds/pb/state.js'
import { Recorder } from '../../src/sds/recorder.js'
import { Senders } from '../../src/sds/senders.js'
import type { Parked } from '../../src/sds/parked.js'
import type { RecordsWriter } from '../../src/sds/records-writer.js'
import type { HistoryEntry } from '../../src/sds/types.js'

function waiting (messageId: string, unmet: HistoryEntry[] = []): Parked {
  return createParked({ slot: 0, messageId, lamport: 5, sender: new Senders().get('bob'), cites: unmet.map(entry => entry.messageId), late: false, fetched: false })
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

  interface Step { waits?: number, meets?: number, place: number, goes?: number, others?: number, takes: boolean }

  const step: fc.Arbitrary<Step> = fc.record({
    waits: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    meets: fc.option(fc.nat(9), { nil: undefined }),
    place: fc.nat(19),
    goes: fc.option(fc.nat(9), { nil: undefined }),
    others: fc.option(fc.constantFrom(1, 3, 1_100), { nil: undefined }),
    takes: fc.boolean()
  })

  /** What waits as `records` have it. */
  const read = (records: RecordsWriter): unknown => Records.decode(records.copy()).parked
    .map(({ message, unmet, met }) => {
      const bits = met.reduce((bits, byte) => bits * 256n + BigInt(byte), 0n)

      return [idFromBytes(message?.messageId ?? new Uint8Array(1)), unmet.filter((_, place) => (bits >> BigInt(place)) % 2n === 0n).map(entry => idFromBytes(entry.messageId))]
    })

  it('are in each snapshot as they wait by then, and what is kept of them is in the journal as it was', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recorder = new Recorder(true)
      const list = new ParkedList()
      const unmet = new Map<Parked, HistoryEntry[]>()
      const expected = (): unknown => [...list].map(parked => [parked.messageId, unmet.get(parked)?.map(({ messageId }) => messageId)])
      let snapshots = 0
      let began: string[] = []
      const take = (): void => {
        const ops = recorder.takeOps(0, list.size, (records, kept) => {
          records.waiting(list, kept)
          snapshots++

          expect(read(records)).toEqual(expected())
        })

        if (ops.length === 1) {
          expect(Records.decode(ops[0].value ?? new Uint8Array()).parked.map(({ message }) => idFromBytes(message?.messageId ?? new Uint8Array(1)))).toEqual(began)
        }

        began = ops.length === 0 ? began : []
      }

      for (const [n, { waits, meets, place, goes, others, takes }] of [...steps, { place: 0, others: 1_100, takes: true }, { place: 0, others: 1_100, takes: true }].entries()) {
        if (waits != null) {
          const entries = Array.from({ length: waits }, (_, i) => ({ messageId: `${n} waits for ${i}` }))
          const parked = waiting(`${n}`, entries)
          recorder.parked(parked, entries)
          list.add(parked)
          unmet.set(parked, entries)
          began.push(parked.messageId)
        }

        const met = [...list][meets ?? Infinity]

        if (met != null) {
          recorder.met(met, place % met.cites.length)
          unmet.set(met, unmet.get(met)?.filter(({ messageId }) => messageId !== met.cites[place % met.cites.length]) ?? [])
        }

        const gone = [...list][goes ?? Infinity]

        if (gone != null) {
          list.remove(gone)
        }

        for (let i = 0; i < (others ?? 0); i++) {
          recorder.logged(`${n} ${i}`, 3, 'bob', undefined)
          take()
        }

        if (takes) {
          take()
        }
      }

      expect(snapshots).toBeGreaterThan(1)
    }), { numRuns: 60, seed: 2 })
  })
})
