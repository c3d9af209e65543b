import { WalkerFailedError } from './errors.js'
import type { Cancel, Clock } from '../clock.js'

const WINDOW_MS = 60_000
const FIRST_DELAY_MS = 1000
const MAX_RESTARTS = 5

export interface SupervisorInit {
  clock: Clock
  restart (): void
  onRestart (err: Error, delayMs: number): void
  onGiveUp (err: WalkerFailedError): void
}

/** Restarts what failed: 1 s later, doubling, at most 5 times a minute. Then it says so, and waits for the minute to end. */
export class Supervisor {
  private readonly init: SupervisorInit
  private restarts: number[] = []
  private timer?: Cancel

  constructor (init: SupervisorInit) {
    this.init = init
  }

  failed (err: Error): void {
    const { clock } = this.init
    const now = clock.now()
    this.restarts = this.restarts.filter(at => now - at < WINDOW_MS && at <= now)

    const isExhausted = this.restarts.length >= MAX_RESTARTS
    const delayMs = isExhausted ? WINDOW_MS - (now - this.restarts[0]) : FIRST_DELAY_MS * 2 ** this.restarts.length

    if (isExhausted) {
      this.init.onGiveUp(new WalkerFailedError(`failed more than ${MAX_RESTARTS} times within a minute`, { cause: err }))
    } else {
      this.init.onRestart(err, delayMs)
    }

    this.timer?.()
    this.timer = clock.setTimer(() => {
      this.restarts.push(clock.now())
      this.init.restart()
    }, delayMs)
  }

  stop (): void {
    this.timer?.()
    this.restarts = []
  }
}
