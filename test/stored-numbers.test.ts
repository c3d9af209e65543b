import { describe, expect, test } from 'vitest'
import { LogRecord, PayloadRecord, RateLimitRecord, RequestRecord } from '../src/channel/pb/records.js'
import { StateRecord } from '../src/sds/pb/state.js'
import { StoredSegment } from '../src/segmentation/pb/stored.js'

/**
 * protons-runtime 7.1 writes a bigint uint64 from 2^31 to 2^32 - 1 wrongly. What we store is
 * either a number or a fixed64.
 */
const NUMBERS = [0, 1, 2 ** 31 - 1, 2 ** 31, 3_000_000_000, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]

describe('stored numbers are read back as they were written', () => {
  test.each(NUMBERS)('%d', value => {
    const log = {
      messageId: 'm',
      senderId: 's',
      lamportTimestamp: value,
      timestamp: value,
      receivedAt: value,
      size: value,
      own: true,
      late: false,
      history: false,
      request: value,
      segments: [],
      parts: []
    }
    const request = { requestId: 'r', state: 'sent', size: value, ephemeral: false, sets: [], complete: true, deadline: value, receipts: [], delivered: false }

    expect(LogRecord.decode(LogRecord.encode(log))).toEqual(log)
    expect(RequestRecord.decode(RequestRecord.encode(request))).toMatchObject(request)
    expect(PayloadRecord.decode(PayloadRecord.encode({ hash: new Uint8Array(32), size: 1, keptAt: value })).keptAt).toBe(value)
    expect(RateLimitRecord.decode(RateLimitRecord.encode({ epoch: value, content: value, upkeep: value }))).toEqual({ epoch: value, content: value, upkeep: value })

    const big = BigInt(value)
    const segment = { content: new Uint8Array(1), senderId: 's', messageId: 'm', idSalt: big }
    const state = { lamportCeiling: value, saltCeiling: big, ephemeralCeiling: big, floor: value, createdAt: value, joinMark: value, firstLiveAt: value, lost: value }

    expect(StoredSegment.decode(StoredSegment.encode(segment))).toMatchObject(segment)
    expect(StateRecord.decode(StateRecord.encode(state))).toMatchObject(state)
  })
})
