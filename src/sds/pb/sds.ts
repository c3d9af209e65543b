import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SdsMessagePb {
  senderId: string
  messageId: string
  channelId: string
  lamportTimestamp?: bigint
  causalHistory: HistoryEntryPb[]
  bloomFilter?: Uint8Array<ArrayBuffer>
  repairRequest: HistoryEntryPb[]
  content?: Uint8Array<ArrayBuffer>
  idSalt?: bigint
}

export namespace SdsMessagePb {
  let _codec: Codec<SdsMessagePb>

  export const codec = (): Codec<SdsMessagePb> => {
    if (_codec == null) {
      _codec = message<SdsMessagePb>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(10)
          w.string(obj.senderId)
        }

        if ((obj.messageId != null && obj.messageId !== '')) {
          w.uint32(18)
          w.string(obj.messageId)
        }

        if ((obj.channelId != null && obj.channelId !== '')) {
          w.uint32(26)
          w.string(obj.channelId)
        }

        if (obj.lamportTimestamp != null) {
          w.uint32(80)
          w.uint64(obj.lamportTimestamp)
        }

        if (obj.causalHistory != null && obj.causalHistory.length > 0) {
          for (const value of obj.causalHistory) {
            w.uint32(90)
            HistoryEntryPb.codec().encode(value, w)
          }
        }

        if (obj.bloomFilter != null) {
          w.uint32(98)
          w.bytes(obj.bloomFilter)
        }

        if (obj.repairRequest != null && obj.repairRequest.length > 0) {
          for (const value of obj.repairRequest) {
            w.uint32(106)
            HistoryEntryPb.codec().encode(value, w)
          }
        }

        if (obj.content != null) {
          w.uint32(162)
          w.bytes(obj.content)
        }

        if (obj.idSalt != null) {
          w.uint32(800)
          w.uint64(obj.idSalt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          senderId: '',
          messageId: '',
          channelId: '',
          causalHistory: [],
          repairRequest: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.senderId = reader.string()
              break
            }
            case 2: {
              obj.messageId = reader.string()
              break
            }
            case 3: {
              obj.channelId = reader.string()
              break
            }
            case 10: {
              obj.lamportTimestamp = reader.uint64()
              break
            }
            case 11: {
              if (opts.limits?.causalHistory != null && obj.causalHistory.length === opts.limits.causalHistory) {
                throw new MaxLengthError('Decode error - repeated field "causalHistory" had too many elements')
              }

              obj.causalHistory.push(HistoryEntryPb.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.causalHistory$
              }))
              break
            }
            case 12: {
              obj.bloomFilter = reader.bytes()
              break
            }
            case 13: {
              if (opts.limits?.repairRequest != null && obj.repairRequest.length === opts.limits.repairRequest) {
                throw new MaxLengthError('Decode error - repeated field "repairRequest" had too many elements')
              }

              obj.repairRequest.push(HistoryEntryPb.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.repairRequest$
              }))
              break
            }
            case 20: {
              obj.content = reader.bytes()
              break
            }
            case 100: {
              obj.idSalt = reader.uint64()
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
          causalHistory: 0,
          repairRequest: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.senderId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.messageId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.channelId`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.lamportTimestamp`,
                value: reader.uint64()
              }
              break
            }
            case 11: {
              if (opts.limits?.causalHistory != null && obj.causalHistory === opts.limits.causalHistory) {
                throw new MaxLengthError('Streaming decode error - repeated field "causalHistory" had too many elements')
              }

              for (const evt of HistoryEntryPb.codec().stream(reader, reader.uint32(), `${prefix}.causalHistory[]`, {
                limits: opts.limits?.causalHistory$
              })) {
                yield {
                  ...evt,
                  index: obj.causalHistory
                }
              }

              obj.causalHistory++

              break
            }
            case 12: {
              yield {
                field: `${prefix}.bloomFilter`,
                value: reader.bytes()
              }
              break
            }
            case 13: {
              if (opts.limits?.repairRequest != null && obj.repairRequest === opts.limits.repairRequest) {
                throw new MaxLengthError('Streaming decode error - repeated field "repairRequest" had too many elements')
              }

              for (const evt of HistoryEntryPb.codec().stream(reader, reader.uint32(), `${prefix}.repairRequest[]`, {
                limits: opts.limits?.repairRequest$
              })) {
                yield {
                  ...evt,
                  index: obj.repairRequest
                }
              }

              obj.repairRequest++

              break
            }
            case 20: {
              yield {
                field: `${prefix}.content`,
                value: reader.bytes()
              }
              break
            }
            case 100: {
              yield {
                field: `${prefix}.idSalt`,
                value: reader.uint64()
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

  export interface SdsMessagePbSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface SdsMessagePbMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface SdsMessagePbChannelIdFieldEvent {
    field: '$.channelId'
    value: string
  }

  export interface SdsMessagePbLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: bigint
  }

  export interface SdsMessagePbCausalHistoryMessageIdFieldEvent {
    field: '$.causalHistory[].messageId'
    value: string
    index: number
  }

  export interface SdsMessagePbCausalHistoryRetrievalHintFieldEvent {
    field: '$.causalHistory[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SdsMessagePbCausalHistorySenderIdFieldEvent {
    field: '$.causalHistory[].senderId'
    value: string
    index: number
  }

  export interface SdsMessagePbCausalHistoryLamportTimestampFieldEvent {
    field: '$.causalHistory[].lamportTimestamp'
    value: bigint
    index: number
  }

  export interface SdsMessagePbBloomFilterFieldEvent {
    field: '$.bloomFilter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SdsMessagePbRepairRequestMessageIdFieldEvent {
    field: '$.repairRequest[].messageId'
    value: string
    index: number
  }

  export interface SdsMessagePbRepairRequestRetrievalHintFieldEvent {
    field: '$.repairRequest[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SdsMessagePbRepairRequestSenderIdFieldEvent {
    field: '$.repairRequest[].senderId'
    value: string
    index: number
  }

  export interface SdsMessagePbRepairRequestLamportTimestampFieldEvent {
    field: '$.repairRequest[].lamportTimestamp'
    value: bigint
    index: number
  }

  export interface SdsMessagePbContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SdsMessagePbIdSaltFieldEvent {
    field: '$.idSalt'
    value: bigint
  }

  export function encode (obj: Partial<SdsMessagePb>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SdsMessagePb.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SdsMessagePb>): SdsMessagePb {
    return decodeMessage(buf, SdsMessagePb.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SdsMessagePb>): Generator<SdsMessagePbSenderIdFieldEvent | SdsMessagePbMessageIdFieldEvent | SdsMessagePbChannelIdFieldEvent | SdsMessagePbLamportTimestampFieldEvent | SdsMessagePbCausalHistoryMessageIdFieldEvent | SdsMessagePbCausalHistoryRetrievalHintFieldEvent | SdsMessagePbCausalHistorySenderIdFieldEvent | SdsMessagePbCausalHistoryLamportTimestampFieldEvent | SdsMessagePbBloomFilterFieldEvent | SdsMessagePbRepairRequestMessageIdFieldEvent | SdsMessagePbRepairRequestRetrievalHintFieldEvent | SdsMessagePbRepairRequestSenderIdFieldEvent | SdsMessagePbRepairRequestLamportTimestampFieldEvent | SdsMessagePbContentFieldEvent | SdsMessagePbIdSaltFieldEvent> {
    return streamMessage(buf, SdsMessagePb.codec(), opts)
  }
}

export interface HistoryEntryPb {
  messageId: string
  retrievalHint?: Uint8Array<ArrayBuffer>
  senderId?: string
  lamportTimestamp?: bigint
}

export namespace HistoryEntryPb {
  let _codec: Codec<HistoryEntryPb>

  export const codec = (): Codec<HistoryEntryPb> => {
    if (_codec == null) {
      _codec = message<HistoryEntryPb>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId !== '')) {
          w.uint32(10)
          w.string(obj.messageId)
        }

        if (obj.retrievalHint != null) {
          w.uint32(18)
          w.bytes(obj.retrievalHint)
        }

        if (obj.senderId != null) {
          w.uint32(26)
          w.string(obj.senderId)
        }

        if (obj.lamportTimestamp != null) {
          w.uint32(800)
          w.uint64(obj.lamportTimestamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: ''
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
              obj.retrievalHint = reader.bytes()
              break
            }
            case 3: {
              obj.senderId = reader.string()
              break
            }
            case 100: {
              obj.lamportTimestamp = reader.uint64()
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
                field: `${prefix}.messageId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.retrievalHint`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.senderId`,
                value: reader.string()
              }
              break
            }
            case 100: {
              yield {
                field: `${prefix}.lamportTimestamp`,
                value: reader.uint64()
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

  export interface HistoryEntryPbMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface HistoryEntryPbRetrievalHintFieldEvent {
    field: '$.retrievalHint'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HistoryEntryPbSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface HistoryEntryPbLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: bigint
  }

  export function encode (obj: Partial<HistoryEntryPb>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HistoryEntryPb.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HistoryEntryPb>): HistoryEntryPb {
    return decodeMessage(buf, HistoryEntryPb.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HistoryEntryPb>): Generator<HistoryEntryPbMessageIdFieldEvent | HistoryEntryPbRetrievalHintFieldEvent | HistoryEntryPbSenderIdFieldEvent | HistoryEntryPbLamportTimestampFieldEvent> {
    return streamMessage(buf, HistoryEntryPb.codec(), opts)
  }
}
