import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Frame {
  hello?: Hello
  busy?: Busy
  tags?: Tags
  records?: Records
}

export namespace Frame {
  let _codec: Codec<Frame>

  export const codec = (): Codec<Frame> => {
    if (_codec == null) {
      _codec = message<Frame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.busy != null) {
          w.uint32(18)
          Busy.codec().encode(obj.busy, w)
        }

        if (obj.tags != null) {
          w.uint32(26)
          Tags.codec().encode(obj.tags, w)
        }

        if (obj.records != null) {
          w.uint32(34)
          Records.codec().encode(obj.records, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.busy = Busy.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.busy
              })
              break
            }
            case 3: {
              obj.tags = Tags.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tags
              })
              break
            }
            case 4: {
              obj.records = Records.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.records
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield * Busy.codec().stream(reader, reader.uint32(), `${prefix}.busy`, {
                limits: opts.limits?.busy
              })

              break
            }
            case 3: {
              yield * Tags.codec().stream(reader, reader.uint32(), `${prefix}.tags`, {
                limits: opts.limits?.tags
              })

              break
            }
            case 4: {
              yield * Records.codec().stream(reader, reader.uint32(), `${prefix}.records`, {
                limits: opts.limits?.records
              })

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

  export interface FrameHelloVersionsFieldEvent {
    field: '$.hello.versions[]'
    index: number
    value: number
  }

  export interface FrameHelloNonceFieldEvent {
    field: '$.hello.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameHelloMaxRecordsFieldEvent {
    field: '$.hello.maxRecords'
    value: number
  }

  export interface FrameHelloIntroducerFieldEvent {
    field: '$.hello.introducer'
    value: boolean
  }

  export interface FrameBusyRetryAfterMsFieldEvent {
    field: '$.busy.retryAfterMs'
    value: number
  }

  export interface FrameTagsTagsFieldEvent {
    field: '$.tags.tags[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameRecordsRecordsEnvelopeFieldEvent {
    field: '$.records.records[].envelope'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FrameRecordsRecordsSightingsTagFieldEvent {
    field: '$.records.records[].sightings[].tag'
    value: number
    index: number
  }

  export interface FrameRecordsRecordsSightingsAgeSecondsFieldEvent {
    field: '$.records.records[].sightings[].ageSeconds'
    value: number
    index: number
  }

  export function encode (obj: Partial<Frame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Frame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Frame {
    return decodeMessage(buf, Frame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Generator<FrameHelloVersionsFieldEvent | FrameHelloNonceFieldEvent | FrameHelloMaxRecordsFieldEvent | FrameHelloIntroducerFieldEvent | FrameBusyRetryAfterMsFieldEvent | FrameTagsTagsFieldEvent | FrameRecordsRecordsEnvelopeFieldEvent | FrameRecordsRecordsSightingsTagFieldEvent | FrameRecordsRecordsSightingsAgeSecondsFieldEvent> {
    return streamMessage(buf, Frame.codec(), opts)
  }
}

export interface Hello {
  versions: number[]
  nonce: Uint8Array<ArrayBuffer>
  maxRecords?: number
  introducer?: boolean
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.versions != null && obj.versions.length > 0) {
          for (const value of obj.versions) {
            w.uint32(8)
            w.uint32(value)
          }
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.nonce)
        }

        if (obj.maxRecords != null) {
          w.uint32(24)
          w.uint32(obj.maxRecords)
        }

        if (obj.introducer != null) {
          w.uint32(32)
          w.bool(obj.introducer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          versions: [],
          nonce: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.versions != null && obj.versions.length === opts.limits.versions) {
                throw new MaxLengthError('Decode error - repeated field "versions" had too many elements')
              }

              obj.versions.push(reader.uint32())
              break
            }
            case 2: {
              obj.nonce = reader.bytes()
              break
            }
            case 3: {
              obj.maxRecords = reader.uint32()
              break
            }
            case 4: {
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
          versions: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.versions != null && obj.versions === opts.limits.versions) {
                throw new MaxLengthError('Streaming decode error - repeated field "versions" had too many elements')
              }

              yield {
                field: `${prefix}.versions[]`,
                index: obj.versions,
                value: reader.uint32()
              }

              obj.versions++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.nonce`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.maxRecords`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
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

  export interface HelloVersionsFieldEvent {
    field: '$.versions[]'
    index: number
    value: number
  }

  export interface HelloNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HelloMaxRecordsFieldEvent {
    field: '$.maxRecords'
    value: number
  }

  export interface HelloIntroducerFieldEvent {
    field: '$.introducer'
    value: boolean
  }

  export function encode (obj: Partial<Hello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Generator<HelloVersionsFieldEvent | HelloNonceFieldEvent | HelloMaxRecordsFieldEvent | HelloIntroducerFieldEvent> {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export interface Busy {
  retryAfterMs?: number
}

export namespace Busy {
  let _codec: Codec<Busy>

  export const codec = (): Codec<Busy> => {
    if (_codec == null) {
      _codec = message<Busy>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.retryAfterMs != null) {
          w.uint32(8)
          w.uint32(obj.retryAfterMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.retryAfterMs = reader.uint32()
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
                field: `${prefix}.retryAfterMs`,
                value: reader.uint32()
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

  export interface BusyRetryAfterMsFieldEvent {
    field: '$.retryAfterMs'
    value: number
  }

  export function encode (obj: Partial<Busy>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Busy.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Busy>): Busy {
    return decodeMessage(buf, Busy.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Busy>): Generator<BusyRetryAfterMsFieldEvent> {
    return streamMessage(buf, Busy.codec(), opts)
  }
}

export interface Tags {
  tags: Uint8Array<ArrayBuffer>[]
}

export namespace Tags {
  let _codec: Codec<Tags>

  export const codec = (): Codec<Tags> => {
    if (_codec == null) {
      _codec = message<Tags>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.tags != null && obj.tags.length > 0) {
          for (const value of obj.tags) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          tags: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tags != null && obj.tags.length === opts.limits.tags) {
                throw new MaxLengthError('Decode error - repeated field "tags" had too many elements')
              }

              obj.tags.push(reader.bytes())
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
          tags: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.tags != null && obj.tags === opts.limits.tags) {
                throw new MaxLengthError('Streaming decode error - repeated field "tags" had too many elements')
              }

              yield {
                field: `${prefix}.tags[]`,
                index: obj.tags,
                value: reader.bytes()
              }

              obj.tags++

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

  export interface TagsTagsFieldEvent {
    field: '$.tags[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Tags>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Tags.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tags>): Tags {
    return decodeMessage(buf, Tags.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tags>): Generator<TagsTagsFieldEvent> {
    return streamMessage(buf, Tags.codec(), opts)
  }
}

export interface Records {
  records: Record[]
}

export namespace Records {
  let _codec: Codec<Records>

  export const codec = (): Codec<Records> => {
    if (_codec == null) {
      _codec = message<Records>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.records != null && obj.records.length > 0) {
          for (const value of obj.records) {
            w.uint32(10)
            Record.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          records: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.records != null && obj.records.length === opts.limits.records) {
                throw new MaxLengthError('Decode error - repeated field "records" had too many elements')
              }

              obj.records.push(Record.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.records$
              }))
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
          records: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.records != null && obj.records === opts.limits.records) {
                throw new MaxLengthError('Streaming decode error - repeated field "records" had too many elements')
              }

              for (const evt of Record.codec().stream(reader, reader.uint32(), `${prefix}.records[]`, {
                limits: opts.limits?.records$
              })) {
                yield {
                  ...evt,
                  index: obj.records
                }
              }

              obj.records++

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

  export interface RecordsRecordsEnvelopeFieldEvent {
    field: '$.records[].envelope'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsRecordsSightingsTagFieldEvent {
    field: '$.records[].sightings[].tag'
    value: number
    index: number
  }

  export interface RecordsRecordsSightingsAgeSecondsFieldEvent {
    field: '$.records[].sightings[].ageSeconds'
    value: number
    index: number
  }

  export function encode (obj: Partial<Records>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Records.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Records>): Records {
    return decodeMessage(buf, Records.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Records>): Generator<RecordsRecordsEnvelopeFieldEvent | RecordsRecordsSightingsTagFieldEvent | RecordsRecordsSightingsAgeSecondsFieldEvent> {
    return streamMessage(buf, Records.codec(), opts)
  }
}

export interface Record {
  envelope: Uint8Array<ArrayBuffer>
  sightings: Sighting[]
}

export namespace Record {
  let _codec: Codec<Record>

  export const codec = (): Codec<Record> => {
    if (_codec == null) {
      _codec = message<Record>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.envelope != null && obj.envelope.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.envelope)
        }

        if (obj.sightings != null && obj.sightings.length > 0) {
          for (const value of obj.sightings) {
            w.uint32(18)
            Sighting.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          envelope: uint8ArrayAlloc(0),
          sightings: []
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
              if (opts.limits?.sightings != null && obj.sightings.length === opts.limits.sightings) {
                throw new MaxLengthError('Decode error - repeated field "sightings" had too many elements')
              }

              obj.sightings.push(Sighting.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.sightings$
              }))
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
          sightings: 0
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
              if (opts.limits?.sightings != null && obj.sightings === opts.limits.sightings) {
                throw new MaxLengthError('Streaming decode error - repeated field "sightings" had too many elements')
              }

              for (const evt of Sighting.codec().stream(reader, reader.uint32(), `${prefix}.sightings[]`, {
                limits: opts.limits?.sightings$
              })) {
                yield {
                  ...evt,
                  index: obj.sightings
                }
              }

              obj.sightings++

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

  export interface RecordEnvelopeFieldEvent {
    field: '$.envelope'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordSightingsTagFieldEvent {
    field: '$.sightings[].tag'
    value: number
    index: number
  }

  export interface RecordSightingsAgeSecondsFieldEvent {
    field: '$.sightings[].ageSeconds'
    value: number
    index: number
  }

  export function encode (obj: Partial<Record>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Record.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Record>): Record {
    return decodeMessage(buf, Record.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Record>): Generator<RecordEnvelopeFieldEvent | RecordSightingsTagFieldEvent | RecordSightingsAgeSecondsFieldEvent> {
    return streamMessage(buf, Record.codec(), opts)
  }
}

export interface Sighting {
  tag?: number
  ageSeconds?: number
}

export namespace Sighting {
  let _codec: Codec<Sighting>

  export const codec = (): Codec<Sighting> => {
    if (_codec == null) {
      _codec = message<Sighting>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.tag != null) {
          w.uint32(8)
          w.uint32(obj.tag)
        }

        if (obj.ageSeconds != null) {
          w.uint32(16)
          w.uint32(obj.ageSeconds)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.tag = reader.uint32()
              break
            }
            case 2: {
              obj.ageSeconds = reader.uint32()
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
                field: `${prefix}.tag`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.ageSeconds`,
                value: reader.uint32()
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

  export interface SightingTagFieldEvent {
    field: '$.tag'
    value: number
  }

  export interface SightingAgeSecondsFieldEvent {
    field: '$.ageSeconds'
    value: number
  }

  export function encode (obj: Partial<Sighting>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Sighting.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Sighting>): Sighting {
    return decodeMessage(buf, Sighting.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Sighting>): Generator<SightingTagFieldEvent | SightingAgeSecondsFieldEvent> {
    return streamMessage(buf, Sighting.codec(), opts)
  }
}
