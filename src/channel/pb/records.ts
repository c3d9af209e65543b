import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface ChannelRecord {
  channelId: string
  senderId: string
  createdAt: number
}

export namespace ChannelRecord {
  let _codec: Codec<ChannelRecord>

  export const codec = (): Codec<ChannelRecord> => {
    if (_codec == null) {
      _codec = message<ChannelRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.channelId != null && obj.channelId !== '')) {
          w.uint32(10)
          w.string(obj.channelId)
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(18)
          w.string(obj.senderId)
        }

        if ((obj.createdAt != null && obj.createdAt !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.createdAt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          channelId: '',
          senderId: '',
          createdAt: 0
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
              obj.senderId = reader.string()
              break
            }
            case 3: {
              obj.createdAt = reader.uint64Number()
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
                field: `${prefix}.senderId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.createdAt`,
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

  export interface ChannelRecordChannelIdFieldEvent {
    field: '$.channelId'
    value: string
  }

  export interface ChannelRecordSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface ChannelRecordCreatedAtFieldEvent {
    field: '$.createdAt'
    value: number
  }

  export function encode (obj: Partial<ChannelRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChannelRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChannelRecord>): ChannelRecord {
    return decodeMessage(buf, ChannelRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChannelRecord>): Generator<ChannelRecordChannelIdFieldEvent | ChannelRecordSenderIdFieldEvent | ChannelRecordCreatedAtFieldEvent> {
    return streamMessage(buf, ChannelRecord.codec(), opts)
  }
}

export interface LogRecord {
  messageId: string
  senderId: string
  sender?: string
  lamportTimestamp: number
  timestamp: number
  receivedAt: number
  size: number
  own: boolean
  late: boolean
  history: boolean
  request?: number
  segments: string[]
  parts: string[]
}

export namespace LogRecord {
  let _codec: Codec<LogRecord>

  export const codec = (): Codec<LogRecord> => {
    if (_codec == null) {
      _codec = message<LogRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId !== '')) {
          w.uint32(10)
          w.string(obj.messageId)
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(18)
          w.string(obj.senderId)
        }

        if (obj.sender != null) {
          w.uint32(26)
          w.string(obj.sender)
        }

        if ((obj.lamportTimestamp != null && obj.lamportTimestamp !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.lamportTimestamp)
        }

        if ((obj.timestamp != null && obj.timestamp !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.timestamp)
        }

        if ((obj.receivedAt != null && obj.receivedAt !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.receivedAt)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.size)
        }

        if ((obj.own != null && obj.own !== false)) {
          w.uint32(64)
          w.bool(obj.own)
        }

        if ((obj.late != null && obj.late !== false)) {
          w.uint32(72)
          w.bool(obj.late)
        }

        if ((obj.history != null && obj.history !== false)) {
          w.uint32(80)
          w.bool(obj.history)
        }

        if (obj.request != null) {
          w.uint32(88)
          w.uint64Number(obj.request)
        }

        if (obj.segments != null && obj.segments.length > 0) {
          for (const value of obj.segments) {
            w.uint32(98)
            w.string(value)
          }
        }

        if (obj.parts != null && obj.parts.length > 0) {
          for (const value of obj.parts) {
            w.uint32(106)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: '',
          senderId: '',
          lamportTimestamp: 0,
          timestamp: 0,
          receivedAt: 0,
          size: 0,
          own: false,
          late: false,
          history: false,
          segments: [],
          parts: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.string()
              break
            }
            case 2: {
              obj.senderId = reader.string()
              break
            }
            case 3: {
              obj.sender = reader.string()
              break
            }
            case 4: {
              obj.lamportTimestamp = reader.uint64Number()
              break
            }
            case 5: {
              obj.timestamp = reader.uint64Number()
              break
            }
            case 6: {
              obj.receivedAt = reader.uint64Number()
              break
            }
            case 7: {
              obj.size = reader.uint64Number()
              break
            }
            case 8: {
              obj.own = reader.bool()
              break
            }
            case 9: {
              obj.late = reader.bool()
              break
            }
            case 10: {
              obj.history = reader.bool()
              break
            }
            case 11: {
              obj.request = reader.uint64Number()
              break
            }
            case 12: {
              if (opts.limits?.segments != null && obj.segments.length === opts.limits.segments) {
                throw new MaxLengthError('Decode error - repeated field "segments" had too many elements')
              }

              obj.segments.push(reader.string())
              break
            }
            case 13: {
              if (opts.limits?.parts != null && obj.parts.length === opts.limits.parts) {
                throw new MaxLengthError('Decode error - repeated field "parts" had too many elements')
              }

              obj.parts.push(reader.string())
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
          segments: 0,
          parts: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.messageId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.senderId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.sender`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.lamportTimestamp`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.timestamp`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.receivedAt`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.own`,
                value: reader.bool()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.late`,
                value: reader.bool()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.history`,
                value: reader.bool()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.request`,
                value: reader.uint64Number()
              }
              break
            }
            case 12: {
              if (opts.limits?.segments != null && obj.segments === opts.limits.segments) {
                throw new MaxLengthError('Streaming decode error - repeated field "segments" had too many elements')
              }

              yield {
                field: `${prefix}.segments[]`,
                index: obj.segments,
                value: reader.string()
              }

              obj.segments++

              break
            }
            case 13: {
              if (opts.limits?.parts != null && obj.parts === opts.limits.parts) {
                throw new MaxLengthError('Streaming decode error - repeated field "parts" had too many elements')
              }

              yield {
                field: `${prefix}.parts[]`,
                index: obj.parts,
                value: reader.string()
              }

              obj.parts++

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

  export interface LogRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface LogRecordSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface LogRecordSenderFieldEvent {
    field: '$.sender'
    value: string
  }

  export interface LogRecordLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: number
  }

  export interface LogRecordTimestampFieldEvent {
    field: '$.timestamp'
    value: number
  }

  export interface LogRecordReceivedAtFieldEvent {
    field: '$.receivedAt'
    value: number
  }

  export interface LogRecordSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface LogRecordOwnFieldEvent {
    field: '$.own'
    value: boolean
  }

  export interface LogRecordLateFieldEvent {
    field: '$.late'
    value: boolean
  }

  export interface LogRecordHistoryFieldEvent {
    field: '$.history'
    value: boolean
  }

  export interface LogRecordRequestFieldEvent {
    field: '$.request'
    value: number
  }

  export interface LogRecordSegmentsFieldEvent {
    field: '$.segments[]'
    index: number
    value: string
  }

  export interface LogRecordPartsFieldEvent {
    field: '$.parts[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<LogRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LogRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LogRecord>): LogRecord {
    return decodeMessage(buf, LogRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LogRecord>): Generator<LogRecordMessageIdFieldEvent | LogRecordSenderIdFieldEvent | LogRecordSenderFieldEvent | LogRecordLamportTimestampFieldEvent | LogRecordTimestampFieldEvent | LogRecordReceivedAtFieldEvent | LogRecordSizeFieldEvent | LogRecordOwnFieldEvent | LogRecordLateFieldEvent | LogRecordHistoryFieldEvent | LogRecordRequestFieldEvent | LogRecordSegmentsFieldEvent | LogRecordPartsFieldEvent> {
    return streamMessage(buf, LogRecord.codec(), opts)
  }
}

export interface RequestRecord {
  requestId: string
  state: string
  size: number
  ephemeral: boolean
  sets: SetRecord[]
  complete: boolean
  deadline?: number
  receipts: string[]
  delivered: boolean
  errorName?: string
  errorMessage?: string
}

export namespace RequestRecord {
  let _codec: Codec<RequestRecord>

  export const codec = (): Codec<RequestRecord> => {
    if (_codec == null) {
      _codec = message<RequestRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.requestId != null && obj.requestId !== '')) {
          w.uint32(10)
          w.string(obj.requestId)
        }

        if ((obj.state != null && obj.state !== '')) {
          w.uint32(18)
          w.string(obj.state)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.size)
        }

        if ((obj.ephemeral != null && obj.ephemeral !== false)) {
          w.uint32(32)
          w.bool(obj.ephemeral)
        }

        if (obj.sets != null && obj.sets.length > 0) {
          for (const value of obj.sets) {
            w.uint32(42)
            SetRecord.codec().encode(value, w)
          }
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(48)
          w.bool(obj.complete)
        }

        if (obj.deadline != null) {
          w.uint32(56)
          w.uint64Number(obj.deadline)
        }

        if (obj.receipts != null && obj.receipts.length > 0) {
          for (const value of obj.receipts) {
            w.uint32(66)
            w.string(value)
          }
        }

        if ((obj.delivered != null && obj.delivered !== false)) {
          w.uint32(72)
          w.bool(obj.delivered)
        }

        if (obj.errorName != null) {
          w.uint32(82)
          w.string(obj.errorName)
        }

        if (obj.errorMessage != null) {
          w.uint32(90)
          w.string(obj.errorMessage)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          requestId: '',
          state: '',
          size: 0,
          ephemeral: false,
          sets: [],
          complete: false,
          receipts: [],
          delivered: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.requestId = reader.string()
              break
            }
            case 2: {
              obj.state = reader.string()
              break
            }
            case 3: {
              obj.size = reader.uint64Number()
              break
            }
            case 4: {
              obj.ephemeral = reader.bool()
              break
            }
            case 5: {
              if (opts.limits?.sets != null && obj.sets.length === opts.limits.sets) {
                throw new MaxLengthError('Decode error - repeated field "sets" had too many elements')
              }

              obj.sets.push(SetRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.sets$
              }))
              break
            }
            case 6: {
              obj.complete = reader.bool()
              break
            }
            case 7: {
              obj.deadline = reader.uint64Number()
              break
            }
            case 8: {
              if (opts.limits?.receipts != null && obj.receipts.length === opts.limits.receipts) {
                throw new MaxLengthError('Decode error - repeated field "receipts" had too many elements')
              }

              obj.receipts.push(reader.string())
              break
            }
            case 9: {
              obj.delivered = reader.bool()
              break
            }
            case 10: {
              obj.errorName = reader.string()
              break
            }
            case 11: {
              obj.errorMessage = reader.string()
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
          sets: 0,
          receipts: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.requestId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.state`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ephemeral`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              if (opts.limits?.sets != null && obj.sets === opts.limits.sets) {
                throw new MaxLengthError('Streaming decode error - repeated field "sets" had too many elements')
              }

              for (const evt of SetRecord.codec().stream(reader, reader.uint32(), `${prefix}.sets[]`, {
                limits: opts.limits?.sets$
              })) {
                yield {
                  ...evt,
                  index: obj.sets
                }
              }

              obj.sets++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.complete`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.deadline`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              if (opts.limits?.receipts != null && obj.receipts === opts.limits.receipts) {
                throw new MaxLengthError('Streaming decode error - repeated field "receipts" had too many elements')
              }

              yield {
                field: `${prefix}.receipts[]`,
                index: obj.receipts,
                value: reader.string()
              }

              obj.receipts++

              break
            }
            case 9: {
              yield {
                field: `${prefix}.delivered`,
                value: reader.bool()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.errorName`,
                value: reader.string()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.errorMessage`,
                value: reader.string()
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

  export interface RequestRecordRequestIdFieldEvent {
    field: '$.requestId'
    value: string
  }

  export interface RequestRecordStateFieldEvent {
    field: '$.state'
    value: string
  }

  export interface RequestRecordSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface RequestRecordEphemeralFieldEvent {
    field: '$.ephemeral'
    value: boolean
  }

  export interface RequestRecordSetsMessageIdsFieldEvent {
    field: '$.sets[].messageIds[]'
    index: number
    value: string
  }

  export interface RequestRecordSetsDataCountFieldEvent {
    field: '$.sets[].dataCount'
    value: number
    index: number
  }

  export interface RequestRecordSetsConfirmedFieldEvent {
    field: '$.sets[].confirmed'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RequestRecordCompleteFieldEvent {
    field: '$.complete'
    value: boolean
  }

  export interface RequestRecordDeadlineFieldEvent {
    field: '$.deadline'
    value: number
  }

  export interface RequestRecordReceiptsFieldEvent {
    field: '$.receipts[]'
    index: number
    value: string
  }

  export interface RequestRecordDeliveredFieldEvent {
    field: '$.delivered'
    value: boolean
  }

  export interface RequestRecordErrorNameFieldEvent {
    field: '$.errorName'
    value: string
  }

  export interface RequestRecordErrorMessageFieldEvent {
    field: '$.errorMessage'
    value: string
  }

  export function encode (obj: Partial<RequestRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RequestRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RequestRecord>): RequestRecord {
    return decodeMessage(buf, RequestRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RequestRecord>): Generator<RequestRecordRequestIdFieldEvent | RequestRecordStateFieldEvent | RequestRecordSizeFieldEvent | RequestRecordEphemeralFieldEvent | RequestRecordSetsMessageIdsFieldEvent | RequestRecordSetsDataCountFieldEvent | RequestRecordSetsConfirmedFieldEvent | RequestRecordCompleteFieldEvent | RequestRecordDeadlineFieldEvent | RequestRecordReceiptsFieldEvent | RequestRecordDeliveredFieldEvent | RequestRecordErrorNameFieldEvent | RequestRecordErrorMessageFieldEvent> {
    return streamMessage(buf, RequestRecord.codec(), opts)
  }
}

export interface SetRecord {
  messageIds: string[]
  dataCount: number
  confirmed: Uint8Array<ArrayBuffer>
}

export namespace SetRecord {
  let _codec: Codec<SetRecord>

  export const codec = (): Codec<SetRecord> => {
    if (_codec == null) {
      _codec = message<SetRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.messageIds != null && obj.messageIds.length > 0) {
          for (const value of obj.messageIds) {
            w.uint32(10)
            w.string(value)
          }
        }

        if ((obj.dataCount != null && obj.dataCount !== 0)) {
          w.uint32(16)
          w.uint32(obj.dataCount)
        }

        if ((obj.confirmed != null && obj.confirmed.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.confirmed)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageIds: [],
          dataCount: 0,
          confirmed: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.messageIds != null && obj.messageIds.length === opts.limits.messageIds) {
                throw new MaxLengthError('Decode error - repeated field "messageIds" had too many elements')
              }

              obj.messageIds.push(reader.string())
              break
            }
            case 2: {
              obj.dataCount = reader.uint32()
              break
            }
            case 3: {
              obj.confirmed = reader.bytes()
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
          messageIds: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.messageIds != null && obj.messageIds === opts.limits.messageIds) {
                throw new MaxLengthError('Streaming decode error - repeated field "messageIds" had too many elements')
              }

              yield {
                field: `${prefix}.messageIds[]`,
                index: obj.messageIds,
                value: reader.string()
              }

              obj.messageIds++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.dataCount`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.confirmed`,
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

  export interface SetRecordMessageIdsFieldEvent {
    field: '$.messageIds[]'
    index: number
    value: string
  }

  export interface SetRecordDataCountFieldEvent {
    field: '$.dataCount'
    value: number
  }

  export interface SetRecordConfirmedFieldEvent {
    field: '$.confirmed'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SetRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SetRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SetRecord>): SetRecord {
    return decodeMessage(buf, SetRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SetRecord>): Generator<SetRecordMessageIdsFieldEvent | SetRecordDataCountFieldEvent | SetRecordConfirmedFieldEvent> {
    return streamMessage(buf, SetRecord.codec(), opts)
  }
}

export interface PayloadRecord {
  hash: Uint8Array<ArrayBuffer>
  size: number
  keptAt: number
}

export namespace PayloadRecord {
  let _codec: Codec<PayloadRecord>

  export const codec = (): Codec<PayloadRecord> => {
    if (_codec == null) {
      _codec = message<PayloadRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.hash != null && obj.hash.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.hash)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(16)
          w.uint32(obj.size)
        }

        if ((obj.keptAt != null && obj.keptAt !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.keptAt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          hash: uint8ArrayAlloc(0),
          size: 0,
          keptAt: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hash = reader.bytes()
              break
            }
            case 2: {
              obj.size = reader.uint32()
              break
            }
            case 3: {
              obj.keptAt = reader.uint64Number()
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
                field: `${prefix}.hash`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.keptAt`,
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

  export interface PayloadRecordHashFieldEvent {
    field: '$.hash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PayloadRecordSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface PayloadRecordKeptAtFieldEvent {
    field: '$.keptAt'
    value: number
  }

  export function encode (obj: Partial<PayloadRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PayloadRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayloadRecord>): PayloadRecord {
    return decodeMessage(buf, PayloadRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayloadRecord>): Generator<PayloadRecordHashFieldEvent | PayloadRecordSizeFieldEvent | PayloadRecordKeptAtFieldEvent> {
    return streamMessage(buf, PayloadRecord.codec(), opts)
  }
}

export interface RateLimitRecord {
  epoch: number
  content: number
  upkeep: number
}

export namespace RateLimitRecord {
  let _codec: Codec<RateLimitRecord>

  export const codec = (): Codec<RateLimitRecord> => {
    if (_codec == null) {
      _codec = message<RateLimitRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.epoch)
        }

        if ((obj.content != null && obj.content !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.content)
        }

        if ((obj.upkeep != null && obj.upkeep !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.upkeep)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          epoch: 0,
          content: 0,
          upkeep: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.epoch = reader.uint64Number()
              break
            }
            case 2: {
              obj.content = reader.uint64Number()
              break
            }
            case 3: {
              obj.upkeep = reader.uint64Number()
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
                field: `${prefix}.epoch`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.content`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.upkeep`,
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

  export interface RateLimitRecordEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface RateLimitRecordContentFieldEvent {
    field: '$.content'
    value: number
  }

  export interface RateLimitRecordUpkeepFieldEvent {
    field: '$.upkeep'
    value: number
  }

  export function encode (obj: Partial<RateLimitRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RateLimitRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RateLimitRecord>): RateLimitRecord {
    return decodeMessage(buf, RateLimitRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RateLimitRecord>): Generator<RateLimitRecordEpochFieldEvent | RateLimitRecordContentFieldEvent | RateLimitRecordUpkeepFieldEvent> {
    return streamMessage(buf, RateLimitRecord.codec(), opts)
  }
}
