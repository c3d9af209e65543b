import type { Bytes } from '../clock.js'

const encoder = new TextEncoder()

/** UTF-8 */
export function utf8 (text: string): Uint8Array {
  return encoder.encode(text)
}

export function concat (...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0

  for (const part of parts) {
    out.set(part, offset)
    offset += part.byteLength
  }

  return out
}

/** The text's UTF-8 after its length as 4 bytes, big-endian, so that neighbours cannot run into each other. */
export function prefixed (text: string): Bytes {
  const bytes = utf8(text)
  const out = new Uint8Array(4 + bytes.byteLength)

  new DataView(out.buffer).setUint32(0, bytes.byteLength)
  out.set(bytes, 4)

  return out
}

/** Whether both hold the same bytes. Not constant-time: for public values only. */
export function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}
