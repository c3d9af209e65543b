import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SegmentMessage {
  originalPayloadHash: Uint8Array<ArrayBuffer>
  originalPayloadLength: number
  index: number
  dataSegmentCount: number
  paritySegmentCount?: number
  isParity: boolean
  segmentPayload: Uint8Array<ArrayBuffer>
}

export namespace SegmentMessage {
  let _codec: Codec<SegmentMessage>

  export const codec = (): Codec<SegmentMessage> => {
    if (_codec == null) {
      _codec = message<SegmentMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.originalPayloadHash != null && obj.originalPayloadHash.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.originalPayloadHash)
        }

        if ((obj.originalPayloadLength != null && obj.originalPayloadLength !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.originalPayloadLength)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.index)
        }

        if ((obj.dataSegmentCount != null && obj.dataSegmentCount !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.dataSegmentCount)
        }

        if (obj.paritySegmentCount != null) {
          w.uint32(40)
          w.uint64Number(obj.paritySegmentCount)
        }

        if ((obj.isParity != null && obj.isParity !== false)) {
          w.uint32(48)
          w.bool(obj.isParity)
        }

        if ((obj.segmentPayload != null && obj.segmentPayload.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.segmentPayload)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          originalPayloadHash: uint8ArrayAlloc(0),
          originalPayloadLength: 0,
          index: 0,
          dataSegmentCount: 0,
          isParity: false,
          segmentPayload: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.originalPayloadHash = reader.bytes()
              break
            }
            case 2: {
              obj.originalPayloadLength = reader.uint64Number()
              break
            }
            case 3: {
              obj.index = reader.uint64Number()
              break
            }
            case 4: {
              obj.dataSegmentCount = reader.uint64Number()
              break
            }
            case 5: {
              obj.paritySegmentCount = reader.uint64Number()
              break
            }
            case 6: {
              obj.isParity = reader.bool()
              break
            }
            case 7: {
              obj.segmentPayload = reader.bytes()
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
                field: `${prefix}.originalPayloadHash`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.originalPayloadLength`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.dataSegmentCount`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.paritySegmentCount`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.isParity`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.segmentPayload`,
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

  export interface SegmentMessageOriginalPayloadHashFieldEvent {
    field: '$.originalPayloadHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SegmentMessageOriginalPayloadLengthFieldEvent {
    field: '$.originalPayloadLength'
    value: number
  }

  export interface SegmentMessageIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface SegmentMessageDataSegmentCountFieldEvent {
    field: '$.dataSegmentCount'
    value: number
  }

  export interface SegmentMessageParitySegmentCountFieldEvent {
    field: '$.paritySegmentCount'
    value: number
  }

  export interface SegmentMessageIsParityFieldEvent {
    field: '$.isParity'
    value: boolean
  }

  export interface SegmentMessageSegmentPayloadFieldEvent {
    field: '$.segmentPayload'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SegmentMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SegmentMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SegmentMessage>): SegmentMessage {
    return decodeMessage(buf, SegmentMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SegmentMessage>): Generator<SegmentMessageOriginalPayloadHashFieldEvent | SegmentMessageOriginalPayloadLengthFieldEvent | SegmentMessageIndexFieldEvent | SegmentMessageDataSegmentCountFieldEvent | SegmentMessageParitySegmentCountFieldEvent | SegmentMessageIsParityFieldEvent | SegmentMessageSegmentPayloadFieldEvent> {
    return streamMessage(buf, SegmentMessage.codec(), opts)
  }
}
