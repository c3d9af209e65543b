import type { MessageId } from './types.js'

/** Ephemeral messages that are older, or that far in the future, are dropped, ms. */
const WINDOW_MS = 60_000
/** IDs that are remembered for that long. */
const MAX_IDS = 10_000
const NS_PER_MS = 1_000_000n

export type EphemeralVerdict = 'new' | 'duplicate' | 'stale' | 'full'

/** Which ephemeral messages were delivered. Nothing of them is stored but a ceiling. */
export class Ephemerals {
  /** wall clock at which each may be forgotten, in order of arrival */
  private readonly ids = new Map<MessageId, number>()

  /** `restored`: what may have been delivered before a restart has a salt of at most this. */
  constructor (private readonly restored: bigint) {}

  check (messageId: MessageId, idSalt: bigint | undefined, now: number): EphemeralVerdict {
    if (idSalt != null) {
      const age = now - Number(idSalt / NS_PER_MS)

      if (age > WINDOW_MS || age < -WINDOW_MS || idSalt <= this.restored) {
        return 'stale'
      }
    }

    if (this.ids.has(messageId)) {
      return 'duplicate'
    }

    for (const [id, until] of this.ids) {
      if (until > now && until <= now + 2 * WINDOW_MS) {
        break
      }

      this.ids.delete(id)
    }

    if (this.ids.size >= MAX_IDS) {
      return 'full'
    }

    this.ids.set(messageId, now + 2 * WINDOW_MS)

    return 'new'
  }
}
