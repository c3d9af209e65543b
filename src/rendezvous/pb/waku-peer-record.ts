import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WakuPeerRecord {
  peerId?: Uint8Array<ArrayBuffer>
  seqNo?: bigint
  multiaddrs: Uint8Array<ArrayBuffer>[]
  mixPublicKey?: string
}

export namespace WakuPeerRecord {
  let _codec: Codec<WakuPeerRecord>

  export const codec = (): Codec<WakuPeerRecord> => {
    if (_codec == null) {
      _codec = message<WakuPeerRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.peerId != null) {
          w.uint32(10)
          w.bytes(obj.peerId)
        }

        if (obj.seqNo != null) {
          w.uint32(16)
          w.uint64(obj.seqNo)
        }

        if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
          for (const value of obj.multiaddrs) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (obj.mixPublicKey != null) {
          w.uint32(34)
          w.string(obj.mixPublicKey)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          multiaddrs: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peerId = reader.bytes()
              break
            }
            case 2: {
              obj.seqNo = reader.uint64()
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs.length === opts.limits.multiaddrs) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              obj.multiaddrs.push(reader.bytes())
              break
            }
            case 4: {
              obj.mixPublicKey = reader.string()
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
          multiaddrs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.peerId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.seqNo`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs === opts.limits.multiaddrs) {
                throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
              }

              yield {
                field: `${prefix}.multiaddrs[]`,
                index: obj.multiaddrs,
                value: reader.bytes()
              }

              obj.multiaddrs++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.mixPublicKey`,
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

  export interface WakuPeerRecordPeerIdFieldEvent {
    field: '$.peerId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WakuPeerRecordSeqNoFieldEvent {
    field: '$.seqNo'
    value: bigint
  }

  export interface WakuPeerRecordMultiaddrsFieldEvent {
    field: '$.multiaddrs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface WakuPeerRecordMixPublicKeyFieldEvent {
    field: '$.mixPublicKey'
    value: string
  }

  export function encode (obj: Partial<WakuPeerRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WakuPeerRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WakuPeerRecord>): WakuPeerRecord {
    return decodeMessage(buf, WakuPeerRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WakuPeerRecord>): Generator<WakuPeerRecordPeerIdFieldEvent | WakuPeerRecordSeqNoFieldEvent | WakuPeerRecordMultiaddrsFieldEvent | WakuPeerRecordMixPublicKeyFieldEvent> {
    return streamMessage(buf, WakuPeerRecord.codec(), opts)
  }
}
