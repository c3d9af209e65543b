import { hchacha, xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { nativeCrypto } from './native-crypto.js'
import type { Bytes } from '../clock.js'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
export const TAG_BYTES = 16

/** From here on the fixed cost of `node:crypto`, about 15 µs a call, is less than what it saves. */
export const NATIVE_FROM_BYTES = 8192

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). */
export interface Aead {
  /** Writes ciphertext and tag to `output`, which is `TAG_BYTES` longer than `plaintext`. */
  seal (key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array, output: Uint8Array): void
  /** The plaintext. Throws when `sealed` is not authentic. */
  open (key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Bytes
}

/** JavaScript alone; runs everywhere. */
export const portableAead: Aead = {
  seal: (key, nonce, associatedData, plaintext, output) => {
    xchacha20poly1305(key, nonce, associatedData).encrypt(plaintext, output)
  },
  open: (key, nonce, associatedData, sealed) => {
    return xchacha20poly1305(key, nonce, associatedData).decrypt(aligned(sealed))
  }
}

/** HChaCha20 in JavaScript, the rest in `node:crypto`. Undefined where that is missing or lacks the cipher. */
export function nativeAead (): Aead | undefined {
  native ??= createNativeAead() ?? null

  return native ?? undefined
}

let native: Aead | null | undefined

/** The faster backend for `length` bytes. */
export function aeadFor (length: number): Aead {
  return length >= NATIVE_FROM_BYTES ? nativeAead() ?? portableAead : portableAead
}

function createNativeAead (): Aead | undefined {
  const crypto = nativeCrypto()

  if (crypto?.getCiphers?.().includes('chacha20-poly1305') !== true) {
    return
  }

  const options = { authTagLength: TAG_BYTES }

  return {
    seal: (key, nonce, associatedData, plaintext, output) => {
      const cipher = crypto.createCipheriv('chacha20-poly1305', subkey(key, nonce), shortNonce(nonce), options)

      cipher.setAAD(associatedData, { plaintextLength: plaintext.byteLength })
      output.set(cipher.update(plaintext), 0)
      cipher.final()
      output.set(cipher.getAuthTag(), plaintext.byteLength)
    },
    open: (key, nonce, associatedData, sealed) => {
      const length = sealed.byteLength - TAG_BYTES
      const decipher = crypto.createDecipheriv('chacha20-poly1305', subkey(key, nonce), shortNonce(nonce), options)

      decipher.setAAD(associatedData, { plaintextLength: length })
      decipher.setAuthTag(sealed.subarray(length))
      const plaintext = decipher.update(sealed.subarray(0, length))
      decipher.final()

      // not the Buffer itself: it would print, compare and serialise differently
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
    }
  }
}

const SIGMA = words(new TextEncoder().encode('expand 32-byte k'))

/** HChaCha20 of the key and the first 16 bytes of the nonce. */
export function subkey (key: Uint8Array, nonce: Uint8Array): Bytes {
  const out = new Uint32Array(8)

  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), out)

  return new Uint8Array(out.buffer)
}

/** 4 zero bytes and the last 8 of the nonce. */
function shortNonce (nonce: Uint8Array): Bytes {
  const out = new Uint8Array(12)

  out.set(nonce.subarray(16), 4)

  return out
}

/** A copy as 32-bit words in the machine's order, which is what hchacha() takes. */
function words (bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer)
}

/** The portable cipher is several times slower on data that does not start at a 4-byte boundary. */
function aligned (bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
}
