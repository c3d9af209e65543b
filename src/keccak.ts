import { keccak_256 as portable } from '@noble/hashes/sha3.js'
import { createKeccak } from 'hash-wasm'
import type { Bytes } from './clock.js'
import type { IHasher } from 'hash-wasm'

/** An incremental Keccak-256 (the original padding, as Ethereum and the LIPs use it). */
export interface Keccak256 {
  update (data: Uint8Array): Keccak256
  /** 32 bytes; the hasher is spent */
  digest (): Bytes
}

const spare: IHasher[] = []
let loading: Promise<void> | undefined

/**
 * Loads the wasm backend, about ten times as fast as the portable one. Until it resolves, and
 * where wasm is not allowed, hashes are computed by the portable one, to the same bytes.
 */
export async function loadFastKeccak (): Promise<void> {
  loading ??= createKeccak(256).then(hasher => { spare.push(hasher) }, () => {})
  await loading
}

/** Keccak-256 of the concatenation of `parts`. */
export function keccak256 (...parts: Uint8Array[]): Bytes {
  const hasher = spare[0]

  if (hasher == null) {
    const hash = portable.create()
    parts.forEach(part => hash.update(part))

    return hash.digest() as Bytes
  }

  hasher.init()
  parts.forEach(part => hasher.update(part))

  return new Uint8Array(hasher.digest('binary'))
}

/** A hasher for data that comes in pieces. Any number may be open at once. */
export function createKeccak256 (): Keccak256 {
  const hash = portable.create()
  const hasher: Keccak256 = {
    update: (data) => {
      hash.update(data)

      return hasher
    },
    digest: () => hash.digest() as Bytes
  }

  return hasher
}
