import { sha256 } from '@noble/hashes/sha2.js'
import { FINGERPRINT_BYTES, MAX_ID_BYTES } from '../constants.js'
import type { Bytes } from '../../clock.js'
import type { LogPosition } from '../types.js'

const LANES = 8
const encoder = new TextEncoder()

/** Room for the longest position: a number and an ID, three bytes a character. */
const scratch = new Uint8Array(32 + 3 * (MAX_ID_BYTES + 1))

/**
 * A fingerprint of a set of log entries, equal for equal sets in whatever order they are added:
 * the sum of their hashes modulo 2^256, hashed again with the count, as in negentropy.
 */
export class Fingerprint {
  count = 0
  private readonly sum = new Uint32Array(LANES)

  add ({ lamportTimestamp, messageId }: LogPosition): void {
    const { written } = encoder.encodeInto(`${lamportTimestamp}:${messageId}`, scratch)
    const hash = sha256(scratch.subarray(0, written))
    const view = new DataView(hash.buffer, hash.byteOffset)
    let carry = 0

    for (let i = 0; i < LANES; i++) {
      const lane = this.sum[i] + view.getUint32(4 * i, true) + carry
      this.sum[i] = lane
      carry = lane > 0xffff_ffff ? 1 : 0
    }

    this.count++
  }

  /** 16 bytes */
  digest (): Bytes {
    const bytes = new Uint8Array(4 * LANES + 4)
    const view = new DataView(bytes.buffer)
    this.sum.forEach((lane, i) => { view.setUint32(4 * i, lane, true) })
    view.setUint32(4 * LANES, this.count, true)

    return sha256(bytes).slice(0, FINGERPRINT_BYTES)
  }
}

/** The order of the log: Lamport timestamp, then message ID by code unit. */
export function comparePositions (a: LogPosition, b: LogPosition): number {
  if (a.lamportTimestamp !== b.lamportTimestamp) {
    return a.lamportTimestamp < b.lamportTimestamp ? -1 : 1
  }

  return a.messageId === b.messageId ? 0 : a.messageId < b.messageId ? -1 : 1
}
