import type { Missing } from './missing.js'
import type { Sender } from './senders.js'
import type { MessageId } from './types.js'

/** A message that is here and waits for others. */
export interface Parked {
  readonly slot: number
  readonly messageId: MessageId
  readonly lamport: number
  readonly sender: Sender
  readonly hint?: string
  /** everything that it cites */
  readonly cites: readonly MessageId[]
  readonly late: boolean
  readonly fetched: boolean
  /** dependencies that are neither delivered nor given up */
  unmet: number
  /** what it began to wait for */
  readonly needs: readonly Dependency[]
  readonly since: number
  readonly weight: number
  /** as it is stored; absent where it waits for less by now */
  record?: Uint8Array
}

/** Something that messages wait for: either here and parked itself, or missing; neither once it is met or given up. */
export interface Dependency {
  parked?: Parked
  missing?: Missing
  /** a list, in the order of arrival: it takes less memory than an array that grows */
  first?: Waiter
  last?: Waiter
}

export interface Waiter {
  readonly parked: Parked
  next?: Waiter
}
