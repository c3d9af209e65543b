import { keccak256 } from '../keccak.js'
import { utf8Length, writeUtf8 } from './utf8.js'
import type { MessageId } from './types.js'
import type { Bytes } from '../clock.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** ASCII code of each hex digit. */
const DIGITS = Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
/** Value of each ASCII code as a lower-case hex digit; 255 where it is none. */
const NIBBLES = new Uint8Array(256).fill(255)

for (let i = 0; i < 16; i++) {
  NIBBLES[i.toString(16).charCodeAt(0)] = i
}

/** The digits of the ID that is being written. */
const digits = new Array<number>(64).fill(0)
const scratch = new Uint32Array(8)
/** What is hashed before a content. */
const prefixes = new Uint8Array(512)

/**
 * Reads an ID of 64 lower-case hex digits into eight big-endian words. Another form of ID is
 * read as the words of its Keccak-256, and the answer is false.
 */
export function readWords (id: MessageId, words: Uint32Array): boolean {
  if (id.length === 64) {
    let bad = 0

    for (let i = 0, at = 0; i < 8; i++) {
      let word = 0

      for (let j = 0; j < 8; j++, at++) {
        const code = id.charCodeAt(at)
        const nibble = code < 256 ? NIBBLES[code] : 255
        bad |= nibble
        word = (word << 4) | (nibble & 15)
      }

      words[i] = word
    }

    if (bad < 16) {
      return true
    }
  }

  const hash = keccak256(encoder.encode(id))
  const view = new DataView(hash.buffer)

  for (let i = 0; i < 8; i++) {
    words[i] = view.getUint32(i * 4)
  }

  return false
}

/** The ID that the eight words at `offset` stand for. */
export function writeId (words: Uint32Array, offset: number): MessageId {
  for (let i = 0; i < 8; i++) {
    const word = words[offset + i]

    for (let j = 0; j < 8; j++) {
      digits[i * 8 + j] = DIGITS[(word >>> (28 - 4 * j)) & 15]
    }
  }

  return String.fromCharCode.apply(null, digits)
}

/**
 * An ID as it is stored: 32 bytes, or for other forms of ID a zero byte and its UTF-8 (two zero
 * bytes where that would make 32).
 */
export function idToBytes (id: MessageId): Bytes {
  if (id.length === 64 && readWords(id, scratch)) {
    const out = new Uint8Array(32)

    for (let i = 0; i < 8; i++) {
      const word = scratch[i]
      out[i * 4] = word >>> 24
      out[i * 4 + 1] = word >>> 16
      out[i * 4 + 2] = word >>> 8
      out[i * 4 + 3] = word
    }

    return out
  }

  const text = encoder.encode(id)
  const out = new Uint8Array(text.byteLength + (text.byteLength === 31 ? 2 : 1))
  out.set(text, out.byteLength - text.byteLength)

  return out
}

/** Reverses {@link idToBytes}. */
export function idFromBytes (bytes: Uint8Array): MessageId {
  if (bytes.byteLength === 32) {
    return toHex(bytes)
  }

  return decoder.decode(bytes.subarray(bytes.byteLength === 33 && bytes[1] === 0 ? 2 : 1))
}

export function toHex (bytes: Uint8Array): string {
  const codes = bytes.byteLength === 32 ? digits : new Array<number>(bytes.byteLength * 2)

  for (let i = 0; i < bytes.byteLength; i++) {
    codes[i * 2] = DIGITS[bytes[i] >>> 4]
    codes[i * 2 + 1] = DIGITS[bytes[i] & 15]
  }

  return String.fromCharCode.apply(null, codes)
}

/** Bytes as a string of one character each: a sixth of the memory of a `Uint8Array`. */
export function packBytes (bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

export function unpackBytes (packed: string): Bytes {
  return Uint8Array.from(packed, char => char.charCodeAt(0))
}

/**
 * The ID of a message with content: lower-case hex of
 * keccak256(utf8 senderId ‖ decimal ASCII of idSalt ‖ content).
 */
export function computeMessageId (senderId: string, idSalt: bigint, ...content: Uint8Array[]): MessageId {
  return toHex(hashContent(senderId, idSalt, content))
}

/** Whether `id` is what {@link computeMessageId} makes of the rest. */
export function isMessageIdOf (id: MessageId, senderId: string, idSalt: bigint, content: Uint8Array): boolean {
  const hash = hashContent(senderId, idSalt, [content])

  if (id.length !== hash.byteLength * 2) {
    return false
  }

  for (let i = 0; i < hash.byteLength; i++) {
    if (id.charCodeAt(i * 2) !== DIGITS[hash[i] >>> 4] || id.charCodeAt(i * 2 + 1) !== DIGITS[hash[i] & 15]) {
      return false
    }
  }

  return true
}

function hashContent (senderId: string, idSalt: bigint, content: readonly Uint8Array[]): Bytes {
  const text = senderId + idSalt.toString()
  const length = utf8Length(text)
  const prefix = length <= prefixes.byteLength ? prefixes.subarray(0, length) : new Uint8Array(length)
  writeUtf8(text, prefix, 0, length)

  return keccak256(prefix, ...content)
}
