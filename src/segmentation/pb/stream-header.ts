import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StreamHeader {
  streamId: Uint8Array<ArrayBuffer>
  index: number
  size: number
  frameSize: number
  previous?: Uint8Array<ArrayBuffer>
}

export namespace StreamHeader {
  let _codec: Codec<StreamHeader>

  export const codec = (): Codec<StreamHeader> => {
    if (_codec == null) {
      _codec = message<StreamHeader>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.streamId != null && obj.streamId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.streamId)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.size)
        }

        if ((obj.frameSize != null && obj.frameSize !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.frameSize)
        }

        if (obj.previous != null) {
          w.uint32(42)
          w.bytes(obj.previous)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          streamId: uint8ArrayAlloc(0),
          index: 0,
          size: 0,
          frameSize: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.streamId = reader.bytes()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
              break
            }
            case 3: {
              obj.size = reader.uint64Number()
              break
            }
            case 4: {
              obj.frameSize = reader.uint64Number()
              break
            }
            case 5: {
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
                field: `${prefix}.streamId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
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
                field: `${prefix}.frameSize`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
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

  export interface StreamHeaderStreamIdFieldEvent {
    field: '$.streamId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StreamHeaderIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface StreamHeaderSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface StreamHeaderFrameSizeFieldEvent {
    field: '$.frameSize'
    value: number
  }

  export interface StreamHeaderPreviousFieldEvent {
    field: '$.previous'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StreamHeader>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StreamHeader.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamHeader>): StreamHeader {
    return decodeMessage(buf, StreamHeader.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StreamHeader>): Generator<StreamHeaderStreamIdFieldEvent | StreamHeaderIndexFieldEvent | StreamHeaderSizeFieldEvent | StreamHeaderFrameSizeFieldEvent | StreamHeaderPreviousFieldEvent> {
    return streamMessage(buf, StreamHeader.codec(), opts)
  }
}
