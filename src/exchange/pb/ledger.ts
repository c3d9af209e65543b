import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface LedgerRecord {
  bytesIn: number
  bytesOut: number
  messagesIn: number
  messagesOut: number
  invalid: number
  unrequested: number
  timeouts: number
  latency: number
  lastSeen: number
  bans: Ban[]
  receiptedOut: number
  receiptedIn: number
}

export namespace LedgerRecord {
  let _codec: Codec<LedgerRecord>

  export const codec = (): Codec<LedgerRecord> => {
    if (_codec == null) {
      _codec = message<LedgerRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.bytesIn != null && obj.bytesIn !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.bytesIn)
        }

        if ((obj.bytesOut != null && obj.bytesOut !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.bytesOut)
        }

        if ((obj.messagesIn != null && obj.messagesIn !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.messagesIn)
        }

        if ((obj.messagesOut != null && obj.messagesOut !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.messagesOut)
        }

        if ((obj.invalid != null && obj.invalid !== 0)) {
          w.uint32(40)
          w.uint32(obj.invalid)
        }

        if ((obj.unrequested != null && obj.unrequested !== 0)) {
          w.uint32(48)
          w.uint32(obj.unrequested)
        }

        if ((obj.timeouts != null && obj.timeouts !== 0)) {
          w.uint32(56)
          w.uint32(obj.timeouts)
        }

        if ((obj.latency != null && obj.latency !== 0)) {
          w.uint32(64)
          w.uint32(obj.latency)
        }

        if ((obj.lastSeen != null && obj.lastSeen !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.lastSeen)
        }

        if (obj.bans != null && obj.bans.length > 0) {
          for (const value of obj.bans) {
            w.uint32(82)
            Ban.codec().encode(value, w)
          }
        }

        if ((obj.receiptedOut != null && obj.receiptedOut !== 0)) {
          w.uint32(88)
          w.uint64Number(obj.receiptedOut)
        }

