/**
 * The five operations of `Kernel` over GF(2^8) and GF(2^16) with 128-bit SIMD, in
 * AssemblyScript. `scripts/build-leopard.mjs` compiles this file into `../kernel-wasm.ts`.
 *
 * A product is looked up by nibbles, 16 at once: `swizzle` takes 16 indices into a table of 16
 * bytes. `x`, `y`: addresses of rows of `n` bytes, `n` a multiple of 64. `t`: address of the
 * multiplier's tables, of 16 bytes each: by low and by high nibble over GF(2^8); over GF(2^16)
 * four for the low byte of the product, by nibbles from the lowest, and four for its high byte.
 */

function product8 (v: v128, low: v128, high: v128): v128 {
  return v128.xor(i8x16.swizzle(low, v128.and(v, i8x16.splat(0x0f))), i8x16.swizzle(high, i8x16.shr_u(v, 4)))
}

/** x ^= y */
export function xor (x: usize, y: usize, n: usize): void {
  for (const end = x + n; x < end; x += 64, y += 64) {
    v128.store(x, v128.xor(v128.load(x), v128.load(y)))
    v128.store(x, v128.xor(v128.load(x, 16), v128.load(y, 16)), 16)
    v128.store(x, v128.xor(v128.load(x, 32), v128.load(y, 32)), 32)
    v128.store(x, v128.xor(v128.load(x, 48), v128.load(y, 48)), 48)
  }
}

/** x *= c */
export function multiply8 (x: usize, t: usize, n: usize): void {
  const low = v128.load(t)
  const high = v128.load(t, 16)

  for (const end = x + n; x < end; x += 16) {
    v128.store(x, product8(v128.load(x), low, high))
  }
}

/** x ^= y * c */
export function multiplyAdd8 (x: usize, y: usize, t: usize, n: usize): void {
  const low = v128.load(t)
  const high = v128.load(t, 16)

  for (const end = x + n; x < end; x += 32, y += 32) {
    v128.store(x, v128.xor(v128.load(x), product8(v128.load(y), low, high)))
    v128.store(x, v128.xor(v128.load(x, 16), product8(v128.load(y, 16), low, high)), 16)
  }
}

/** y ^= x, x ^= y * c */
export function inverse8 (x: usize, y: usize, t: usize, n: usize): void {
  const low = v128.load(t)
  const high = v128.load(t, 16)

  for (const end = x + n; x < end; x += 32, y += 32) {
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const y0 = v128.xor(v128.load(y), x0)
    const y1 = v128.xor(v128.load(y, 16), x1)

    v128.store(y, y0)
    v128.store(y, y1, 16)
    v128.store(x, v128.xor(x0, product8(y0, low, high)))
    v128.store(x, v128.xor(x1, product8(y1, low, high)), 16)
  }
}

/** x ^= y * c, y ^= x */
export function forward8 (x: usize, y: usize, t: usize, n: usize): void {
  const low = v128.load(t)
  const high = v128.load(t, 16)

  for (const end = x + n; x < end; x += 32, y += 32) {
    const y0 = v128.load(y)
    const y1 = v128.load(y, 16)
    const x0 = v128.xor(v128.load(x), product8(y0, low, high))
    const x1 = v128.xor(v128.load(x, 16), product8(y1, low, high))

    v128.store(x, x0)
    v128.store(x, x1, 16)
    v128.store(y, v128.xor(y0, x0))
    v128.store(y, v128.xor(y1, x1), 16)
  }
}

function product16 (low: v128, high: v128, t: usize): v128 {
  const mask = i8x16.splat(0x0f)

  return v128.xor(
    v128.xor(i8x16.swizzle(v128.load(t), v128.and(low, mask)), i8x16.swizzle(v128.load(t, 16), i8x16.shr_u(low, 4))),
    v128.xor(i8x16.swizzle(v128.load(t, 32), v128.and(high, mask)), i8x16.swizzle(v128.load(t, 48), i8x16.shr_u(high, 4)))
  )
}

/** x *= c; of every 64 bytes the first 32 are low bytes, the others the high ones of the same elements */
export function multiply16 (x: usize, t: usize, n: usize): void {
  for (const end = x + n; x < end; x += 64) {
    for (let i: usize = 0; i < 32; i += 16) {
      const low = v128.load(x + i)
      const high = v128.load(x + i, 32)

      v128.store(x + i, product16(low, high, t))
      v128.store(x + i, product16(low, high, t + 64), 32)
    }
  }
}

/** x ^= y * c */
export function multiplyAdd16 (x: usize, y: usize, t: usize, n: usize): void {
  for (const end = x + n; x < end; x += 64, y += 64) {
    for (let i: usize = 0; i < 32; i += 16) {
      const low = v128.load(y + i)
      const high = v128.load(y + i, 32)

      v128.store(x + i, v128.xor(v128.load(x + i), product16(low, high, t)))
      v128.store(x + i, v128.xor(v128.load(x + i, 32), product16(low, high, t + 64)), 32)
    }
  }
}

/** y ^= x, x ^= y * c */
export function inverse16 (x: usize, y: usize, t: usize, n: usize): void {
  for (const end = x + n; x < end; x += 64, y += 64) {
    for (let i: usize = 0; i < 32; i += 16) {
      const low = v128.xor(v128.load(y + i), v128.load(x + i))
      const high = v128.xor(v128.load(y + i, 32), v128.load(x + i, 32))

      v128.store(y + i, low)
      v128.store(y + i, high, 32)
      v128.store(x + i, v128.xor(v128.load(x + i), product16(low, high, t)))
      v128.store(x + i, v128.xor(v128.load(x + i, 32), product16(low, high, t + 64)), 32)
    }
  }
}

/** x ^= y * c, y ^= x */
export function forward16 (x: usize, y: usize, t: usize, n: usize): void {
  for (const end = x + n; x < end; x += 64, y += 64) {
    for (let i: usize = 0; i < 32; i += 16) {
      const low = v128.load(y + i)
      const high = v128.load(y + i, 32)
      const xLow = v128.xor(v128.load(x + i), product16(low, high, t))
      const xHigh = v128.xor(v128.load(x + i, 32), product16(low, high, t + 64))

      v128.store(x + i, xLow)
      v128.store(x + i, xHigh, 32)
      v128.store(y + i, v128.xor(low, xLow))
      v128.store(y + i, v128.xor(high, xHigh), 32)
    }
  }
}
