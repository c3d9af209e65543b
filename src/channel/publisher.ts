import { sha256 } from '../sha256.js'
import { outgoingKey } from './keys.js'
import type { ChannelContext } from './context.js'

/** A serialised SDS message and the envelope around it, roughly: what a payload takes of the window. */
export const ENVELOPE_OVERHEAD_BYTES = 512

/**
 * Turns serialised SDS messages into payloads. The payload of a message that is kept is made
 * once: every later transmission, and whoever asks for it, gets the same bytes.
 */
export class Publisher {
  private readonly context: ChannelContext
  /** payloads that are being made */
  private readonly making = new Map<string, Promise<Uint8Array | undefined>>()

  constructor (context: ChannelContext) {
    this.context = context
  }

  /** The payload of a message of the log; nothing when retention has removed it. */
  async payload (messageId: string): Promise<Uint8Array | undefined> {
    const kept = await this.context.payloads.read(messageId)

    if (kept != null) {
      return kept
    }

    let making = this.making.get(messageId)

    if (making == null) {
      making = this.make(messageId).finally(() => this.making.delete(messageId))
      this.making.set(messageId, making)
    }

    return await making
  }

  /** Encrypts what nobody keeps. */
  async seal (bytes: Uint8Array): Promise<Uint8Array> {
    const { options, encryptionContext } = this.context

    return await options.encryption.encrypt(bytes, encryptionContext)
  }

  private async make (messageId: string): Promise<Uint8Array | undefined> {
    const { store, payloads, committer, sds, clock } = this.context
    const key = outgoingKey(messageId)
    const bytes = await store.get(key)

    if (bytes == null) {
      return undefined
    }

    const payload = await this.seal(bytes)
    const hash = sha256(payload)

    sds.hint(messageId, hash)

    const ops = [...payloads.keep(messageId, payload, hash, clock.now()), { key }, ...sds.takeOps()]

    await new Promise<void>(resolve => { committer.push(ops, resolve) })

    return payload
  }
}
