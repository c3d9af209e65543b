import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Records {
  log: LogRecord[]
  receipts: ReceiptRecord[]
  hints: HintRecord[]
  attempts: AttemptRecord[]
  forgotten: Uint8Array<ArrayBuffer>[]
  seen: SeenRecord[]
  state?: StateRecord
  parked: ParkedRecord[]
  frontier: Uint8Array<ArrayBuffer>[]
  covered: Uint8Array<ArrayBuffer>[]
  lost: Uint8Array<ArrayBuffer>[]
  replaced: ReplacedRecord[]
}

export namespace Records {
  let _codec: Codec<Records>

  export const codec = (): Codec<Records> => {
    if (_codec == null) {
      _codec = message<Records>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.log != null && obj.log.length > 0) {
          for (const value of obj.log) {
            w.uint32(10)
            LogRecord.codec().encode(value, w)
          }
        }

        if (obj.receipts != null && obj.receipts.length > 0) {
          for (const value of obj.receipts) {
            w.uint32(18)
            ReceiptRecord.codec().encode(value, w)
          }
        }

        if (obj.hints != null && obj.hints.length > 0) {
          for (const value of obj.hints) {
            w.uint32(26)
            HintRecord.codec().encode(value, w)
          }
        }

        if (obj.attempts != null && obj.attempts.length > 0) {
          for (const value of obj.attempts) {
            w.uint32(34)
            AttemptRecord.codec().encode(value, w)
          }
        }

        if (obj.forgotten != null && obj.forgotten.length > 0) {
          for (const value of obj.forgotten) {
            w.uint32(42)
            w.bytes(value)
          }
        }

        if (obj.seen != null && obj.seen.length > 0) {
          for (const value of obj.seen) {
            w.uint32(50)
            SeenRecord.codec().encode(value, w)
          }
        }

        if (obj.state != null) {
          w.uint32(162)
          StateRecord.codec().encode(obj.state, w)
        }

        if (obj.parked != null && obj.parked.length > 0) {
          for (const value of obj.parked) {
            w.uint32(170)
            ParkedRecord.codec().encode(value, w)
          }
        }

        if (obj.frontier != null && obj.frontier.length > 0) {
          for (const value of obj.frontier) {
            w.uint32(178)
            w.bytes(value)
          }
        }

        if (obj.covered != null && obj.covered.length > 0) {
          for (const value of obj.covered) {
            w.uint32(186)
            w.bytes(value)
          }
        }

        if (obj.lost != null && obj.lost.length > 0) {
          for (const value of obj.lost) {
            w.uint32(194)
            w.bytes(value)
          }
        }

        if (obj.replaced != null && obj.replaced.length > 0) {
          for (const value of obj.replaced) {
            w.uint32(202)
            ReplacedRecord.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          log: [],
          receipts: [],
          hints: [],
          attempts: [],
          forgotten: [],
          seen: [],
          parked: [],
          frontier: [],
          covered: [],
          lost: [],
          replaced: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.log != null && obj.log.length === opts.limits.log) {
                throw new MaxLengthError('Decode error - repeated field "log" had too many elements')
              }

              obj.log.push(LogRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.log$
              }))
              break
            }
            case 2: {
              if (opts.limits?.receipts != null && obj.receipts.length === opts.limits.receipts) {
                throw new MaxLengthError('Decode error - repeated field "receipts" had too many elements')
              }

              obj.receipts.push(ReceiptRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.receipts$
              }))
              break
            }
            case 3: {
              if (opts.limits?.hints != null && obj.hints.length === opts.limits.hints) {
                throw new MaxLengthError('Decode error - repeated field "hints" had too many elements')
              }

              obj.hints.push(HintRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hints$
              }))
              break
            }
            case 4: {
              if (opts.limits?.attempts != null && obj.attempts.length === opts.limits.attempts) {
                throw new MaxLengthError('Decode error - repeated field "attempts" had too many elements')
              }

              obj.attempts.push(AttemptRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attempts$
              }))
              break
            }
            case 5: {
              if (opts.limits?.forgotten != null && obj.forgotten.length === opts.limits.forgotten) {
                throw new MaxLengthError('Decode error - repeated field "forgotten" had too many elements')
              }

              obj.forgotten.push(reader.bytes())
              break
            }
            case 6: {
              if (opts.limits?.seen != null && obj.seen.length === opts.limits.seen) {
                throw new MaxLengthError('Decode error - repeated field "seen" had too many elements')
              }

              obj.seen.push(SeenRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.seen$
              }))
              break
            }
            case 20: {
              obj.state = StateRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.state
              })
              break
            }
            case 21: {
              if (opts.limits?.parked != null && obj.parked.length === opts.limits.parked) {
                throw new MaxLengthError('Decode error - repeated field "parked" had too many elements')
              }

              obj.parked.push(ParkedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.parked$
              }))
              break
            }
            case 22: {
              if (opts.limits?.frontier != null && obj.frontier.length === opts.limits.frontier) {
                throw new MaxLengthError('Decode error - repeated field "frontier" had too many elements')
              }

              obj.frontier.push(reader.bytes())
              break
            }
            case 23: {
              if (opts.limits?.covered != null && obj.covered.length === opts.limits.covered) {
                throw new MaxLengthError('Decode error - repeated field "covered" had too many elements')
              }

              obj.covered.push(reader.bytes())
              break
            }
            case 24: {
              if (opts.limits?.lost != null && obj.lost.length === opts.limits.lost) {
                throw new MaxLengthError('Decode error - repeated field "lost" had too many elements')
              }

              obj.lost.push(reader.bytes())
              break
            }
            case 25: {
              if (opts.limits?.replaced != null && obj.replaced.length === opts.limits.replaced) {
                throw new MaxLengthError('Decode error - repeated field "replaced" had too many elements')
              }

              obj.replaced.push(ReplacedRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.replaced$
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
          log: 0,
          receipts: 0,
          hints: 0,
          attempts: 0,
          forgotten: 0,
          seen: 0,
          parked: 0,
          frontier: 0,
          covered: 0,
          lost: 0,
          replaced: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.log != null && obj.log === opts.limits.log) {
                throw new MaxLengthError('Streaming decode error - repeated field "log" had too many elements')
              }

              for (const evt of LogRecord.codec().stream(reader, reader.uint32(), `${prefix}.log[]`, {
                limits: opts.limits?.log$
              })) {
                yield {
                  ...evt,
                  index: obj.log
                }
              }

              obj.log++

              break
            }
            case 2: {
              if (opts.limits?.receipts != null && obj.receipts === opts.limits.receipts) {
                throw new MaxLengthError('Streaming decode error - repeated field "receipts" had too many elements')
              }

              for (const evt of ReceiptRecord.codec().stream(reader, reader.uint32(), `${prefix}.receipts[]`, {
                limits: opts.limits?.receipts$
              })) {
                yield {
                  ...evt,
                  index: obj.receipts
                }
              }

              obj.receipts++

              break
            }
            case 3: {
              if (opts.limits?.hints != null && obj.hints === opts.limits.hints) {
                throw new MaxLengthError('Streaming decode error - repeated field "hints" had too many elements')
              }

              for (const evt of HintRecord.codec().stream(reader, reader.uint32(), `${prefix}.hints[]`, {
                limits: opts.limits?.hints$
              })) {
                yield {
                  ...evt,
                  index: obj.hints
                }
              }

              obj.hints++

              break
            }
            case 4: {
              if (opts.limits?.attempts != null && obj.attempts === opts.limits.attempts) {
                throw new MaxLengthError('Streaming decode error - repeated field "attempts" had too many elements')
              }

              for (const evt of AttemptRecord.codec().stream(reader, reader.uint32(), `${prefix}.attempts[]`, {
                limits: opts.limits?.attempts$
              })) {
                yield {
                  ...evt,
                  index: obj.attempts
                }
              }

              obj.attempts++

              break
            }
            case 5: {
              if (opts.limits?.forgotten != null && obj.forgotten === opts.limits.forgotten) {
                throw new MaxLengthError('Streaming decode error - repeated field "forgotten" had too many elements')
              }

              yield {
                field: `${prefix}.forgotten[]`,
                index: obj.forgotten,
                value: reader.bytes()
              }

              obj.forgotten++

              break
            }
            case 6: {
              if (opts.limits?.seen != null && obj.seen === opts.limits.seen) {
                throw new MaxLengthError('Streaming decode error - repeated field "seen" had too many elements')
              }

              for (const evt of SeenRecord.codec().stream(reader, reader.uint32(), `${prefix}.seen[]`, {
                limits: opts.limits?.seen$
              })) {
                yield {
                  ...evt,
                  index: obj.seen
                }
              }

              obj.seen++

              break
            }
            case 20: {
              yield * StateRecord.codec().stream(reader, reader.uint32(), `${prefix}.state`, {
                limits: opts.limits?.state
              })

              break
            }
            case 21: {
              if (opts.limits?.parked != null && obj.parked === opts.limits.parked) {
                throw new MaxLengthError('Streaming decode error - repeated field "parked" had too many elements')
              }

              for (const evt of ParkedRecord.codec().stream(reader, reader.uint32(), `${prefix}.parked[]`, {
                limits: opts.limits?.parked$
              })) {
                yield {
                  ...evt,
                  index: obj.parked
                }
              }

              obj.parked++

              break
            }
            case 22: {
              if (opts.limits?.frontier != null && obj.frontier === opts.limits.frontier) {
                throw new MaxLengthError('Streaming decode error - repeated field "frontier" had too many elements')
              }

              yield {
                field: `${prefix}.frontier[]`,
                index: obj.frontier,
                value: reader.bytes()
              }

              obj.frontier++

              break
            }
            case 23: {
              if (opts.limits?.covered != null && obj.covered === opts.limits.covered) {
                throw new MaxLengthError('Streaming decode error - repeated field "covered" had too many elements')
              }

              yield {
                field: `${prefix}.covered[]`,
                index: obj.covered,
                value: reader.bytes()
              }

              obj.covered++

              break
            }
            case 24: {
              if (opts.limits?.lost != null && obj.lost === opts.limits.lost) {
                throw new MaxLengthError('Streaming decode error - repeated field "lost" had too many elements')
              }

              yield {
                field: `${prefix}.lost[]`,
                index: obj.lost,
                value: reader.bytes()
              }

              obj.lost++

              break
            }
            case 25: {
              if (opts.limits?.replaced != null && obj.replaced === opts.limits.replaced) {
                throw new MaxLengthError('Streaming decode error - repeated field "replaced" had too many elements')
              }

              for (const evt of ReplacedRecord.codec().stream(reader, reader.uint32(), `${prefix}.replaced[]`, {
                limits: opts.limits?.replaced$
              })) {
                yield {
                  ...evt,
                  index: obj.replaced
                }
              }

              obj.replaced++

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

  export interface RecordsLogMessageIdFieldEvent {
    field: '$.log[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsLogLamportTimestampFieldEvent {
    field: '$.log[].lamportTimestamp'
    value: number
    index: number
  }

  export interface RecordsLogSenderIdFieldEvent {
    field: '$.log[].senderId'
    value: string
    index: number
  }

  export interface RecordsLogRetrievalHintFieldEvent {
    field: '$.log[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsReceiptsMessageIdFieldEvent {
    field: '$.receipts[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsReceiptsSenderIdFieldEvent {
    field: '$.receipts[].senderId'
    value: string
    index: number
  }

  export interface RecordsHintsMessageIdFieldEvent {
    field: '$.hints[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsHintsRetrievalHintFieldEvent {
    field: '$.hints[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsAttemptsMessageIdFieldEvent {
    field: '$.attempts[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsAttemptsAttemptsFieldEvent {
    field: '$.attempts[].attempts'
    value: number
    index: number
  }

  export interface RecordsAttemptsExhaustedFieldEvent {
    field: '$.attempts[].exhausted'
    value: boolean
    index: number
  }

  export interface RecordsForgottenFieldEvent {
    field: '$.forgotten[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordsSeenMessageIdFieldEvent {
    field: '$.seen[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsSeenLamportTimestampFieldEvent {
    field: '$.seen[].lamportTimestamp'
    value: number
    index: number
  }

  export interface RecordsStateLamportCeilingFieldEvent {
    field: '$.state.lamportCeiling'
    value: number
  }

  export interface RecordsStateSaltCeilingFieldEvent {
    field: '$.state.saltCeiling'
    value: bigint
  }

  export interface RecordsStateEphemeralCeilingFieldEvent {
    field: '$.state.ephemeralCeiling'
    value: bigint
  }

  export interface RecordsStateFloorFieldEvent {
    field: '$.state.floor'
    value: number
  }

  export interface RecordsStateCreatedAtFieldEvent {
    field: '$.state.createdAt'
    value: number
  }

  export interface RecordsStateJoinMarkFieldEvent {
    field: '$.state.joinMark'
    value: number
  }

  export interface RecordsStateFirstLiveAtFieldEvent {
    field: '$.state.firstLiveAt'
    value: number
  }

  export interface RecordsStateLostFieldEvent {
    field: '$.state.lost'
    value: number
  }

  export interface RecordsParkedMessageMessageIdFieldEvent {
    field: '$.parked[].message.messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsParkedMessageLamportTimestampFieldEvent {
    field: '$.parked[].message.lamportTimestamp'
    value: number
    index: number
  }

  export interface RecordsParkedMessageSenderIdFieldEvent {
    field: '$.parked[].message.senderId'
    value: string
    index: number
  }

  export interface RecordsParkedMessageRetrievalHintFieldEvent {
    field: '$.parked[].message.retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsParkedUnmetMessageIdFieldEvent {
    field: '$.parked[].unmet[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsParkedUnmetRetrievalHintFieldEvent {
    field: '$.parked[].unmet[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsParkedUnmetSenderIdFieldEvent {
    field: '$.parked[].unmet[].senderId'
    value: string
    index: number
  }

  export interface RecordsParkedUnmetLamportTimestampFieldEvent {
    field: '$.parked[].unmet[].lamportTimestamp'
    value: number
    index: number
  }

  export interface RecordsParkedCitesFieldEvent {
    field: '$.parked[].cites[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordsParkedLateFieldEvent {
    field: '$.parked[].late'
    value: boolean
    index: number
  }

  export interface RecordsParkedFetchedFieldEvent {
    field: '$.parked[].fetched'
    value: boolean
    index: number
  }

  export interface RecordsParkedMetFieldEvent {
    field: '$.parked[].met'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface RecordsFrontierFieldEvent {
    field: '$.frontier[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordsCoveredFieldEvent {
    field: '$.covered[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordsLostFieldEvent {
    field: '$.lost[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface RecordsReplacedFirstFieldEvent {
    field: '$.replaced[].first'
    value: number
    index: number
  }

  export interface RecordsReplacedCountFieldEvent {
    field: '$.replaced[].count'
    value: number
    index: number
  }

  export function encode (obj: Partial<Records>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Records.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Records>): Records {
    return decodeMessage(buf, Records.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Records>): Generator<RecordsLogMessageIdFieldEvent | RecordsLogLamportTimestampFieldEvent | RecordsLogSenderIdFieldEvent | RecordsLogRetrievalHintFieldEvent | RecordsReceiptsMessageIdFieldEvent | RecordsReceiptsSenderIdFieldEvent | RecordsHintsMessageIdFieldEvent | RecordsHintsRetrievalHintFieldEvent | RecordsAttemptsMessageIdFieldEvent | RecordsAttemptsAttemptsFieldEvent | RecordsAttemptsExhaustedFieldEvent | RecordsForgottenFieldEvent | RecordsSeenMessageIdFieldEvent | RecordsSeenLamportTimestampFieldEvent | RecordsStateLamportCeilingFieldEvent | RecordsStateSaltCeilingFieldEvent | RecordsStateEphemeralCeilingFieldEvent | RecordsStateFloorFieldEvent | RecordsStateCreatedAtFieldEvent | RecordsStateJoinMarkFieldEvent | RecordsStateFirstLiveAtFieldEvent | RecordsStateLostFieldEvent | RecordsParkedMessageMessageIdFieldEvent | RecordsParkedMessageLamportTimestampFieldEvent | RecordsParkedMessageSenderIdFieldEvent | RecordsParkedMessageRetrievalHintFieldEvent | RecordsParkedUnmetMessageIdFieldEvent | RecordsParkedUnmetRetrievalHintFieldEvent | RecordsParkedUnmetSenderIdFieldEvent | RecordsParkedUnmetLamportTimestampFieldEvent | RecordsParkedCitesFieldEvent | RecordsParkedLateFieldEvent | RecordsParkedFetchedFieldEvent | RecordsParkedMetFieldEvent | RecordsFrontierFieldEvent | RecordsCoveredFieldEvent | RecordsLostFieldEvent | RecordsReplacedFirstFieldEvent | RecordsReplacedCountFieldEvent> {
    return streamMessage(buf, Records.codec(), opts)
  }
}

export interface LogRecord {
  messageId: Uint8Array<ArrayBuffer>
  lamportTimestamp: number
  senderId: string
  retrievalHint?: Uint8Array<ArrayBuffer>
}

export namespace LogRecord {
  let _codec: Codec<LogRecord>

  export const codec = (): Codec<LogRecord> => {
    if (_codec == null) {
      _codec = message<LogRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
        }

        if ((obj.lamportTimestamp != null && obj.lamportTimestamp !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.lamportTimestamp)
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(26)
          w.string(obj.senderId)
        }

        if (obj.retrievalHint != null) {
          w.uint32(34)
          w.bytes(obj.retrievalHint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0),
          lamportTimestamp: 0,
          senderId: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
              break
            }
            case 2: {
              obj.lamportTimestamp = reader.uint64Number()
              break
            }
            case 3: {
              obj.senderId = reader.string()
              break
            }
            case 4: {
              obj.retrievalHint = reader.bytes()
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
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.lamportTimestamp`,
                value: reader.uint64Number()
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
            case 4: {
              yield {
                field: `${prefix}.retrievalHint`,
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

  export interface LogRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LogRecordLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: number
  }

  export interface LogRecordSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface LogRecordRetrievalHintFieldEvent {
    field: '$.retrievalHint'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<LogRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LogRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LogRecord>): LogRecord {
    return decodeMessage(buf, LogRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LogRecord>): Generator<LogRecordMessageIdFieldEvent | LogRecordLamportTimestampFieldEvent | LogRecordSenderIdFieldEvent | LogRecordRetrievalHintFieldEvent> {
    return streamMessage(buf, LogRecord.codec(), opts)
  }
}

export interface ReceiptRecord {
  messageId: Uint8Array<ArrayBuffer>
  senderId: string
}

export namespace ReceiptRecord {
  let _codec: Codec<ReceiptRecord>

  export const codec = (): Codec<ReceiptRecord> => {
    if (_codec == null) {
      _codec = message<ReceiptRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(18)
          w.string(obj.senderId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0),
          senderId: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
              break
            }
            case 2: {
              obj.senderId = reader.string()
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
                value: reader.bytes()
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

  export interface ReceiptRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptRecordSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export function encode (obj: Partial<ReceiptRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ReceiptRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptRecord>): ReceiptRecord {
    return decodeMessage(buf, ReceiptRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptRecord>): Generator<ReceiptRecordMessageIdFieldEvent | ReceiptRecordSenderIdFieldEvent> {
    return streamMessage(buf, ReceiptRecord.codec(), opts)
  }
}

export interface HintRecord {
  messageId: Uint8Array<ArrayBuffer>
  retrievalHint: Uint8Array<ArrayBuffer>
}

export namespace HintRecord {
  let _codec: Codec<HintRecord>

  export const codec = (): Codec<HintRecord> => {
    if (_codec == null) {
      _codec = message<HintRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
        }

        if ((obj.retrievalHint != null && obj.retrievalHint.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.retrievalHint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0),
          retrievalHint: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
              break
            }
            case 2: {
              obj.retrievalHint = reader.bytes()
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
                value: reader.bytes()
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

  export interface HintRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HintRecordRetrievalHintFieldEvent {
    field: '$.retrievalHint'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<HintRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HintRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HintRecord>): HintRecord {
    return decodeMessage(buf, HintRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HintRecord>): Generator<HintRecordMessageIdFieldEvent | HintRecordRetrievalHintFieldEvent> {
    return streamMessage(buf, HintRecord.codec(), opts)
  }
}

export interface AttemptRecord {
  messageId: Uint8Array<ArrayBuffer>
  attempts: number
  exhausted: boolean
}

export namespace AttemptRecord {
  let _codec: Codec<AttemptRecord>

  export const codec = (): Codec<AttemptRecord> => {
    if (_codec == null) {
      _codec = message<AttemptRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
        }

        if ((obj.attempts != null && obj.attempts !== 0)) {
          w.uint32(16)
          w.uint32(obj.attempts)
        }

        if ((obj.exhausted != null && obj.exhausted !== false)) {
          w.uint32(24)
          w.bool(obj.exhausted)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0),
          attempts: 0,
          exhausted: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
              break
            }
            case 2: {
              obj.attempts = reader.uint32()
              break
            }
            case 3: {
              obj.exhausted = reader.bool()
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
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.attempts`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.exhausted`,
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

  export interface AttemptRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AttemptRecordAttemptsFieldEvent {
    field: '$.attempts'
    value: number
  }

  export interface AttemptRecordExhaustedFieldEvent {
    field: '$.exhausted'
    value: boolean
  }

  export function encode (obj: Partial<AttemptRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, AttemptRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AttemptRecord>): AttemptRecord {
    return decodeMessage(buf, AttemptRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AttemptRecord>): Generator<AttemptRecordMessageIdFieldEvent | AttemptRecordAttemptsFieldEvent | AttemptRecordExhaustedFieldEvent> {
    return streamMessage(buf, AttemptRecord.codec(), opts)
  }
}

export interface SeenRecord {
  messageId: Uint8Array<ArrayBuffer>
  lamportTimestamp: number
}

export namespace SeenRecord {
  let _codec: Codec<SeenRecord>

  export const codec = (): Codec<SeenRecord> => {
    if (_codec == null) {
      _codec = message<SeenRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
        }

        if ((obj.lamportTimestamp != null && obj.lamportTimestamp !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.lamportTimestamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0),
          lamportTimestamp: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
              break
            }
            case 2: {
              obj.lamportTimestamp = reader.uint64Number()
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
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.lamportTimestamp`,
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

  export interface SeenRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SeenRecordLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: number
  }

  export function encode (obj: Partial<SeenRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SeenRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SeenRecord>): SeenRecord {
    return decodeMessage(buf, SeenRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SeenRecord>): Generator<SeenRecordMessageIdFieldEvent | SeenRecordLamportTimestampFieldEvent> {
    return streamMessage(buf, SeenRecord.codec(), opts)
  }
}

export interface ParkedRecord {
  message?: LogRecord
  unmet: DependencyRecord[]
  cites: Uint8Array<ArrayBuffer>[]
  late: boolean
  fetched: boolean
  met: Uint8Array<ArrayBuffer>
}

export namespace ParkedRecord {
  let _codec: Codec<ParkedRecord>

  export const codec = (): Codec<ParkedRecord> => {
    if (_codec == null) {
      _codec = message<ParkedRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.message != null) {
          w.uint32(10)
          LogRecord.codec().encode(obj.message, w)
        }

        if (obj.unmet != null && obj.unmet.length > 0) {
          for (const value of obj.unmet) {
            w.uint32(18)
            DependencyRecord.codec().encode(value, w)
          }
        }

        if (obj.cites != null && obj.cites.length > 0) {
          for (const value of obj.cites) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if ((obj.late != null && obj.late !== false)) {
          w.uint32(32)
          w.bool(obj.late)
        }

        if ((obj.fetched != null && obj.fetched !== false)) {
          w.uint32(40)
          w.bool(obj.fetched)
        }

        if ((obj.met != null && obj.met.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.met)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          unmet: [],
          cites: [],
          late: false,
          fetched: false,
          met: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.message = LogRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.message
              })
              break
            }
            case 2: {
              if (opts.limits?.unmet != null && obj.unmet.length === opts.limits.unmet) {
                throw new MaxLengthError('Decode error - repeated field "unmet" had too many elements')
              }

              obj.unmet.push(DependencyRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.unmet$
              }))
              break
            }
            case 3: {
              if (opts.limits?.cites != null && obj.cites.length === opts.limits.cites) {
                throw new MaxLengthError('Decode error - repeated field "cites" had too many elements')
              }

              obj.cites.push(reader.bytes())
              break
            }
            case 4: {
              obj.late = reader.bool()
              break
            }
            case 5: {
              obj.fetched = reader.bool()
              break
            }
            case 6: {
              obj.met = reader.bytes()
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
          unmet: 0,
          cites: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * LogRecord.codec().stream(reader, reader.uint32(), `${prefix}.message`, {
                limits: opts.limits?.message
              })

              break
            }
            case 2: {
              if (opts.limits?.unmet != null && obj.unmet === opts.limits.unmet) {
                throw new MaxLengthError('Streaming decode error - repeated field "unmet" had too many elements')
              }

              for (const evt of DependencyRecord.codec().stream(reader, reader.uint32(), `${prefix}.unmet[]`, {
                limits: opts.limits?.unmet$
              })) {
                yield {
                  ...evt,
                  index: obj.unmet
                }
              }

              obj.unmet++

              break
            }
            case 3: {
              if (opts.limits?.cites != null && obj.cites === opts.limits.cites) {
                throw new MaxLengthError('Streaming decode error - repeated field "cites" had too many elements')
              }

              yield {
                field: `${prefix}.cites[]`,
                index: obj.cites,
                value: reader.bytes()
              }

              obj.cites++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.late`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.fetched`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.met`,
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

  export interface ParkedRecordMessageMessageIdFieldEvent {
    field: '$.message.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ParkedRecordMessageLamportTimestampFieldEvent {
    field: '$.message.lamportTimestamp'
    value: number
  }

  export interface ParkedRecordMessageSenderIdFieldEvent {
    field: '$.message.senderId'
    value: string
  }

  export interface ParkedRecordMessageRetrievalHintFieldEvent {
    field: '$.message.retrievalHint'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ParkedRecordUnmetMessageIdFieldEvent {
    field: '$.unmet[].messageId'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ParkedRecordUnmetRetrievalHintFieldEvent {
    field: '$.unmet[].retrievalHint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ParkedRecordUnmetSenderIdFieldEvent {
    field: '$.unmet[].senderId'
    value: string
    index: number
  }

  export interface ParkedRecordUnmetLamportTimestampFieldEvent {
    field: '$.unmet[].lamportTimestamp'
    value: number
    index: number
  }

  export interface ParkedRecordCitesFieldEvent {
    field: '$.cites[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ParkedRecordLateFieldEvent {
    field: '$.late'
    value: boolean
  }

  export interface ParkedRecordFetchedFieldEvent {
    field: '$.fetched'
    value: boolean
  }

  export interface ParkedRecordMetFieldEvent {
    field: '$.met'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ParkedRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ParkedRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ParkedRecord>): ParkedRecord {
    return decodeMessage(buf, ParkedRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ParkedRecord>): Generator<ParkedRecordMessageMessageIdFieldEvent | ParkedRecordMessageLamportTimestampFieldEvent | ParkedRecordMessageSenderIdFieldEvent | ParkedRecordMessageRetrievalHintFieldEvent | ParkedRecordUnmetMessageIdFieldEvent | ParkedRecordUnmetRetrievalHintFieldEvent | ParkedRecordUnmetSenderIdFieldEvent | ParkedRecordUnmetLamportTimestampFieldEvent | ParkedRecordCitesFieldEvent | ParkedRecordLateFieldEvent | ParkedRecordFetchedFieldEvent | ParkedRecordMetFieldEvent> {
    return streamMessage(buf, ParkedRecord.codec(), opts)
  }
}

export interface ReplacedRecord {
  first: number
  count: number
}

export namespace ReplacedRecord {
  let _codec: Codec<ReplacedRecord>

  export const codec = (): Codec<ReplacedRecord> => {
    if (_codec == null) {
      _codec = message<ReplacedRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.first != null && obj.first !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.first)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          first: 0,
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = reader.uint64Number()
              break
            }
            case 2: {
              obj.count = reader.uint64Number()
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
                field: `${prefix}.first`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.count`,
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

  export interface ReplacedRecordFirstFieldEvent {
    field: '$.first'
    value: number
  }

  export interface ReplacedRecordCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode (obj: Partial<ReplacedRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ReplacedRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReplacedRecord>): ReplacedRecord {
    return decodeMessage(buf, ReplacedRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReplacedRecord>): Generator<ReplacedRecordFirstFieldEvent | ReplacedRecordCountFieldEvent> {
    return streamMessage(buf, ReplacedRecord.codec(), opts)
  }
}

export interface DependencyRecord {
  messageId: Uint8Array<ArrayBuffer>
  retrievalHint?: Uint8Array<ArrayBuffer>
  senderId?: string
  lamportTimestamp?: number
}

export namespace DependencyRecord {
  let _codec: Codec<DependencyRecord>

  export const codec = (): Codec<DependencyRecord> => {
    if (_codec == null) {
      _codec = message<DependencyRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.messageId != null && obj.messageId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.messageId)
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
          w.uint32(32)
          w.uint64Number(obj.lamportTimestamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          messageId: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.messageId = reader.bytes()
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
            case 4: {
              obj.lamportTimestamp = reader.uint64Number()
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
                value: reader.bytes()
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
            case 4: {
              yield {
                field: `${prefix}.lamportTimestamp`,
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

  export interface DependencyRecordMessageIdFieldEvent {
    field: '$.messageId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DependencyRecordRetrievalHintFieldEvent {
    field: '$.retrievalHint'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DependencyRecordSenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface DependencyRecordLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: number
  }

  export function encode (obj: Partial<DependencyRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DependencyRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DependencyRecord>): DependencyRecord {
    return decodeMessage(buf, DependencyRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DependencyRecord>): Generator<DependencyRecordMessageIdFieldEvent | DependencyRecordRetrievalHintFieldEvent | DependencyRecordSenderIdFieldEvent | DependencyRecordLamportTimestampFieldEvent> {
    return streamMessage(buf, DependencyRecord.codec(), opts)
  }
}

export interface StateRecord {
  lamportCeiling: number
  saltCeiling: bigint
  ephemeralCeiling: bigint
  floor: number
  createdAt: number
  joinMark: number
  firstLiveAt?: number
  lost: number
}

export namespace StateRecord {
  let _codec: Codec<StateRecord>

  export const codec = (): Codec<StateRecord> => {
    if (_codec == null) {
      _codec = message<StateRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.lamportCeiling != null && obj.lamportCeiling !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.lamportCeiling)
        }

        if ((obj.saltCeiling != null && obj.saltCeiling !== 0n)) {
          w.uint32(17)
          w.fixed64(obj.saltCeiling)
        }

        if ((obj.ephemeralCeiling != null && obj.ephemeralCeiling !== 0n)) {
          w.uint32(25)
          w.fixed64(obj.ephemeralCeiling)
        }

        if ((obj.floor != null && obj.floor !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.floor)
        }

        if ((obj.createdAt != null && obj.createdAt !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.createdAt)
        }

        if ((obj.joinMark != null && obj.joinMark !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.joinMark)
        }

        if (obj.firstLiveAt != null) {
          w.uint32(56)
          w.uint64Number(obj.firstLiveAt)
        }

        if ((obj.lost != null && obj.lost !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.lost)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          lamportCeiling: 0,
          saltCeiling: 0n,
          ephemeralCeiling: 0n,
          floor: 0,
          createdAt: 0,
          joinMark: 0,
          lost: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.lamportCeiling = reader.uint64Number()
              break
            }
            case 2: {
              obj.saltCeiling = reader.fixed64()
              break
            }
            case 3: {
              obj.ephemeralCeiling = reader.fixed64()
              break
            }
            case 4: {
              obj.floor = reader.uint64Number()
              break
            }
            case 5: {
              obj.createdAt = reader.uint64Number()
              break
            }
            case 6: {
              obj.joinMark = reader.uint64Number()
              break
            }
            case 7: {
              obj.firstLiveAt = reader.uint64Number()
              break
            }
            case 8: {
              obj.lost = reader.uint64Number()
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
                field: `${prefix}.lamportCeiling`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.saltCeiling`,
                value: reader.fixed64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.ephemeralCeiling`,
                value: reader.fixed64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.floor`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.createdAt`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.joinMark`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.firstLiveAt`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.lost`,
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

  export interface StateRecordLamportCeilingFieldEvent {
    field: '$.lamportCeiling'
    value: number
  }

  export interface StateRecordSaltCeilingFieldEvent {
    field: '$.saltCeiling'
    value: bigint
  }

  export interface StateRecordEphemeralCeilingFieldEvent {
    field: '$.ephemeralCeiling'
    value: bigint
  }

  export interface StateRecordFloorFieldEvent {
    field: '$.floor'
    value: number
  }

  export interface StateRecordCreatedAtFieldEvent {
    field: '$.createdAt'
    value: number
  }

  export interface StateRecordJoinMarkFieldEvent {
    field: '$.joinMark'
    value: number
  }

  export interface StateRecordFirstLiveAtFieldEvent {
    field: '$.firstLiveAt'
    value: number
  }

  export interface StateRecordLostFieldEvent {
    field: '$.lost'
    value: number
  }

  export function encode (obj: Partial<StateRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StateRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StateRecord>): StateRecord {
    return decodeMessage(buf, StateRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StateRecord>): Generator<StateRecordLamportCeilingFieldEvent | StateRecordSaltCeilingFieldEvent | StateRecordEphemeralCeilingFieldEvent | StateRecordFloorFieldEvent | StateRecordCreatedAtFieldEvent | StateRecordJoinMarkFieldEvent | StateRecordFirstLiveAtFieldEvent | StateRecordLostFieldEvent> {
    return streamMessage(buf, StateRecord.codec(), opts)
  }
}
