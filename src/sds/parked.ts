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
  readonly needs: readonly MessageId[]
  readonly since: number
  readonly weight: number
  /** as it is stored; empty where nothing is */
  record: Uint8Array
}
