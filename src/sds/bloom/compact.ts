import { countBits } from './bits.js'
import type { FilterKey, ReceivedFilter } from './types.js'
import type { Bytes, Random } from '../../clock.js'

/**
 * The `compact` filter, made anew for each message that carries one.
 *
 * Layout: "HB", version 1, hash count (1 byte), capacity (4), bit count (4), salt (8), all
 * big-endian, then the bits, least significant first within a byte.
 */
const HEADER = 20
const MAGIC = [0x48, 0x42, 1]

/** With 32 bits for each ID and 20 hashes, one full filter errs about twice in ten million. */
const BITS_PER_ID = 32
const HASHES = 20

/** Bits of a filter that is read: 64 KiB. */
const MAX_BITS = 524_288
const MIN_BITS = 64
const MAX_HASHES = 32

/** A filter that holds `ids`. */
export function encodeCompact (ids: readonly FilterKey[], random: Random): Bytes {
  const bits = Math.max(MIN_BITS, ids.length * BITS_PER_ID)
  const out = new Uint8Array(HEADER + bits / 8)
  const view = new DataView(out.buffer)
  const salt = random.bytes(8)

  out.set(MAGIC)
  out[3] = HASHES
  view.setUint32(4, ids.length)
  view.setUint32(8, bits)
  out.set(salt, 12)

  for (const id of ids) {
    let state = mix(id.low ^ view.getUint32(12))
    const step = mix(id.high ^ view.getUint32(16))

    for (let i = 0; i < HASHES; i++) {
      state = next(state, step)
      const bit = index(state, bits)
      out[HEADER + (bit >>> 3)] |= 1 << (bit & 7)
    }
  }

  return out
}

export function isCompact (bytes: Uint8Array): boolean {
  return bytes.byteLength >= HEADER && MAGIC.every((byte, i) => bytes[i] === byte)
}

/** Reads a filter; undefined when its header contradicts its size or asks for too much work. */
export function decodeCompact (bytes: Uint8Array): ReceivedFilter | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const hashes = bytes[3]
  const bits = view.getUint32(8)

  if (hashes < 1 || hashes > MAX_HASHES || bits < MIN_BITS || bits > MAX_BITS || bits % 8 !== 0 ||
    bytes.byteLength !== HEADER + bits / 8) {
    return undefined
  }

  const saltLow = view.getUint32(12)
  const saltHigh = view.getUint32(16)
  // a copy: the buffer of the message is not kept
  const data = new Uint8Array(bytes.subarray(HEADER))
  const fill = countBits(data) / bits

  return {
    fill,
    rate: fill ** hashes,
    salt: saltLow * 2 ** 21 + (saltHigh >>> 11),
    byteLength: data.byteLength,
    has: (id) => {
      let state = mix(id.low ^ saltLow)
      const step = mix(id.high ^ saltHigh)

      for (let i = 0; i < hashes; i++) {
        state = next(state, step)
        const bit = index(state, bits)

        if ((data[bit >>> 3] & (1 << (bit & 7))) === 0) {
          return false
        }
      }

      return true
    }
  }
}

/** The finaliser of murmur3: every bit of the input changes half of the output. */
function mix (value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)

  return value ^ (value >>> 16)
}

/** The next of a sequence that all 64 bits of (state, step) decide, not their remainders only. */
function next (state: number, step: number): number {
  return (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + step) | 0
}

function index (state: number, bits: number): number {
  return ((state ^ (state >>> 16)) >>> 0) % bits
}
