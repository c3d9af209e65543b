import { MalformedMessageError } from './errors.js'

// a byte order mark is a character like any other
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Longest text that is kept. */
const SHORT = 256
/** Texts that were read last. IDs come again and again, and finding one costs a third of making it. */
const KEPT = 512
const kept = new Array<string>(KEPT).fill('')

/**
 * Reads protobuf from a buffer, field by field, at less cost than generated code: every message
 * passes through here. Every read is checked against the end. Tests hold it, and the encoder,
 * against what protons makes of pb/sds.proto.
 */
export class WireReader {
  private at = 0
  private end: number

  constructor (private readonly bytes: Uint8Array) {
    this.end = bytes.byteLength
  }

  get isDone (): boolean {
    return this.at >= this.end
  }

  /** Field number times 8, plus wire type. */
  tag (): number {
    return this.varint()
  }

  /** Exact up to 2^53; beyond that a number that is larger than that. */
  varint (): number {
    if (this.at < this.end && this.bytes[this.at] < 128) {
      return this.bytes[this.at++]
    }

    let value = 0
    let factor = 1

    for (let i = 0; i < 10; i++, factor *= 128) {
      if (this.at >= this.end) {
        throw new MalformedMessageError('a number is cut off')
      }

      const byte = this.bytes[this.at++]
      value += (byte & 127) * factor

      if (byte < 128) {
        return value
      }
    }

    throw new MalformedMessageError('a number of more than ten bytes')
  }

  /** All 64 bits. */
  bigVarint (): bigint {
    const from = this.at
    const value = this.varint()

    if (value <= Number.MAX_SAFE_INTEGER) {
      return BigInt(value)
    }

    // seven bytes of seven bits are an exact number
    return BigInt.asUintN(64, (BigInt(this.bits(from + 7, this.at)) << 49n) | BigInt(this.bits(from, from + 7)))
  }

  /** A view. */
  field (): Uint8Array {
    const from = this.length()

    return this.bytes.subarray(from, this.at)
  }

  text (): string {
    const from = this.length()
    const { bytes, at: end } = this
    const length = end - from

    if (length === 0) {
      return ''
    }

    const place = (length + bytes[end - 1] + bytes[from + (length >> 1)] * 7 + bytes[from + (length >> 2)] * 31) % KEPT
    const text = kept[place]

    return text.length === length && this.holds(text, from) ? text : this.decode(from, place)
  }

  /** Into the message that begins here, whose end is the end until `leave()` is called with the answer. */
  enter (): number {
    const from = this.length()
    const outer = this.end
    this.end = this.at
    this.at = from

    return outer
  }

  leave (outer: number): void {
    this.end = outer
  }

  /** Passes over a field that we do not know. */
  skip (tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint()
        break
      case 1:
        this.move(8)
        break
      case 2:
        this.length()
        break
      case 5:
        this.move(4)
        break
      default:
        throw new MalformedMessageError(`wire type ${tag & 7} is not read`)
    }
  }

  private holds (text: string, from: number): boolean {
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) !== this.bytes[from + i]) {
        return false
      }
    }

    return true
  }

  /** The text from there on, kept at `place` when it is short and ASCII. */
  private decode (from: number, place: number): string {
    const text = decoder.decode(this.bytes.subarray(from, this.at))

    // one character for each byte: it is ASCII
    if (text.length <= SHORT && text.length === this.at - from) {
      kept[place] = text
    }

    return text
  }

  private bits (from: number, end: number): number {
    let value = 0

    for (let at = end - 1; at >= from; at--) {
      value = value * 128 + (this.bytes[at] & 127)
    }

    return value
  }

  /** Moves past a field with a length, and answers where it began. */
  private length (): number {
    const length = this.varint()
    const from = this.at
    this.move(length)

    return from
  }

  private move (length: number): void {
    if (length > this.end - this.at) {
      throw new MalformedMessageError('a field is cut off')
    }

    this.at += length
  }
}
