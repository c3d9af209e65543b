import type { StoreOp } from '../storage/index.js'

/** Changes of storage since they were last taken. A key that is deleted was put once at most, so that both together leave nothing. */
export class PendingOps {
  private readonly ops = new Map<string, (() => Uint8Array) | undefined>()

  /** `encode` is called when the operations are taken. */
  put (key: string, encode: () => Uint8Array): void {
    this.ops.set(key, encode)
  }

  delete (key: string): void {
    if (this.ops.get(key) == null) {
      this.ops.set(key, undefined)
    } else {
      this.ops.delete(key)
    }
  }

  take (): StoreOp[] {
    const ops = [...this.ops].map(([key, encode]) => encode == null ? { key } : { key, value: encode() })
    this.ops.clear()

    return ops
  }
}
