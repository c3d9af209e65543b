import type { AskPeer } from './ask-peer.js'
import type { Want } from './want.js'
import type { ExchangeChannel } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** Peers that are looked at for one want. */
const MAX_CANDIDATES = 64

/** A peer that cannot be reached is waited for so long. */
const PATIENCE_MS = 5_000

/** Peers that bulk is spread over, when fewer say that they have it. */
const SPREAD = 3

/** Bytes of a message from which on it is worth a round trip to ask others than those who list it. */
const LARGE_BYTES = 16 * 1024

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
 * author, peers whose history or filter shows it, then any peer of the channel. Of bulk that is
 * large, or that nobody has listed, a few are tried on the chance that they have it too.
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

  // whoever lists it has promised it: others are asked when all of those have failed, or to share the load
  if (!want.bulk || sure.length === 0 || (want.size >= LARGE_BYTES && sure.length < SPREAD)) {
    consider(channel.holders(want.messageId))
    consider(channel.peers())
  }

  if (want.bulk) {
    inOrder(found, ({ failures, lacks }) => failures > 0 || lacks > 0)
    found.length = Math.min(found.length, Math.max(SPREAD - sure.length, 0))
  }

  // those who failed last time come after the others
  return { now: inOrder([...sure, ...found], ({ failures }) => failures > 0), later }
}

/**
 * Who would have delivered it first. Whoever has not said to have it may cost a round trip, and
 * counts as having another of its size to send for each that it lacked before.
 */
export function quickest (peers: AskPeer[], want: Want): AskPeer {
  const when = (peer: AskPeer): number => {
    const { estimate, expected, lacks } = peer
    const size = sizeOf(want, peer)

    return estimate.expected(expected + size) + (want.sources.has(peer.key) ? 0 : estimate.rtt + lacks * estimate.expected(size))
  }

  return peers.reduce((best, peer) => when(peer) < when(best) ? peer : best)
}

/** Bytes that it is expected to be. */
export function sizeOf (want: Want, { estimate }: AskPeer): number {
  return want.size > 0 ? want.size : estimate.typical
}

/** Moves some of them behind the others. */
function inOrder (peers: AskPeer[], isLast: (peer: AskPeer) => boolean): AskPeer[] {
  return peers.sort((a, b) => Number(isLast(a)) - Number(isLast(b)))
}

/** A holder can only be asked by hash. */
function reachable (want: Want, peer: AskPeer, channel: ExchangeChannel): boolean {
  return want.hints.length > 0 || (peer.session?.role !== 'holder' && channel.role !== 'holder')
}
