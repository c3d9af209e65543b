import { sha256 as portable } from '@noble/hashes/sha2.js'
import type { Bytes } from './clock.js'

// present on Node.js only, and reached without an import so that bundlers need no shim
const node = globalThis.process?.getBuiltinModule?.('node:crypto')

/** SHA-256 of `data`, 32 bytes. Computed by OpenSSL on Node.js, which is seven times as fast. */
export function sha256 (data: Uint8Array): Bytes {
  if (node == null) {
    return portable(data)
  }

  return new Uint8Array(node.createHash('sha256').update(data).digest())
}
