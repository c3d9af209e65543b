import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { decodeFilter, hashId, hashN, WakuFilter, wakuShape } from '../../src/sds/bloom/index.js'
import { decodeMessage, encodeMessage } from '../../src/sds/codec.js'
import { verifySdsConfig } from '../../src/sds/index.js'
import { isInResponseGroup, repairHash, requestDelay, responseDelay } from '../../src/sds/repair-hash.js'
import { SdsMessagePb } from '../../src/sds/pb/sds.js'
import { Member, ofType } from './support/member.js'
import type { Bytes } from '../../src/clock.js'
import type { HistoryEntryPb } from '../../src/sds/pb/sds.js'
import vectors from '../vectors/waku-sds-0.0.8.json' with { type: 'json' }

const ids = Array.from({ length: 1_100 }, (_, i) => bytesToHex(sha256(utf8ToBytes(`msg-${i}`))))

interface EntryVector { messageId: string, retrievalHint?: string, senderId?: string }

function entry ({ messageId, retrievalHint, senderId }: EntryVector): Omit<HistoryEntryPb, 'lamportTimestamp'> {
  return { messageId, retrievalHint: retrievalHint == null ? undefined : toBytes(retrievalHint), senderId }
}

function toBytes (hex: string): Bytes {
  return Uint8Array.from(hexToBytes(hex))
}

function filterOf (count: number): Bytes {
  const filter = new WakuFilter()
  ids.slice(0, count).forEach(id => { filter.insert(hashId(id)) })

  return filter.toBytes()
}

describe('vectors of @waku/sds 0.0.8: bloom filter', () => {
  it('hashN', () => {
    for (const { item, ascii, max150000, max2p31m1_n0: huge, max1000 } of vectors.hashN) {
      if (ascii) {
        expect(max150000.map((_, n) => hashN(item, n, 150_000)), item).toEqual(max150000)
        expect(hashN(item, 0, 2 ** 31 - 1), item).toBe(huge)
        expect(max1000.map((_, n) => hashN(item, n, 1_000)), item).toEqual(max1000)
      }
    }
  })

  it.each(vectors.bloom.filter(({ options }) => !('kHashes' in options)))('bytes for $options, $inserted inserted', (vector) => {
    const { capacity, errorRate } = vector.options
    const shape = wakuShape(capacity, errorRate)
    const filter = new WakuFilter(capacity, shape)

    expect(shape).toEqual({ hashes: vector.kHashes, bits: vector.totalBits, bytes: vector.bytesLength })
    ids.slice(0, vector.inserted).forEach(id => { filter.insert(hashId(id)) })
    expect(bytesToHex(sha256(filter.toBytes()))).toBe(vector.sha256)
    expect(bytesToHex(filter.toBytes())).toBe(vector.bytes)
  })

  it.each(vectors.bloom.filter(({ options }) => 'kHashes' in options))('bytes for an explicit shape, $options, $inserted inserted', (vector) => {
    const shape = { hashes: vector.kHashes, bits: vector.totalBits, bytes: vector.bytesLength }
    // beyond its capacity theirs does not roll over, so neither does this one here
    const filter = new WakuFilter(Infinity, shape)

    ids.slice(0, vector.inserted).forEach(id => { filter.insert(hashId(id)) })
    expect(bytesToHex(filter.toBytes())).toBe(vector.bytes)
  })

  // theirs looks the bits for an ID up when a filter is made with a number of hashes; none of those travels,
  // so there is nothing in ours to look up, but a filter of that shape has to be as good as it says
  it.each(vectors.mOverN)('$k hashes and an error rate of $errorRate take $nBitsPerElem bits for each ID', ({ k, errorRate, nBitsPerElem }) => {
    const expected = (bitsPerId: number): number => (1 - Math.exp(-k / bitsPerId)) ** k

    if (typeof nBitsPerElem === 'string') {
      // their table ends at 32
      expect(nBitsPerElem).toBe('throws')
      expect(expected(32)).toBeGreaterThan(errorRate)

      return
    }

    const bits = 1_000 * nBitsPerElem
    const filter = new WakuFilter(Infinity, { hashes: k, bits, bytes: (1 + Math.floor(bits / 64)) * 8 })
    const [inside, outside] = ['in', 'out'].map(text => Array.from({ length: 1_000 }, (_, i) => hashId(bytesToHex(sha256(utf8ToBytes(`${text}-${i}`))))))

    inside.forEach(id => { filter.insert(id) })
    const wrong = outside.filter(id => filter.has(id)).length / outside.length

    expect(expected(nBitsPerElem)).toBeLessThanOrEqual(errorRate)
    expect(inside.every(id => filter.has(id))).toBe(true)
    expect(wrong).toBeLessThan(errorRate * 1.5 + 0.005)
    expect(wrong).toBeGreaterThan(expected(nBitsPerElem) * 0.4 - 0.005)
  })

  it('hashes stay in range where theirs overflow', () => {
    const { item, n, maxValue } = vectors.hashN_overflow.example
    const position = hashN(item, n, maxValue)

    expect(Number.isInteger(position) && position >= 0 && position < maxValue).toBe(true)
  })
})

