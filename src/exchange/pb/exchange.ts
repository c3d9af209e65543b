import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Frame {
  session: number
  hello?: Hello
  open?: Open
  opened?: Opened
  wantList?: WantList
  presences: Presence[]
  deliveries: Delivery[]
  busy?: Busy
  close?: Close
  pageRequest?: PageRequest
  page?: Page
  digestRequest?: DigestRequest
  digest?: Digest
  receipt?: Uint8Array<ArrayBuffer>
}

export namespace Frame {
  let _codec: Codec<Frame>

  export const codec = (): Codec<Frame> => {
    if (_codec == null) {
      _codec = message<Frame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.session != null && obj.session !== 0)) {
          w.uint32(8)
          w.uint32(obj.session)
        }

        if (obj.hello != null) {
          w.uint32(18)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.open != null) {
          w.uint32(26)
          Open.codec().encode(obj.open, w)
        }

        if (obj.opened != null) {
          w.uint32(34)
          Opened.codec().encode(obj.opened, w)
        }

        if (obj.wantList != null) {
          w.uint32(42)
          WantList.codec().encode(obj.wantList, w)
        }

        if (obj.presences != null && obj.presences.length > 0) {
          for (const value of obj.presences) {
            w.uint32(50)
            Presence.codec().encode(value, w)
          }
        }

        if (obj.deliveries != null && obj.deliveries.length > 0) {
          for (const value of obj.deliveries) {
            w.uint32(58)
            Delivery.codec().encode(value, w)
          }
        }

        if (obj.busy != null) {
          w.uint32(66)
          Busy.codec().encode(obj.busy, w)
        }

        if (obj.close != null) {
          w.uint32(74)
          Close.codec().encode(obj.close, w)
        }

        if (obj.pageRequest != null) {
          w.uint32(82)
          PageRequest.codec().encode(obj.pageRequest, w)
        }

        if (obj.page != null) {
          w.uint32(90)
          Page.codec().encode(obj.page, w)
        }

        if (obj.digestRequest != null) {
          w.uint32(98)
          DigestRequest.codec().encode(obj.digestRequest, w)
        }

        if (obj.digest != null) {
          w.uint32(106)
          Digest.codec().encode(obj.digest, w)
        }

