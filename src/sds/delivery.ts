import { packBytes } from '../interned.js'
import type { Acknowledgements } from './acknowledgements.js'
import type { Core } from './core.js'
import type { Dependencies } from './dependencies.js'
import type { Parked } from './parked.js'
import type { MessageId } from './types.js'

/** Messages that one call releases from the queue; the rest follows with the next ones. */
const MAX_RELEASED = 128

/** Puts messages into the log in causal order; what that makes ready follows from a queue, without recursion. */
export class Delivery {
  /** ready, in the order of their release, from `next` on */
  private queue: Parked[] = []
  private next = 0

  constructor (
    private readonly core: Core,
    private readonly dependencies: Dependencies,
    private readonly acknowledgements: Acknowledgements
  ) {}

  /** Whether `flush()` has something to do. */
  get isBehind (): boolean {
    return this.next < this.queue.length
  }

  /** These are released by the next calls of `flush()`. */
  enqueue (parked: Parked[]): void {
    for (const ready of parked) {
      this.queue.push(ready)
    }
  }

  /**
   * The dependencies of a message are met.
   *
   * @param past - it was fetched, and is from before our joining
   */
  deliver (message: Parked, past = false): void {
    this.enter(message, past, this.queue)
  }

  /** The message is delivered or need not be waited for. */
  resolve (messageId: MessageId): void {
    this.dependencies.resolve(messageId, this.queue)
  }

  /** These need not be waited for. Whatever of `first` is ready, or becomes so by that, is released at once. */
  present (messageIds: readonly MessageId[], first: ReadonlySet<MessageId>): void {
    const ready = this.queue.slice(this.next)

    this.queue = []
    this.next = 0
    messageIds.forEach(messageId => { this.dependencies.resolve(messageId, ready) })

    // what is released adds to what is ready
    for (const parked of ready) {
      if (first.has(parked.messageId)) {
        this.release(parked, ready)
      } else {
        this.queue.push(parked)
      }
    }
  }

  /** Releases what is ready, and what that makes ready, as far as one call may. */
  flush (): void {
    for (let i = 0; i < MAX_RELEASED && this.isBehind; i++) {
      this.release(this.queue[this.next++], this.queue)
    }

    if (!this.isBehind) {
      this.queue = []
      this.next = 0
    }
  }

  private release (parked: Parked, ready: Parked[]): void {
    this.dependencies.unpark(parked)
    this.enter(parked, false, ready)
  }

  /** The message enters the log. Adds to `ready` what waited for it alone. */
  private enter (message: Parked, past: boolean, ready: Parked[]): void {
    const { core } = this
    const { slot, messageId, lamport, hint, sender: { senderId } } = message

    core.clock.merge(lamport)
    core.recorder.logged(messageId, lamport, senderId, hint)
    this.append(message, senderId).forEach(covered => { core.recorder.covered(covered) })

    if (senderId === core.senderId) {
      this.acknowledgements.track(slot, true)
      core.recorder.attempt(messageId, 0, true)
    }

    core.emit({
      type: 'released',
      messageId,
      senderId,
      lamportTimestamp: lamport,
      late: message.late,
      history: past || (message.fetched && (lamport <= core.seen.floor || core.join.isOlder(lamport)))
    })

    this.dependencies.resolve(messageId, ready)
  }

  /** Makes the row of a message. Answers what it takes from the frontier. */
  append (message: Pick<Parked, 'slot' | 'hint' | 'cites'>, senderId: string): MessageId[] {
    const { log, seen, recorder } = this.core

    log.add({ slot: message.slot, senderId, hint: message.hint, block: recorder.block, receipts: undefined })

    return message.cites.filter(cited => {
      const slot = seen.find(cited)

      return slot >= 0 && slot !== message.slot && log.cover(slot)
    })
  }
}

export function packHint (hint: Uint8Array | undefined): string | undefined {
  return hint == null ? undefined : packBytes(hint)
}
