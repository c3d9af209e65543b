import type { SdsEffect } from '../sds/index.js'
import type { StoreOp } from '../storage/index.js'

/** What one input leads to: effects to carry out in order, what to store, and what to do once that is stored. */
export class Transition {
  readonly effects: SdsEffect[]
  readonly ops: StoreOp[] = []
  readonly after: Array<() => void> = []

  constructor (effects: readonly SdsEffect[] = []) {
    this.effects = [...effects]
  }
}
