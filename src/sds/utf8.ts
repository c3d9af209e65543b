import { isKeptId, writeKeptId } from './kept-texts.js'

const encoder = new TextEncoder()

/** Bytes of `text` as UTF-8. IDs are ASCII nearly always, and then no encoder is called. */
export function utf8Length (text: string): number {
  if (isKeptId(text)) {
    return text.length
  }

  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) {
      return encoder.encode(text).byteLength
    }
  }

  return text.length
}

/** Writes `text`, whose `utf8Length` is `length`, at `at`. */
export function writeUtf8 (text: string, out: Uint8Array, at: number, length: number): void {
  if (length !== text.length) {
    encoder.encodeInto(text, out.subarray(at))

    return
  }

  if (writeKeptId(text, out, at)) {
    return
  }

  for (let i = 0; i < length; i++) {
    out[at + i] = text.charCodeAt(i)
  }
}
