import { keccak256 } from '../../src/keccak.js'
import { segmentPayload, verifySegmentationConfig } from '../../src/segmentation/index.js'
import type { SegmentationConfig, SegmentInput } from '../../src/segmentation/index.js'

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

/** As DESIGN.md section 4 defines it. */
export function messageIdOf (senderId: string, idSalt: bigint, content: Uint8Array): string {
  return Buffer.from(keccak256(new TextEncoder().encode(senderId + idSalt.toString()), content)).toString('hex')
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
