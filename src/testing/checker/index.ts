/**
 * Checks what the members of a simulation saw against the guarantees that channels give. It looks
 * at events and logs alone, and computes happened-before itself: nothing of the code under test
 * is believed.
 */

import { checkBounds } from './bounds.js'
import { CausalOrder } from './causal-order.js'
import { checkDeliveries } from './deliveries.js'
import { checkLogs } from './logs.js'
import { MessageIndex } from './message-index.js'
import { checkOutcomes } from './outcomes.js'
import { checkReceipts } from './receipts.js'
import type { Bounds } from './bounds.js'
import type { Observation } from '../history.js'

export type { Bounds } from './bounds.js'

/** The guarantees by their numbers in the documentation; convergence: all logs end up equal. */
export type Guarantee = 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7' | 'G8' | 'convergence'

/** One breach of a guarantee. */
export interface Violation {
  guarantee: Guarantee
  message: string
  /** unix time in ms of the simulation's clock */
  at: number
  channelId: string
  /** the members whose history shows it */
  members: number[]
  /** the messages that it is about */
  messageIds: string[]
  requestId?: string
}

export interface CheckOptions {
  /** `sds.lostAfterMs` of the members. @default 60_000 */
  lostAfterMs?: number
  /** payloads up to this size travel in one piece. @default 100_000 */
  segmentBytes?: number
  bounds?: Bounds
}

/** Every breach in `history`, the earliest first. */
export function checkHistory (history: readonly Observation[], options: CheckOptions = {}): Violation[] {
  const index = new MessageIndex(history)
  const order = new CausalOrder(history, index, options.lostAfterMs ?? 60_000)

  return [
    ...checkOutcomes(history, index),
    ...checkReceipts(history, index, order, options.segmentBytes ?? 100_000),
    ...checkDeliveries(history, index),
    ...order.violations,
    ...checkLogs(history, index, order),
    ...checkBounds(history, options.bounds ?? {})
  ].sort((a, b) => a.at - b.at)
}
