import type { ChatEvent, OwnState } from './events.js'
import type { Channel, RequestInfo } from '../../channel/index.js'
import type { Clock } from '../../clock.js'

/** Follows what becomes of our own lines and files, and shows it. */
export class OwnMessages {
  private readonly channel: Channel
  private readonly show: (event: ChatEvent) => void
  private readonly open = new Set<string>()
  /** what is shown beside each of them */
  private readonly shown = new Map<string, string>()
  private failures = 0
  private onSettled?: () => void

  constructor (channel: Channel, show: (event: ChatEvent) => void, signal: AbortSignal) {
    this.channel = channel
    this.show = show

    const { events } = channel

    events.on('reliable:message:sent', ({ requestId }) => { this.state(requestId, { name: 'sent' }) }, { signal })
    events.on('reliable:message:receipt', ({ requestId, receipts }) => { this.delivered(requestId, receipts.length) }, { signal })
    events.on('reliable:message:delivered', ({ requestId, receipts }) => { this.delivered(requestId, receipts.length) }, { signal })
    events.on('reliable:message:send-error', ({ requestId, error }) => { this.failed(requestId, error) }, { signal })
    events.on('reliable:message:delivery-error', ({ requestId, error }) => { this.failed(requestId, error) }, { signal })
  }

  /** A line was taken by the channel, right now: nothing was told about it yet. */
  add (requestId: string, text: string, file: boolean): void {
    this.open.add(requestId)
    this.shown.set(requestId, 'queued')
    this.show({ type: 'own', requestId, text, file })
  }

  /** A line was not even taken. */
  refused (): void {
    this.failures++
  }

  /** Those of an earlier run that are not sent yet. */
  resume (describe: (request: RequestInfo) => void): void {
    for (const request of this.channel.pending()) {
      describe(request)
    }
  }

  /**
   * Waits until all are delivered or failed, at most `ms`.
   *
   * @returns whether all are delivered
   */
  async settle (clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.open.size > 0 && ms > 0 && !signal.aborted) {
      await new Promise<void>(resolve => {
        const end = (): void => {
          cancel()
          signal.removeEventListener('abort', end)
          this.onSettled = undefined
          resolve()
        }
        const cancel = clock.setTimer(end, ms)

        signal.addEventListener('abort', end, { once: true })
        this.onSettled = end
      })
    }

    return this.open.size === 0 && this.failures === 0
  }

  /** How many are neither delivered nor failed. */
  get undelivered (): number {
    return this.open.size
  }

  private delivered (requestId: string, to: number): void {
    this.state(requestId, { name: 'delivered', to })
    this.close(requestId)
  }

  private failed (requestId: string, error: Error): void {
    if (this.open.has(requestId)) {
      this.failures++
    }

    this.state(requestId, { name: 'failed', reason: error.message })
    this.close(requestId)
  }

  private state (requestId: string, state: OwnState): void {
    const text = `${state.name} ${state.name === 'delivered' ? state.to : ''}`

    // receipt and delivered tell of the same
    if (this.shown.has(requestId) && this.shown.get(requestId) !== text) {
      this.shown.set(requestId, text)
      this.show({ type: 'state', requestId, state })
    }
  }

  private close (requestId: string): void {
    if (this.open.delete(requestId) && this.open.size === 0) {
      this.onSettled?.()
    }
  }
}
