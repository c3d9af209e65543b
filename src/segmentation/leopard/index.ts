/**
 * Leopard-RS, a Reed-Solomon erasure code over GF(2^8) and GF(2^16) in O(n log n): any k of k
 * data and m parity shards give back the data. The bytes are those of the reference library.
 * How it works is told in README.md beside this file.
 *
 * @example
 * ```ts
 * const parity = atOnce(encodeParity(data, 2, 1024))
 * atOnce(decodeData({ data: [undefined, data[1], data[2]], parity, shardBytes: 1024, into: [lost] }))
 * ```
 */

export type { KernelChoice } from './choose-kernel.js'
export { decodeData } from './decode.js'
export type { DecodeInit } from './decode.js'
export { encodeParity } from './encode.js'
