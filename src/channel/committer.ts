import { StoreClosedError } from '../storage/index.js'
import { toError } from '../to-error.js'
import type { Cancel, Clock } from '../clock.js'
import type { StoreOp } from '../storage/index.js'

const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 30_000

interface Store {
  commit (ops: readonly StoreOp[]): Promise<void>
}

interface Transition {
  ops: readonly StoreOp[]
  after: () => void
  /** set when it is dropped rather than tried again */
  reject?: (err: unknown) => void
}

export interface CommitterInit {
  store: Store
  clock: Clock
  /** a write was refused; it is tried again with backoff */
  onError (err: Error): void
}

/**
 * Makes transitions durable in the order in which they happened, and acts on each only then.
 *
 * What came from the network has changed the state in memory already, so its write is tried
 * until it succeeds. What the application asked for is tried once: a `send()` that cannot be
 * stored is refused.
 */
export class Committer {
  private readonly init: CommitterInit
  private readonly queue: Transition[] = []
  private bytes = 0
  private running?: Promise<void>
  private closing = false
  /** a write was given up; what follows relies on it, and is given up too */
  private givenUp?: Error
  private interrupt?: () => void

  constructor (init: CommitterInit) {
    this.init = init
  }

  /** Bytes that wait to be written. */
  get backlog (): number {
    return this.bytes
  }

  /** Writes `ops`, however often it takes, then calls `after`. */
  push (ops: readonly StoreOp[], after: () => void): void {
    this.enqueue({ ops, after })
  }

  /** Writes `ops` once; `after` is called in order, or nothing is stored and this rejects. */
  async attempt (ops: readonly StoreOp[], after: () => void): Promise<void> {
    if (this.closing) {
      throw new StoreClosedError('the channel is closing')
    }

    await new Promise<void>((resolve, reject) => {
      this.enqueue({ ops, after: () => { after(); resolve() }, reject })
    })
  }

  /** Waits for what is queued; a write that fails from now on is given up. */
  async close (): Promise<void> {
    this.closing = true
    this.interrupt?.()
    await this.running
  }

  private enqueue (transition: Transition): void {
    this.queue.push(transition)
    this.bytes += size(transition)
    this.running ??= this.run()
  }

  private async run (): Promise<void> {
    let retryMs = RETRY_MIN_MS

    // transitions of this turn of the event loop are written together
    await Promise.resolve()

    while (this.queue.length > 0) {
      const group = this.queue.splice(0)
      const ops = group.length === 1 ? group[0].ops : group.flatMap(transition => transition.ops)

      try {
        if (this.givenUp != null) {
          throw this.givenUp
        }

        await this.init.store.commit(ops)
      } catch (err) {
        this.refuse(group, err)
        await this.pause(retryMs)
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
        continue
      }

      retryMs = RETRY_MIN_MS

      for (const transition of group) {
        this.bytes -= size(transition)
        transition.after()
      }
    }

    // in the same turn as the last look at the queue, so that nothing is left in it
    this.running = undefined
  }

  private refuse (group: Transition[], err: unknown): void {
    const rest = group.filter(transition => transition.reject == null)
    const keep = this.closing ? [] : rest

    if (keep.length < rest.length) {
      this.givenUp = toError(err)
    }

    for (const transition of group) {
      if (!keep.includes(transition)) {
        this.bytes -= size(transition)
        transition.reject?.(err)
      }
    }

    this.queue.unshift(...keep)

    if (keep.length > 0) {
      this.init.onError(toError(err))
    }
  }

  private async pause (ms: number): Promise<void> {
    if (this.queue.length === 0 || this.closing) {
      return
    }

    let cancel: Cancel | undefined

    await new Promise<void>(resolve => {
      this.interrupt = resolve
      cancel = this.init.clock.setTimer(resolve, ms)
    })

    cancel?.()
    this.interrupt = undefined
  }
}

function size (transition: Transition): number {
  let bytes = 0

  for (const op of transition.ops) {
    bytes += op.key.length + (op.value?.byteLength ?? 0)
  }

  return bytes
}
