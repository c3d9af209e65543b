/** Bytes that a whole number takes as a varint. */
export function varintLength (value: number): number {
  let length = 1

  for (; value >= 128; value = Math.floor(value / 128)) {
    length++
  }

  return length
}

/** @returns the place behind it */
export function writeVarint (bytes: Uint8Array, at: number, value: number): number {
  for (; value >= 128; value = Math.floor(value / 128)) {
    bytes[at++] = value % 128 | 128
  }

  bytes[at] = value

  return at + 1
}
