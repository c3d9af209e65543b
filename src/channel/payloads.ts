import { packBytes, unpackBytes } from '../interned.js'
import { StoreCorruptError } from '../storage/index.js'
import { ciphertextKey, payloadId, payloadKey, PAYLOAD_PREFIX } from './keys.js'
import { PayloadRecord } from './pb/records.js'
import type { HistoryConfig } from './types.js'
import type { Store, StoreOp } from '../storage/index.js'
import type { AbortOptions } from '@libp2p/interface'

/** Payloads kept for each message that the history may have: segments are messages of SDS. */
const PAYLOADS_PER_MESSAGE = 4

/** A view that pins a buffer this much larger than itself is copied. */
const PIN_BYTES = 1_024

/** What is known of a published payload. */
export interface PayloadInfo {
  /** sha256 */
  hash: Uint8Array
  size: number
}

/** The same as it is remembered, by the thousand: the string is the one that the map of hashes has. */
interface Kept {
  hash: string
  size: number
  /** ms */
  at: number
}

/**
 * The payloads of the channel's messages exactly as they were published, ours and those of
 * others: for retransmission, for repairs, and for members that missed them. Bounded as the
 * history is; the oldest go first.
 */
export class Payloads {
  private readonly store: Store
  private readonly config: HistoryConfig
  /** in the order in which they came */
  private readonly byId = new Map<string, Kept>()
  private readonly byHash = new Map<string, string>()
  private bytes = 0

  constructor (store: Store, config: HistoryConfig) {
    this.store = store
    this.config = config
  }

  /** @throws {StoreCorruptError} */
  async load (options?: AbortOptions): Promise<void> {
    const records: Array<[string, Kept]> = []

    for await (const { key, value } of this.store.list(PAYLOAD_PREFIX, options)) {
      try {
        const { hash, size, keptAt } = PayloadRecord.decode(value)

        records.push([payloadId(key), { hash: packBytes(hash), size, at: keptAt }])
      } catch (err) {
        throw new StoreCorruptError(`the payload record ${key} cannot be decoded`, { cause: err })
      }
    }

    records.sort(([, a], [, b]) => a.at - b.at)
    records.forEach(([messageId, kept]) => { this.add(messageId, kept) })
  }

  get size (): number {
    return this.byId.size
  }

  info (messageId: string): PayloadInfo | undefined {
    const kept = this.byId.get(messageId)

    return kept == null ? undefined : { hash: unpackBytes(kept.hash), size: kept.size }
  }

  /** The message ID that a payload belongs to. */
  find (hash: Uint8Array): string | undefined {
    return this.byHash.get(packBytes(hash))
  }

  /** Keeps a payload. It is known at once, and readable when the operations are durable. */
  keep (messageId: string, payload: Uint8Array, hash: Uint8Array, now: number): StoreOp[] {
    const bytes = payload.buffer.byteLength > payload.byteLength + PIN_BYTES ? new Uint8Array(payload) : payload

    this.add(messageId, { hash: packBytes(hash), size: bytes.byteLength, at: now })

    return [
      { key: payloadKey(messageId), value: PayloadRecord.encode({ hash: hash as Uint8Array<ArrayBuffer>, size: bytes.byteLength, keptAt: now }) },
      { key: ciphertextKey(messageId), value: bytes }
    ]
  }

  async read (messageId: string, options?: AbortOptions): Promise<Uint8Array | undefined> {
    return this.byId.has(messageId) ? await this.store.get(ciphertextKey(messageId), options) : undefined
  }

  remove (messageId: string): StoreOp[] {
    const kept = this.byId.get(messageId)

    if (kept == null) {
      return []
    }

    this.byId.delete(messageId)
    this.bytes -= kept.size

    if (this.byHash.get(kept.hash) === messageId) {
      this.byHash.delete(kept.hash)
    }

    return [{ key: payloadKey(messageId) }, { key: ciphertextKey(messageId) }]
  }

  /** IDs whose payloads exceed the bounds, oldest first, `max` at most. */
  excess (now: number, max: number, isNeeded: (messageId: string) => boolean): string[] {
    const oldest = now - this.config.maxAgeMs
    const maxCount = this.config.maxMessages * PAYLOADS_PER_MESSAGE
    const out: string[] = []
    let { bytes } = this
    let count = this.byId.size

    for (const [messageId, kept] of this.byId) {
      if (out.length === max || (count <= maxCount && bytes <= this.config.maxBytes && kept.at >= oldest)) {
        break
      }

      if (!isNeeded(messageId)) {
        out.push(messageId)
        bytes -= kept.size
        count--
      }
    }

    return out
  }

  private add (messageId: string, kept: Kept): void {
    this.byId.set(messageId, kept)
    this.byHash.set(kept.hash, messageId)
    this.bytes += kept.size
  }
}
