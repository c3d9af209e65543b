import type { ChannelStatus } from './types.js'
import type { Cancel, Clock } from '../clock.js'
import type { AbortOptions } from '@libp2p/interface'

/** Changes of status within this time, in ms, make one event. */
const DEBOUNCE_MS = 100

export interface StatusMonitorInit {
  clock: Clock
  /** the status as it is now */
  read (): ChannelStatus
  /** it changed */
  onChange (status: ChannelStatus): void
}

interface Waiter {
  stage: 'joined' | 'synced'
  resolve (): void
  reject (err: Error): void
}

/** Keeps the last snapshot of a channel's status, tells when it changed, and lets others wait for it. */
export class StatusMonitor {
  private readonly init: StatusMonitorInit
  private readonly waiters = new Set<Waiter>()
  private snapshot?: ChannelStatus
  private told?: ChannelStatus
  private timer?: Cancel
  private closed = false

  constructor (init: StatusMonitorInit) {
    this.init = init
  }

  /** A frozen snapshot; the same one until something in it changes. */
  status (): ChannelStatus {
    const status = this.init.read()

    if (this.snapshot == null || !sameStatus(status, this.snapshot)) {
      this.snapshot = Object.freeze({ ...status, rateLimit: Object.freeze(status.rateLimit) })
    }

    return this.snapshot
  }

  /** Something may have changed. */
  touch (): void {
    if (!this.closed) {
      this.timer ??= this.init.clock.setTimer(() => {
        this.timer = undefined
        this.tell()
      }, DEBOUNCE_MS)
    }
  }

  async ready (stage: 'joined' | 'synced', options?: AbortOptions): Promise<void> {
    const { signal } = options ?? {}

    signal?.throwIfAborted()

    if (reached(this.status(), stage)) {
      return
    }

    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.waiters.delete(waiter)
        reject(signal?.reason)
      }
      const waiter: Waiter = {
        stage,
        resolve: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        reject: err => {
          signal?.removeEventListener('abort', onAbort)
          reject(err)
        }
      }

      signal?.addEventListener('abort', onAbort, { once: true })
      this.waiters.add(waiter)
    })
  }

  /** No event comes any more; whoever waits is rejected. */
  close (error: Error): void {
    this.closed = true
    this.waiters.forEach(waiter => { waiter.reject(error) })
    this.waiters.clear()
    this.timer?.()
    this.timer = undefined
  }

  private tell (): void {
    const status = this.status()

    for (const waiter of this.waiters) {
      if (reached(status, waiter.stage)) {
        this.waiters.delete(waiter)
        waiter.resolve()
      }
    }

    if (status !== this.told) {
      this.told = status
      this.init.onChange(status)
    }
  }
}

function reached (status: ChannelStatus, stage: 'joined' | 'synced'): boolean {
  return status.state === 'synced' || (stage === 'joined' && status.state === 'syncing')
}

function sameStatus (a: ChannelStatus, b: ChannelStatus): boolean {
  return a.state === b.state && a.discoverable === b.discoverable && a.queued === b.queued && a.inFlight === b.inFlight &&
    a.unacknowledged === b.unacknowledged && a.parked === b.parked && a.missing === b.missing && a.lost === b.lost &&
    a.peers === b.peers && a.rateLimit.state === b.rateLimit.state && a.rateLimit.resumesAt === b.rateLimit.resumesAt
}
