import { InvalidParametersError } from '@libp2p/interface'
import { SignatureError } from './errors.js'
import { utf8 } from './framing.js'
import type { Bytes } from '../clock.js'

// version ‖ public key ‖ sender ID ‖ signature, each after its length as 2 bytes, big-endian ‖ content
const VERSION = 1

/** An RSA key of 8192 bits is the longest that libp2p takes. */
const MAX_FIELD_BYTES = 1200

/** What `signed()` hands to the inner encryption. */
export interface SignedContent {
  /** libp2p's protobuf form */
  publicKey: Uint8Array
  /** empty: the signer's peer ID */
  senderId: string
  signature: Uint8Array
  content: Uint8Array
}

export function encodeSigned ({ publicKey, senderId, signature, content }: SignedContent): Bytes {
  const fields = [publicKey, utf8(senderId), signature]

  if (fields[1].byteLength > MAX_FIELD_BYTES) {
    throw new InvalidParametersError(`a sender ID has at most ${MAX_FIELD_BYTES} bytes of UTF-8, got ${fields[1].byteLength}`)
  }

  const out = new Uint8Array(fields.reduce((sum, field) => sum + 2 + field.byteLength, 1) + content.byteLength)
  const view = new DataView(out.buffer)
  let offset = 1

  out[0] = VERSION

  for (const field of fields) {
    view.setUint16(offset, field.byteLength)
    out.set(field, offset + 2)
    offset += 2 + field.byteLength
  }

  out.set(content, offset)

  return out
}

/** The parts as views of `bytes`. */
export function decodeSigned (bytes: Uint8Array): SignedContent {
  if (bytes[0] !== VERSION) {
    throw new SignatureError('the content is not signed, or in a version that this release does not read')
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 1

  function field (): Uint8Array {
    const start = offset + 2
    const length = start <= bytes.byteLength ? view.getUint16(offset) : Infinity

    if (length > MAX_FIELD_BYTES || start + length > bytes.byteLength) {
      throw new SignatureError('the signed content is malformed')
    }

    offset = start + length

    return bytes.subarray(start, offset)
  }

  const [publicKey, senderId, signature] = [field(), decodeUtf8(field()), field()]

  return { publicKey, senderId, signature, content: bytes.subarray(offset) }
}

function decodeUtf8 (bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (err) {
    throw new SignatureError('the sender ID is not valid UTF-8', { cause: err })
  }
}
