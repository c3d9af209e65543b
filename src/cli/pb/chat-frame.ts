import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface ChatFrame {
  author?: string
  text?: string
  fileName?: string
  fileContent?: Uint8Array<ArrayBuffer>
}

export namespace ChatFrame {
  let _codec: Codec<ChatFrame>

  export const codec = (): Codec<ChatFrame> => {
    if (_codec == null) {
      _codec = message<ChatFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.author != null) {
          w.uint32(10)
          w.string(obj.author)
        }

        if (obj.text != null) {
          w.uint32(18)
          w.string(obj.text)
        }

        if (obj.fileName != null) {
          w.uint32(26)
          w.string(obj.fileName)
        }

        if (obj.fileContent != null) {
          w.uint32(34)
          w.bytes(obj.fileContent)
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
              obj.author = reader.string()
              break
            }
            case 2: {
              obj.text = reader.string()
              break
            }
            case 3: {
              obj.fileName = reader.string()
              break
            }
            case 4: {
              obj.fileContent = reader.bytes()
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
                field: `${prefix}.author`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.text`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.fileName`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.fileContent`,
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

  export interface ChatFrameAuthorFieldEvent {
    field: '$.author'
    value: string
  }

  export interface ChatFrameTextFieldEvent {
    field: '$.text'
    value: string
  }

  export interface ChatFrameFileNameFieldEvent {
    field: '$.fileName'
    value: string
  }

  export interface ChatFrameFileContentFieldEvent {
    field: '$.fileContent'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ChatFrame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChatFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChatFrame>): ChatFrame {
    return decodeMessage(buf, ChatFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChatFrame>): Generator<ChatFrameAuthorFieldEvent | ChatFrameTextFieldEvent | ChatFrameFileNameFieldEvent | ChatFrameFileContentFieldEvent> {
    return streamMessage(buf, ChatFrame.codec(), opts)
  }
}
