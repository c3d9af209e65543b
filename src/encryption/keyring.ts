import { sha256 } from '@noble/hashes/sha2.js'
import { InvalidParametersError } from '@libp2p/interface'
import { systemClock } from '../clock.js'
import { KEY_BYTES } from './aead.js'
import { KeyringError } from './errors.js'
import { concat, sameBytes } from './framing.js'
import { checkedKey, keyId } from './key-derivation.js'
import type { Bytes, Cancel, Clock } from '../clock.js'
import type { Keyring } from './types.js'

/** Every key costs a comparison for each payload, and a name under which the channel is found. */
export const MAX_KEYS = 64

// export: version ‖ per key, current first: key, expiry in unix ms (0: none) ‖ checksum
const VERSION = 1
const ENTRY_BYTES = KEY_BYTES + 8
const CHECKSUM_BYTES = 4

/** An expiry is noticed at latest so long after it, in ms: a machine that sleeps holds its timers up. */
const MAX_WAIT_MS = 600_000

/** unix ms */
const FOREVER = Number.MAX_SAFE_INTEGER

interface Entry {
  id: string
  key: Bytes
  /** unix ms */
  expires: number
}

/**
 * A keyring that holds one 32-byte key, or all that `export()` of another gave.
 *
 * @throws {KeyringError} neither, or altered, or made by a newer version
 */
export function createKeyring (from: Uint8Array, clock: Clock = systemClock): Keyring {
  if (!(from instanceof Uint8Array)) {
    throw new InvalidParametersError(`a keyring is made from a ${KEY_BYTES}-byte key or from exported bytes`)
  }

  return new RootKeyring(from.byteLength === KEY_BYTES ? [entry(checkedKey(from))] : decode(from), clock)
}

class RootKeyring implements Keyring {
  #entries: Entry[]
  #keys: readonly Bytes[] = []
  readonly #clock: Clock
  readonly #listeners = new Set<{ changed: () => void }>()
  #timer?: Cancel

  constructor (entries: Entry[], clock: Clock) {
    this.#entries = entries
    this.#clock = clock
    this.#publish()
  }

  get currentId (): string {
    return this.#entries[0].id
  }

  keys (): readonly Uint8Array[] {
    this.#expire()

    return this.#keys
  }

  rotate (key: Uint8Array, options: { keepOldMs?: number } = {}): string {
    const current = entry(checkedKey(key))
    const keepOldMs = options.keepOldMs ?? FOREVER

    if (!(keepOldMs >= 0)) {
      throw new InvalidParametersError('keepOldMs must not be negative')
    }

    this.#expire()
    const expires = Math.min(this.#clock.now() + keepOldMs, FOREVER)
    const old = this.#entries.filter(({ id }) => id !== current.id)

    if (old.length >= MAX_KEYS) {
      throw new InvalidParametersError(`a keyring holds at most ${MAX_KEYS} keys: remove an old one first`)
    }

    this.#entries = [current, ...old.map(entry => ({ ...entry, expires: Math.min(entry.expires, expires) })).filter(entry => entry.expires > this.#clock.now())]
    this.#publish()

    return current.id
  }

  remove (keyId: string): void {
    if (keyId === this.currentId) {
      throw new InvalidParametersError('the current key cannot be removed: rotate to another first')
    }

    const left = this.#entries.filter(({ id }) => id !== keyId)

    if (left.length < this.#entries.length) {
      this.#entries = left
      this.#publish()
    }
  }

  onChange (listener: () => void): Cancel {
    const entry = { changed: listener }

    this.#listeners.add(entry)
    this.#watch()

    return () => {
      this.#listeners.delete(entry)
      this.#watch()
    }
  }

  export (): Bytes {
    this.#expire()

    return encode(this.#entries)
  }

  #expire (): void {
    const now = this.#clock.now()
    const usable = this.#entries.filter(({ expires }, i) => i === 0 || expires > now)

    if (usable.length < this.#entries.length) {
      this.#entries = usable
      this.#publish()
    }
  }

  #publish (): void {
    this.#keys = Object.freeze(this.#entries.map(({ key }) => key))
    this.#watch()
    ;[...this.#listeners].forEach(({ changed }) => { changed() })
  }

  /** A timer runs only while somebody listens and a key is going to expire. */
  #watch (): void {
    this.#timer?.()
    this.#timer = undefined

    const next = Math.min(...this.#entries.slice(1).map(({ expires }) => expires))

    if (this.#listeners.size > 0 && next < FOREVER) {
      this.#timer = this.#clock.setTimer(() => {
        this.#expire()
        this.#watch()
      }, Math.min(next - this.#clock.now(), MAX_WAIT_MS))
    }
  }
}

function entry (key: Bytes, expires = FOREVER): Entry {
  return { id: keyId(key), key, expires }
}

function encode (entries: Entry[]): Bytes {
  const body = new Uint8Array(1 + entries.length * ENTRY_BYTES)
  const view = new DataView(body.buffer)

  body[0] = VERSION
  entries.forEach(({ key, expires }, i) => {
    body.set(key, 1 + i * ENTRY_BYTES)
    view.setBigUint64(1 + i * ENTRY_BYTES + KEY_BYTES, BigInt(expires === FOREVER ? 0 : Math.ceil(expires)))
  })

  return concat(body, checksum(body))
}

function decode (bytes: Uint8Array): Entry[] {
  const body = bytes.subarray(0, -CHECKSUM_BYTES)
  const count = (body.byteLength - 1) / ENTRY_BYTES

  if (bytes[0] > VERSION) {
    throw new KeyringError(`the keyring has version ${bytes[0]}; this release reads up to ${VERSION}`)
  }

  if (bytes[0] !== VERSION || !Number.isInteger(count) || count < 1 || count > MAX_KEYS) {
    throw new KeyringError(`expected a ${KEY_BYTES}-byte key or an exported keyring, got ${bytes.byteLength} other bytes`)
  }

  if (!sameBytes(checksum(body), bytes.subarray(-CHECKSUM_BYTES))) {
    throw new KeyringError('the exported keyring is corrupt: its checksum does not match')
  }

  const view = new DataView(body.buffer, body.byteOffset)

  return Array.from({ length: count }, (_, i) => {
    const start = 1 + i * ENTRY_BYTES
    const expires = Number(view.getBigUint64(start + KEY_BYTES))

    return entry(Uint8Array.from(body.subarray(start, start + KEY_BYTES)), i === 0 || expires === 0 ? FOREVER : expires)
  })
}

function checksum (body: Uint8Array): Uint8Array {
  return sha256(body).subarray(0, CHECKSUM_BYTES)
}
