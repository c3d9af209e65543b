/** What an envelope is charged to. */
export type DispatchKind = 'content' | 'ephemeral' | 'upkeep'

/** One envelope to be sent. */
export interface Dispatch {
  kind: DispatchKind
  /** hint for stores that it need not be kept */
  ephemeral: boolean
  /** envelopes of one lane leave in order; lanes take turns */
  lane: number
  /** bytes, as far as they are known: what it takes of the in-flight window */
  size: number
  /** makes or reads the payload; undefined: there is nothing to send any more */
  payload (): Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** it is about to be handed over */
  onDispatch? (): void
  /** the send handler took it */
  onLeft? (): void
  /** the rate limit does not let an ephemeral message through: it is worthless later, and dropped */
  onRefused? (): void
  /** it waits again after an attempt that was refused */
  onRetry? (): void
  /** called once: with nothing when a peer took it, else with the reason */
  onEnd (error?: Error): void
}

/** The part of the rate limiter that sending needs. */
export interface SendBudget {
  tryTake (kind: DispatchKind): boolean
  take (kind: DispatchKind, options?: { signal?: AbortSignal }): Promise<void>
  refund (kind: DispatchKind): void
  /** Resolves when the count of what was taken outlives the process; undefined: it does already. */
  durable (): Promise<void> | undefined
}
