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

let engine: IHasher | undefined
let loading: Promise<void> | undefined

/** Whose state the engine holds. Every other open hash has its own saved. */
let current: FastKeccak256 | undefined

/**
 * Loads the wasm backend, about ten times as fast as the portable one. Until it resolves, and
 * where wasm is not allowed, hashes are computed by the portable one, to the same bytes.
 */
export async function loadFastKeccak (): Promise<void> {
  loading ??= createKeccak(256).then(hasher => { engine = hasher }, () => {})
  await loading
}

/** Keccak-256 of the concatenation of `parts`. */
export function keccak256 (...parts: Uint8Array[]): Bytes {
  if (engine == null) {
    const hash = portable.create()
    parts.forEach(part => hash.update(part))

    return hash.digest()
  }

  current?.suspend(engine)
  engine.init()

  for (const part of parts) {
    engine.update(part)
  }

  return digestOf(engine)
}

/** A hasher for data that comes in pieces. Any number may be open at once. */
export function createKeccak256 (): Keccak256 {
  return engine == null ? new PortableKeccak256() : new FastKeccak256(engine)
}

class PortableKeccak256 implements Keccak256 {
  private readonly hash = portable.create()

  update (data: Uint8Array): this {
    this.hash.update(data)

    return this
  }

  digest (): Bytes {
    return this.hash.digest()
  }
}

/** All share one engine, which holds the state of one hash: whoever needs it saves the other's. */
class FastKeccak256 implements Keccak256 {
  private readonly engine: IHasher
  private state?: Uint8Array

  constructor (engine: IHasher) {
    this.engine = engine
  }

  update (data: Uint8Array): this {
    this.resume().update(data)

    return this
  }

  digest (): Bytes {
    const digest = digestOf(this.resume())
    current = undefined

    return digest
  }

  suspend (engine: IHasher): void {
    this.state = engine.save()
    current = undefined
  }

  private resume (): IHasher {
    if (current === this) {
      return this.engine
    }

    current?.suspend(this.engine)
    current = this

    return this.state == null ? this.engine.init() : this.engine.load(this.state)
  }
}

/** A copy that is ours already. */
function digestOf (engine: IHasher): Bytes {
  return engine.digest('binary') as Bytes
}
