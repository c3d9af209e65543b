import { hkdf } from '@noble/hashes/hkdf.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { InvalidParametersError } from '@libp2p/interface'
import { KEY_BYTES } from './aead.js'
import { utf8 } from './framing.js'
import { nativeCrypto } from './native-crypto.js'
import type { Bytes } from '../clock.js'

/** With version and nonce in front of it the ciphertext starts at byte 32, and is aligned. */
export const KEY_TAG_BYTES = 7

const SCRYPT = { N: 2 ** 17, r: 8, p: 1, dkLen: KEY_BYTES }

/** What one root key gives for one channel. None of it tells the root key, or another of it. */
export interface ChannelKey {
  /** encrypts */
  content: Bytes
  /** public: says which key a payload was encrypted with */
  tag: Bytes
  /** what members find each other by */
  discoverySecret: Bytes
}

/** A copy of `key`, so that the caller may wipe or change its own. */
export function checkedKey (key: Uint8Array, name = 'key'): Bytes {
  if (!(key instanceof Uint8Array) || key.byteLength !== KEY_BYTES) {
    throw new InvalidParametersError(`${name} must be a Uint8Array of ${KEY_BYTES} bytes`)
  }

  return Uint8Array.from(key)
}

export function deriveChannelKey (root: Uint8Array, channelId: string): ChannelKey {
  return {
    content: expand(root, channelId, 'holdfast/content-key/1', KEY_BYTES),
    tag: expand(root, channelId, 'holdfast/key-tag/1', KEY_TAG_BYTES),
    discoverySecret: expand(root, channelId, 'holdfast/discovery-secret/1', KEY_BYTES)
  }
}

/** 16 hex digits that name a root key. */
export function keyId (root: Uint8Array): string {
  return Array.from(expand(root, '', 'holdfast/key-id/1', 8), byte => byte.toString(16).padStart(2, '0')).join('')
}

let running: Promise<unknown> = Promise.resolve()

/**
 * The root key that a passphrase gives for a channel: scrypt over its NFKC form, N 2^17, r 8, p 1.
 * Takes 128 MiB and about half a second, off the event loop or in slices, one at a time.
 */
export async function stretchPassphrase (passphrase: string, channelId: string): Promise<Bytes> {
  const result = running.then(async () => scrypt(utf8(passphrase.normalize('NFKC')), utf8(channelId)))
  running = result.catch(() => {})

  return result
}

async function scrypt (password: Uint8Array, salt: Uint8Array): Promise<Bytes> {
  const native = nativeCrypto()?.scrypt

  if (native == null) {
    return scryptAsync(password, salt, { ...SCRYPT, asyncTick: 5 })
  }

  return new Promise((resolve, reject) => {
    const { dkLen, ...cost } = SCRYPT

    // node's own limit is a quarter of what these costs need
    native(password, salt, dkLen, { ...cost, maxmem: 256 * 2 ** 20 }, (err, key) => {
      if (err == null) {
        resolve(Uint8Array.from(key))
      } else {
        reject(err)
      }
    })
  })
}

function expand (secret: Uint8Array, salt: string, info: string, length: number): Bytes {
  return hkdf(sha256, secret, utf8(salt), utf8(info), length)
}
