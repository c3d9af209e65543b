import { writeIdBytes } from './ids.js'
import { varintLength, writeVarint } from '../varint.js'
import { utf8Length, writeUtf8 } from './utf8.js'
import type { MessageId } from './types.js'
import type { Bytes } from '../clock.js'

const FIRST_CAPACITY = 256
/** A buffer of at most this many bytes is used again after `clear()`. */
const MAX_KEPT_CAPACITY = 65_536
/** From so many bytes on, a buffer grows by less than its own size. */
const LARGE = 1_048_576
const LARGE_GROWTH = 1.25
/** Bytes of a tag and of a number below 2^53, at most. */
const TAG_BYTES = 2
const NUMBER_BYTES = 8

/**
 * Appends protobuf to a buffer that grows, field by field, at less cost than generated code: each
 * message that arrives is noted with it. A tag is a field's number times 8, plus its wire type.
 */
export class WireWriter {
  length = 0
  private bytes: Bytes = new Uint8Array(FIRST_CAPACITY)

  copy (): Bytes {
    return this.bytes.slice(0, this.length)
  }

  /** All of it, and begins anew. What is large is handed over, with a little more behind it, instead of copied. */
  take (): Bytes {
    const taken = this.length > LARGE ? this.bytes.subarray(0, this.length) : this.copy()
    this.bytes = new Uint8Array(FIRST_CAPACITY)
    this.length = 0

    return taken
  }

  /** Begins anew. What one large call needed is not kept for all that follow. */
  clear (): void {
    this.length = 0

    if (this.bytes.byteLength > MAX_KEPT_CAPACITY) {
      this.bytes = new Uint8Array(FIRST_CAPACITY)
    }
  }

  /** What is protobuf already. */
  append (bytes: Uint8Array): void {
    this.reserve(bytes.byteLength)
    this.bytes.set(bytes, this.length)
    this.length += bytes.byteLength
  }

  /** What another one has, or a part of that. */
  join (other: WireWriter, from = 0, end = other.length): void {
    if (end > from) {
      this.append(other.bytes.subarray(from, end))
    }
  }

  /** Below 2^53. */
  number (tag: number, value: number): void {
    this.tag(tag, NUMBER_BYTES)
    this.varint(value)
  }

  field (tag: number, bytes: Uint8Array): void {
    this.tag(tag, NUMBER_BYTES + bytes.byteLength)
    this.varint(bytes.byteLength)
    this.bytes.set(bytes, this.length)
    this.length += bytes.byteLength
  }

  /** A field of so many bytes that are zero: see `mark()`. */
  zeros (tag: number, count: number): void {
    this.tag(tag, NUMBER_BYTES + count)
    this.varint(count)
    this.bytes.fill(0, this.length, this.length + count)
    this.length += count
  }

  /** Sets bits in a byte that is written already. */
  mark (at: number, bits: number): void {
    this.bytes[at] |= bits
  }

  /** A field of bytes that are packed into a string. */
  packed (tag: number, packed: string): void {
    this.tag(tag, NUMBER_BYTES + packed.length)
    this.varint(packed.length)

    for (let i = 0; i < packed.length; i++) {
      this.bytes[this.length++] = packed.charCodeAt(i)
    }
  }

  text (tag: number, text: string): void {
    const length = utf8Length(text)
    this.tag(tag, NUMBER_BYTES + length)
    this.varint(length)
    writeUtf8(text, this.bytes, this.length, length)
    this.length += length
  }

  /** A message ID as it is stored. */
  id (tag: number, id: MessageId): void {
    const from = this.begin(tag)
    // three bytes of UTF-8 for each code unit, and the mark of another form
    this.reserve(3 * id.length + 2)
    this.length = writeIdBytes(id, this.bytes, this.length)
    this.end(from)
  }

  /**
   * Begins a message within this one; hand what it answers to `end()`.
   *
   * @param room - bytes that its length is likely to take: where it takes more, all is moved
   */
  begin (tag: number, room = 1): number {
    this.tag(tag, room)
    this.length += room

    return this.length
  }

  end (from: number, room = 1): void {
    const length = this.length - from
    const more = Math.max(0, varintLength(length) - room)

    if (more > 0) {
      this.reserve(more)
      this.bytes.copyWithin(from + more, from, this.length)
      this.length += more
    }

    let at = from - room
    let left = length

    // a number may take more bytes than it needs
    for (; at < from + more - 1; left >>>= 7) {
      this.bytes[at++] = left | 128
    }

    this.bytes[at] = left
  }

  private tag (tag: number, more: number): void {
    this.reserve(TAG_BYTES + more)
    this.varint(tag)
  }

  private varint (value: number): void {
    this.length = writeVarint(this.bytes, this.length, value)
  }

  private reserve (more: number): void {
    if (this.length + more > this.bytes.byteLength) {
      const { byteLength } = this.bytes
      const grown = new Uint8Array(Math.max(this.length + more, Math.floor(byteLength * (byteLength < LARGE ? 2 : LARGE_GROWTH))))
      grown.set(this.bytes.subarray(0, this.length))
      this.bytes = grown
    }
  }
}
