import { keccak256 } from '../../src/keccak.js'
import { atOnce, segmentPayload, verifySegmentationConfig } from '../../src/segmentation/index.js'
import type { Complete, Reassembly, SegmentationConfig, SegmentInput, SegmentResult } from '../../src/segmentation/index.js'
import type { StoreEntry, StoreOp } from '../../src/storage/index.js'

export function config (partial: Partial<SegmentationConfig> = {}): SegmentationConfig {
  return verifySegmentationConfig({ streamSegments: 1, ...partial })
}

/** The payload of the vectors. */
export function pattern (length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 0xff)
}

export function concat (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0

  for (const part of parts) {
    out.set(part, at)
    at += part.byteLength
  }

  return out
}

/** The serialised segments of a payload. */
export function segmentsOf (payload: Uint8Array, settings: SegmentationConfig): Array<Uint8Array<ArrayBuffer>> {
  return segmentPayload(payload, settings).contents.map(concat)
}

/** As docs/wire.md defines it. */
export function messageIdOf (senderId: string, idSalt: bigint, content: Uint8Array): string {
  return toHex(keccak256(new TextEncoder().encode(senderId + idSalt.toString()), content))
}

/** What SDS would hand over for a message of this content. */
export function input (content: Uint8Array, senderId: string, idSalt: bigint): SegmentInput {
  return { content, senderId, idSalt, messageId: messageIdOf(senderId, idSalt, content) }
}

/** A whole send: consecutive salts from a base. */
export function inputs (payload: Uint8Array, settings: SegmentationConfig, senderId = 'alice', base = 1_000n): SegmentInput[] {
  return segmentsOf(payload, settings).map((content, i) => input(content, senderId, base + BigInt(i)))
}

export function shuffle<T> (items: readonly T[], seed: number): T[] {
  const out = [...items]
  let state = seed >>> 0

  for (let i = out.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = state % (i + 1);
    [out[i], out[j]] = [out[j], out[i]]
  }

  return out
}

export function toHex (bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

export function fromHex (hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

/** What a store holds after operations. */
export function apply (store: Map<string, Uint8Array>, ops: readonly StoreOp[]): Map<string, Uint8Array> {
  for (const { key, value } of ops) {
    if (value == null) {
      store.delete(key)
    } else {
      store.set(key, value)
    }
  }

  return store
}

/** The entries under a prefix, in no particular order. */
export function entries (store: ReadonlyMap<string, Uint8Array>, prefix: string): StoreEntry[] {
  return [...store].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value })).reverse()
}

/** Adds a segment and assembles its set if it is ready. */
export function addWhole (reassembly: Reassembly, segment: SegmentInput, now = 0): SegmentResult | undefined {
  const result = reassembly.add(segment, now)

  return result.state === 'ready' ? atOnce(reassembly.assemble(result.setKey)) : result
}

/** Adds segments until one completes the set; the others after it are still added. */
export function complete (reassembly: Reassembly, segments: readonly SegmentInput[], now = 0): Complete | undefined {
  let found: Complete | undefined

  for (const segment of segments) {
    const result = addWhole(reassembly, segment, now)

    if (result?.state === 'complete') {
      found = result
    }
  }

  return found
}
