import type { Events } from './events.js'
import type { ChannelEvents } from './types.js'
import type { Cancel, Clock } from '../clock.js'
import type { Logger } from '@libp2p/interface'

/** At most one error event of a kind in this time. */
const PERIOD_MS = 10_000

/** Kinds of errors that are told apart; the rest share one. */
const MAX_KINDS = 32

interface Kind {
  error: Error
  /** since the last event */
  count: number
  cancel?: Cancel
}

export interface ErrorReportsInit {
  channelId: string
  events: Events<ChannelEvents>
  clock: Clock
  log?: Logger
}

/**
 * Errors that nobody called for: garbage from the network, a store that refuses. The first of a
 * kind is told at once, what follows within ten seconds is counted and told together, so that a
 * flood of garbage is no flood of events.
 */
export class ErrorReports {
  private readonly init: ErrorReportsInit
  private readonly kinds = new Map<string, Kind>()
  private closed = false

  constructor (init: ErrorReportsInit) {
    this.init = init
  }

  report (error: Error): void {
    if (this.closed) {
      return
    }

    const name = this.kinds.has(error.name) || this.kinds.size < MAX_KINDS ? error.name : 'Error'
    const kind = this.kinds.get(name) ?? { error, count: 0 }

    kind.error = error
    kind.count++
    this.kinds.set(name, kind)

    if (kind.cancel == null) {
      this.tell(name, kind)
    }
  }

  close (): void {
    this.closed = true
    this.kinds.forEach(kind => { kind.cancel?.() })
    this.kinds.clear()
  }

  private tell (name: string, kind: Kind): void {
    const { channelId, events, clock, log } = this.init
    const { error, count } = kind

    kind.count = 0
    kind.cancel = clock.setTimer(() => {
      kind.cancel = undefined

      if (kind.count > 0) {
        this.tell(name, kind)
      } else {
        this.kinds.delete(name)
      }
    }, PERIOD_MS)
    log?.('%d times - %e', count, error)
    events.emit('reliable:channel:error', { channelId, error, count })
  }
}
