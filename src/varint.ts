/** Bytes that a whole number below 2^53 takes as a varint. */
export function varintLength (value: number): number {
  let length = 1

  for (; value >= 128; length++) {
    value = Math.floor(value / 128)
  }

  return length
}

/** Numbers below it are written with shifts alone. */
const SHIFTED = 2 ** 28

/** Answers where what follows begins. */
export function writeVarint (out: Uint8Array, at: number, value: number): number {
  if (value >= SHIFTED) {
    // four bytes of seven bits, and what is left fits into 32 bits
    const low = value % SHIFTED
    value = (value - low) / SHIFTED
    out[at] = low | 128
    out[at + 1] = (low >>> 7) | 128
    out[at + 2] = (low >>> 14) | 128
    out[at + 3] = (low >>> 21) | 128
    at += 4
  }

  for (; value >= 128; value >>>= 7) {
    out[at++] = value | 128
  }

  out[at++] = value

  return at
}
