import { MAX_NAMESPACE_BYTES, ResponseStatus } from '../constants.js'
import { decodeNamespace } from '../namespace.js'
import { Refusal } from './context.js'

/** The namespace of a request. */
export function requireNamespace (bytes: Uint8Array | undefined, least: 0 | 1): string {
  const namespace = decodeNamespace(bytes)

  if (namespace == null || namespace.length < least) {
    throw new Refusal(ResponseStatus.INVALID_NAMESPACE, `a namespace is ${least} to ${MAX_NAMESPACE_BYTES} bytes of UTF-8`)
  }

  return namespace
}
