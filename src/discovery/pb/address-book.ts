import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StoredPeer {
  envelope?: Uint8Array<ArrayBuffer>
  sources: string[]
  topics: StoredTopic[]
  addedAt?: bigint
  seenAt?: bigint
  failures?: number
  staleUntil?: bigint
  penaltyUntil?: bigint
  unsupportedUntil?: bigint
  introducer?: boolean
}

export namespace StoredPeer {
  let _codec: Codec<StoredPeer>

  export const codec = (): Codec<StoredPeer> => {
    if (_codec == null) {
      _codec = message<StoredPeer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.envelope != null) {
          w.uint32(10)
          w.bytes(obj.envelope)
        }

        if (obj.sources != null && obj.sources.length > 0) {
          for (const value of obj.sources) {
            w.uint32(18)
            w.string(value)
          }
        }

        if (obj.topics != null && obj.topics.length > 0) {
          for (const value of obj.topics) {
            w.uint32(26)
            StoredTopic.codec().encode(value, w)
          }
        }

        if (obj.addedAt != null) {
          w.uint32(32)
          w.uint64(obj.addedAt)
        }

        if (obj.seenAt != null) {
          w.uint32(40)
          w.uint64(obj.seenAt)
        }

        if (obj.failures != null) {
          w.uint32(48)
          w.uint32(obj.failures)
        }

        if (obj.staleUntil != null) {
          w.uint32(56)
          w.uint64(obj.staleUntil)
        }

        if (obj.penaltyUntil != null) {
          w.uint32(64)
          w.uint64(obj.penaltyUntil)
        }

        if (obj.unsupportedUntil != null) {
          w.uint32(72)
          w.uint64(obj.unsupportedUntil)
        }

        if (obj.introducer != null) {
          w.uint32(80)
          w.bool(obj.introducer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sources: [],
          topics: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.envelope = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.sources != null && obj.sources.length === opts.limits.sources) {
                throw new MaxLengthError('Decode error - repeated field "sources" had too many elements')
              }

              obj.sources.push(reader.string())
              break
            }
            case 3: {
              if (opts.limits?.topics != null && obj.topics.length === opts.limits.topics) {
                throw new MaxLengthError('Decode error - repeated field "topics" had too many elements')
              }

              obj.topics.push(StoredTopic.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.topics$
              }))
              break
            }
            case 4: {
              obj.addedAt = reader.uint64()
              break
            }
            case 5: {
              obj.seenAt = reader.uint64()
              break
            }
            case 6: {
              obj.failures = reader.uint32()
              break
            }
            case 7: {
              obj.staleUntil = reader.uint64()
              break
            }
            case 8: {
              obj.penaltyUntil = reader.uint64()
              break
            }
            case 9: {
              obj.unsupportedUntil = reader.uint64()
              break
            }
            case 10: {
              obj.introducer = reader.bool()
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
          sources: 0,
          topics: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.envelope`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.sources != null && obj.sources === opts.limits.sources) {
                throw new MaxLengthError('Streaming decode error - repeated field "sources" had too many elements')
              }

              yield {
                field: `${prefix}.sources[]`,
                index: obj.sources,
                value: reader.string()
              }

              obj.sources++

              break
            }
            case 3: {
              if (opts.limits?.topics != null && obj.topics === opts.limits.topics) {
                throw new MaxLengthError('Streaming decode error - repeated field "topics" had too many elements')
              }

              for (const evt of StoredTopic.codec().stream(reader, reader.uint32(), `${prefix}.topics[]`, {
                limits: opts.limits?.topics$
              })) {
                yield {
                  ...evt,
                  index: obj.topics
                }
              }

              obj.topics++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.addedAt`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.seenAt`,
                value: reader.uint64()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.failures`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.staleUntil`,
                value: reader.uint64()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.penaltyUntil`,
                value: reader.uint64()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.unsupportedUntil`,
                value: reader.uint64()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.introducer`,
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

  export interface StoredPeerEnvelopeFieldEvent {
    field: '$.envelope'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StoredPeerSourcesFieldEvent {
    field: '$.sources[]'
    index: number
    value: string
  }

  export interface StoredPeerTopicsIdFieldEvent {
    field: '$.topics[].id'
    value: string
    index: number
  }

  export interface StoredPeerTopicsSeenAtFieldEvent {
    field: '$.topics[].seenAt'
    value: bigint
    index: number
  }

  export interface StoredPeerTopicsProvenFieldEvent {
    field: '$.topics[].proven'
    value: boolean
    index: number
  }

  export interface StoredPeerAddedAtFieldEvent {
    field: '$.addedAt'
    value: bigint
  }

  export interface StoredPeerSeenAtFieldEvent {
    field: '$.seenAt'
    value: bigint
  }

  export interface StoredPeerFailuresFieldEvent {
    field: '$.failures'
    value: number
  }

  export interface StoredPeerStaleUntilFieldEvent {
    field: '$.staleUntil'
    value: bigint
  }

  export interface StoredPeerPenaltyUntilFieldEvent {
    field: '$.penaltyUntil'
    value: bigint
  }

  export interface StoredPeerUnsupportedUntilFieldEvent {
    field: '$.unsupportedUntil'
    value: bigint
  }

  export interface StoredPeerIntroducerFieldEvent {
    field: '$.introducer'
    value: boolean
  }

  export function encode (obj: Partial<StoredPeer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredPeer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredPeer>): StoredPeer {
    return decodeMessage(buf, StoredPeer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredPeer>): Generator<StoredPeerEnvelopeFieldEvent | StoredPeerSourcesFieldEvent | StoredPeerTopicsIdFieldEvent | StoredPeerTopicsSeenAtFieldEvent | StoredPeerTopicsProvenFieldEvent | StoredPeerAddedAtFieldEvent | StoredPeerSeenAtFieldEvent | StoredPeerFailuresFieldEvent | StoredPeerStaleUntilFieldEvent | StoredPeerPenaltyUntilFieldEvent | StoredPeerUnsupportedUntilFieldEvent | StoredPeerIntroducerFieldEvent> {
    return streamMessage(buf, StoredPeer.codec(), opts)
  }
}

export interface StoredTopic {
  id: string
  seenAt: bigint
  proven: boolean
}

export namespace StoredTopic {
  let _codec: Codec<StoredTopic>

  export const codec = (): Codec<StoredTopic> => {
    if (_codec == null) {
      _codec = message<StoredTopic>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== '')) {
          w.uint32(10)
          w.string(obj.id)
        }

        if ((obj.seenAt != null && obj.seenAt !== 0n)) {
          w.uint32(16)
          w.uint64(obj.seenAt)
        }

        if ((obj.proven != null && obj.proven !== false)) {
          w.uint32(24)
          w.bool(obj.proven)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: '',
          seenAt: 0n,
          proven: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.string()
              break
            }
            case 2: {
              obj.seenAt = reader.uint64()
              break
            }
            case 3: {
              obj.proven = reader.bool()
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
                field: `${prefix}.id`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.seenAt`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.proven`,
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

  export interface StoredTopicIdFieldEvent {
    field: '$.id'
    value: string
  }

  export interface StoredTopicSeenAtFieldEvent {
    field: '$.seenAt'
    value: bigint
  }

  export interface StoredTopicProvenFieldEvent {
    field: '$.proven'
    value: boolean
  }

  export function encode (obj: Partial<StoredTopic>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredTopic.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredTopic>): StoredTopic {
    return decodeMessage(buf, StoredTopic.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredTopic>): Generator<StoredTopicIdFieldEvent | StoredTopicSeenAtFieldEvent | StoredTopicProvenFieldEvent> {
    return streamMessage(buf, StoredTopic.codec(), opts)
  }
}
