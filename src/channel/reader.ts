import { InvalidParametersError } from '@libp2p/interface'
import { toBytes } from './context.js'
import { compareCausally, decodeCursor } from './cursor.js'
import { toReceived } from './received.js'
import { requestInfo } from './requests.js'
import type { ChannelContext } from './context.js'
import type { Position } from './cursor.js'
import type { LoggedMessage } from './message-log.js'
import type { Channel, Cursor, ReceivedMessage, StoredMessage } from './types.js'
import type { Bytes } from '../clock.js'
import type { AbortOptions } from '@libp2p/interface'

/** Ephemeral messages that wait for a slow consumer of `messages()`; beyond that the oldest go. */
const MAX_EPHEMERALS = 256

type HistoryOptions = NonNullable<Parameters<Channel['history']>[0]>
type MessagesOptions = NonNullable<Parameters<Channel['messages']>[0]>

const EMPTY: Bytes = new Uint8Array(0)

/** Someone who reads messages as they come. */
interface Tail {
  ephemerals: ReceivedMessage[]
  /** nobody reads on */
  left: boolean
  wake (): void
}

/**
 * Reads the log. Whoever follows it live is woken and reads on from where it is, so that a slow
 * consumer costs a position in the log and neither memory nor messages.
 */
export class Reader {
  private readonly context: ChannelContext
  private readonly tails = new Set<Tail>()
  private closed = false

  constructor (context: ChannelContext) {
    this.context = context
  }

  /** New messages are in the log. */
  appended (): void {
    this.tails.forEach(tail => { tail.wake() })
  }

  ephemeral (message: ReceivedMessage): void {
    for (const tail of this.tails) {
      tail.ephemerals.push(message)

      if (tail.ephemerals.length > MAX_EPHEMERALS) {
        tail.ephemerals.shift()
      }

      tail.wake()
    }
  }

  /** Ends every iterator of `messages()` after what it has in hand. */
  close (): void {
    this.closed = true
    this.appended()
  }

  async message (messageId: string, options?: AbortOptions): Promise<StoredMessage | undefined> {
    const message = this.context.messages.get(messageId)

    return message == null ? undefined : await this.stored(message, options)
  }

  async * content (messageId: string, options?: AbortOptions): AsyncGenerator<Bytes> {
    const { messages } = this.context
    const message = messages.get(messageId)

    if (message == null) {
      throw new InvalidParametersError(`no message ${messageId} is in the log`)
    }

    for (let part = 0; part < (message.parts?.length ?? 1); part++) {
      options?.signal?.throwIfAborted()

      const bytes = await messages.body(message, part, options)

      if (bytes == null) {
        throw new InvalidParametersError(`message ${messageId} is no longer in the log`)
      }

      yield toBytes(bytes)
    }
  }

  count (options: { after?: Cursor, own?: boolean } = {}): number {
    return this.context.messages.count(options.after == null ? 0 : decodeCursor(options.after).arrival, options.own)
  }

  history (options: HistoryOptions = {}): AsyncIterable<StoredMessage> {
    const { order = 'causal', after, before, limit = Infinity, reverse = false } = options

    if (order !== 'causal' && order !== 'arrival') {
      throw new InvalidParametersError(`order must be 'causal' or 'arrival', not ${String(order)}`)
    }

    if (!(limit >= 0)) {
      throw new InvalidParametersError(`limit must be 0 or more, not ${limit}`)
    }

    const from = after == null ? undefined : decodeCursor(after)
    const to = before == null ? undefined : decodeCursor(before)

    return this.walk({ byCause: order === 'causal', start: reverse ? to : from, end: reverse ? from : to, limit, reverse, signal: options.signal })
  }

  messages (options: MessagesOptions = {}): AsyncIterable<ReceivedMessage> {
    const after = options.after == null ? undefined : decodeCursor(options.after).arrival
    const tail: Tail = { ephemerals: [], left: false, wake: () => {} }
    const following = this.follow(tail, { arrival: after ?? this.context.messages.visible, catchUp: after != null, own: options.own === true, signal: options.signal })
    const leave = following.return.bind(following)

    // subscribed at the call: what comes from now on is seen, however late the first next() is
    this.tails.add(tail)

    // a generator that has not begun does not run its finally, and one that waits would go on waiting
    following.return = async value => {
      tail.left = true
      tail.wake()
      this.tails.delete(tail)

      return await leave(value)
    }

    return following
  }

  private async * walk (range: { byCause: boolean, start?: Position, end?: Position, limit: number, reverse: boolean, signal?: AbortSignal }): AsyncGenerator<StoredMessage> {
    const { messages } = this.context
    const { byCause, end, limit, reverse, signal } = range
    const edge = reverse
      ? { arrival: Infinity, lamport: Infinity, messageId: '' }
      : { arrival: -1, lamport: -1, messageId: '' }
    let position: Position = range.start ?? edge

    for (let count = 0; count < limit; count++) {
      signal?.throwIfAborted()

      const message = byCause ? messages.byCause(position, reverse) : messages.byArrival(position.arrival, reverse)

      if (message == null || (end != null && reaches(message, end, byCause, reverse))) {
        return
      }

      position = { arrival: message.arrival, lamport: message.lamport, messageId: message.messageId }

      const stored = await this.stored(message, { signal })

      // retention may have removed it meanwhile
      if (stored != null) {
        yield stored
      } else {
        count--
      }
    }
  }

  private async * follow (tail: Tail, from: { arrival: number, catchUp: boolean, own: boolean, signal?: AbortSignal }): AsyncGenerator<ReceivedMessage> {
    const { messages, options: { channelId } } = this.context
    const { own, signal } = from
    const live = messages.visible
    let { arrival } = from
    const onAbort = (): void => { tail.wake() }

    signal?.addEventListener('abort', onAbort, { once: true })

    try {
      for (;;) {
        signal?.throwIfAborted()

        const message = messages.byArrival(arrival)

        if (message != null) {
          arrival = message.arrival

          // what was said before our joining is for those who catch up
          if ((message.own && !own) || (message.history && !(from.catchUp && arrival <= live))) {
            continue
          }

          const payload = await this.payload(message, { signal })

          if (payload != null) {
            yield toReceived(channelId, message, payload)
          }

          continue
        }

        const ephemeral = tail.ephemerals.shift()

        if (ephemeral != null) {
          yield ephemeral
        } else if (this.closed || tail.left) {
          return
        } else {
          await new Promise<void>(resolve => { tail.wake = resolve })
        }
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.tails.delete(tail)
    }
  }

  private async stored (message: LoggedMessage, options?: AbortOptions): Promise<StoredMessage | undefined> {
    const payload = await this.payload(message, options)

    if (payload == null) {
      return undefined
    }

    const request = message.request == null ? undefined : await this.context.requests.find(message.request, options)

    return {
      ...toReceived(this.context.options.channelId, message, payload),
      request: request == null ? undefined : requestInfo(request)
    }
  }

  private async payload (message: LoggedMessage, options?: AbortOptions): Promise<Bytes | undefined> {
    if (message.parts != null) {
      return EMPTY
    }

    const payload = await this.context.messages.body(message, 0, options)

    // each reader gets bytes of its own: the store's must not change
    return payload == null ? undefined : new Uint8Array(payload)
  }
}

/** Whether a walk has come to its end at `message`. */
function reaches (message: Position, end: Position, byCause: boolean, reverse: boolean): boolean {
  const distance = byCause ? compareCausally(message, end) : message.arrival - end.arrival

  return reverse ? distance <= 0 : distance >= 0
}
