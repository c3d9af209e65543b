/** Peers whose last session is remembered. The oldest is forgotten when there are more. */
const MAX_REMEMBERED = 1024

export interface AcceptGateInit {
  /** sessions at once */
  maxSessions: number
  /** ms between two sessions with one peer */
  cooldownMs: number
}

export type Admission = { release (): void } | { retryAfterMs: number }

/** Decides which of the sessions that others open are answered. */
export class AcceptGate {
  private readonly init: AcceptGateInit
  private readonly running = new Set<string>()
  private readonly last = new Map<string, number>()

  constructor (init: AcceptGateInit) {
    this.init = init
  }

  admit (peer: string, now: number): Admission {
    const { maxSessions, cooldownMs } = this.init
    const last = this.last.get(peer)
    // a clock that stepped back must not shut a peer out
    const elapsed = last == null || now < last ? cooldownMs : now - last

    if (this.running.has(peer) || this.running.size >= maxSessions || elapsed < cooldownMs) {
      return { retryAfterMs: Math.max(1000, cooldownMs - elapsed) }
    }

    this.running.add(peer)
    this.last.delete(peer)
    this.last.set(peer, now)

    if (this.last.size > MAX_REMEMBERED) {
      this.last.delete([...this.last.keys()][0])
    }

    return { release: () => { this.running.delete(peer) } }
  }
}
