import { HASH_BYTES, MAX_HINTS } from '../constants.js'
import { equal } from '../link/proof.js'
import type { Estimate } from './estimate.js'
import type { Cancel } from '../../clock.js'
import type { WantedMessage } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** What a peer has said, or others about it. Those below the first two are not asked again in this round. */
export type Source = 'claimed' | 'have' | 'dont-have' | 'gone' | 'failed'

/** How a want ended. */
export type Outcome = 'had' | 'unavailable' | 'cancelled'

export interface Hint {
  hash: Uint8Array
  citer: string
}

/** The peer of an ask. */
export interface AskedPeer {
  readonly id: PeerId
  readonly key: string
  readonly estimate: Estimate
  readonly session?: { abort (err: Error): void }
  /** connections and deadlines missed in a row */
  failures: number
  cancel (ask: Ask): void
}

/** One want at one peer. */
export interface Ask {
  /** on the wire */
  id: number
  want: Want
  peer: AskedPeer
  type: 'block' | 'have'
  /** the hash that was named, if any */
  hint?: Hint
  /** only the hash was named: one of us is a holder */
  byHash: boolean
  /** ms */
  sentAt: number
  /** bytes that were waited for from the peer when this was asked */
  ahead: number
  /** bytes that it is expected to be */
  size: number
  /** the peer has answered that it has nothing, and tells when that changes */
  standing: boolean
  /** hedge or deadline */
  timer?: Cancel
}

/** Something that the channel lacks, and how far asking for it has come. */
export class Want {
  readonly messageId: string
  /** after the gaps, and spread over all who claim to have it */
  bulk: boolean
  /** higher is asked and sent earlier */
  priority: number
  /** bytes, once somebody has told */
  size = 0
  /** as the channel asked for it; absent on what only a member's list names */
  message?: WantedMessage
  hints: Hint[] = []
  attempt = 0
  /** peers that list it: asked before others */
  claimants: PeerId[] = []
  /** by peer */
  readonly sources = new Map<string, Source>()
  readonly asks = new Map<string, Ask>()
  /** how often everybody was asked in vain */
  rounds = 0
  /** fewer than usual for what is not worth as much */
  maxRounds?: number
  hedged = false
  /** grace or backoff */
  timer?: Cancel
  /** deliveries are checked one after the other */
  checking?: Promise<void>
  settled = false
  /** told once, by whoever wanted it */
  readonly onSettled: Array<(outcome: Outcome) => void> = []

  constructor (messageId: string, bulk: boolean, priority: number) {
    this.messageId = messageId
    this.bulk = bulk
    this.priority = priority
  }

  addHint (hash: Uint8Array | undefined, citer: string): void {
    if (hash?.byteLength !== HASH_BYTES || this.hints.length >= MAX_HINTS || this.hints.some(hint => equal(hint.hash, hash))) {
      return
    }

    // one citer has one say
    if (!this.hints.some(hint => hint.citer === citer)) {
      this.hints.push({ hash, citer })
    }
  }

  /** Whether some peer still owes an answer that may bring it. */
  get pending (): boolean {
    for (const ask of this.asks.values()) {
      if (!ask.standing) {
        return true
      }
    }

    return this.checking != null
  }

  /** Whether a peer was asked for the bytes and still owes them. */
  get requested (): boolean {
    for (const ask of this.asks.values()) {
      if (ask.type === 'block' && !ask.standing) {
        return true
      }
    }

    return this.checking != null
  }

  /** Peers that say they have it. */
  get known (): number {
    let count = 0

    for (const source of this.sources.values()) {
      if (source === 'have' || source === 'claimed') {
        count++
      }
    }

    return count
  }
}
