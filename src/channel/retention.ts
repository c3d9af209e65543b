import { isPending } from './requests.js'
import type { ChannelContext } from './context.js'
import type { StoreOp } from '../storage/index.js'

/** How often age is looked at, in ms. */
const PERIOD_MS = 60_000

/** Messages, and payloads, that are removed in one go: after a month away there may be very many. */
const MAX_REMOVED = 1_000

/** Messages between two looks at number and bytes. */
const EVERY_MESSAGES = 256

/** Removes from the history what exceeds its bounds: messages, their payloads, and what SDS knows of them. */
export class Retention {
  private readonly context: ChannelContext
  private nextAt: number
  private appended = 0

  constructor (context: ChannelContext) {
    this.context = context
    this.nextAt = context.clock.now() + PERIOD_MS
  }

  /** A message was added. */
  added (): void {
    if (++this.appended >= EVERY_MESSAGES) {
      this.prune()
    }
  }

  tick (now: number): void {
    if (now >= this.nextAt) {
      this.prune()
    }
  }

  /** Nothing to do while the log is empty. */
  nextDeadline (): number | undefined {
    return this.context.messages.length + this.context.payloads.size > 0 ? this.nextAt : undefined
  }

  prune (): void {
    const { clock, messages, payloads, requests, sds, committer } = this.context
    const now = clock.now()

    this.appended = 0
    this.nextAt = now + PERIOD_MS

    const isNeeded = (messageId: string): boolean => {
      const request = requests.ofSegment(messageId)

      return request != null && isPending(request)
    }
    const { removed, ops } = messages.prune(now, MAX_REMOVED)
    const excess = payloads.excess(now, MAX_REMOVED, isNeeded)
    const forgotten = removed.flatMap(message => message.segments ?? [message.messageId]).filter(id => !isNeeded(id))

    forgotten.push(...excess)

    if (removed.length === MAX_REMOVED || excess.length === MAX_REMOVED) {
      this.nextAt = now
    }

    for (const message of removed) {
      if (message.request != null) {
        ops.push(...requests.forget(message.request))
      }
    }

    ops.push(...requests.prune(id => messages.get(id) != null))
    ops.push(...forgotten.flatMap((id): StoreOp[] => payloads.remove(id)))

    if (forgotten.length > 0) {
      sds.forget(forgotten)
      ops.push(...sds.takeOps())
    }

    if (ops.length > 0) {
      committer.push(ops, () => {})
    }
  }
}
