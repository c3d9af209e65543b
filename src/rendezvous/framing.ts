import { lpStream } from '@libp2p/utils'
import { InvalidRequestError } from './errors.js'
import type { Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of a length prefix that are read: 2 MiB is the most that it can say. */
const MAX_LENGTH_BYTES = 3

/** Frames behind their length as a varint, no longer than `maxDataLength`. */
export function framed (stream: Stream, maxDataLength: number, maxBufferSize?: number): LengthPrefixedStream<Stream> {
  return lpStream(stream, { maxDataLength, maxBufferSize, lengthDecoder: decodeLength })
}

/**
 * lpStream asks again for as long as this throws a RangeError. Its own decoder does so without
 * end on a prefix that does not end, and all of it is kept.
 */
function decodeLength (prefix: Uint8ArrayList): number {
  let length = 0

  for (let i = 0; i < prefix.byteLength; i++) {
    const byte = prefix.get(i)
    length += (byte & 0x7f) * 2 ** (7 * i)

    if (byte < 0x80) {
      return length
    }
  }

  if (prefix.byteLength >= MAX_LENGTH_BYTES) {
    throw new InvalidRequestError('the length of the message does not end')
  }

  throw new RangeError('there is more of the length to come')
}
