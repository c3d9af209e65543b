import type { MessageId } from './types.js'

// a byte order mark is a character like any other
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Texts that are kept: a power of two. */
const KEPT = 512
/** The longest of them, in characters: an ID of ours. */
const LENGTH = 64
/** An ID of ours is so many big-endian words. */
const WORDS = 8

/**
 * Texts of ASCII that were read last, their bytes and, once they were asked for, their words. IDs come
 * again and again: made once, they are found, hashed, compared and parsed at less cost.
 */
const texts = new Array<string>(KEPT).fill('')
const textBytes = new Uint8Array(KEPT * LENGTH)
const textWords = new Uint32Array(KEPT * WORDS)
const isParsed = new Uint8Array(KEPT)

/** Value of each byte as a lower-case hex digit; 255 where it is none. */
const NIBBLES = new Uint8Array(256).fill(255)

for (let i = 0; i < 16; i++) {
  NIBBLES[i.toString(16).charCodeAt(0)] = i
}

/** The text that these bytes are in UTF-8. What is none becomes U+FFFD. */
export function readText (bytes: Uint8Array, from: number, end: number): string {
  const length = end - from

  if (length === 0) {
    return ''
  }

  const place = placeOf(length, bytes[from + (length >> 2)], bytes[from + (length >> 1)], bytes[end - 1])

  if (texts[place].length === length && isKept(place, bytes, from, end)) {
    return texts[place]
  }

  const view = bytes.subarray(from, end)
  const text = decoder.decode(view)

  // one character for each byte, and each byte is UTF-8: it is ASCII
  if (length <= LENGTH && text.length === length && !text.includes('\ufffd')) {
    textBytes.set(view, place * LENGTH)
    keep(text, place)
  }

  return text
}

/** Reads an ID of 64 lower-case hex digits into eight big-endian words. False for another form of ID, and then `words` mean nothing. */
export function readCanonical (id: MessageId, words: Uint32Array): boolean {
  if (id.length !== LENGTH) {
    return false
  }

  const place = placeOfId(id)

  if (texts[place] !== id) {
    if (!encode(id, place)) {
      return false
    }

    keep(id, place)
  }

  if (isParsed[place] === 0 && !parse(place)) {
    return false
  }

  for (let i = 0, at = place * WORDS; i < WORDS; i++, at++) {
    words[i] = textWords[at]
  }

  return true
}

/** Writes a text of ASCII that is kept, and as long as an ID of ours. False when it is not: then nothing is written. */
export function writeKeptId (text: string, out: Uint8Array, at: number): boolean {
  if (!isKeptId(text)) {
    return false
  }

  for (let i = 0, from = placeOfId(text) * LENGTH; i < LENGTH; i++) {
    out[at + i] = textBytes[from + i]
  }

  return true
}

/** Whether the text is kept, and as long as an ID of ours. */
export function isKeptId (text: string): boolean {
  return text.length === LENGTH && texts[placeOfId(text)] === text
}

function placeOfId (id: string): number {
  return placeOf(LENGTH, id.charCodeAt(LENGTH >> 2), id.charCodeAt(LENGTH >> 1), id.charCodeAt(LENGTH - 1))
}

function placeOf (length: number, quarter: number, middle: number, last: number): number {
  return (length + quarter * 31 + middle * 7 + last) & (KEPT - 1)
}

/** Whether these are the bytes of the text at `place`, which is as long. */
function isKept (place: number, bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from, other = place * LENGTH; at < end; at++, other++) {
    if (bytes[at] !== textBytes[other]) {
      return false
    }
  }

  return true
}

/** The text whose bytes are at `place` already. */
function keep (text: string, place: number): void {
  texts[place] = text
  isParsed[place] = 0
}

/** False when it is not ASCII throughout: then nothing is kept there. */
function encode (id: MessageId, place: number): boolean {
  let all = 0

  for (let i = 0, at = place * LENGTH; i < LENGTH; i++, at++) {
    const code = id.charCodeAt(i)
    all |= code
    textBytes[at] = code
  }

  texts[place] = ''

  return all < 128
}

/** False when the text is not lower-case hex throughout. */
function parse (place: number): boolean {
  let bad = 0

  for (let i = 0, at = place * LENGTH; i < WORDS; i++) {
    let word = 0

    for (const end = at + 8; at < end; at++) {
      const nibble = NIBBLES[textBytes[at]]
      bad |= nibble
      word = (word << 4) | (nibble & 15)
    }

    textWords[place * WORDS + i] = word
  }

  isParsed[place] = bad < 16 ? 1 : 0

  return bad < 16
}
