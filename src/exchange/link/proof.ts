import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { MAX_KEYS } from '../constants.js'
import type { ExchangeChannel, Role } from '../types.js'
import type { Bytes } from '../../clock.js'
import type { PeerId } from '@libp2p/interface'

const DOMAIN = new TextEncoder().encode('holdfast/exchange/1')

/** HMACs between two turns of the event loop: about 2 ms. */
const SLICE = 256

/** What both ends of a stream know, and no other stream has. */
export interface ProofContext {
  asker: PeerId
  server: PeerId
  /** 32 bytes each, fresh for this stream */
  askerNonce: Uint8Array
  serverNonce: Uint8Array
}

/** Whose proof it is; without it, one could be sent back as the other. */
export type Side = 'asker' | 'server'

/**
 * HMAC-SHA256 under a discovery key over everything that makes this session this session. To
 * those who do not know the key it is noise, so it names the channel to nobody else.
 */
export function prove (key: Uint8Array, side: Side, role: Role, channelId: string, context: ProofContext): Bytes {
  const mac = hmac.create(sha256, key)
  const parts = [
    DOMAIN,
    context.askerNonce,
    context.serverNonce,
    context.asker.toMultihash().bytes,
    context.server.toMultihash().bytes,
    Uint8Array.of(side === 'asker' ? 0 : 1, role === 'member' ? 0 : 1),
    new TextEncoder().encode(channelId)
  ]

  for (const part of parts) {
    // every part is length-prefixed: no two different lists give the same bytes
    mac.update(Uint8Array.of(part.length >>> 24, part.length >>> 16, part.length >>> 8, part.length))
    mac.update(part)
  }

  return mac.digest()
}

/** The key that made `proof`. */
export function verify (keys: Uint8Array[], proof: Uint8Array, side: Side, role: Role, channelId: string, context: ProofContext): Uint8Array | undefined {
  return keys.slice(0, MAX_KEYS).find(key => equal(prove(key, side, role, channelId, context), proof))
}

/** A channel and the discovery key that both sides have. */
export interface Identified {
  channel: ExchangeChannel
  key: Uint8Array
}

/**
 * The channel that one of an asker's proofs is for. Costs an HMAC for each key of each channel,
 * in slices.
 *
 * @param pause - resolves in a later turn of the event loop
 */
export async function identify (channels: Iterable<ExchangeChannel>, proofs: Uint8Array[], role: Role, context: ProofContext, pause: () => Promise<void>): Promise<Identified | undefined> {
  let work = 0

  for (const channel of [...channels]) {
    for (const key of channel.keys().slice(0, MAX_KEYS)) {
      const expected = prove(key, 'asker', role, channel.channelId, context)

      if (proofs.some(proof => equal(expected, proof))) {
        return { channel, key }
      }

      if (++work % SLICE === 0) {
        await pause()
      }
    }
  }

  return undefined
}

/** Takes the same time wherever the first difference is. */
export function equal (a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length

  for (let i = 0; i < a.length; i++) {
    difference |= a[i] ^ b[i]
  }

  return difference === 0
}
