import { InvalidParametersError } from '@libp2p/interface'
import { systemRandom } from '../clock.js'
import { aeadFor, NONCE_BYTES, TAG_BYTES } from './aead.js'
import { DecryptionError } from './errors.js'
import { concat, prefixed, sameBytes } from './framing.js'
import { checkedKey, deriveChannelKey, KEY_TAG_BYTES, stretchPassphrase } from './key-derivation.js'
import type { Bytes, Cancel, Random } from '../clock.js'
import type { ChannelKey } from './key-derivation.js'
import type { Decrypted, Encryption, EncryptionContext, Keyring } from './types.js'

// payload: version ‖ key tag ‖ nonce ‖ ciphertext and authentication tag
const VERSION = 1
const NONCE_START = 1 + KEY_TAG_BYTES
const CIPHERTEXT_START = NONCE_START + NONCE_BYTES

/** Bytes that encryption adds to a content. */
export const SYMMETRIC_OVERHEAD_BYTES = CIPHERTEXT_START + TAG_BYTES

/** Channels whose derived keys are kept at hand; of more than these the oldest are derived again. */
const MAX_CACHED = 1024

/** Exactly one of them. */
export type SymmetricOptions =
  /** 32 random bytes that all members share */
  | { key: Uint8Array, passphrase?: undefined, keyring?: undefined }
  /** stretched by scrypt, salted by the channel ID; not empty */
  | { passphrase: string, key?: undefined, keyring?: undefined }
  /** keys that change now and then */
  | { keyring: Keyring, key?: undefined, passphrase?: undefined }

type Awaitable<T> = T | Promise<T>

/** What is derived from the root keys for one channel and topic. */
interface Prepared {
  roots: readonly Uint8Array[]
  keys: Array<ChannelKey & { associatedData: Bytes }>
}

/**
 * XChaCha20-Poly1305 under a key that all members share. Version, key tag, channel ID and content
 * topic are authenticated. Payloads of another version or with another key's tag are not for us
 * (`null`). Any member can write under any sender ID: see `signed()`.
 */
export function symmetric (options: SymmetricOptions, init: { random?: Random } = {}): Encryption {
  return new SymmetricEncryption(rootKeys(options), options.keyring, init.random ?? systemRandom)
}

class SymmetricEncryption implements Encryption {
  readonly #roots: (channelId: string) => Awaitable<readonly Uint8Array[]>
  readonly #keyring?: Keyring
  readonly #random: Random
  readonly #prepared = new Map<string, Prepared>()

  constructor (roots: (channelId: string) => Awaitable<readonly Uint8Array[]>, keyring: Keyring | undefined, random: Random) {
    this.#roots = roots
    this.#keyring = keyring
    this.#random = random
  }

  encrypt (content: Uint8Array, context: EncryptionContext): Awaitable<Bytes> {
    return then(this.#prepare(context), ({ keys: [key] }) => {
      const payload = new Uint8Array(content.byteLength + SYMMETRIC_OVERHEAD_BYTES)
      const nonce = this.#random.bytes(NONCE_BYTES)

      payload[0] = VERSION
      payload.set(key.tag, 1)
      payload.set(nonce, NONCE_START)
      aeadFor(content.byteLength).seal(key.content, nonce, key.associatedData, content, payload.subarray(CIPHERTEXT_START))

      return payload
    })
  }

  decrypt (payload: Uint8Array, context: EncryptionContext): Awaitable<Decrypted> {
    if (payload.byteLength < NONCE_START || payload[0] !== VERSION) {
      return null
    }

    return then(this.#prepare(context), ({ keys }) => {
      const tag = payload.subarray(1, NONCE_START)
      const key = keys.find(key => sameBytes(key.tag, tag))

      return key == null ? null : open(payload, key)
    })
  }

  discoverySecrets (context: EncryptionContext): Awaitable<Uint8Array[]> {
    return then(this.#prepare(context), ({ keys }) => keys.map(key => key.discoverySecret.slice()))
  }

  /** A key or a passphrase gives the same secrets for ever. */
  onSecrets (listener: () => void): Cancel {
    return this.#keyring?.onChange(listener) ?? (() => {})
  }

  #prepare (context: EncryptionContext): Awaitable<Prepared> {
    return then(this.#roots(context.channelId), roots => {
      const cacheKey = `${context.channelId.length}:${context.channelId}${context.contentTopic}`
      const cached = this.#prepared.get(cacheKey)

      if (cached?.roots === roots) {
        return cached
      }

      const prepared = prepare(roots, context)
      remember(this.#prepared, cacheKey, prepared)

      return prepared
    })
  }
}

function open (payload: Uint8Array, key: Prepared['keys'][number]): Bytes {
  const length = payload.byteLength - SYMMETRIC_OVERHEAD_BYTES

  if (length < 0) {
    throw new DecryptionError(`the payload is truncated: ${payload.byteLength} bytes, at least ${SYMMETRIC_OVERHEAD_BYTES} are needed`)
  }

  try {
    return aeadFor(length).open(key.content, payload.subarray(NONCE_START, CIPHERTEXT_START), key.associatedData, payload.subarray(CIPHERTEXT_START))
  } catch {
    // no cause: the backends differ in what they tell
    throw new DecryptionError('the payload is not authentic: altered, or encrypted for another content topic')
  }
}

function prepare (roots: readonly Uint8Array[], { channelId, contentTopic }: EncryptionContext): Prepared {
  return {
    roots,
    keys: roots.map(root => {
      const key = deriveChannelKey(root, channelId)

      return { ...key, associatedData: concat(Uint8Array.of(VERSION), key.tag, prefixed(channelId), prefixed(contentTopic)) }
    })
  }
}

function rootKeys (options: SymmetricOptions): (channelId: string) => Awaitable<readonly Uint8Array[]> {
  const { key, passphrase, keyring } = options ?? {}

  if ([key, passphrase, keyring].filter(option => option != null).length !== 1) {
    throw new InvalidParametersError('symmetric() takes exactly one of key, passphrase and keyring')
  }

  if (key != null) {
    const keys = [checkedKey(key)]

    return () => keys
  }

  if (keyring != null) {
    return () => keyring.keys()
  }

  if (typeof passphrase !== 'string' || passphrase.length === 0) {
    throw new InvalidParametersError('passphrase must be a string that is not empty')
  }

  return stretched(passphrase)
}

/** Stretches once per channel; those who ask meanwhile wait for the same result. */
function stretched (passphrase: string): (channelId: string) => Awaitable<readonly Uint8Array[]> {
  const roots = new Map<string, Awaitable<readonly Uint8Array[]>>()

  return channelId => {
    let root = roots.get(channelId)

    if (root == null) {
      root = stretchPassphrase(passphrase, channelId).then(key => {
        const keys = [key]
        remember(roots, channelId, keys)

        return keys
      }, err => {
        roots.delete(channelId)
        throw err
      })
      remember(roots, channelId, root)
    }

    return root
  }
}

function remember<V> (map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)

  for (const oldest of map.keys()) {
    if (map.size <= MAX_CACHED) {
      break
    }

    map.delete(oldest)
  }
}

/** Stays synchronous when `value` is: a promise per message costs more than a small encryption. */
function then<T, U> (value: Awaitable<T>, fn: (value: T) => U): Awaitable<U> {
  return value instanceof Promise ? value.then(fn) : fn(value)
}
