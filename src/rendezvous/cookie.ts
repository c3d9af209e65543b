/** Bits of the sequence number in a cookie; the rest of its u64 is the store's epoch. */
const SEQUENCE_BITS = 40n

/** The 24-bit epoch of a store, drawn at random when it was made. */
export const MAX_EPOCH = 2 ** 24 - 1

/** A place in a store's order of registrations. */
export interface Cookie {
  epoch: number
  sequence: number
  namespace: string
}

/**
 * `u64 big-endian ‖ namespace`, as rust-libp2p parses it: its clients refuse any other
 * shape, and one made for another namespace than they asked for.
 */
export function encodeCookie (cookie: Cookie): Uint8Array {
  const namespace = new TextEncoder().encode(cookie.namespace)
  const bytes = new Uint8Array(8 + namespace.byteLength)
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(cookie.epoch) << SEQUENCE_BITS) | BigInt(cookie.sequence))
  bytes.set(namespace, 8)

  return bytes
}

/** Undefined when it is shorter than its u64. A claim of the sender's: it grants nothing. */
export function decodeCookie (bytes: Uint8Array): Cookie | undefined {
  if (bytes.byteLength < 8) {
    return undefined
  }

  const place = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)

  return {
    epoch: Number(place >> SEQUENCE_BITS),
    sequence: Number(BigInt.asUintN(Number(SEQUENCE_BITS), place)),
    // as it is: a namespace may begin with what would be taken for a byte order mark
    namespace: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(8))
  }
}
