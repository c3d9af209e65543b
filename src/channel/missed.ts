import { RecentMap } from './recent-map.js'
import type { ChannelContext } from './context.js'
import type { Transitions } from './transitions.js'
import type { WantedMessage } from '../exchange/types.js'
import type { MissingEntry } from '../sds/index.js'
import type { PeerId } from '@libp2p/interface'

/** Missing messages whose citer's relay is remembered, messages that were asked for, and members whose hints lied. */
const MAX_REMEMBERED = 10_000

/** Who may know more of a missing message. */
export interface Source {
  /** the peer that brought the message which cites it */
  relay?: PeerId
  /** sender ID, as the citer names it */
  author?: string
}

/** What was missed: how to ask for it, given who cites it. */
export class Missed {
  private readonly context: Pick<ChannelContext, 'reassembly'>
  private readonly transitions: Pick<Transitions, 'relay'>
  private readonly sources = new RecentMap<string, Source>(MAX_REMEMBERED)
  /** messages that came because they were asked for: what they cite is not on its way by itself */
  private readonly fetched = new RecentMap<string, true>(MAX_REMEMBERED)
  private readonly liars = new RecentMap<string, true>(MAX_REMEMBERED)

  constructor (context: Pick<ChannelContext, 'reassembly'>, transitions: Pick<Transitions, 'relay'>) {
    this.context = context
    this.transitions = transitions
  }

  source (messageId: string): Source {
    const { relay = this.transitions.relay(messageId), author } = this.sources.get(messageId) ?? {}

    return { relay, author }
  }

  /** It is fetched. */
  asked (messageId: string): void {
    this.fetched.set(messageId, true)
  }

  /** A hint of this member led to something else: none of its hints is used any more. */
  lied (citer: string): void {
    this.liars.set(citer, true)
  }

  toWants (entries: MissingEntry[]): WantedMessage[] {
    // each set is looked through once
    const sets = new Map<string, boolean>()

    return entries.map(entry => {
      const { messageId, retrievalHint, citedBy, citer, senderId, lamportTimestamp, attempt } = entry
      const known = this.sources.get(messageId)

      this.sources.set(messageId, { relay: this.transitions.relay(citedBy) ?? known?.relay, author: senderId ?? known?.author })

      return {
        messageId,
        hint: this.liars.has(citer) ? undefined : retrievalHint,
        senderId,
        lamportTimestamp,
        citer,
        // there is no sense in waiting for gossip of what is cited by something old
        attempt: this.fetched.has(citedBy) ? attempt + 1 : attempt,
        bulk: this.isSegment(entry, sets)
      }
    })
  }

  /**
   * Whether it is a segment of a large message, cited by another one of the same. What its author
   * said before that message looks the same as long as the message is not whole.
   */
  private isSegment ({ citedBy, citer, senderId }: MissingEntry, sets: Map<string, boolean>): boolean {
    const { reassembly } = this.context
    const setKey = senderId === citer ? reassembly.setOf(citedBy) : undefined

    if (setKey == null) {
      return false
    }

    const incomplete = sets.get(setKey) ?? reassembly.missing(setKey).length > 0

    sets.set(setKey, incomplete)

    return incomplete
  }
}
