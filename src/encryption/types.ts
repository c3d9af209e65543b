import type { Bytes, Cancel } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

/** Where a payload belongs. */
export interface EncryptionContext {
  channelId: string
  contentTopic: string
  /** ours, not part of the associated data */
  senderId: string
}

/**
 * What came out: the content alone, or with the sender that the encryption proved. `null` means
 * that the payload is not for us, which a key tag tells cheaply; that is no error.
 */
export type Decrypted = Uint8Array | { content: Uint8Array, sender?: PeerId, senderId?: string } | null

/** The encryption hook of a channel. */
export interface Encryption {
  encrypt (content: Uint8Array, context: EncryptionContext): Promise<Uint8Array> | Uint8Array
  /** throws when the payload claims to be for us and is not authentic */
  decrypt (payload: Uint8Array, context: EncryptionContext): Promise<Decrypted> | Decrypted
  /** secrets that members find each other by, current first */
  discoverySecrets? (context: EncryptionContext): Promise<Uint8Array[]> | Uint8Array[]
  /**
   * Calls `listener` each time that `discoverySecrets()` has come to give others, until cancelled.
   * Where it is absent a channel asks again every five minutes.
   */
  onSecrets? (listener: () => void): Cancel
}

/** The keys of a channel whose key changes now and then. Every member needs the same keys. */
export interface Keyring {
  /** the key that encrypts: 16 hex digits that tell nothing about the key */
  readonly currentId: string
  /** all usable root keys, current first; the same frozen array until it changes */
  keys (): readonly Uint8Array[]
  /**
   * Makes a 32-byte key the current one and returns its ID. The previous ones go on decrypting
   * for `keepOldMs` (default: until removed), which is also how long members are found under them.
   */
  rotate (key: Uint8Array, options?: { keepOldMs?: number }): string
  /** Forgets an old key; unknown IDs are ignored, the current key is refused. */
  remove (keyId: string): void
  /** Calls `listener`, which must not throw, each time that `keys()` has changed, also by expiry. */
  onChange (listener: () => void): Cancel
  /** All of it, the keys in the clear, for `createKeyring()`. */
  export (): Bytes
}
