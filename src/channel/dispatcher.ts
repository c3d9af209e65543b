import { toError } from '../to-error.js'
import { SendTimeoutError } from './errors.js'
import type { Dispatch, DispatchKind, SendBudget } from './dispatch.js'
import type { Outcome, Outcomes } from './outcomes.js'
import type { SendingConfig } from './types.js'
import type { Cancel, Clock } from '../clock.js'
import type { MessageEnvelope, SendHandler } from '../messaging/index.js'
import type { Logger } from '@libp2p/interface'

export interface DispatcherInit {
  config: SendingConfig
  clock: Clock
  outcomes: Outcomes
  budget: SendBudget
  envelope: Omit<MessageEnvelope, 'payload' | 'ephemeral'>
  sendHandler: SendHandler
  /** whether anybody listens; false stops everything until `resume()` */
  online (): boolean
  log?: Logger
}

/** Repairs and the like that may wait; beyond that the oldest go: they are asked for again. */
const MAX_UPKEEP = 1_024

interface Active {
  dispatch: Dispatch
  /** ms of the first attempt, less the time that it waited for its turn between attempts */
  since: number
  attempts: number
  /** frees what the attempt under way holds */
  release: () => void
  ended: boolean
}

/**
 * Hands envelopes to the messaging layer: within the rate limit, within a window of envelopes
 * and bytes, lanes by turns, attempts that were refused again with backoff, and each with an
 * outcome within `sendTimeoutMs` of its first attempt while there are peers.
 */
export class Dispatcher {
  private readonly init: DispatcherInit
  private readonly lanes = new Map<number, Dispatch[]>()
  private readonly upkeep: Dispatch[] = []
  private readonly active = new Set<Active>()
  /** of those whose attempts were refused: how many, and the time that they took */
  private readonly refused = new WeakMap<Dispatch, { attempts: number, ms: number }>()
  private readonly waitingFor = new Set<DispatchKind>()
  private readonly credit = { content: 0, upkeep: 0, ephemeral: 0 }
  private readonly timers = new Set<Cancel>()
  private inFlight = 0
  private inFlightBytes = 0
  private running = false
  private controller = new AbortController()

  constructor (init: DispatcherInit) {
    this.init = init
  }

  /** Envelopes that were handed over and have no outcome yet. */
  get inFlightCount (): number {
    return this.inFlight
  }

  /** Whether anything waits to be handed over. */
  get idle (): boolean {
    return this.lanes.size === 0 && this.upkeep.length === 0
  }

  start (): void {
    this.running = true
    this.controller = new AbortController()
    this.pump()
  }

  /** Drops everything without an outcome: whoever needs it adds it again after `start()`. */
  stop (): void {
    this.running = false
    this.controller.abort()
    this.lanes.clear()
    this.upkeep.length = 0
    this.timers.forEach(cancel => { cancel() })
    this.timers.clear()

    for (const active of this.active) {
      active.ended = true
      active.release()
    }

    this.active.clear()
    this.waitingFor.clear()
    this.credit.content = this.credit.upkeep = this.credit.ephemeral = 0
  }

  add (dispatch: Dispatch): void {
    if (dispatch.kind === 'upkeep') {
      this.upkeep.push(dispatch)

      if (this.upkeep.length > MAX_UPKEEP) {
        this.upkeep.shift()
        this.init.log?.error('more than %d repairs wait for the rate limit; the oldest was dropped', MAX_UPKEEP)
      }
    } else {
      const lane = this.lanes.get(dispatch.lane)

      if (lane == null) {
        this.lanes.set(dispatch.lane, [dispatch])
      } else {
        lane.push(dispatch)
      }
    }

    this.pump()
  }

  /** Removes what has not been handed over yet of a lane. */
  drop (lane: number): void {
    this.lanes.delete(lane)
  }

  /** Looks again whether something can go. */
  pump (): void {
    while (this.running && this.hasRoom() && this.init.online()) {
      const dispatch = this.next()

      if (dispatch == null) {
        return
      }

      const { attempts, ms } = this.refused.get(dispatch) ?? { attempts: 0, ms: 0 }

      void this.attempt({ dispatch, since: this.init.clock.now() - ms, attempts, release: () => {}, ended: false })
    }
  }

  private hasRoom (): boolean {
    return this.inFlight < this.init.config.maxInFlight && this.inFlightBytes < this.init.config.maxInFlightBytes
  }

  /** The next envelope that the rate limit lets through. Upkeep is small and others wait for it, so it goes first. */
  private next (): Dispatch | undefined {
    if (this.upkeep.length > 0 && this.charge('upkeep')) {
      return this.upkeep.shift()
    }

    for (const [number, lane] of this.lanes) {
      const { kind } = lane[0]

      if (kind === 'ephemeral' && !this.init.budget.tryTake(kind)) {
        this.shift(number, lane).onRefused?.()

        continue
      }

      if (kind === 'content' && !this.charge(kind)) {
        continue
      }

      return this.shift(number, lane)
    }

    return undefined
  }

