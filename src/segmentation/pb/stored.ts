import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StoredSegment {
  senderId: string
  messageId: string
  idSalt?: bigint
  content: Uint8Array<ArrayBuffer>
}

export namespace StoredSegment {
  let _codec: Codec<StoredSegment>

  export const codec = (): Codec<StoredSegment> => {
    if (_codec == null) {
      _codec = message<StoredSegment>((obj, w, opts = {}) => {
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

        if (obj.idSalt != null) {
          w.uint32(25)
          w.fixed64(obj.idSalt)
        }

        if ((obj.content != null && obj.content.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.content)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          senderId: '',
          messageId: '',
          content: uint8ArrayAlloc(0)
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
              obj.idSalt = reader.fixed64()
              break
            }
            case 4: {
              obj.content = reader.bytes()
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
                field: `${prefix}.idSalt`,
                value: reader.fixed64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.content`,
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

  export interface StoredSegmentSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface StoredSegmentMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface StoredSegmentIdSaltFieldEvent {
    field: '$.idSalt'
    value: bigint
  }

  export interface StoredSegmentContentFieldEvent {
    field: '$.content'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StoredSegment>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredSegment.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredSegment>): StoredSegment {
    return decodeMessage(buf, StoredSegment.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredSegment>): Generator<StoredSegmentSenderIdFieldEvent | StoredSegmentMessageIdFieldEvent | StoredSegmentIdSaltFieldEvent | StoredSegmentContentFieldEvent> {
    return streamMessage(buf, StoredSegment.codec(), opts)
  }
}

export interface StoredFrame {
  senderId: string
  messageId: string
  hash: Uint8Array<ArrayBuffer>
  streamId: string
  index: number
  size: number
  frameSize: number
  previous?: Uint8Array<ArrayBuffer>
}

export namespace StoredFrame {
  let _codec: Codec<StoredFrame>

  export const codec = (): Codec<StoredFrame> => {
    if (_codec == null) {
      _codec = message<StoredFrame>((obj, w, opts = {}) => {
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

        if ((obj.hash != null && obj.hash.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.hash)
        }

        if ((obj.streamId != null && obj.streamId !== '')) {
          w.uint32(34)
          w.string(obj.streamId)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.index)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.size)
        }

        if ((obj.frameSize != null && obj.frameSize !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.frameSize)
        }

        if (obj.previous != null) {
          w.uint32(66)
          w.bytes(obj.previous)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          senderId: '',
          messageId: '',
          hash: uint8ArrayAlloc(0),
          streamId: '',
          index: 0,
          size: 0,
          frameSize: 0
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
              obj.hash = reader.bytes()
              break
            }
            case 4: {
              obj.streamId = reader.string()
              break
            }
            case 5: {
              obj.index = reader.uint64Number()
              break
            }
            case 6: {
              obj.size = reader.uint64Number()
              break
            }
            case 7: {
              obj.frameSize = reader.uint64Number()
              break
            }
            case 8: {
              obj.previous = reader.bytes()
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
                field: `${prefix}.hash`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.streamId`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.frameSize`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.previous`,
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

  export interface StoredFrameSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface StoredFrameMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface StoredFrameHashFieldEvent {
    field: '$.hash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StoredFrameStreamIdFieldEvent {
    field: '$.streamId'
    value: string
  }

  export interface StoredFrameIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface StoredFrameSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface StoredFrameFrameSizeFieldEvent {
    field: '$.frameSize'
    value: number
  }

  export interface StoredFramePreviousFieldEvent {
    field: '$.previous'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StoredFrame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredFrame>): StoredFrame {
    return decodeMessage(buf, StoredFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredFrame>): Generator<StoredFrameSenderIdFieldEvent | StoredFrameMessageIdFieldEvent | StoredFrameHashFieldEvent | StoredFrameStreamIdFieldEvent | StoredFrameIndexFieldEvent | StoredFrameSizeFieldEvent | StoredFrameFrameSizeFieldEvent | StoredFramePreviousFieldEvent> {
    return streamMessage(buf, StoredFrame.codec(), opts)
  }
}
