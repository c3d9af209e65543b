import { allocUnsafe } from 'uint8arrays'
import { MessageType, ResponseStatus } from '../constants.js'
import { varintLength, writeVarint } from '../../varint.js'
import type { Random } from '../../clock.js'

/** Tags of the fields of an answer, with their wire types. */
const TYPE_TAG = 1 << 3
const BODY_TAG = 6 << 3 | 2
const REGISTRATION_TAG = 1 << 3 | 2
const COOKIE_TAG = 2 << 3 | 2
const STATUS_TAG = 3 << 3

/** Tags of the fields of a registration. */
const NAMESPACE_TAG = 1 << 3 | 2
const TTL_TAG = 3 << 3

const encoder = new TextEncoder()

/** What an answer has beside the registrations of a page. */
export interface Answer {
  /** of all registrations; absent when each was added with its own */
  namespace?: Uint8Array
  /** unix time, ms */
  now: number
  cookie: Uint8Array
}

/** Random numbers that are drawn at once: a call for each page would take as long as the page. */
const DRAWS = 1_024

/**
 * A page of registrations on its way from the store into an answer, where they are shuffled.
 * Its memory is used over and over; what is added is copied, and so is the answer, so that
 * neither changes afterwards.
 */
export class DiscoverPage {
  /** registrations in it */
  count = 0
  private bytes = new Uint8Array(64 * 1024)
  private used = 0
  private readonly starts: number[] = []
  private readonly ends: number[] = []
  private readonly expiries: number[] = []
  private readonly order: number[] = []
  private readonly random: Random
  private draws = new Uint32Array()
  private drawn = 0
  /**
   * As much garbage as the answers are. V8 (13.6) does not count buffers when it decides on a
   * collection of what is young, which would free them, and at 64 MB of them collects everything:
   * with a million registrations, a second every 2 000 answers.
   */
  ballast: number[] = []

  constructor (random: Random) {
    this.random = random
  }

  clear (): void {
    this.count = this.used = 0
  }

  /** Where the next bytes will stand. */
  get end (): number {
    return this.used
  }

  /** Copies fields of registrations. */
  copy (bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    this.bytes.set(bytes.subarray(start, end), this.used)
    this.used += end - start
  }

  /** Copies the namespace of a registration, as a field. */
  copyNamespace (namespace: string): void {
    const bytes = encoder.encode(namespace)
    this.reserve(fieldLength(bytes.byteLength))
    this.field(NAMESPACE_TAG, bytes)
  }

  /** Adds the registration whose fields stand between two places, or will. */
  add (start: number, end: number, expiresAt: number): void {
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.expiries[this.count] = expiresAt
    this.count++
  }

  /** The message that answers a DISCOVER. */
  encode ({ namespace, now, cookie }: Answer): Uint8Array<ArrayBuffer> {
    const shared = namespace == null ? 0 : fieldLength(namespace.byteLength)
    let length = fieldLength(cookie.byteLength) + 2

    for (let i = 0; i < this.count; i++) {
      length += fieldLength(this.lengthOf(i, shared, now))
    }

    this.reserve(shared + 2 + fieldLength(length))
    this.shuffle()

    const sharedAt = this.used
    namespace != null && this.field(NAMESPACE_TAG, namespace)
    const start = this.used
    this.number(TYPE_TAG, MessageType.DISCOVER_RESPONSE)
    this.number(BODY_TAG, length)

    for (let k = 0; k < this.count; k++) {
      const i = this.order[k]
      this.number(REGISTRATION_TAG, this.lengthOf(i, shared, now))
      this.move(sharedAt, sharedAt + shared)
      this.move(this.starts[i], this.ends[i])
      this.number(TTL_TAG, this.ttlOf(i, now))
    }

    this.field(COOKIE_TAG, cookie)
    this.number(STATUS_TAG, ResponseStatus.OK)

    const answer = allocUnsafe(this.used - start)
    answer.set(this.bytes.subarray(start, this.used))
    this.ballast = new Array<number>(answer.byteLength >> 3).fill(0)

    return answer
  }

  private shuffle (): void {
    for (let i = 0; i < this.count; i++) {
      // a modulo bias of 2^-22 does not matter here
      const j = this.draw() % (i + 1)
      this.order[i] = this.order[j]
      this.order[j] = i
    }
  }

  private draw (): number {
    if (this.drawn === this.draws.length) {
      this.draws = new Uint32Array(this.random.bytes(4 * DRAWS).buffer)
      this.drawn = 0
    }

    return this.draws[this.drawn++]
  }

  private lengthOf (i: number, shared: number, now: number): number {
    return shared + this.ends[i] - this.starts[i] + 1 + varintLength(this.ttlOf(i, now))
  }

  /** Seconds. */
  private ttlOf (i: number, now: number): number {
    return Math.ceil((this.expiries[i] - now) / 1_000)
  }

  private number (tag: number, value: number): void {
    this.bytes[this.used] = tag
    this.used = writeVarint(this.bytes, this.used + 1, value)
  }

  private field (tag: number, bytes: Uint8Array): void {
    this.number(tag, bytes.byteLength)
    this.bytes.set(bytes, this.used)
    this.used += bytes.byteLength
  }

  /** Unlike `set`, it makes no view: that takes as long as the copy. */
  private move (start: number, end: number): void {
    this.bytes.copyWithin(this.used, start, end)
    this.used += end - start
  }

  private reserve (more: number): void {
    if (this.used + more > this.bytes.byteLength) {
      const grown = new Uint8Array(2 * (this.used + more))
      grown.set(this.bytes)
      this.bytes = grown
    }
  }
}

/** Bytes of a field with its tag and length. */
function fieldLength (bytes: number): number {
  return 1 + varintLength(bytes) + bytes
}
