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

/** What a member may hold at most. */
export type Bounds = { [K in 'queued' | 'inFlight' | 'unacknowledged' | 'parked' | 'missing']?: number } & {
  /** bytes in a member's datastore */
  storeBytes?: number
}
