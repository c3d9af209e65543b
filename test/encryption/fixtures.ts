import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Decrypted, EncryptionContext } from '../../src/encryption/index.js'
import type { Clock, Random } from '../../src/clock.js'

export const context: EncryptionContext = { channelId: 'room', contentTopic: '/chat/1/room/proto', senderId: 'alice' }

export function hex (text: string): Uint8Array {
  return hexToBytes(text)
}

export function toHex (bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

export function bytes (length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff)
}

/** 0, 1, 2, … */
export const countingRandom: Random = {
  bytes: (length) => Uint8Array.from({ length }, (_, i) => i & 0xff),
  float: () => 0.5
}

export function manualClock (now = 1_700_000_000_000): Clock & { advance (ms: number): void } {
  return {
    now: () => now,
    setTimer: () => () => {},
    advance: (ms) => { now += ms }
  }
}

export function contentOf (decrypted: Decrypted): Uint8Array {
  if (decrypted == null) {
    throw new Error('not for us')
  }

  return decrypted instanceof Uint8Array ? decrypted : decrypted.content
}
