import { sha256 } from '@noble/hashes/sha2.js'
import { toError } from '../../to-error.js'
import { MAX_PAYLOAD_BYTES } from '../constants.js'
import { equal } from '../link/proof.js'
import type { Hint, Want } from './want.js'
import type { ExchangeChannel } from '../types.js'
import type { PeerId } from '@libp2p/interface'

/** What a delivery turned out to be, and whose doing it is. */
export type Judgement =
  /** it is what was asked for */
  | { type: 'good' }
  /** the server sent something else: proven */
  | { type: 'server' }
  /** the bytes are what the hint names, and the hint is wrong */
  | { type: 'hint', hint: Hint }
  /** we cannot tell: a key that we do not hold, or a failure of our own */
  | { type: 'unknown', error?: Error }

export interface Evidence {
  payload: Uint8Array
  from: PeerId
  /** it was found by hash alone */
  byHash: boolean
  /** the hash that was named in the request */
  hint?: Hint
}

/**
 * Checks a delivery. What was found by ID must be that message: the server vouches for it. What
 * was found by hash must have that hash; if it is another message, whoever cited the hash lied.
 */
export async function judge (channel: ExchangeChannel, want: Want, { payload, from, byHash, hint }: Evidence): Promise<Judgement> {
  if (payload.byteLength > MAX_PAYLOAD_BYTES || payload.byteLength === 0) {
    return { type: 'server' }
  }

  let digest: Uint8Array | undefined

  if (byHash) {
    digest = sha256(payload)

    if (hint == null || !equal(digest, hint.hash)) {
      return { type: 'server' }
    }
  }

  try {
    const verdict = await channel.accept(payload, from, channel.role === 'holder' ? undefined : want.messageId)

    if (verdict.result === 'accepted' || verdict.result === 'duplicate') {
      return { type: 'good' }
    }

    if (verdict.result === 'unreadable') {
      return { type: 'unknown' }
    }
  } catch (err) {
    return { type: 'unknown', error: toError(err) }
  }

  if (byHash && hint != null) {
    return { type: 'hint', hint }
  }

  // somebody cited exactly these bytes, so the server did not make them up
  digest = sha256(payload)
  const cited = want.hints.find(({ hash }) => equal(hash, digest))

  return cited != null ? { type: 'hint', hint: cited } : { type: 'server' }
}
