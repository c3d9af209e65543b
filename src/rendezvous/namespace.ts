import { InvalidParametersError } from '@libp2p/interface'
import { MAX_NAMESPACE_BYTES } from './constants.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The bytes of a namespace that goes out.
 *
 * @param least - 1 to register, 0 to discover: the empty one stands for all namespaces
 */
export function encodeNamespace (namespace: string, least: 0 | 1 = 1): Uint8Array {
  const bytes = encoder.encode(namespace)

  // half a surrogate pair would be registered as another character
  if (typeof namespace !== 'string' || !namespace.isWellFormed() || bytes.byteLength < least || bytes.byteLength > MAX_NAMESPACE_BYTES) {
    throw new InvalidParametersError(`a namespace is a well-formed string of ${least} to ${MAX_NAMESPACE_BYTES} bytes of UTF-8, not ${JSON.stringify(String(namespace).slice(0, 64))} of ${bytes.byteLength}`)
  }

  return bytes
}

/** The namespace in a message, absent counting as empty; undefined when it is too long or not UTF-8. */
export function decodeNamespace (bytes: Uint8Array = new Uint8Array()): string | undefined {
  if (bytes.byteLength > MAX_NAMESPACE_BYTES) {
    return undefined
  }

  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
