import type { Encryption } from './types.js'

/**
 * No encryption: everybody on the topic can read and forge, and the channel is found by its ID.
 * Returns its input unchanged.
 */
export function plaintext (): Encryption {
  return {
    encrypt: (content) => content,
    decrypt: (payload) => payload
  }
}
