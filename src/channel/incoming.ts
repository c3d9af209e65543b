import { packBytes } from '../interned.js'
import { sha256 } from '../sha256.js'
import { toError } from '../to-error.js'
import { OverloadError } from './errors.js'
import { RecentMap } from './recent-map.js'
import type { ChannelContext } from './context.js'
import type { Arrival, Opened } from './opened.js'
import type { Transitions } from './transitions.js'
import type { Decrypted } from '../encryption/index.js'
import type { DeliveryVerdict } from '../exchange/types.js'
import type { AbortOptions } from '@libp2p/interface'

/** Payloads in the decrypt step at once, and their bytes. What exceeds it is dropped: it is asked for again. */
const MAX_DECRYPTING = 1_024
const MAX_DECRYPTING_BYTES = 32 * 1024 * 1024

/** Bytes of state that may wait for the store before more is taken in. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024

/** Payloads that were not authentic, remembered so that they are not decrypted again. */
const MAX_INVALID = 4_096

/**
 * The first steps of what comes in: known payloads are recognised by their hash before any
 * work, the others decrypted, in the order in which they came where the encryption allows it.
 */
export class Incoming {
  private readonly context: ChannelContext
  private readonly transitions: Transitions
  private readonly invalid = new RecentMap<string, true>(MAX_INVALID)
  private readonly decrypting = new Set<Promise<DeliveryVerdict>>()
  private decryptingBytes = 0
  private closed = false

  constructor (context: ChannelContext, transitions: Transitions) {
    this.context = context
    this.transitions = transitions
  }

  /** Takes in a payload of the channel's topic. Never throws. */
  async receive (payload: Uint8Array, arrival: Arrival): Promise<DeliveryVerdict> {
    const { committer, errors } = this.context

    if (this.closed) {
      return { result: 'unreadable' }
    }

    if (this.decrypting.size >= MAX_DECRYPTING || this.decryptingBytes > MAX_DECRYPTING_BYTES || committer.backlog > MAX_BACKLOG_BYTES) {
      errors.report(new OverloadError('more came in than can be taken in; it was dropped and is asked for again'))

      return { result: 'unreadable' }
    }

    // a Buffer would go on as one, and slice() of those does not copy
    const opening = this.open(new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength), arrival)

    if (!(opening instanceof Promise)) {
      return opening
    }

    this.decrypting.add(opening)
    this.decryptingBytes += payload.byteLength

    try {
      return await opening
    } finally {
      this.decrypting.delete(opening)
      this.decryptingBytes -= payload.byteLength
    }
  }

  /** Takes in nothing more; waits, until aborted, for what is in the decrypt step, which then goes nowhere. */
  async close ({ signal }: AbortOptions = {}): Promise<void> {
    this.closed = true

    const { promise: aborted, resolve: onAbort } = Promise.withResolvers<void>()

    signal?.addEventListener('abort', () => { onAbort() }, { once: true })

    if (signal?.aborted !== true) {
      await Promise.race([Promise.allSettled(this.decrypting), aborted])
    }
  }

  private open (payload: Uint8Array, arrival: Arrival): DeliveryVerdict | Promise<DeliveryVerdict> {
    const { payloads, options, encryptionContext } = this.context
    const hash = sha256(payload)
    const known = payloads.find(hash)

    if (known != null) {
      this.transitions.duplicate(known)

      return { result: 'duplicate', messageId: known }
    }

    const key = packBytes(hash)

    if (this.invalid.has(key)) {
      return { result: 'invalid' }
    }

    const opened = { payload, hash, arrival }

    try {
      const decrypted = options.encryption.decrypt(payload, encryptionContext)

      if (decrypted instanceof Promise) {
        return decrypted.then(
          result => this.deliver(result, opened),
          err => this.fail(err, key)
        )
      }

      return this.deliver(decrypted, opened)
    } catch (err) {
      return this.fail(err, key)
    }
  }

  private fail (err: unknown, key: string): DeliveryVerdict {
    this.invalid.set(key, true)

    if (!this.closed) {
      this.context.errors.report(toError(err))
    }

    return { result: 'invalid' }
  }

  private deliver (decrypted: Decrypted, opened: Omit<Opened, 'content'>): DeliveryVerdict {
    // what no key of ours opens is told cheaply, and looked at anew each time: the key may come
    if (this.closed || decrypted == null) {
      return { result: 'unreadable' }
    }

    return decrypted instanceof Uint8Array
      ? this.transitions.receive({ ...opened, content: decrypted })
      : this.transitions.receive({ ...opened, ...decrypted })
  }
}
