import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Bytes } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

/** Length of a discovery key in bytes. */
export const DISCOVERY_KEY_BYTES = 32

const DAY_MS = 24 * 60 * 60 * 1000

/** Names of the neighbouring day are in use this close to its boundary, so that clocks may differ by as much. */
const BOUNDARY_MS = 2 * 60 * 60 * 1000

/** A topic is a discovery key of a channel, and the name under which the address book knows it. */
export interface Topic {
  /** hex, derived from the key; never leaves this node */
  id: string
  key: Uint8Array
}

/** A discovery key from a secret of any length. */
export function discoveryKey (secret: Uint8Array): Bytes {
  return derive(utf8ToBytes('holdfast/discovery/secret/1'), secret)
}

/** The discovery key of a channel that has no secret. Whoever can guess the ID can find the members. */
export function publicDiscoveryKey (channelId: string): Bytes {
  return derive(utf8ToBytes('holdfast/discovery/channel-id/1'), utf8ToBytes(channelId))
}

export function createTopic (key: Uint8Array): Topic {
  return { id: bytesToHex(derive(key, utf8ToBytes('holdfast/discovery/topic/1')).subarray(0, 16)), key: new Uint8Array(key) }
}

/** Days since the epoch whose names are in use at `now` (Unix ms), the current one first. */
export function activeDays (now: number): number[] {
  const day = Math.floor(now / DAY_MS)
  const sinceMidnight = now - day * DAY_MS

  if (sinceMidnight < BOUNDARY_MS) {
    return [day, day - 1]
  }

  return DAY_MS - sinceMidnight <= BOUNDARY_MS ? [day, day + 1] : [day]
}

/**
 * The name under which a topic is registered at one point on one day: 64 characters of hex.
 * Without the key, two of them cannot be told to belong to one channel.
 */
export function rendezvousNamespace (key: Uint8Array, point: PeerId, day: number): string {
  const days = new Uint8Array(8)
  new DataView(days.buffer).setBigUint64(0, BigInt(day))

  return bytesToHex(derive(key, concatBytes(utf8ToBytes('holdfast/discovery/namespace/1'), days, point.toMultihash().bytes)))
}

function derive (key: Uint8Array, message: Uint8Array): Bytes {
  return new Uint8Array(hmac(sha256, key, message))
}