describe('vectors of @waku/sds 0.0.8: messages', () => {
  it.each(vectors.messages)('$name', (vector) => {
    const { fields } = vector
    const bloom = fields.bloomFilter
    const message = {
      senderId: fields.senderId,
      messageId: fields.messageId,
      channelId: fields.channelId,
      lamportTimestamp: BigInt(fields.lamportTimestamp),
      causalHistory: fields.causalHistory.map(entry),
      bloomFilter: bloom == null ? undefined : typeof bloom === 'string' ? toBytes(bloom) : filterOf(vector.bloomInserted ?? 0),
      repairRequest: fields.repairRequest.map(entry),
      content: fields.content == null ? undefined : toBytes(fields.content)
    }
    const lamportTimestamp = Number(message.lamportTimestamp)

    expect(bytesToHex(SdsMessagePb.encode(message))).toBe(vector.encoded)

    if (Number.isSafeInteger(lamportTimestamp)) {
      const content = message.content == null ? undefined : [message.content.subarray(0, 3), message.content.subarray(3)]
      expect(bytesToHex(encodeMessage({ ...message, lamportTimestamp, content }))).toBe(vector.encoded)
    }

    if (fields.messageId !== '') {
      const decoded = decodeMessage(hexToBytes(vector.encoded))
      const kind = decoded.lamportTimestamp == null ? 'EphemeralMessage' : decoded.content == null ? 'SyncMessage' : 'ContentMessage'
      expect(kind).toBe(vector.decodesAs)
      expect(decoded).toMatchObject({ senderId: fields.senderId, messageId: fields.messageId, channelId: fields.channelId })
      expect(decoded.causalHistory.map(({ messageId }) => messageId)).toEqual(fields.causalHistory.map(({ messageId }) => messageId))
      expect(decoded.lamportTimestamp).toBe(Number.isSafeInteger(lamportTimestamp) ? lamportTimestamp : Infinity)
    }
  })

  it('a whole run of a channel is taken in, in order', () => {
    const steps = vectors.channelRun.steps
    const contents = steps.filter(step => step.payload != null && step.kind == null)
    const carol = new Member({ senderId: 'carol', channelId: 'run-channel', now: 1_750_000_000_000 })

    for (const step of steps) {
      expect(bytesToHex(sha256(hexToBytes(step.encoded)))).toBe(step.sha256)
      carol.now += 1_000
      const effects = carol.receive(hexToBytes(step.encoded))
      expect(ofType(effects, 'rejected')).toEqual([])
      expect(effects.some(({ type }) => type === 'released' || type === 'ephemeral') || step.kind === 'sync').toBe(true)
    }

    expect(carol.delivered).toEqual(contents.map(step => step.messageId))
    expect(carol.log()).toEqual(carol.delivered)

    for (const step of contents) {
      const filter = decodeFilter(decodeMessage(hexToBytes(step.encoded)).bloomFilter ?? new Uint8Array())
      const earlier = contents.slice(0, contents.indexOf(step))
      expect(earlier.every(({ messageId }) => filter?.has(hashId(messageId ?? '')))).toBe(true)
    }
  })
})

describe('vectors of @waku/sds 0.0.8: SDS-R', () => {
  it('timers', () => {
    expect(verifySdsConfig({ profile: 'waku' })).toMatchObject({ repairMinMs: vectors.sdsr.defaults.tMin, repairMaxMs: vectors.sdsr.defaults.tMax })
  })

  it('hashes', () => {
    for (const { input, hash } of vectors.sdsr.hashes) {
      expect(repairHash(input).toString()).toBe(hash)
    }
  })

  it('T_req', () => {
    for (const { participantId, messageId, tMin, tMax, tReqOffsetMs } of vectors.sdsr.tReq) {
      expect(requestDelay(participantId, messageId, tMin, tMax)).toBe(tReqOffsetMs)
    }
  })

  it('T_resp', () => {
    for (const { participantId, senderId, messageId, tMax, tRespOffsetMs } of vectors.sdsr.tResp) {
      expect(responseDelay(participantId, senderId, messageId, tMax)).toBe(tRespOffsetMs)
    }
  })

  it('response groups', () => {
    for (const { participantId, senderId, messageId, numResponseGroups, inGroup } of vectors.sdsr.responseGroup) {
      expect(isInResponseGroup(participantId, senderId, messageId, BigInt(numResponseGroups))).toBe(inGroup)
    }
  })
})
