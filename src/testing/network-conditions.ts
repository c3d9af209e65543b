/** How badly the network behaves. Probabilities are between 0 and 1. */
export interface NetworkConditions {
  /** that one recipient does not get one transmission; over a connection it comes late. @default 0 */
  loss: number
  /** that a recipient gets a transmission twice. @default 0 */
  duplicate: number
  /** that a transmission to a recipient is held up, for up to 3 s. @default 0 */
  reorder: number
  /** least and most ms that a transmission takes. @default [10, 100] */
  delay: readonly [number, number]
  /** that handing an envelope over is refused; a retry may succeed. @default 0 */
  refuse: number
}

export const GOOD_CONDITIONS: NetworkConditions = { loss: 0, duplicate: 0, reorder: 0, delay: [10, 100], refuse: 0 }

/** What the network did, for reports. */
export interface NetworkCounters {
  transmissions: number
  deliveries: number
  lost: number
  duplicated: number
  bytes: number
}
