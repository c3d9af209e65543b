import { InvalidParametersError } from '@libp2p/interface'
import type { StoreOp } from './types.js'

/** @throws {InvalidParametersError} a key is empty or ends with a slash */
export function checkKeys (ops: readonly StoreOp[]): void {
  for (const { key } of ops) {
    if (key === '' || key.endsWith('/')) {
      throw new InvalidParametersError(`a key is not empty and does not end with a slash, not ${JSON.stringify(key)}`)
    }
  }
}
