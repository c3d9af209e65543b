import { idFromBytes } from '../../../src/sds/ids.js'
import { Records } from '../../../src/sds/pb/state.js'
import { START } from './member.js'
import type { MessageId } from '../../../src/sds/index.js'
import type { StoreEntry } from '../../../src/storage/index.js'

const BLOCK = 50_000
/** Field 1, the ID; field 2, the timestamp. */
const ID_BYTES = 32
const STAMP_BYTES = 6
/** Field 3: `a`. */
const SENDER = Uint8Array.of(0x1a, 1, 0x61)
const RECORD_BYTES = 2 + ID_BYTES + 1 + STAMP_BYTES

/** The stamp of message `i`, ms. */
export function stampOf (i: number): number {
  return START + i
}

/** The ID of message `i`. */
export function storedId (i: number): MessageId {
  return idFromBytes(idBytes(i))
}

/**
 * What the store of a channel holds that has heard `count` messages, the last `log` of which are
 * still in its log: blocks as they are folded, and a snapshot.
 */
export function storedChannel (count: number, log: number): StoreEntry[] {
  const entries: StoreEntry[] = []
  const frontier = Array.from({ length: Math.min(log, 2) }, (_, i) => idBytes(count - 1 - i))
  const state = { lamportCeiling: stampOf(count), saltCeiling: 0n, ephemeralCeiling: 0n, floor: 0, createdAt: START - 100_000, joinMark: START - 100_000, firstLiveAt: START - 100_000, lost: 0 }

  for (let from = 0; from < count; from += BLOCK) {
    const number = from / BLOCK
    const value = blockOf(from, Math.min(count, from + BLOCK), count - log)
    entries.push({ key: `sds/b/${number.toString().padStart(12, '0')}`, value })
  }

  entries.push({ key: 'sds/snapshot', value: Records.encode({ state, frontier }) })

  return entries
}

/** Messages before `logFrom` are remembered only. */
function blockOf (from: number, to: number, logFrom: number): Uint8Array {
  const out = new Uint8Array((to - from) * (2 + RECORD_BYTES + SENDER.byteLength))
  const view = new DataView(out.buffer)
  let at = 0

  for (let i = from; i < to; i++) {
    const logged = i >= logFrom
    out[at++] = logged ? 0x0a : 0x32
    out[at++] = RECORD_BYTES + (logged ? SENDER.byteLength : 0)
    out[at++] = 0x0a
    out[at++] = ID_BYTES
    writeId(i, view, at)
    at += ID_BYTES
    out[at++] = 0x10

    for (let rest = stampOf(i), byte = 0; byte < STAMP_BYTES; byte++, rest = Math.floor(rest / 128)) {
      out[at++] = (rest % 128) | (byte < STAMP_BYTES - 1 ? 128 : 0)
    }

    if (logged) {
      out.set(SENDER, at)
      at += SENDER.byteLength
    }
  }

  return out.subarray(0, at)
}

function idBytes (i: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(ID_BYTES)
  writeId(i, new DataView(out.buffer), 0)

  return out
}

/** Spread as a hash would be. */
function writeId (i: number, view: DataView, at: number): void {
  for (let word = 0, mixed = i; word < 8; word++) {
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (word + 1), 0x2c1b3c6d) + i
    view.setUint32(at + word * 4, mixed)
  }
}
