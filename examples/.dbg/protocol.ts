/** What a peer process and the demo tell each other. */

/** One message of a peer's log, in causal order. */
export interface LogEntry {
  messageId: string
  senderId: string
  size: number
  sha256: string
  /** own ones: how the sending went, and who holds it */
  state?: string
  receipts?: readonly string[]
}

/** A peer's whole log. */
export interface Report {
  name: string
  senderId: string
  log: LogEntry[]
}

export type FromPeer =
  | { type: 'ready', senderId: string, lines: number }
  /** it shows a message of somebody else: once for each, whatever happens */
  | { type: 'emitted', messageId: string }
  /** it knows so many lines of the conversation */
  | { type: 'lines', lines: number }
  /** so much of the binary is here, in percent */
  | { type: 'binary', percent: number }
  /** everything is here, and all of its own is delivered */
  | { type: 'done', report: Report }
  | { type: 'failed', reason: string }

export type ToPeer = { type: 'stop' }
