import type { Cancel, Clock } from '../clock.js'
import type { MessagingApi } from '../messaging/index.js'

const POLL_MIN_MS = 500
const POLL_MAX_MS = 10_000

export interface PresenceInit {
  messaging: MessagingApi
  contentTopic: string
  clock: Clock
  /** somebody listens now, or nobody does any more */
  onChange (online: boolean): void
}

/**
 * Whether anybody is subscribed to the channel's topic. A messaging layer that does not tell
 * counts as having somebody; one that tells without notice is asked now and then.
 */
export class Presence {
  private readonly init: PresenceInit
  private running = false
  private known = false
  private pollMs = POLL_MIN_MS
  private timer?: Cancel
  private unsubscribe?: Cancel

  constructor (init: PresenceInit) {
    this.init = init
  }

  /** Peers on the topic; 1 when the messaging layer does not tell. */
  get peers (): number {
    const { messaging, contentTopic } = this.init

    return messaging.subscribers?.(contentTopic) ?? 1
  }

  start (): void {
    const { messaging, contentTopic } = this.init

    this.running = true
    this.unsubscribe = messaging.onSubscribersChange?.(topic => {
      if (topic === contentTopic) {
        this.look()
      }
    })
    this.look()
    this.poll()
  }

  stop (): void {
    this.running = false
    this.timer?.()
    this.timer = undefined
    this.unsubscribe?.()
    this.unsubscribe = undefined
    this.change(false)
  }

  /** Whether somebody listens, by a fresh look. */
  look (): boolean {
    const online = this.running && this.peers > 0

    this.change(online)

    return online
  }

  private change (online: boolean): void {
    if (online !== this.known) {
      this.known = online
      this.pollMs = POLL_MIN_MS
      this.init.onChange(online)
    }
  }

  private poll (): void {
    if (!this.running || this.init.messaging.subscribers == null || this.unsubscribe != null) {
      return
    }

    this.timer = this.init.clock.setTimer(() => {
      this.pollMs = Math.min(this.pollMs * 2, POLL_MAX_MS)
      this.look()
      this.poll()
    }, this.pollMs)
  }
}
