// as it is: a namespace may begin with what would be taken for a byte order mark
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The 24-bit epoch of a store, drawn at random when it was made. */
export const MAX_EPOCH = 2 ** 24 - 1

/** A place in a store's order of registrations. */
export interface Cookie {
  epoch: number
  sequence: number
  namespace: string
}

/**
 * `epoch, 24 bits ‖ sequence, 40 bits ‖ namespace`, the numbers big-endian in a u64, as rust-libp2p parses it: its clients refuse any other
 * shape, and one made for another namespace than they asked for.
 */
export function encodeCookie (epoch: number, sequence: number, namespace: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + namespace.byteLength)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, epoch * 2 ** 8 + Math.floor(sequence / 2 ** 32))
  view.setUint32(4, sequence % 2 ** 32)
  bytes.set(namespace, 8)

  return bytes
}

/** Undefined when it is shorter than its u64. A claim of the sender's: it grants nothing. */
export function decodeCookie (bytes: Uint8Array): Cookie | undefined {
  if (bytes.byteLength < 8) {
    return undefined
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset)

  return {
    epoch: view.getUint32(0) >>> 8,
    sequence: view.getUint8(3) * 2 ** 32 + view.getUint32(4),
    namespace: decoder.decode(bytes.subarray(8))
  }
}