        if ((obj.receiptedIn != null && obj.receiptedIn !== 0)) {
          w.uint32(96)
          w.uint64Number(obj.receiptedIn)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          bytesIn: 0,
          bytesOut: 0,
          messagesIn: 0,
          messagesOut: 0,
          invalid: 0,
          unrequested: 0,
          timeouts: 0,
          latency: 0,
          lastSeen: 0,
          bans: [],
          receiptedOut: 0,
          receiptedIn: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.bytesIn = reader.uint64Number()
              break
            }
            case 2: {
              obj.bytesOut = reader.uint64Number()
              break
            }
            case 3: {
              obj.messagesIn = reader.uint64Number()
              break
            }
            case 4: {
              obj.messagesOut = reader.uint64Number()
              break
            }
            case 5: {
              obj.invalid = reader.uint32()
              break
            }
            case 6: {
              obj.unrequested = reader.uint32()
              break
            }
            case 7: {
              obj.timeouts = reader.uint32()
              break
            }
            case 8: {
              obj.latency = reader.uint32()
              break
            }
            case 9: {
              obj.lastSeen = reader.uint64Number()
              break
            }
            case 10: {
              if (opts.limits?.bans != null && obj.bans.length === opts.limits.bans) {
                throw new MaxLengthError('Decode error - repeated field "bans" had too many elements')
              }

              obj.bans.push(Ban.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.bans$
              }))
              break
            }
            case 11: {
              obj.receiptedOut = reader.uint64Number()
              break
            }
            case 12: {
              obj.receiptedIn = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          bans: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.bytesIn`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.bytesOut`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.messagesIn`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.messagesOut`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.invalid`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.unrequested`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.timeouts`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.latency`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.lastSeen`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              if (opts.limits?.bans != null && obj.bans === opts.limits.bans) {
                throw new MaxLengthError('Streaming decode error - repeated field "bans" had too many elements')
              }

              for (const evt of Ban.codec().stream(reader, reader.uint32(), `${prefix}.bans[]`, {
                limits: opts.limits?.bans$
              })) {
                yield {
                  ...evt,
                  index: obj.bans
                }
              }

              obj.bans++

              break
            }
            case 11: {
              yield {
                field: `${prefix}.receiptedOut`,
                value: reader.uint64Number()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.receiptedIn`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface LedgerRecordBytesInFieldEvent {
    field: '$.bytesIn'
    value: number
  }

  export interface LedgerRecordBytesOutFieldEvent {
    field: '$.bytesOut'
    value: number
  }

  export interface LedgerRecordMessagesInFieldEvent {
    field: '$.messagesIn'
    value: number
  }

  export interface LedgerRecordMessagesOutFieldEvent {
    field: '$.messagesOut'
    value: number
  }

  export interface LedgerRecordInvalidFieldEvent {
    field: '$.invalid'
    value: number
  }

  export interface LedgerRecordUnrequestedFieldEvent {
    field: '$.unrequested'
    value: number
  }

  export interface LedgerRecordTimeoutsFieldEvent {
    field: '$.timeouts'
    value: number
  }

  export interface LedgerRecordLatencyFieldEvent {
    field: '$.latency'
    value: number
  }

  export interface LedgerRecordLastSeenFieldEvent {
    field: '$.lastSeen'
    value: number
  }

  export interface LedgerRecordBansChannelIdFieldEvent {
    field: '$.bans[].channelId'
    value: string
    index: number
  }

  export interface LedgerRecordBansUntilFieldEvent {
    field: '$.bans[].until'
    value: number
    index: number
  }

  export interface LedgerRecordReceiptedOutFieldEvent {
    field: '$.receiptedOut'
    value: number
  }

  export interface LedgerRecordReceiptedInFieldEvent {
    field: '$.receiptedIn'
    value: number
  }

  export function encode (obj: Partial<LedgerRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LedgerRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LedgerRecord>): LedgerRecord {
    return decodeMessage(buf, LedgerRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LedgerRecord>): Generator<LedgerRecordBytesInFieldEvent | LedgerRecordBytesOutFieldEvent | LedgerRecordMessagesInFieldEvent | LedgerRecordMessagesOutFieldEvent | LedgerRecordInvalidFieldEvent | LedgerRecordUnrequestedFieldEvent | LedgerRecordTimeoutsFieldEvent | LedgerRecordLatencyFieldEvent | LedgerRecordLastSeenFieldEvent | LedgerRecordBansChannelIdFieldEvent | LedgerRecordBansUntilFieldEvent | LedgerRecordReceiptedOutFieldEvent | LedgerRecordReceiptedInFieldEvent> {
    return streamMessage(buf, LedgerRecord.codec(), opts)
  }
}

export interface Ban {
  channelId: string
  until: number
}

export namespace Ban {
  let _codec: Codec<Ban>

  export const codec = (): Codec<Ban> => {
    if (_codec == null) {
      _codec = message<Ban>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.channelId != null && obj.channelId !== '')) {
          w.uint32(10)
          w.string(obj.channelId)
        }

        if ((obj.until != null && obj.until !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.until)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          channelId: '',
          until: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.channelId = reader.string()
              break
            }
            case 2: {
              obj.until = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.channelId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.until`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface BanChannelIdFieldEvent {
    field: '$.channelId'
    value: string
  }

  export interface BanUntilFieldEvent {
    field: '$.until'
    value: number
  }

  export function encode (obj: Partial<Ban>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ban.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ban>): Ban {
    return decodeMessage(buf, Ban.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ban>): Generator<BanChannelIdFieldEvent | BanUntilFieldEvent> {
    return streamMessage(buf, Ban.codec(), opts)
  }
}

export interface Receipt {
  asker: Uint8Array<ArrayBuffer>
  server: Uint8Array<ArrayBuffer>
  bytes: number
  signature: Uint8Array<ArrayBuffer>
}

export namespace Receipt {
  let _codec: Codec<Receipt>

  export const codec = (): Codec<Receipt> => {
    if (_codec == null) {
      _codec = message<Receipt>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.asker != null && obj.asker.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.asker)
        }

        if ((obj.server != null && obj.server.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.server)
        }

        if ((obj.bytes != null && obj.bytes !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.bytes)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          asker: uint8ArrayAlloc(0),
          server: uint8ArrayAlloc(0),
          bytes: 0,
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.asker = reader.bytes()
              break
            }
            case 2: {
              obj.server = reader.bytes()
              break
            }
            case 3: {
              obj.bytes = reader.uint64Number()
              break
            }
            case 4: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.asker`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.server`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.bytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ReceiptAskerFieldEvent {
    field: '$.asker'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptServerFieldEvent {
    field: '$.server'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface ReceiptSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Receipt>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Receipt.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Receipt {
    return decodeMessage(buf, Receipt.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Generator<ReceiptAskerFieldEvent | ReceiptServerFieldEvent | ReceiptBytesFieldEvent | ReceiptSignatureFieldEvent> {
    return streamMessage(buf, Receipt.codec(), opts)
  }
}
