import { Fingerprint } from './fingerprint.js'
import type { ExchangeChannel, LogEntry, LogPosition } from '../types.js'

/** Entries that are read or hashed between two turns of the event loop: about 2 ms. */
const SLICE = 512

/** Strictly between two places; open where one is absent. */
export interface Range {
  after?: LogPosition
  before?: LogPosition
}

/** A part of a range: from the end of the part before up to and including `last`. */
export interface RangePart {
  last: LogPosition
  count: number
  fingerprint: Uint8Array
}

/** Whatever lists log entries in order. */
export type Log = Pick<ExchangeChannel, 'entries'>

/** All entries of a range in ascending order, in slices. */
export async function * slices (log: Log, { after, before }: Range, pause: () => Promise<void>): AsyncGenerator<LogEntry[]> {
  for (let from = after; ;) {
    const entries = log.entries({ after: from, before, limit: SLICE })

    if (entries.length > 0) {
      yield entries
    }

    if (entries.length < SLICE) {
      return
    }

    from = entries[entries.length - 1]
    await pause()
  }
}

/** How many entries a range has, counted no further than `max`. */
export async function countRange (log: Log, range: Range, max: number, pause: () => Promise<void>): Promise<number> {
  let count = 0

  for await (const entries of slices(log, range, pause)) {
    count += entries.length

    if (count >= max) {
      return max
    }
  }

  return count
}

/** Cuts a range of `count` entries into at most `parts` of equal size. */
export async function cut (log: Log, range: Range, count: number, parts: number, pause: () => Promise<void>): Promise<RangePart[]> {
  const size = Math.max(Math.ceil(count / parts), 1)
  const out: RangePart[] = []
  let fingerprint = new Fingerprint()
  let last: LogPosition | undefined

  const close = (): void => {
    if (last != null && fingerprint.count > 0) {
      out.push({ last, count: fingerprint.count, fingerprint: fingerprint.digest() })
      fingerprint = new Fingerprint()
    }
  }

  for await (const entries of slices(log, range, pause)) {
    for (const { lamportTimestamp, messageId } of entries) {
      last = { lamportTimestamp, messageId }
      fingerprint.add(last)

      if (fingerprint.count >= size && out.length < parts - 1) {
        close()
      }
    }
  }

  close()

  return out
}

/** The fingerprint of a whole range. */
export async function fingerprint (log: Log, range: Range, pause: () => Promise<void>): Promise<{ count: number, fingerprint: Uint8Array }> {
  const all = new Fingerprint()

  for await (const entries of slices(log, range, pause)) {
    entries.forEach(entry => { all.add(entry) })
  }

  return { count: all.count, fingerprint: all.digest() }
}
