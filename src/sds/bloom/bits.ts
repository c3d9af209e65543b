/** Number of bits set in `bytes`. */
export function countBits (bytes: Uint8Array): number {
  let count = 0
  let i = 0

  for (; i + 4 <= bytes.byteLength; i += 4) {
    let word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }

  for (; i < bytes.byteLength; i++) {
    for (let byte = bytes[i]; byte !== 0; byte &= byte - 1) {
      count++
    }
  }

  return count
}
