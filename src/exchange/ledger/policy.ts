import type { PeerId } from '@libp2p/interface'

/** What one peer and we have given each other. */
export interface Account {
  readonly peer: PeerId
  /** bytes of payloads that were asked for and found to be right */
  bytesIn: number
  bytesOut: number
  messagesIn: number
  messagesOut: number
  /** deliveries that were proven wrong */
  invalid: number
  /** deliveries that nobody had asked for */
  unrequested: number
  /** deadlines that it missed */
  timeouts: number
  /** ms, smoothed */
  latency: number
  /** bytes that the peer has signed for, and those that we have signed for */
  receiptedOut: number
  receiptedIn: number
  /** unix time in ms */
  lastSeen: number
}

/** Decides who is served how much. */
export interface ExchangePolicy {
  /**
   * How long a peer has to wait for its next batch.
   *
   * @param contenders - peers that wait for something, this one included
   * @returns ms; 0: now; Infinity: until something else changes, e.g. a receipt comes
   */
  delay (account: Account, contenders: number, now: number): number
  /** A batch has left. */
  sent (account: Account, bytes: number, contenders: number, now: number): void
  /** We got payloads and found them to be right: what to hand the peer for it, if anything. */
  receipt? (account: Account): Promise<Uint8Array | undefined> | undefined
  /** What the peer handed us. Resolves to whether it is good; one that is not costs the stream. */
  onReceipt? (account: Account, receipt: Uint8Array): Promise<boolean>
}