  /** Takes the head of a lane and puts the lane behind the others. */
  private shift (number: number, lane: Dispatch[]): Dispatch {
    const dispatch = lane.shift() as Dispatch

    this.lanes.delete(number)

    if (lane.length > 0) {
      this.lanes.set(number, lane)
    }

    return dispatch
  }

  /** Whether one of `kind` may go now; if not, it is asked for, and `pump()` follows. */
  private charge (kind: 'content' | 'upkeep'): boolean {
    if (this.credit[kind] > 0) {
      this.credit[kind]--

      return true
    }

    if (this.waitingFor.has(kind)) {
      return false
    }

    if (this.init.budget.tryTake(kind)) {
      return true
    }

    const { signal } = this.controller

    this.waitingFor.add(kind)
    this.init.budget.take(kind, { signal }).then(() => {
      if (signal.aborted) {
        this.init.budget.refund(kind)

        return
      }

      this.waitingFor.delete(kind)
      this.credit[kind]++
      this.pump()
    }, err => {
      if (!signal.aborted) {
        this.waitingFor.delete(kind)
        this.init.log?.error('the rate limit let nothing through - %e', err)
      }
    })

    return false
  }

  private async attempt (active: Active): Promise<void> {
    const { dispatch } = active
    const { signal } = this.controller
    const { clock, config, outcomes, budget, envelope, sendHandler } = this.init

    this.active.add(active)
    active.attempts++
    active.release = this.occupy(active, Math.max(0, active.since + config.sendTimeoutMs - clock.now()))

    let payload: Uint8Array | undefined

    try {
      const made = dispatch.payload()

      payload = made instanceof Promise ? await made : made
      const counting = budget.durable()

      if (counting != null) {
        await counting
      }
    } catch (err) {
      // it cannot be encrypted: another attempt would not change that
      if (!signal.aborted && !active.ended) {
        budget.refund(dispatch.kind)
        this.end(active, toError(err))
      }

      return
    }

    if (signal.aborted || active.ended) {
      return
    }

    if (payload == null) {
      budget.refund(dispatch.kind)
      this.end(active)

      return
    }

    dispatch.onDispatch?.()

    try {
      const requestId = await sendHandler({ ...envelope, payload, ephemeral: dispatch.ephemeral }, { signal })

      if (signal.aborted) {
        return
      }

      dispatch.onLeft?.()

      if (!active.ended) {
        const forget = outcomes.expect(requestId, outcome => { this.onOutcome(active, outcome) })
        const { release } = active

        active.release = () => {
          forget()
          release()
        }
      }
    } catch (err) {
      if (!signal.aborted && !active.ended) {
        budget.refund(dispatch.kind)
        this.retry(active, toError(err))
      }
    }
  }

  private onOutcome (active: Active, outcome: Outcome): void {
    if (active.ended) {
      return
    }

    if (outcome.sent) {
      this.end(active)
    } else if (outcome.retryable) {
      this.init.budget.refund(active.dispatch.kind)
      this.retry(active, outcome.error)
    } else {
      this.end(active, outcome.error)
    }
  }

  /** Another attempt after a while, unless time is up. */
  private retry (active: Active, error: Error): void {
    const { clock, config } = this.init
    const { dispatch } = active
    const delay = config.retryMs * 2 ** Math.min(active.attempts - 1, 4)

    active.release()
    this.active.delete(active)

    // nobody listens: that is not the request's fault, so its time starts anew
    const offline = !this.init.online()

    if (!offline && clock.now() + delay >= active.since + config.sendTimeoutMs) {
      this.finish(active, error)

      return
    }

    this.refused.set(dispatch, { attempts: active.attempts, ms: offline ? 0 : clock.now() + delay - active.since })
    dispatch.onRetry?.()
    this.timer(delay, () => { this.requeue(dispatch) })
  }

  /** Back to the head of its lane. */
  private requeue (dispatch: Dispatch): void {
    if (dispatch.kind === 'upkeep') {
      this.upkeep.unshift(dispatch)
    } else {
      this.lanes.set(dispatch.lane, [dispatch, ...this.lanes.get(dispatch.lane) ?? []])
    }

    this.pump()
  }

  private end (active: Active, error?: Error): void {
    active.release()
    this.active.delete(active)
    this.finish(active, error)
    this.pump()
  }

  private finish (active: Active, error?: Error): void {
    if (!active.ended) {
      active.ended = true
      active.dispatch.onEnd(error)
    }
  }

  /** Takes a place in the window until released, or until the time is up. */
  private occupy (active: Active, ms: number): () => void {
    const { size } = active.dispatch
    let held = true

    this.inFlight++
    this.inFlightBytes += size

    const cancel = this.timer(ms, () => {
      this.end(active, new SendTimeoutError(`no outcome within ${this.init.config.sendTimeoutMs} ms`))
    })

    return () => {
      if (held) {
        held = false
        this.inFlight--
        this.inFlightBytes -= size
        cancel()
      }
    }
  }

  private timer (ms: number, fn: () => void): Cancel {
    const cancel = this.init.clock.setTimer(() => {
      this.timers.delete(stop)
      fn()
    }, ms)
    const stop = (): void => {
      this.timers.delete(stop)
      cancel()
    }

    this.timers.add(stop)

    return stop
  }
}
