import { RecentMap } from './recent-map.js'
import type { Events } from './events.js'
import type { ChannelEvents } from './types.js'
import type { Clock } from '../clock.js'

/** Progress events of one message are at least this far apart, in ms. */
const PERIOD_MS = 100

/** Messages whose last event is remembered. */
const MAX_MESSAGES = 1_000

type Progress = Omit<ChannelEvents['reliable:message:progress'], 'channelId'>

/** Tells how far messages of several segments are: ten times a second at most, and once at the end. */
export class ProgressReports {
  private readonly channelId: string
  private readonly clock: Clock
  private readonly events: Events<ChannelEvents>
  private readonly toldAt = new RecentMap<string, number>(MAX_MESSAGES)

  constructor (channelId: string, clock: Clock, events: Events<ChannelEvents>) {
    this.channelId = channelId
    this.clock = clock
    this.events = events
  }

  tell (progress: Progress): void {
    if (progress.total < 2) {
      return
    }

    const now = this.clock.now()

    if (progress.segments === progress.total) {
      this.toldAt.delete(progress.id)
    } else if (now < (this.toldAt.get(progress.id) ?? -Infinity) + PERIOD_MS) {
      return
    } else {
      this.toldAt.set(progress.id, now)
    }

    this.events.emit('reliable:message:progress', { channelId: this.channelId, ...progress })
  }
}