        if (obj.receipt != null) {
          w.uint32(114)
          w.bytes(obj.receipt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          session: 0,
          presences: [],
          deliveries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.session = reader.uint32()
              break
            }
            case 2: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 3: {
              obj.open = Open.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.open
              })
              break
            }
            case 4: {
              obj.opened = Opened.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.opened
              })
              break
            }
            case 5: {
              obj.wantList = WantList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.wantList
              })
              break
            }
            case 6: {
              if (opts.limits?.presences != null && obj.presences.length === opts.limits.presences) {
                throw new MaxLengthError('Decode error - repeated field "presences" had too many elements')
              }

              obj.presences.push(Presence.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.presences$
              }))
              break
            }
            case 7: {
              if (opts.limits?.deliveries != null && obj.deliveries.length === opts.limits.deliveries) {
                throw new MaxLengthError('Decode error - repeated field "deliveries" had too many elements')
              }

              obj.deliveries.push(Delivery.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.deliveries$
              }))
              break
            }
            case 8: {
              obj.busy = Busy.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.busy
              })
              break
            }
            case 9: {
              obj.close = Close.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.close
              })
              break
            }
            case 10: {
              obj.pageRequest = PageRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pageRequest
              })
              break
            }
            case 11: {
              obj.page = Page.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.page
              })
              break
            }
            case 12: {
              obj.digestRequest = DigestRequest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.digestRequest
              })
              break
            }
            case 13: {
              obj.digest = Digest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.digest
              })
              break
            }
            case 14: {
              obj.receipt = reader.bytes()
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
          presences: 0,
          deliveries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.session`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 3: {
              yield * Open.codec().stream(reader, reader.uint32(), `${prefix}.open`, {
                limits: opts.limits?.open
              })

              break
            }
            case 4: {
              yield * Opened.codec().stream(reader, reader.uint32(), `${prefix}.opened`, {
                limits: opts.limits?.opened
              })

              break
            }
            case 5: {
              yield * WantList.codec().stream(reader, reader.uint32(), `${prefix}.wantList`, {
                limits: opts.limits?.wantList
              })

              break
            }
            case 6: {
              if (opts.limits?.presences != null && obj.presences === opts.limits.presences) {
                throw new MaxLengthError('Streaming decode error - repeated field "presences" had too many elements')
              }

              for (const evt of Presence.codec().stream(reader, reader.uint32(), `${prefix}.presences[]`, {
                limits: opts.limits?.presences$
              })) {
                yield {
                  ...evt,
                  index: obj.presences
                }
              }

              obj.presences++

              break
            }
            case 7: {
              if (opts.limits?.deliveries != null && obj.deliveries === opts.limits.deliveries) {
                throw new MaxLengthError('Streaming decode error - repeated field "deliveries" had too many elements')
              }

              for (const evt of Delivery.codec().stream(reader, reader.uint32(), `${prefix}.deliveries[]`, {
                limits: opts.limits?.deliveries$
              })) {
                yield {
                  ...evt,
                  index: obj.deliveries
                }
              }

              obj.deliveries++

              break
            }
            case 8: {
              yield * Busy.codec().stream(reader, reader.uint32(), `${prefix}.busy`, {
                limits: opts.limits?.busy
              })

              break
            }
            case 9: {
              yield * Close.codec().stream(reader, reader.uint32(), `${prefix}.close`, {
                limits: opts.limits?.close
              })

              break
            }
            case 10: {
              yield * PageRequest.codec().stream(reader, reader.uint32(), `${prefix}.pageRequest`, {
                limits: opts.limits?.pageRequest
              })

              break
            }
            case 11: {
              yield * Page.codec().stream(reader, reader.uint32(), `${prefix}.page`, {
                limits: opts.limits?.page
              })

              break
            }
            case 12: {
              yield * DigestRequest.codec().stream(reader, reader.uint32(), `${prefix}.digestRequest`, {
                limits: opts.limits?.digestRequest
              })

              break
            }
            case 13: {
              yield * Digest.codec().stream(reader, reader.uint32(), `${prefix}.digest`, {
                limits: opts.limits?.digest
              })

              break
            }
            case 14: {
              yield {
                field: `${prefix}.receipt`,
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

  export interface FrameSessionFieldEvent {
    field: '$.session'
    value: number
  }

  export interface FrameHelloNonceFieldEvent {
    field: '$.hello.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameOpenRoleFieldEvent {
    field: '$.open.role'
    value: Role
  }

  export interface FrameOpenProofsFieldEvent {
    field: '$.open.proofs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameOpenedRoleFieldEvent {
    field: '$.opened.role'
    value: Role
  }

  export interface FrameOpenedProofFieldEvent {
    field: '$.opened.proof'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameWantListFullFieldEvent {
    field: '$.wantList.full'
    value: boolean
  }

  export interface FrameWantListEntriesIdFieldEvent {
    field: '$.wantList.entries[].id'
    value: number
    index: number
  }

  export interface FrameWantListEntriesMessageIdFieldEvent {
    field: '$.wantList.entries[].messageId'
    value: string
    index: number
  }

  export interface FrameWantListEntriesHashFieldEvent {
    field: '$.wantList.entries[].hash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FrameWantListEntriesTypeFieldEvent {
    field: '$.wantList.entries[].type'
    value: WantType
    index: number
  }

  export interface FrameWantListEntriesPriorityFieldEvent {
    field: '$.wantList.entries[].priority'
    value: number
    index: number
  }

  export interface FrameWantListEntriesCancelFieldEvent {
    field: '$.wantList.entries[].cancel'
    value: boolean
    index: number
  }

  export interface FrameWantListEntriesSendDontHaveFieldEvent {
    field: '$.wantList.entries[].sendDontHave'
    value: boolean
    index: number
  }

  export interface FramePresencesIdFieldEvent {
    field: '$.presences[].id'
    value: number
    index: number
  }

  export interface FramePresencesTypeFieldEvent {
    field: '$.presences[].type'
    value: PresenceType
    index: number
  }

  export interface FrameDeliveriesIdFieldEvent {
    field: '$.deliveries[].id'
    value: number
    index: number
  }

  export interface FrameDeliveriesPayloadFieldEvent {
    field: '$.deliveries[].payload'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FrameDeliveriesByHashFieldEvent {
    field: '$.deliveries[].byHash'
    value: boolean
    index: number
  }

  export interface FrameBusyRetryAfterMsFieldEvent {
    field: '$.busy.retryAfterMs'
    value: number
  }

  export interface FrameBusyIdsFieldEvent {
    field: '$.busy.ids[]'
    index: number
    value: number
  }

  export interface FrameBusyRequestFieldEvent {
    field: '$.busy.request'
    value: number
  }

  export interface FrameCloseCodeFieldEvent {
    field: '$.close.code'
    value: CloseCode
  }

  export interface FramePageRequestIdFieldEvent {
    field: '$.pageRequest.id'
    value: number
  }

  export interface FramePageRequestAfterLamportTimestampFieldEvent {
    field: '$.pageRequest.after.lamportTimestamp'
    value: number
  }

  export interface FramePageRequestAfterMessageIdFieldEvent {
    field: '$.pageRequest.after.messageId'
    value: string
  }

  export interface FramePageRequestBeforeLamportTimestampFieldEvent {
    field: '$.pageRequest.before.lamportTimestamp'
    value: number
  }

  export interface FramePageRequestBeforeMessageIdFieldEvent {
    field: '$.pageRequest.before.messageId'
    value: string
  }

  export interface FramePageRequestLimitFieldEvent {
    field: '$.pageRequest.limit'
    value: number
  }

  export interface FramePageIdFieldEvent {
    field: '$.page.id'
    value: number
  }

  export interface FramePageEntriesPositionLamportTimestampFieldEvent {
    field: '$.page.entries[].position.lamportTimestamp'
    value: number
    index: number
  }

  export interface FramePageEntriesPositionMessageIdFieldEvent {
    field: '$.page.entries[].position.messageId'
    value: string
    index: number
  }

  export interface FramePageEntriesSenderIdFieldEvent {
    field: '$.page.entries[].senderId'
    value: string
    index: number
  }

  export interface FramePageEntriesHashFieldEvent {
    field: '$.page.entries[].hash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FramePageEntriesSizeFieldEvent {
    field: '$.page.entries[].size'
    value: number
    index: number
  }

  export interface FramePageMoreFieldEvent {
    field: '$.page.more'
    value: boolean
  }

  export interface FramePageHorizonLamportTimestampFieldEvent {
    field: '$.page.horizon.lamportTimestamp'
    value: number
  }

  export interface FramePageHorizonMessageIdFieldEvent {
    field: '$.page.horizon.messageId'
    value: string
  }

  export interface FrameDigestRequestIdFieldEvent {
    field: '$.digestRequest.id'
    value: number
  }

  export interface FrameDigestRequestAfterLamportTimestampFieldEvent {
    field: '$.digestRequest.after.lamportTimestamp'
    value: number
  }

  export interface FrameDigestRequestAfterMessageIdFieldEvent {
    field: '$.digestRequest.after.messageId'
    value: string
  }

  export interface FrameDigestRequestBeforeLamportTimestampFieldEvent {
    field: '$.digestRequest.before.lamportTimestamp'
    value: number
  }

  export interface FrameDigestRequestBeforeMessageIdFieldEvent {
    field: '$.digestRequest.before.messageId'
    value: string
  }

  export interface FrameDigestRequestPartsFieldEvent {
    field: '$.digestRequest.parts'
    value: number
  }

  export interface FrameDigestIdFieldEvent {
    field: '$.digest.id'
    value: number
  }

  export interface FrameDigestPartsLastLamportTimestampFieldEvent {
    field: '$.digest.parts[].last.lamportTimestamp'
    value: number
    index: number
  }

  export interface FrameDigestPartsLastMessageIdFieldEvent {
    field: '$.digest.parts[].last.messageId'
    value: string
    index: number
  }

  export interface FrameDigestPartsCountFieldEvent {
    field: '$.digest.parts[].count'
    value: number
    index: number
  }

  export interface FrameDigestPartsFingerprintFieldEvent {
    field: '$.digest.parts[].fingerprint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FrameDigestHorizonLamportTimestampFieldEvent {
    field: '$.digest.horizon.lamportTimestamp'
    value: number
  }

  export interface FrameDigestHorizonMessageIdFieldEvent {
    field: '$.digest.horizon.messageId'
    value: string
  }

  export interface FrameReceiptFieldEvent {
    field: '$.receipt'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Frame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Frame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Frame {
    return decodeMessage(buf, Frame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Generator<FrameSessionFieldEvent | FrameHelloNonceFieldEvent | FrameOpenRoleFieldEvent | FrameOpenProofsFieldEvent | FrameOpenedRoleFieldEvent | FrameOpenedProofFieldEvent | FrameWantListFullFieldEvent | FrameWantListEntriesIdFieldEvent | FrameWantListEntriesMessageIdFieldEvent | FrameWantListEntriesHashFieldEvent | FrameWantListEntriesTypeFieldEvent | FrameWantListEntriesPriorityFieldEvent | FrameWantListEntriesCancelFieldEvent | FrameWantListEntriesSendDontHaveFieldEvent | FramePresencesIdFieldEvent | FramePresencesTypeFieldEvent | FrameDeliveriesIdFieldEvent | FrameDeliveriesPayloadFieldEvent | FrameDeliveriesByHashFieldEvent | FrameBusyRetryAfterMsFieldEvent | FrameBusyIdsFieldEvent | FrameBusyRequestFieldEvent | FrameCloseCodeFieldEvent | FramePageRequestIdFieldEvent | FramePageRequestAfterLamportTimestampFieldEvent | FramePageRequestAfterMessageIdFieldEvent | FramePageRequestBeforeLamportTimestampFieldEvent | FramePageRequestBeforeMessageIdFieldEvent | FramePageRequestLimitFieldEvent | FramePageIdFieldEvent | FramePageEntriesPositionLamportTimestampFieldEvent | FramePageEntriesPositionMessageIdFieldEvent | FramePageEntriesSenderIdFieldEvent | FramePageEntriesHashFieldEvent | FramePageEntriesSizeFieldEvent | FramePageMoreFieldEvent | FramePageHorizonLamportTimestampFieldEvent | FramePageHorizonMessageIdFieldEvent | FrameDigestRequestIdFieldEvent | FrameDigestRequestAfterLamportTimestampFieldEvent | FrameDigestRequestAfterMessageIdFieldEvent | FrameDigestRequestBeforeLamportTimestampFieldEvent | FrameDigestRequestBeforeMessageIdFieldEvent | FrameDigestRequestPartsFieldEvent | FrameDigestIdFieldEvent | FrameDigestPartsLastLamportTimestampFieldEvent | FrameDigestPartsLastMessageIdFieldEvent | FrameDigestPartsCountFieldEvent | FrameDigestPartsFingerprintFieldEvent | FrameDigestHorizonLamportTimestampFieldEvent | FrameDigestHorizonMessageIdFieldEvent | FrameReceiptFieldEvent> {
    return streamMessage(buf, Frame.codec(), opts)
  }
}

export interface Hello {
  nonce: Uint8Array<ArrayBuffer>
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.nonce)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          nonce: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.nonce = reader.bytes()
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
                field: `${prefix}.nonce`,
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

  export interface HelloNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Hello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Generator<HelloNonceFieldEvent> {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export enum Role {
  MEMBER = 'MEMBER',
  HOLDER = 'HOLDER'
}

enum __RoleValues {
  MEMBER = 0,
  HOLDER = 1
}

export namespace Role {
  export const codec = (): Codec<Role> => {
    return enumeration<Role>(__RoleValues)
  }
}

export interface Open {
  role: Role
  proofs: Uint8Array<ArrayBuffer>[]
}

export namespace Open {
  let _codec: Codec<Open>

  export const codec = (): Codec<Open> => {
    if (_codec == null) {
      _codec = message<Open>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.role != null && __RoleValues[obj.role] !== 0) {
          w.uint32(8)
          Role.codec().encode(obj.role, w)
        }

        if (obj.proofs != null && obj.proofs.length > 0) {
          for (const value of obj.proofs) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          role: Role.MEMBER,
          proofs: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.role = Role.codec().decode(reader)
              break
            }
            case 2: {
              if (opts.limits?.proofs != null && obj.proofs.length === opts.limits.proofs) {
                throw new MaxLengthError('Decode error - repeated field "proofs" had too many elements')
              }

              obj.proofs.push(reader.bytes())
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
          proofs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.role`,
                value: Role.codec().decode(reader)
              }
              break
            }
            case 2: {
              if (opts.limits?.proofs != null && obj.proofs === opts.limits.proofs) {
                throw new MaxLengthError('Streaming decode error - repeated field "proofs" had too many elements')
              }

              yield {
                field: `${prefix}.proofs[]`,
                index: obj.proofs,
                value: reader.bytes()
              }

              obj.proofs++

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

  export interface OpenRoleFieldEvent {
    field: '$.role'
    value: Role
  }

  export interface OpenProofsFieldEvent {
    field: '$.proofs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Open>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Open.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Open>): Open {
    return decodeMessage(buf, Open.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Open>): Generator<OpenRoleFieldEvent | OpenProofsFieldEvent> {
    return streamMessage(buf, Open.codec(), opts)
  }
}

export interface Opened {
  role: Role
  proof: Uint8Array<ArrayBuffer>
}

export namespace Opened {
  let _codec: Codec<Opened>

  export const codec = (): Codec<Opened> => {
    if (_codec == null) {
      _codec = message<Opened>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.role != null && __RoleValues[obj.role] !== 0) {
          w.uint32(8)
          Role.codec().encode(obj.role, w)
        }

        if ((obj.proof != null && obj.proof.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.proof)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          role: Role.MEMBER,
          proof: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.role = Role.codec().decode(reader)
              break
            }
            case 2: {
              obj.proof = reader.bytes()
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
                field: `${prefix}.role`,
                value: Role.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.proof`,
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

  export interface OpenedRoleFieldEvent {
    field: '$.role'
    value: Role
  }

  export interface OpenedProofFieldEvent {
    field: '$.proof'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Opened>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Opened.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Opened>): Opened {
    return decodeMessage(buf, Opened.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Opened>): Generator<OpenedRoleFieldEvent | OpenedProofFieldEvent> {
    return streamMessage(buf, Opened.codec(), opts)
  }
}

export interface WantList {
  full: boolean
  entries: Want[]
}

export namespace WantList {
  let _codec: Codec<WantList>

  export const codec = (): Codec<WantList> => {
    if (_codec == null) {
      _codec = message<WantList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.full != null && obj.full !== false)) {
          w.uint32(8)
          w.bool(obj.full)
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(18)
            Want.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          full: false,
          entries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.full = reader.bool()
              break
            }
            case 2: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(Want.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
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
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.full`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              if (opts.limits?.entries != null && obj.entries === opts.limits.entries) {
                throw new MaxLengthError('Streaming decode error - repeated field "entries" had too many elements')
              }

              for (const evt of Want.codec().stream(reader, reader.uint32(), `${prefix}.entries[]`, {
                limits: opts.limits?.entries$
              })) {
                yield {
                  ...evt,
                  index: obj.entries
                }
              }

              obj.entries++

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

  export interface WantListFullFieldEvent {
    field: '$.full'
    value: boolean
  }

  export interface WantListEntriesIdFieldEvent {
    field: '$.entries[].id'
    value: number
    index: number
  }

  export interface WantListEntriesMessageIdFieldEvent {
    field: '$.entries[].messageId'
    value: string
    index: number
  }

  export interface WantListEntriesHashFieldEvent {
    field: '$.entries[].hash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface WantListEntriesTypeFieldEvent {
    field: '$.entries[].type'
    value: WantType
    index: number
  }

  export interface WantListEntriesPriorityFieldEvent {
    field: '$.entries[].priority'
    value: number
    index: number
  }

  export interface WantListEntriesCancelFieldEvent {
    field: '$.entries[].cancel'
    value: boolean
    index: number
  }

  export interface WantListEntriesSendDontHaveFieldEvent {
    field: '$.entries[].sendDontHave'
    value: boolean
    index: number
  }

  export function encode (obj: Partial<WantList>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WantList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WantList>): WantList {
    return decodeMessage(buf, WantList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WantList>): Generator<WantListFullFieldEvent | WantListEntriesIdFieldEvent | WantListEntriesMessageIdFieldEvent | WantListEntriesHashFieldEvent | WantListEntriesTypeFieldEvent | WantListEntriesPriorityFieldEvent | WantListEntriesCancelFieldEvent | WantListEntriesSendDontHaveFieldEvent> {
    return streamMessage(buf, WantList.codec(), opts)
  }
}

export enum WantType {
  BLOCK = 'BLOCK',
  HAVE = 'HAVE'
}

enum __WantTypeValues {
  BLOCK = 0,
  HAVE = 1
}

export namespace WantType {
  export const codec = (): Codec<WantType> => {
    return enumeration<WantType>(__WantTypeValues)
  }
}

export interface Want {
  id: number
  messageId?: string
  hash?: Uint8Array<ArrayBuffer>
  type: WantType
  priority: number
  cancel: boolean
  sendDontHave: boolean
}

export namespace Want {
  let _codec: Codec<Want>

  export const codec = (): Codec<Want> => {
    if (_codec == null) {
      _codec = message<Want>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.messageId != null) {
          w.uint32(18)
          w.string(obj.messageId)
        }

        if (obj.hash != null) {
          w.uint32(26)
          w.bytes(obj.hash)
        }

        if (obj.type != null && __WantTypeValues[obj.type] !== 0) {
          w.uint32(32)
          WantType.codec().encode(obj.type, w)
        }

        if ((obj.priority != null && obj.priority !== 0)) {
          w.uint32(40)
          w.uint32(obj.priority)
        }

        if ((obj.cancel != null && obj.cancel !== false)) {
          w.uint32(48)
          w.bool(obj.cancel)
        }

        if ((obj.sendDontHave != null && obj.sendDontHave !== false)) {
          w.uint32(56)
          w.bool(obj.sendDontHave)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          type: WantType.BLOCK,
          priority: 0,
          cancel: false,
          sendDontHave: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
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
              obj.type = WantType.codec().decode(reader)
              break
            }
            case 5: {
              obj.priority = reader.uint32()
              break
            }
            case 6: {
              obj.cancel = reader.bool()
              break
            }
            case 7: {
              obj.sendDontHave = reader.bool()
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
                value: reader.uint32()
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
                field: `${prefix}.type`,
                value: WantType.codec().decode(reader)
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.priority`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.cancel`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.sendDontHave`,
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

  export interface WantIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface WantMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export interface WantHashFieldEvent {
    field: '$.hash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WantTypeFieldEvent {
    field: '$.type'
    value: WantType
  }

  export interface WantPriorityFieldEvent {
    field: '$.priority'
    value: number
  }

  export interface WantCancelFieldEvent {
    field: '$.cancel'
    value: boolean
  }

  export interface WantSendDontHaveFieldEvent {
    field: '$.sendDontHave'
    value: boolean
  }

  export function encode (obj: Partial<Want>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Want.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Want {
    return decodeMessage(buf, Want.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Generator<WantIdFieldEvent | WantMessageIdFieldEvent | WantHashFieldEvent | WantTypeFieldEvent | WantPriorityFieldEvent | WantCancelFieldEvent | WantSendDontHaveFieldEvent> {
    return streamMessage(buf, Want.codec(), opts)
  }
}

export enum PresenceType {
  PRESENT = 'PRESENT',
  DONT_HAVE = 'DONT_HAVE',
  GONE = 'GONE'
}

enum __PresenceTypeValues {
  PRESENT = 0,
  DONT_HAVE = 1,
  GONE = 2
}

export namespace PresenceType {
  export const codec = (): Codec<PresenceType> => {
    return enumeration<PresenceType>(__PresenceTypeValues)
  }
}

export interface Presence {
  id: number
  type: PresenceType
}

export namespace Presence {
  let _codec: Codec<Presence>

  export const codec = (): Codec<Presence> => {
    if (_codec == null) {
      _codec = message<Presence>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.type != null && __PresenceTypeValues[obj.type] !== 0) {
          w.uint32(16)
          PresenceType.codec().encode(obj.type, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          type: PresenceType.PRESENT
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.type = PresenceType.codec().decode(reader)
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
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.type`,
                value: PresenceType.codec().decode(reader)
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

  export interface PresenceIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface PresenceTypeFieldEvent {
    field: '$.type'
    value: PresenceType
  }

  export function encode (obj: Partial<Presence>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Presence.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Presence>): Presence {
    return decodeMessage(buf, Presence.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Presence>): Generator<PresenceIdFieldEvent | PresenceTypeFieldEvent> {
    return streamMessage(buf, Presence.codec(), opts)
  }
}

export interface Delivery {
  id: number
  payload: Uint8Array<ArrayBuffer>
  byHash: boolean
}

export namespace Delivery {
  let _codec: Codec<Delivery>

  export const codec = (): Codec<Delivery> => {
    if (_codec == null) {
      _codec = message<Delivery>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.payload)
        }

        if ((obj.byHash != null && obj.byHash !== false)) {
          w.uint32(24)
          w.bool(obj.byHash)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          payload: uint8ArrayAlloc(0),
          byHash: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.payload = reader.bytes()
              break
            }
            case 3: {
              obj.byHash = reader.bool()
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
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.byHash`,
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

  export interface DeliveryIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface DeliveryPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DeliveryByHashFieldEvent {
    field: '$.byHash'
    value: boolean
  }

  export function encode (obj: Partial<Delivery>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Delivery.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delivery>): Delivery {
    return decodeMessage(buf, Delivery.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delivery>): Generator<DeliveryIdFieldEvent | DeliveryPayloadFieldEvent | DeliveryByHashFieldEvent> {
    return streamMessage(buf, Delivery.codec(), opts)
  }
}

export interface Busy {
  retryAfterMs: number
  ids: number[]
  request?: number
}

export namespace Busy {
  let _codec: Codec<Busy>

  export const codec = (): Codec<Busy> => {
    if (_codec == null) {
      _codec = message<Busy>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.retryAfterMs != null && obj.retryAfterMs !== 0)) {
          w.uint32(8)
          w.uint32(obj.retryAfterMs)
        }

        if (obj.ids != null && obj.ids.length > 0) {
          for (const value of obj.ids) {
            w.uint32(16)
            w.uint32(value)
          }
        }

        if (obj.request != null) {
          w.uint32(24)
          w.uint32(obj.request)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          retryAfterMs: 0,
          ids: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.retryAfterMs = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.ids != null && obj.ids.length === opts.limits.ids) {
                throw new MaxLengthError('Decode error - repeated field "ids" had too many elements')
              }

              obj.ids.push(reader.uint32())
              break
            }
            case 3: {
              obj.request = reader.uint32()
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
          ids: 0
        }

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
            case 2: {
              if (opts.limits?.ids != null && obj.ids === opts.limits.ids) {
                throw new MaxLengthError('Streaming decode error - repeated field "ids" had too many elements')
              }

              yield {
                field: `${prefix}.ids[]`,
                index: obj.ids,
                value: reader.uint32()
              }

              obj.ids++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.request`,
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

  export interface BusyIdsFieldEvent {
    field: '$.ids[]'
    index: number
    value: number
  }

  export interface BusyRequestFieldEvent {
    field: '$.request'
    value: number
  }

  export function encode (obj: Partial<Busy>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Busy.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Busy>): Busy {
    return decodeMessage(buf, Busy.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Busy>): Generator<BusyRetryAfterMsFieldEvent | BusyIdsFieldEvent | BusyRequestFieldEvent> {
    return streamMessage(buf, Busy.codec(), opts)
  }
}

export enum CloseCode {
  NORMAL = 'NORMAL',
  DENIED = 'DENIED',
  PROTOCOL = 'PROTOCOL',
  BAD_DATA = 'BAD_DATA',
  LIMIT = 'LIMIT'
}

enum __CloseCodeValues {
  NORMAL = 0,
  DENIED = 1,
  PROTOCOL = 2,
  BAD_DATA = 3,
  LIMIT = 4
}

export namespace CloseCode {
  export const codec = (): Codec<CloseCode> => {
    return enumeration<CloseCode>(__CloseCodeValues)
  }
}

export interface Close {
  code: CloseCode
}

export namespace Close {
  let _codec: Codec<Close>

  export const codec = (): Codec<Close> => {
    if (_codec == null) {
      _codec = message<Close>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.code != null && __CloseCodeValues[obj.code] !== 0) {
          w.uint32(8)
          CloseCode.codec().encode(obj.code, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: CloseCode.NORMAL
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = CloseCode.codec().decode(reader)
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
                field: `${prefix}.code`,
                value: CloseCode.codec().decode(reader)
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

  export interface CloseCodeFieldEvent {
    field: '$.code'
    value: CloseCode
  }

  export function encode (obj: Partial<Close>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Close.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Close>): Close {
    return decodeMessage(buf, Close.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Close>): Generator<CloseCodeFieldEvent> {
    return streamMessage(buf, Close.codec(), opts)
  }
}

export interface Position {
  lamportTimestamp: number
  messageId: string
}

export namespace Position {
  let _codec: Codec<Position>

  export const codec = (): Codec<Position> => {
    if (_codec == null) {
      _codec = message<Position>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.lamportTimestamp != null && obj.lamportTimestamp !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.lamportTimestamp)
        }

        if ((obj.messageId != null && obj.messageId !== '')) {
          w.uint32(18)
          w.string(obj.messageId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          lamportTimestamp: 0,
          messageId: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.lamportTimestamp = reader.uint64Number()
              break
            }
            case 2: {
              obj.messageId = reader.string()
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
                field: `${prefix}.lamportTimestamp`,
                value: reader.uint64Number()
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

  export interface PositionLamportTimestampFieldEvent {
    field: '$.lamportTimestamp'
    value: number
  }

  export interface PositionMessageIdFieldEvent {
    field: '$.messageId'
    value: string
  }

  export function encode (obj: Partial<Position>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Position.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Position>): Position {
    return decodeMessage(buf, Position.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Position>): Generator<PositionLamportTimestampFieldEvent | PositionMessageIdFieldEvent> {
    return streamMessage(buf, Position.codec(), opts)
  }
}

export interface Entry {
  position?: Position
  senderId: string
  hash?: Uint8Array<ArrayBuffer>
  size: number
}

export namespace Entry {
  let _codec: Codec<Entry>

  export const codec = (): Codec<Entry> => {
    if (_codec == null) {
      _codec = message<Entry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.position != null) {
          w.uint32(10)
          Position.codec().encode(obj.position, w)
        }

        if ((obj.senderId != null && obj.senderId !== '')) {
          w.uint32(18)
          w.string(obj.senderId)
        }

        if (obj.hash != null) {
          w.uint32(26)
          w.bytes(obj.hash)
        }

        if ((obj.size != null && obj.size !== 0)) {
          w.uint32(32)
          w.uint32(obj.size)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          senderId: '',
          size: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.position = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.position
              })
              break
            }
            case 2: {
              obj.senderId = reader.string()
              break
            }
            case 3: {
              obj.hash = reader.bytes()
              break
            }
            case 4: {
              obj.size = reader.uint32()
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
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.position`, {
                limits: opts.limits?.position
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.senderId`,
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
                field: `${prefix}.size`,
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

  export interface EntryPositionLamportTimestampFieldEvent {
    field: '$.position.lamportTimestamp'
    value: number
  }

  export interface EntryPositionMessageIdFieldEvent {
    field: '$.position.messageId'
    value: string
  }

  export interface EntrySenderIdFieldEvent {
    field: '$.senderId'
    value: string
  }

  export interface EntryHashFieldEvent {
    field: '$.hash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EntrySizeFieldEvent {
    field: '$.size'
    value: number
  }

  export function encode (obj: Partial<Entry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Entry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entry>): Entry {
    return decodeMessage(buf, Entry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Entry>): Generator<EntryPositionLamportTimestampFieldEvent | EntryPositionMessageIdFieldEvent | EntrySenderIdFieldEvent | EntryHashFieldEvent | EntrySizeFieldEvent> {
    return streamMessage(buf, Entry.codec(), opts)
  }
}

export interface PageRequest {
  id: number
  after?: Position
  before?: Position
  limit: number
}

export namespace PageRequest {
  let _codec: Codec<PageRequest>

  export const codec = (): Codec<PageRequest> => {
    if (_codec == null) {
      _codec = message<PageRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.after != null) {
          w.uint32(18)
          Position.codec().encode(obj.after, w)
        }

        if (obj.before != null) {
          w.uint32(26)
          Position.codec().encode(obj.before, w)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(32)
          w.uint32(obj.limit)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          limit: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.after = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.after
              })
              break
            }
            case 3: {
              obj.before = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.before
              })
              break
            }
            case 4: {
              obj.limit = reader.uint32()
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
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.after`, {
                limits: opts.limits?.after
              })

              break
            }
            case 3: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.before`, {
                limits: opts.limits?.before
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.limit`,
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

  export interface PageRequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface PageRequestAfterLamportTimestampFieldEvent {
    field: '$.after.lamportTimestamp'
    value: number
  }

  export interface PageRequestAfterMessageIdFieldEvent {
    field: '$.after.messageId'
    value: string
  }

  export interface PageRequestBeforeLamportTimestampFieldEvent {
    field: '$.before.lamportTimestamp'
    value: number
  }

  export interface PageRequestBeforeMessageIdFieldEvent {
    field: '$.before.messageId'
    value: string
  }

  export interface PageRequestLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export function encode (obj: Partial<PageRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PageRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PageRequest>): PageRequest {
    return decodeMessage(buf, PageRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PageRequest>): Generator<PageRequestIdFieldEvent | PageRequestAfterLamportTimestampFieldEvent | PageRequestAfterMessageIdFieldEvent | PageRequestBeforeLamportTimestampFieldEvent | PageRequestBeforeMessageIdFieldEvent | PageRequestLimitFieldEvent> {
    return streamMessage(buf, PageRequest.codec(), opts)
  }
}

export interface Page {
  id: number
  entries: Entry[]
  more: boolean
  horizon?: Position
}

export namespace Page {
  let _codec: Codec<Page>

  export const codec = (): Codec<Page> => {
    if (_codec == null) {
      _codec = message<Page>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.entries != null && obj.entries.length > 0) {
          for (const value of obj.entries) {
            w.uint32(18)
            Entry.codec().encode(value, w)
          }
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(24)
          w.bool(obj.more)
        }

        if (obj.horizon != null) {
          w.uint32(34)
          Position.codec().encode(obj.horizon, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          entries: [],
          more: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.entries != null && obj.entries.length === opts.limits.entries) {
                throw new MaxLengthError('Decode error - repeated field "entries" had too many elements')
              }

              obj.entries.push(Entry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries$
              }))
              break
            }
            case 3: {
              obj.more = reader.bool()
              break
            }
            case 4: {
              obj.horizon = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.horizon
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
        const obj = {
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.id`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.entries != null && obj.entries === opts.limits.entries) {
                throw new MaxLengthError('Streaming decode error - repeated field "entries" had too many elements')
              }

              for (const evt of Entry.codec().stream(reader, reader.uint32(), `${prefix}.entries[]`, {
                limits: opts.limits?.entries$
              })) {
                yield {
                  ...evt,
                  index: obj.entries
                }
              }

              obj.entries++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.more`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.horizon`, {
                limits: opts.limits?.horizon
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

  export interface PageIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface PageEntriesPositionLamportTimestampFieldEvent {
    field: '$.entries[].position.lamportTimestamp'
    value: number
    index: number
  }

  export interface PageEntriesPositionMessageIdFieldEvent {
    field: '$.entries[].position.messageId'
    value: string
    index: number
  }

  export interface PageEntriesSenderIdFieldEvent {
    field: '$.entries[].senderId'
    value: string
    index: number
  }

  export interface PageEntriesHashFieldEvent {
    field: '$.entries[].hash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PageEntriesSizeFieldEvent {
    field: '$.entries[].size'
    value: number
    index: number
  }

  export interface PageMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  export interface PageHorizonLamportTimestampFieldEvent {
    field: '$.horizon.lamportTimestamp'
    value: number
  }

  export interface PageHorizonMessageIdFieldEvent {
    field: '$.horizon.messageId'
    value: string
  }

  export function encode (obj: Partial<Page>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Page.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Page>): Page {
    return decodeMessage(buf, Page.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Page>): Generator<PageIdFieldEvent | PageEntriesPositionLamportTimestampFieldEvent | PageEntriesPositionMessageIdFieldEvent | PageEntriesSenderIdFieldEvent | PageEntriesHashFieldEvent | PageEntriesSizeFieldEvent | PageMoreFieldEvent | PageHorizonLamportTimestampFieldEvent | PageHorizonMessageIdFieldEvent> {
    return streamMessage(buf, Page.codec(), opts)
  }
}

export interface DigestRequest {
  id: number
  after?: Position
  before?: Position
  parts: number
}

export namespace DigestRequest {
  let _codec: Codec<DigestRequest>

  export const codec = (): Codec<DigestRequest> => {
    if (_codec == null) {
      _codec = message<DigestRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.after != null) {
          w.uint32(18)
          Position.codec().encode(obj.after, w)
        }

        if (obj.before != null) {
          w.uint32(26)
          Position.codec().encode(obj.before, w)
        }

        if ((obj.parts != null && obj.parts !== 0)) {
          w.uint32(32)
          w.uint32(obj.parts)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          parts: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.after = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.after
              })
              break
            }
            case 3: {
              obj.before = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.before
              })
              break
            }
            case 4: {
              obj.parts = reader.uint32()
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
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.after`, {
                limits: opts.limits?.after
              })

              break
            }
            case 3: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.before`, {
                limits: opts.limits?.before
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.parts`,
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

  export interface DigestRequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface DigestRequestAfterLamportTimestampFieldEvent {
    field: '$.after.lamportTimestamp'
    value: number
  }

  export interface DigestRequestAfterMessageIdFieldEvent {
    field: '$.after.messageId'
    value: string
  }

  export interface DigestRequestBeforeLamportTimestampFieldEvent {
    field: '$.before.lamportTimestamp'
    value: number
  }

  export interface DigestRequestBeforeMessageIdFieldEvent {
    field: '$.before.messageId'
    value: string
  }

  export interface DigestRequestPartsFieldEvent {
    field: '$.parts'
    value: number
  }

  export function encode (obj: Partial<DigestRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DigestRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestRequest>): DigestRequest {
    return decodeMessage(buf, DigestRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestRequest>): Generator<DigestRequestIdFieldEvent | DigestRequestAfterLamportTimestampFieldEvent | DigestRequestAfterMessageIdFieldEvent | DigestRequestBeforeLamportTimestampFieldEvent | DigestRequestBeforeMessageIdFieldEvent | DigestRequestPartsFieldEvent> {
    return streamMessage(buf, DigestRequest.codec(), opts)
  }
}

export interface Digest {
  id: number
  parts: Part[]
  horizon?: Position
}

export namespace Digest {
  let _codec: Codec<Digest>

  export const codec = (): Codec<Digest> => {
    if (_codec == null) {
      _codec = message<Digest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.parts != null && obj.parts.length > 0) {
          for (const value of obj.parts) {
            w.uint32(18)
            Part.codec().encode(value, w)
          }
        }

        if (obj.horizon != null) {
          w.uint32(26)
          Position.codec().encode(obj.horizon, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          parts: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.parts != null && obj.parts.length === opts.limits.parts) {
                throw new MaxLengthError('Decode error - repeated field "parts" had too many elements')
              }

              obj.parts.push(Part.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.parts$
              }))
              break
            }
            case 3: {
              obj.horizon = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.horizon
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
        const obj = {
          parts: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.id`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.parts != null && obj.parts === opts.limits.parts) {
                throw new MaxLengthError('Streaming decode error - repeated field "parts" had too many elements')
              }

              for (const evt of Part.codec().stream(reader, reader.uint32(), `${prefix}.parts[]`, {
                limits: opts.limits?.parts$
              })) {
                yield {
                  ...evt,
                  index: obj.parts
                }
              }

              obj.parts++

              break
            }
            case 3: {
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.horizon`, {
                limits: opts.limits?.horizon
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

  export interface DigestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface DigestPartsLastLamportTimestampFieldEvent {
    field: '$.parts[].last.lamportTimestamp'
    value: number
    index: number
  }

  export interface DigestPartsLastMessageIdFieldEvent {
    field: '$.parts[].last.messageId'
    value: string
    index: number
  }

  export interface DigestPartsCountFieldEvent {
    field: '$.parts[].count'
    value: number
    index: number
  }

  export interface DigestPartsFingerprintFieldEvent {
    field: '$.parts[].fingerprint'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DigestHorizonLamportTimestampFieldEvent {
    field: '$.horizon.lamportTimestamp'
    value: number
  }

  export interface DigestHorizonMessageIdFieldEvent {
    field: '$.horizon.messageId'
    value: string
  }

  export function encode (obj: Partial<Digest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Digest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Digest>): Digest {
    return decodeMessage(buf, Digest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Digest>): Generator<DigestIdFieldEvent | DigestPartsLastLamportTimestampFieldEvent | DigestPartsLastMessageIdFieldEvent | DigestPartsCountFieldEvent | DigestPartsFingerprintFieldEvent | DigestHorizonLamportTimestampFieldEvent | DigestHorizonMessageIdFieldEvent> {
    return streamMessage(buf, Digest.codec(), opts)
  }
}

export interface Part {
  last?: Position
  count: number
  fingerprint: Uint8Array<ArrayBuffer>
}

export namespace Part {
  let _codec: Codec<Part>

  export const codec = (): Codec<Part> => {
    if (_codec == null) {
      _codec = message<Part>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.last != null) {
          w.uint32(10)
          Position.codec().encode(obj.last, w)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint32(obj.count)
        }

        if ((obj.fingerprint != null && obj.fingerprint.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.fingerprint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          count: 0,
          fingerprint: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.last = Position.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.last
              })
              break
            }
            case 2: {
              obj.count = reader.uint32()
              break
            }
            case 3: {
              obj.fingerprint = reader.bytes()
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
              yield * Position.codec().stream(reader, reader.uint32(), `${prefix}.last`, {
                limits: opts.limits?.last
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.fingerprint`,
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

  export interface PartLastLamportTimestampFieldEvent {
    field: '$.last.lamportTimestamp'
    value: number
  }

  export interface PartLastMessageIdFieldEvent {
    field: '$.last.messageId'
    value: string
  }

  export interface PartCountFieldEvent {
    field: '$.count'
    value: number
  }

  export interface PartFingerprintFieldEvent {
    field: '$.fingerprint'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Part>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Part.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Part>): Part {
    return decodeMessage(buf, Part.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Part>): Generator<PartLastLamportTimestampFieldEvent | PartLastMessageIdFieldEvent | PartCountFieldEvent | PartFingerprintFieldEvent> {
    return streamMessage(buf, Part.codec(), opts)
  }
}
