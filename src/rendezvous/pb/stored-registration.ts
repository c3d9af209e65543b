import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StoredRegistration {
  namespace: string
  peer: string
  sequence: number
  expiresAt: number
  standard?: Uint8Array<ArrayBuffer>
  legacy?: Uint8Array<ArrayBuffer>
}

export namespace StoredRegistration {
  let _codec: Codec<StoredRegistration>

  export const codec = (): Codec<StoredRegistration> => {
    if (_codec == null) {
      _codec = message<StoredRegistration>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(18)
          w.string(obj.peer)
        }

        if ((obj.sequence != null && obj.sequence !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.sequence)
        }

        if ((obj.expiresAt != null && obj.expiresAt !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.expiresAt)
        }

        if (obj.standard != null) {
          w.uint32(42)
          w.bytes(obj.standard)
        }

        if (obj.legacy != null) {
          w.uint32(50)
          w.bytes(obj.legacy)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          peer: '',
          sequence: 0,
          expiresAt: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.peer = reader.string()
              break
            }
            case 3: {
              obj.sequence = reader.uint64Number()
              break
            }
            case 4: {
              obj.expiresAt = reader.uint64Number()
              break
            }
            case 5: {
              obj.standard = reader.bytes()
              break
            }
            case 6: {
              obj.legacy = reader.bytes()
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
                field: `${prefix}.namespace`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.expiresAt`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.standard`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.legacy`,
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

  export interface StoredRegistrationNamespaceFieldEvent {
    field: '$.namespace'
    value: string
  }

  export interface StoredRegistrationPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface StoredRegistrationSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface StoredRegistrationExpiresAtFieldEvent {
    field: '$.expiresAt'
    value: number
  }

  export interface StoredRegistrationStandardFieldEvent {
    field: '$.standard'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StoredRegistrationLegacyFieldEvent {
    field: '$.legacy'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StoredRegistration>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredRegistration.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredRegistration>): StoredRegistration {
    return decodeMessage(buf, StoredRegistration.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredRegistration>): Generator<StoredRegistrationNamespaceFieldEvent | StoredRegistrationPeerFieldEvent | StoredRegistrationSequenceFieldEvent | StoredRegistrationExpiresAtFieldEvent | StoredRegistrationStandardFieldEvent | StoredRegistrationLegacyFieldEvent> {
    return streamMessage(buf, StoredRegistration.codec(), opts)
  }
}
