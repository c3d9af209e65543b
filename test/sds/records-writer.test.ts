import { concatBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packBytes } from '../../src/interned.js'
import { idFromBytes } from '../../src/sds/ids.js'
import { Records } from '../../src/sds/pb/state.js'
import { RecordsWriter } from '../../src/sds/records-writer.js'
import type { HistoryEntry } from '../../src/sds/types.js'

const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ minLength: 1, maxLength, unit: 'binary' }).filter(text => text.isWellFormed())
const hex = fc.string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(...'0123456789abcdef') })
// 31 bytes of UTF-8 have a form of their own
const id = fc.oneof(hex, text(255), fc.constant('a'.repeat(31)), fc.constant('A'.repeat(64)))
const sender = fc.oneof(fc.constant('alice'), text(255))
const lamport = fc.oneof(fc.nat(300), fc.nat(Number.MAX_SAFE_INTEGER), fc.constantFrom(0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 49, Number.MAX_SAFE_INTEGER))
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
const entry = fc.record({ messageId: id, retrievalHint: fc.option(bytes, { nil: undefined }), senderId: fc.option(sender, { nil: undefined }), lamportTimestamp: fc.option(lamport, { nil: undefined }) })

type Write = [write: (records: RecordsWriter) => void, read: (records: Records) => unknown, expected: unknown]

function parked (messageId: string, timestamp: number, senderId: string, hint: Uint8Array, cites: string[], unmet: HistoryEntry[]): Write {
  const message = { messageId, lamport: timestamp, sender: { senderId }, hint: packBytes(hint), cites, late: true, fetched: false, recordFrom: -1, recordEnd: -1 }
  const waitsFor = new Set(unmet.map(({ messageId }) => messageId))

  return [
    records => { records.parked(message, unmet) },
    records => records.parked.map(({ message, unmet, cites, late, fetched, met }) => ({
      message: { ...message, messageId: idFromBytes(message?.messageId ?? new Uint8Array(1)), retrievalHint: Array.from(message?.retrievalHint ?? []) },
      unmet: unmet.map(entry => ({ ...entry, messageId: idFromBytes(entry.messageId), retrievalHint: entry.retrievalHint && Array.from(entry.retrievalHint) })),
      cites: cites.map(idFromBytes),
      late,
      fetched,
      met: Array.from(met)
    })),
    [{
      message: { messageId, lamportTimestamp: timestamp, senderId, retrievalHint: Array.from(hint) },
      unmet: unmet.map(({ messageId, retrievalHint, senderId, lamportTimestamp }) => ({ messageId, retrievalHint: retrievalHint && Array.from(retrievalHint), senderId, lamportTimestamp })),
      // each once, and nothing that it waits for
      cites: [...new Set(cites)].filter(messageId => !waitsFor.has(messageId)),
      late: true,
      fetched: false,
      met: unmet.length === 0 ? [] : [0]
    }]
  ]
}

describe('sds: stored records', () => {
  it('protons reads what is written', () => {
    const write = fc.oneof(
      fc.tuple(id, lamport, sender, bytes).map(([messageId, timestamp, senderId, hint]): Write => [
        records => { records.log(messageId, timestamp, senderId, packBytes(hint)) },
        records => records.log.map(record => [idFromBytes(record.messageId), record.lamportTimestamp, record.senderId, Array.from(record.retrievalHint ?? [])]),
        [[messageId, timestamp, senderId, Array.from(hint)]]
      ]),
      fc.tuple(id, sender).map(([messageId, senderId]): Write => [
        records => { records.receipt(messageId, senderId) },
        records => records.receipts.map(record => [idFromBytes(record.messageId), record.senderId]),
        [[messageId, senderId]]
      ]),
      fc.tuple(id, bytes).map(([messageId, hint]): Write => [
        records => { records.hint(messageId, hint) },
        records => records.hints.map(record => [idFromBytes(record.messageId), Array.from(record.retrievalHint)]),
        [[messageId, Array.from(hint)]]
      ]),
      fc.tuple(id, fc.nat(1_000), fc.boolean()).map(([messageId, attempts, exhausted]): Write => [
        records => { records.attempt(messageId, attempts, exhausted) },
        records => records.attempts.map(record => [idFromBytes(record.messageId), record.attempts, record.exhausted]),
        [[messageId, attempts, exhausted]]
      ]),
      fc.tuple(id, lamport).map(([messageId, timestamp]): Write => [
        records => { records.seen(messageId, timestamp) },
        records => records.seen.map(record => [idFromBytes(record.messageId), record.lamportTimestamp]),
        [[messageId, timestamp]]
      ]),
      fc.tuple(lamport, lamport).map(([first, count]): Write => [
        records => { records.replaced(first, count) },
        records => records.replaced.map(record => [record.first, record.count]),
        [[first, count]]
      ]),
      fc.tuple(fc.constantFrom('forgotten', 'frontier', 'covered', 'lost'), id).map(([kind, messageId]): Write => [
        records => { records[kind](messageId) },
        records => records[kind].map(idFromBytes),
        [messageId]
      ]),
      fc.tuple(id, lamport, sender, bytes, fc.array(id, { maxLength: 5 }), fc.uniqueArray(entry, { selector: ({ messageId }) => messageId, maxLength: 5 }))
        .map(([messageId, timestamp, senderId, hint, others, unmet]) => parked(messageId, timestamp, senderId, hint, [...others, ...unmet.map(({ messageId }) => messageId)], unmet))
    )

    fc.assert(fc.property(fc.array(write, { minLength: 1, maxLength: 12 }), writes => {
      const all = new RecordsWriter()
      const parts: Uint8Array[] = []

      for (const [write, read, expected] of writes) {
        const alone = new RecordsWriter()
        write(alone)
        write(all)
        parts.push(alone.take())
        expect(alone.length).toBe(0)
        expect(read(Records.decode(parts.at(-1) ?? new Uint8Array()))).toEqual(expected)
      }

      // one after the other they are their union
      expect(all.copy()).toEqual(concatBytes(...parts))
    }), { seed: 1, numRuns: 300 })
  })

  it('what one large call needed is given back, and what is needed each time is kept', () => {
    const records = new RecordsWriter()
    const held = (): ArrayBuffer => Reflect.get(Reflect.get(records, 'out'), 'bytes').buffer

    records.log('a'.repeat(64), 1, 'alice', undefined)
    const first = held()
    records.clear()
    records.log('b'.repeat(64), 1, 'alice', undefined)
    expect(held()).toBe(first)

    for (let i = 0; i < 10_000; i++) {
      records.log('a'.repeat(64), i, 'alice', undefined)
    }

    expect(held().byteLength).toBeGreaterThan(400_000)
    records.clear()
    expect(held().byteLength).toBeLessThanOrEqual(65_536)
    records.log('c'.repeat(64), 7, 'alice', undefined)
    expect(Records.decode(records.take()).log).toMatchObject([{ lamportTimestamp: 7 }])
  })
})
