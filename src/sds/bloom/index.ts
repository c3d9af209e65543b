/**
 * Bloom filters of message IDs. Two formats are read, told apart by their bytes: our own
 * `compact` one, which says what it is, and that of @waku/sds 0.0.8, which has one size only.
 */

import { decodeCompact, isCompact } from './compact.js'
import { decodeWaku } from './waku.js'
import { readWords } from '../ids.js'
import type { HashedId, ReceivedFilter } from './types.js'
import type { MessageId } from '../types.js'

export { encodeCompact } from './compact.js'
export { WakuFilter, WAKU_CAPACITY, hashN, wakuShape } from './waku.js'
export type { FilterKey, HashedId, ReceivedFilter } from './types.js'
export type { WakuShape } from './waku.js'

const words = new Uint32Array(8)

export function hashId (messageId: MessageId): HashedId {
  readWords(messageId, words)

  return { messageId, low: words[0], high: words[1] }
}

/** Reads a filter from the network; undefined when it is of no known format, or contradicts itself. */
export function decodeFilter (bytes: Uint8Array): ReceivedFilter | undefined {
  return isCompact(bytes) ? decodeCompact(bytes) : decodeWaku(bytes)
}
