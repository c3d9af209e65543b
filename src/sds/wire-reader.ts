import { MalformedMessageError } from './errors.js'
import { readText } from './kept-texts.js'

const NOTHING = new Uint8Array()

const scratch = new DataView(new ArrayBuffer(8))

/**
 * Reads protobuf from a buffer, field by field, at less cost than generated code: every message
 * passes through here. Every read is checked against the end. Tests hold it, and the encoder,
 * against what protons makes of pb/sds.proto.
 */
export class WireReader {
  private bytes: Uint8Array = NOTHING
  private at = 0
  private end = 0

  /** Begins to read these. One reader serves for all: V8 forgets what it compiled for a class when it finds no object of it. */
  open (bytes: Uint8Array): void {
    this.bytes = bytes
    this.at = 0
    this.end = bytes.byteLength
  }

  /** Lets go of what was read. */
  close (): void {
    this.open(NOTHING)
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

    // four bytes of seven bits at a time
    const low = this.bits(from, from + 4)
    const middle = this.bits(from + 4, from + 8)
    scratch.setInt32(0, (middle >>> 4) | (this.bits(from + 8, this.at) << 24))
    scratch.setInt32(4, low | (middle << 28))

    return scratch.getBigUint64(0)
  }

  /** A view. */
  field (): Uint8Array {
    const from = this.length()

    return this.bytes.subarray(from, this.at)
  }

  text (): string {
    const from = this.length()

    return readText(this.bytes, from, this.at)
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

  /** At most four bytes of seven bits. */
  private bits (from: number, end: number): number {
    let value = 0

    for (let at = end - 1; at >= from; at--) {
      value = (value << 7) | (this.bytes[at] & 127)
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
