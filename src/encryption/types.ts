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
}
