import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WakuMessage {
  payload: Uint8Array<ArrayBuffer>
  contentTopic: string
  version?: number
  timestamp?: bigint
  meta?: Uint8Array<ArrayBuffer>
  ephemeral?: boolean
}

export namespace WakuMessage {
  let _codec: Codec<WakuMessage>

  export const codec = (): Codec<WakuMessage> => {
    if (_codec == null) {
      _codec = message<WakuMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.payload)
        }

        if ((obj.contentTopic != null && obj.contentTopic !== '')) {
          w.uint32(18)
          w.string(obj.contentTopic)
        }

        if (obj.version != null) {
          w.uint32(24)
          w.uint32(obj.version)
        }

        if (obj.timestamp != null) {
          w.uint32(80)
          w.sint64(obj.timestamp)
        }

        if (obj.meta != null) {
          w.uint32(90)
          w.bytes(obj.meta)
        }

        if (obj.ephemeral != null) {
          w.uint32(248)
          w.bool(obj.ephemeral)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          payload: uint8ArrayAlloc(0),
          contentTopic: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.payload = reader.bytes()
              break
            }
            case 2: {
              obj.contentTopic = reader.string()
              break
            }
            case 3: {
              obj.version = reader.uint32()
              break
            }
            case 10: {
              obj.timestamp = reader.sint64()
              break
            }
            case 11: {
              obj.meta = reader.bytes()
              break
            }
            case 31: {
              obj.ephemeral = reader.bool()
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
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.contentTopic`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.timestamp`,
                value: reader.sint64()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.meta`,
                value: reader.bytes()
              }
              break
            }
            case 31: {
              yield {
                field: `${prefix}.ephemeral`,
                value: reader.bool()
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

  export interface WakuMessagePayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WakuMessageContentTopicFieldEvent {
    field: '$.contentTopic'
    value: string
  }

  export interface WakuMessageVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface WakuMessageTimestampFieldEvent {
    field: '$.timestamp'
    value: bigint
  }

  export interface WakuMessageMetaFieldEvent {
    field: '$.meta'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WakuMessageEphemeralFieldEvent {
    field: '$.ephemeral'
    value: boolean
  }

  export function encode (obj: Partial<WakuMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WakuMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WakuMessage>): WakuMessage {
    return decodeMessage(buf, WakuMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WakuMessage>): Generator<WakuMessagePayloadFieldEvent | WakuMessageContentTopicFieldEvent | WakuMessageVersionFieldEvent | WakuMessageTimestampFieldEvent | WakuMessageMetaFieldEvent | WakuMessageEphemeralFieldEvent> {
    return streamMessage(buf, WakuMessage.codec(), opts)
  }
}
