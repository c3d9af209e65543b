import { sameBytes } from './held-segment.js'
import { shapeKey } from './partial-set.js'
import { isAlone } from './segment.js'
import type { CompletedSets } from './completed-sets.js'
import type { PartialSet } from './partial-set.js'
import type { SegmentInput } from './reassembly-types.js'
import type { Segment } from './segment.js'
import type { SetTable } from './set-table.js'

/** Concurrent sends of one payload that are told apart without salts. */
const MAX_GENERATIONS = 8

interface Place {
  key: string
  /** absent: the segment is the first of it */
  set?: PartialSet
  saltBase?: bigint
}

/** Where a segment belongs; nowhere when it is a late one of a completed set. */
export function locate (input: SegmentInput, segment: Segment, table: SetTable, completed: CompletedSets): Place | undefined {
  if (isAlone(segment)) {
    return { key: input.messageId, saltBase: input.idSalt }
  }

  const saltBase = input.idSalt == null ? undefined : input.idSalt - BigInt(segment.slot)
  const key = `${input.ephemeral === true ? 'e' : 'd'}/${saltBase ?? ''}/${shapeKey(segment)}/${input.senderId}`

  if (saltBase != null) {
    if (completed.has(key)) {
      completed.see(key, segment.slot)

      return undefined
    }

    return { key, saltBase, set: table.get(key) }
  }

  if (completed.see(key, segment.slot)) {
    return undefined
  }

  // without salts only a slot that is taken by the same bytes tells two sends of one payload apart
  const first = completed.nextGeneration(key)

  for (let generation = first; ; generation++) {
    const set = table.get(`${generation}/${key}`)

    if (set == null || generation === first + MAX_GENERATIONS || !set.at(segment.slot).some(held => sameBytes(held.chunk, segment.chunk))) {
      return { key: `${generation}/${key}`, set }
    }
  }
}
