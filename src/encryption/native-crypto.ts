type NodeCrypto = typeof import('node:crypto')

let found: NodeCrypto | null | undefined

/** `node:crypto` where it exists, without an import that a bundler for browsers would have to stub. */
export function nativeCrypto (): NodeCrypto | null {
  found ??= globalThis.process?.getBuiltinModule?.('node:crypto') ?? null

  return found
}
