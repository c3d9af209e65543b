import { ExchangeProtocolError, PeerBusyError } from '../errors.js'
import { comparePositions } from './fingerprint.js'
import { fromWire, toPlace, toPosition, validPosition } from './wire.js'
import type { Range, RangePart } from './parts.js'
import type { Clock } from '../../clock.js'
import type { Asker } from '../asking/asker.js'
import type { LogEntry, LogPosition } from '../types.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** How often a busy peer is asked again. */
const MAX_BUSY = 5

export interface RemotePage {
  /** newest first */
  entries: LogEntry[]
  more: boolean
  horizon?: LogPosition
}

export interface RemoteDigest {
  parts: RangePart[]
  horizon?: LogPosition
}

/** The log of a peer, whose answers are checked for form. */
export interface RemoteLog {
  page (range: Range, limit: number, options?: AbortOptions): Promise<RemotePage>
  digest (range: Range, parts: number, options?: AbortOptions): Promise<RemoteDigest>
}

/** Asks a peer through the asking engine. */
export class PeerLog implements RemoteLog {
  readonly peer: PeerId
  private readonly asker: Pick<Asker, 'query'>
  private readonly clock: Clock

  constructor (peer: PeerId, asker: Pick<Asker, 'query'>, clock: Clock) {
    this.peer = peer
    this.asker = asker
    this.clock = clock
  }

  async page (range: Range, limit: number, options?: AbortOptions): Promise<RemotePage> {
    const answer = await this.query({ pageRequest: { id: 0, ...wireRange(range), limit } }, options)

    if (!('entries' in answer)) {
      throw new ExchangeProtocolError('the peer answered another question')
    }

    const entries = answer.entries.map(fromWire)
    checkPage(entries, range, limit)

    return { entries, more: answer.more && entries.length > 0, horizon: validPosition(answer.horizon) ? toPlace(answer.horizon) : undefined }
  }

  async digest (range: Range, parts: number, options?: AbortOptions): Promise<RemoteDigest> {
    const answer = await this.query({ digestRequest: { id: 0, ...wireRange(range), parts } }, options)

    if (!('parts' in answer) || answer.parts.length > parts) {
      throw new ExchangeProtocolError('the peer answered another question')
    }

    const found: RangePart[] = []
    let { after } = range

    for (const part of answer.parts) {
      const last = validPosition(part.last) ? toPlace(part.last) : undefined

      if (last == null || part.count === 0 || !inside(last, { after, before: range.before })) {
        throw new ExchangeProtocolError('the parts of a digest are not in order')
      }

      found.push({ last, count: part.count, fingerprint: part.fingerprint })
      after = last
    }

    return { parts: found, horizon: validPosition(answer.horizon) ? toPlace(answer.horizon) : undefined }
  }

  private async query (request: Parameters<Asker['query']>[1], options?: AbortOptions): ReturnType<Asker['query']> {
    for (let i = 1; ; i++) {
      try {
        return await this.asker.query(this.peer, request, options)
      } catch (err) {
        if (!(err instanceof PeerBusyError) || i > MAX_BUSY) {
          throw err
        }

        await new Promise<void>(resolve => { this.clock.setTimer(resolve, err.retryAfterMs) })
        options?.signal?.throwIfAborted()
      }
    }
  }
}

function wireRange ({ after, before }: Range): { after?: ReturnType<typeof toPosition>, before?: ReturnType<typeof toPosition> } {
  return { after: after && toPosition(after), before: before && toPosition(before) }
}

function checkPage (entries: Array<LogEntry | undefined>, { after, before }: Range, limit: number): asserts entries is LogEntry[] {
  let upper = before

  if (entries.length > limit) {
    throw new ExchangeProtocolError(`a page has ${entries.length} entries, ${limit} were asked for`)
  }

  for (const entry of entries) {
    if (entry == null || !inside(entry, { after, before: upper })) {
      throw new ExchangeProtocolError('the entries of a page are not in order')
    }

    upper = entry
  }
}

function inside (position: LogPosition, { after, before }: Range): boolean {
  return (after == null || comparePositions(after, position) < 0) && (before == null || comparePositions(position, before) < 0)
}
