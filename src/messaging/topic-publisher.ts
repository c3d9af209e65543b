import { NotStartedError } from '@libp2p/interface'
import { nextTask } from '../next-task.js'
import { EnvelopeTooLargeError, NoPeersError } from './errors.js'
import type { OutboundBacklog } from './outbound-backlog.js'
import type { MessageEnvelope, MessagingRequestId } from './types.js'
import type { Clock } from '../clock.js'
import type { Logger, PeerId } from '@libp2p/interface'

const MIN_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 2000

/** Publishing runs on microtasks alone: after so long others get their turn. */
const SLICE_MS = 8

/** An envelope on its way out. */
export interface Outgoing {
  requestId: MessagingRequestId
  envelope: MessageEnvelope
  /** counted against the bound of the queue */
  bytes: number
  /** unix ms, after which it is given up */
  deadline: number
}

export interface TopicPublisherInit {
  clock: Clock
  log: Logger
  backlog: OutboundBacklog
  subscribers (): PeerId[]
  /**
   * Makes a transmission, publishes it and gives its hash, or undefined when nobody took it. What
   * it throws counts as transient, but for an EnvelopeTooLargeError.
   */
  publish (outgoing: Outgoing): Promise<string | undefined>
  /** Called once for each. */
  done (outgoing: Outgoing, outcome: Outcome): void
}

export type Outcome = { messageHash: string } | { error: Error, retryable: boolean }

/** Publishes what goes to one gossipsub topic, in order, waiting for peers while there are none. */
export class TopicPublisher {
  readonly #init: TopicPublisherInit
  readonly #queue: Outgoing[] = []
  readonly #abort = new AbortController()
  #running = false
  #wake = (): void => {}
  #attempt = 0

  constructor (init: TopicPublisherInit) {
    this.#init = init
  }

  get idle (): boolean {
    return this.#queue.length === 0
  }

  push (outgoing: Outgoing): void {
    this.#queue.push(outgoing)

    if (!this.#running) {
      this.#running = true
      void this.#run()
    }
  }

  /** Tries at once: a peer may have come. */
  wake (): void {
    this.#attempt = 0
    this.#wake()
  }

  /** Gives up everything. */
  stop (): void {
    this.#abort.abort()
    this.#wake()

    for (const outgoing of this.#queue.splice(0)) {
      this.#init.done(outgoing, { error: new NotStartedError('messaging was stopped'), retryable: true })
    }
  }

  async #run (): Promise<void> {
    const { clock } = this.#init
    let sliceEnd = clock.now() + SLICE_MS

    for (let head = this.#queue[0]; head != null; head = this.#queue[0]) {
      const outcome = await this.#try(head)

      if (this.#queue[0] !== head) {
        // stopped meanwhile, and reported there
        break
      }

      if (outcome != null) {
        this.#queue.shift()
        this.#attempt = 0
        this.#init.done(head, outcome)
      } else if (clock.now() >= head.deadline) {
        this.#queue.shift()
        this.#init.done(head, { error: new NoPeersError('no peer took the message in time'), retryable: true })
      } else {
        await this.#sleep(Math.min(MIN_BACKOFF_MS * 2 ** this.#attempt++, MAX_BACKOFF_MS, head.deadline - clock.now()))
        sliceEnd = clock.now() + SLICE_MS
      }

      if (clock.now() >= sliceEnd) {
        // a timer would be a millisecond in which nothing leaves
        await nextTask()
        sliceEnd = clock.now() + SLICE_MS
      }
    }

    this.#running = false
  }

  /** How it ended, or undefined when it has to be tried again. */
  async #try (outgoing: Outgoing): Promise<Outcome | undefined> {
    const peers = this.#init.subscribers()

    if (peers.length === 0) {
      return undefined
    }

    try {
      await this.#init.backlog.ready(peers, this.#abort.signal)
      const messageHash = this.#abort.signal.aborted ? undefined : await this.#init.publish(outgoing)

      return messageHash == null ? undefined : { messageHash }
    } catch (err) {
      if (err instanceof EnvelopeTooLargeError) {
        return { error: err, retryable: false }
      }

      this.#init.log.trace('publish failed, trying again - %e', err)

      return undefined
    }
  }

  async #sleep (ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const cancel = this.#init.clock.setTimer(resolve, ms)

      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    this.#wake = () => {}
  }
}
