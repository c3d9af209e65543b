import { keccak256 } from '../keccak.js'
import { sha256 } from '../sha256.js'
import { readCanonical } from './kept-texts.js'
import { utf8Length, writeUtf8 } from './utf8.js'
import type { MessageId } from './types.js'
import type { Bytes } from '../clock.js'

const encoder = new TextEncoder()
// a byte order mark is a character like any other
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Unix times in ns until 2286 have 19 digits. None of ours is from before November 2023. */
const TIME_DIGITS = 19
const FIRST_TIME = 1.7e18
const NS_PER_MS = 1e6

/** ASCII code of each hex digit. */
const DIGITS = Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
/** The digits of the ID that is being written. */
const digits = new Array<number>(64).fill(0)
const scratch = new Uint32Array(8)
/** What is hashed: a short content and what stands before it, or only that. */
const hashed = new Uint8Array(1_024)

/**
 * Reads an ID of 64 lower-case hex digits into eight big-endian words. Another form of ID is
 * read as the words of the Keccak-256 of it after a zero, and the answer is false: no sender ID
 * has a zero in it, so these are the words of no ID that is made of a sender, a salt and a content.
 */
export function readWords (id: MessageId, words: Uint32Array): boolean {
  if (readCanonical(id, words)) {
    return true
  }

  const hash = keccak256(encoder.encode(`\0${id}`))
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
 * Writes an ID as it is stored, and answers where what follows begins: 32 bytes, or for other forms
 * of ID a zero byte and its UTF-8 (two zero bytes where that would make 32).
 */
export function writeIdBytes (id: MessageId, out: Uint8Array, at: number): number {
  if (readCanonical(id, scratch)) {
    for (let i = 0; i < 8; i++, at += 4) {
      const word = scratch[i]
      out[at] = word >>> 24
      out[at + 1] = word >>> 16
      out[at + 2] = word >>> 8
      out[at + 3] = word
    }

    return at
  }

  const length = utf8Length(id)
  out[at++] = 0

  if (length === 31) {
    out[at++] = 0
  }

  writeUtf8(id, out, at, length)

  return at + length
}

/** Reverses {@link writeIdBytes}. */
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

/**
 * The ID of a message with content: lower-case hex of
 * keccak256(utf8 senderId ‖ decimal ASCII of idSalt ‖ content).
 */
export function computeMessageId (senderId: string, idSalt: bigint, ...content: Uint8Array[]): MessageId {
  return toHex(hashContent(senderId, idSalt, content))
}

/** Whether `id` is what {@link computeMessageId} makes of the rest. */
export function isMessageIdOf (id: MessageId, senderId: string, idSalt: bigint, content: Uint8Array): boolean {
  return isHexOf(hashContent(senderId, idSalt, [content]), id)
}

/**
 * Whether a salt is no unix time in ns up to `latestMs`, while sender, salt and content, which are
 * hashed with nothing between them, can be read with one that is: so a digit that went over from
 * the salt to a neighbour, or the other way, makes no other message of the same ID. Where both
 * are times, as with a sender whose ID ends in 17, either is believed.
 */
export function isShiftedSalt (senderId: string, idSalt: bigint, content: Uint8Array, latestMs: number): boolean {
  const isTime = (salt: number): boolean => salt >= FIRST_TIME && salt <= latestMs * NS_PER_MS

  if (isTime(Number(idSalt))) {
    return false
  }

  let from = senderId.length
  let end = 0

  while (from > 0 && senderId.length - from < TIME_DIGITS - 1 && isDigit(senderId.charCodeAt(from - 1))) {
    from--
  }

  while (end < Math.min(TIME_DIGITS - 1, content.byteLength) && isDigit(content[end])) {
    end++
  }

  const digits = `${senderId.slice(from)}${idSalt}${decoder.decode(content.subarray(0, end))}`

  for (let at = 0; at + TIME_DIGITS <= digits.length; at++) {
    if (isTime(Number(digits.slice(at, at + TIME_DIGITS)))) {
      return true
    }
  }

  return false
}

function isDigit (code: number): boolean {
  return code >= 48 && code <= 57
}

/**
 * Whether the ID of a message without salt is proved all the same, as that of @waku/sds is: by
 * the SHA-256 of the content. The content's Keccak-256 would not do: sender, salt and content of
 * a message of ours are, put together, a content with the ID of that message.
 */
export function isContentHash (id: MessageId, content: Uint8Array): boolean {
  return isHexOf(sha256(content), id)
}

/** Whether `id` is the lower-case hex of 32 bytes. */
function isHexOf (bytes: Uint8Array, id: MessageId): boolean {
  if (!readCanonical(id, scratch)) {
    return false
  }

  for (let i = 0, at = 0; i < 8; i++, at += 4) {
    if (scratch[i] !== ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0) {
      return false
    }
  }

  return true
}

function hashContent (senderId: string, idSalt: bigint, content: readonly Uint8Array[]): Bytes {
  const salt = idSalt.toString()
  const senderLength = utf8Length(senderId)
  const prefixLength = senderLength + salt.length
  let length = prefixLength

  for (const { byteLength } of content) {
    length += byteLength
  }

  const prefix = prefixLength <= hashed.byteLength ? hashed : new Uint8Array(prefixLength)
  writeUtf8(senderId, prefix, 0, senderLength)
  writeUtf8(salt, prefix, senderLength, salt.length)

  if (length > hashed.byteLength) {
    return keccak256(prefix.subarray(0, prefixLength), ...content)
  }

  // in one piece: each costs as much as the hashing of a hundred bytes
  let at = prefixLength

  for (const part of content) {
    hashed.set(part, at)
    at += part.byteLength
  }

  return keccak256(hashed.subarray(0, length))
}
