import { packBytes } from '../interned.js'
import type { Acknowledgements } from './acknowledgements.js'
import type { Core } from './core.js'
import type { Dependencies } from './dependencies.js'
import type { Parked } from './parked.js'
import type { MessageId } from './types.js'

/** Puts messages into the log in causal order; what that makes ready follows from a queue, without recursion. */
export class Delivery {
  private queue: Parked[] = []

  constructor (
    private readonly core: Core,
    private readonly dependencies: Dependencies,
    private readonly acknowledgements: Acknowledgements
  ) {}

  /** These are released by the next `flush()`. */
  enqueue (parked: Parked[]): void {
    this.queue.push(...parked)
  }

  /**
   * The dependencies of a message are met.
   *
   * @param past - it was fetched, and is from before our joining
   */
  deliver (message: Parked, past = false): void {
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

    this.resolve(messageId)
  }

  /** The message is delivered or need not be waited for. */
  resolve (messageId: MessageId): void {
    this.dependencies.resolve(messageId, this.queue)
  }

  /** Releases what is ready, and what that makes ready. */
  flush (): void {
    for (let i = 0; i < this.queue.length; i++) {
      const parked = this.queue[i]
      this.dependencies.unpark(parked)
      this.deliver(parked)
    }

    this.queue = []
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
