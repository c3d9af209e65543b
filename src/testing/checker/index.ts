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
import type { CheckOptions, Violation } from './types.js'
import type { Observation } from '../history.js'

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
