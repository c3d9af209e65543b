import { SendError } from './errors.js'
import type { SegmentFailure } from './errors.js'
import type { RequestId } from './types.js'

/** How a segment of a request fares. */
export type SegmentState = 'awaiting-rate-limit' | 'in-flight' | 'confirmed' | 'failed'

/** How a request ended. */
export type SendOutcome = { outcome: 'sent' } | { outcome: 'send-error', error: Error }

const SENT: SendOutcome = Object.freeze({ outcome: 'sent' })
const NO_SEGMENTS: SegmentState[] = []

/**
 * The segments of one request, addressed by index. The request ends exactly once, when every
 * segment has ended; for a stream, when it was also told that no more will come.
 */
export class SendState {
  readonly requestId: RequestId
  /** empty once all of them are confirmed */
  private segments: SegmentState[] = []
  private failures?: SegmentFailure[]
  private count = 0
  private unfinished = 0
  private complete: boolean
  private ended?: SendOutcome

  /** @param complete false while further segments may be added */
  constructor (requestId: RequestId, segments: number, complete = true) {
    this.requestId = requestId
    this.complete = complete
    this.add(segments)
  }

  get outcome (): SendOutcome | undefined {
    return this.ended
  }

  get total (): number {
    return this.count
  }

  get confirmed (): number {
    return this.count - this.unfinished - (this.failures?.length ?? 0)
  }

  /** Adds segments of a stream; returns the index of the first. */
  add (count: number): number {
    const first = this.count
    const added = new Array<SegmentState>(count).fill('awaiting-rate-limit')

    this.segments = first === 0 ? added : this.segments.concat(added)
    this.count += count
    this.unfinished += count

    return first
  }

  state (index: number): SegmentState | undefined {
    return this.ended === SENT && index < this.count ? 'confirmed' : this.segments[index]
  }

  /** The segment is about to be handed over; registered first, so that no outcome comes too early. */
  dispatch (index: number): void {
    if (this.segments[index] === 'awaiting-rate-limit') {
      this.segments[index] = 'in-flight'
    }
  }

  /** It did not leave after all and waits again. */
  retry (index: number): void {
    if (this.segments[index] === 'in-flight') {
      this.segments[index] = 'awaiting-rate-limit'
    }
  }

  confirm (index: number): SendOutcome | undefined {
    return this.end(index, 'confirmed')
  }

  fail (index: number, error: Error): SendOutcome | undefined {
    const before = this.segments[index]

    if (before == null || before === 'confirmed' || before === 'failed' || this.ended != null) {
      return
    }

    this.failures ??= []
    this.failures.push({ segmentIndex: index, error })

    return this.end(index, 'failed')
  }

  /** No more segments will be added. */
  close (): SendOutcome | undefined {
    this.complete = true

    return this.settle()
  }

  /** Ends the request at once; what is in flight no longer matters. */
  abort (error: Error): SendOutcome | undefined {
    if (this.ended != null) {
      return
    }

    this.ended = { outcome: 'send-error', error }

    return this.ended
  }

  private end (index: number, state: 'confirmed' | 'failed'): SendOutcome | undefined {
    const before = this.segments[index]

    if (before == null || before === 'confirmed' || before === 'failed' || this.ended != null) {
      return
    }

    this.segments[index] = state
    this.unfinished--

    return this.settle()
  }

  private settle (): SendOutcome | undefined {
    if (this.ended != null || !this.complete || this.unfinished > 0) {
      return
    }

    if (this.failures != null) {
      this.ended = { outcome: 'send-error', error: new SendError(this.requestId, this.failures, this.count) }
    } else {
      this.ended = SENT
      this.segments = NO_SEGMENTS
    }

    return this.ended
  }
}
