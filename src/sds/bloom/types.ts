import type { MessageId } from '../types.js'

/** The first two words of a message ID: what `compact` filters hash. */
export interface FilterKey {
  low: number
  high: number
}

/** A message ID, hashed once for any number of filters. */
export interface HashedId extends FilterKey {
  messageId: MessageId
  /** the two hashes of the `waku` filter, made when first needed */
  waku?: readonly [number, number]
}

/** A filter of another sender, as received. */
export interface ReceivedFilter {
  has (id: HashedId): boolean
  /** how likely `has` is to be wrong, from the bits that are set */
  rate: number
  /** share of the bits that are set */
  fill: number
  /** tells one filter's false positives from another's; absent where all share them */
  salt?: number
  byteLength: number
}
