import type { AskPeer } from './ask-peer.js'
import type { Want } from './want.js'
import type { ExchangeChannel } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** Peers that are looked at for one want. */
const MAX_CANDIDATES = 64

/** A peer that cannot be reached is waited for so long. */
const PATIENCE_MS = 5_000

export interface Candidates {
  /** that may be asked now, best first */
  now: AskPeer[]
  /** others could be asked later: they are busy, out of reach for now, or owe an answer */
  later: boolean
}

export interface CandidatesInit {
  channel: ExchangeChannel
  /** the peer's place with the asker; nothing for ourselves and for those who are banned */
  find (peer: PeerId): AskPeer | undefined
  now: number
}

/**
 * Whom to ask: those who said that they have it, who relayed the message that cites it, its
 * author, peers whose history or filter shows it, then any peer of the channel.
 */
export function candidates (want: Want, { channel, find, now }: CandidatesInit): Candidates {
  const seen = new Set<string>()
  const found: AskPeer[] = []
  const sure: AskPeer[] = []
  let later = false

  const consider = (peers: PeerId[]): void => {
    for (const id of peers) {
      const peer = find(id)

      if (peer == null || seen.has(peer.key) || seen.size >= MAX_CANDIDATES) {
        continue
      }

      seen.add(peer.key)
      const source = want.sources.get(peer.key)
      const ask = want.asks.get(peer.key)

      if (source === 'dont-have' || source === 'gone' || source === 'failed') {
        continue
      }

      if (peer.busyUntil > now || ask?.type === 'block') {
        later = true
      } else if (peer.retryAt > now) {
        // what is only with peers that are out of reach for long should not wait for them
        later ||= peer.retryAt - now <= PATIENCE_MS
      } else if (reachable(want, peer, channel)) {
        (source === 'have' || source === 'claimed' ? sure : found).push(peer)
      }
    }
  }

  consider(want.claimants)

  // whoever lists it has promised it: others are asked when all of those have failed
  if (!want.bulk || sure.length === 0) {
    consider(channel.holders(want.messageId))
    consider(channel.peers())
  }

  // those who failed last time come after the others
  return { now: [...sure, ...found].sort((a, b) => Math.sign(a.failures) - Math.sign(b.failures)), later }
}

/** A holder can only be asked by hash. */
function reachable (want: Want, peer: AskPeer, channel: ExchangeChannel): boolean {
  return want.hints.length > 0 || (peer.session?.role !== 'holder' && channel.role !== 'holder')
}
