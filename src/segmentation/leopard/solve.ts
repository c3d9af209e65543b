import type { Field } from './field.js'

/**
 * By what, as logarithms, each of the `rows` of parity counts in each `lost` data shard, once
 * what is left of the data is taken out of the parity: `factors[i][j]` for `lost[i]`, `rows[j]`.
 *
 * A data shard at place x adds a(x) / (x - y) times itself to the parity at place y: the value
 * there of the polynomial of degree below `width` that is 1 at x and 0 at the other places of
 * its group. Such a matrix, of Cauchy, has an inverse that can be written down. A difference of
 * places is their XOR.
 */
export function solve (gf: Field, width: number, lost: readonly number[], rows: readonly number[]): number[][] {
  const places = lost.map(i => width + i)
  const all = Array.from({ length: width }, (_, i) => i)
  const log = (a: number, others: readonly number[]): number => others.reduce((sum, b) => sum + (a === b ? 0 : gf.log[a ^ b]), 0)
  const ofPlaces = places.map(x => log(x, rows) - log(x, places) - log(x, all) + log(0, all))
  const ofRows = rows.map(y => log(y, places) - log(y, rows))

  return places.map((x, i) => rows.map((y, j) => {
    const sum = (ofPlaces[i] + ofRows[j] - gf.log[x ^ y]) % gf.modulus

    return sum < 0 ? sum + gf.modulus : sum
  }))
}
