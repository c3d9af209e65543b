/**
 * The encryption hook of a channel, and three implementations of it.
 *
 * ```ts
 * import { createKeyring, signed, symmetric } from 'holdfast/encryption'
 *
 * const keyring = createKeyring(crypto.getRandomValues(new Uint8Array(32)))
 * const encryption = signed(symmetric({ keyring }), { privateKey })
 *
 * keyring.rotate(nextKey, { keepOldMs: 7 * 86_400_000 })
 * ```
 *
 * A payload of `symmetric()` is version (1 byte, value 1) ‖ key tag (7) ‖ random nonce (24) ‖
 * ciphertext and Poly1305 tag (16). Content key, key tag and discovery secret come from the root
 * key by HKDF-SHA256, salted by the channel ID, each under its own info string. Version, key tag,
 * channel ID and content topic are the associated data, the strings prefixed by their lengths.
 *
 * It hides content from those without the key. It does not hide sizes, times or the topic, gives
 * no forward secrecy (whoever gets a key reads what was recorded under it), and does not tell
 * members apart: that is what `signed()` adds.
 */

export { plaintext } from './plaintext.js'
export { symmetric, SYMMETRIC_OVERHEAD_BYTES } from './symmetric.js'
export type { SymmetricOptions } from './symmetric.js'
export { signed } from './signed.js'
export type { SignedOptions } from './signed.js'
export { createKeyring } from './keyring.js'
export { DecryptionError, KeyringError, NotMemberError, SignatureError } from './errors.js'
export type { Decrypted, Encryption, EncryptionContext, Keyring } from './types.js'
