import { InvalidParametersError } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import PQueue from 'p-queue'
import { checkPayload, chunkBytes, escapePayload, PayloadTooLargeError, segmentPayload, segmentPayloadAsync } from '../segmentation/index.js'
import { Admission } from './admission.js'
import { afterContinuation } from './context.js'
import { ChannelClosedError } from './errors.js'
import { outgoingKey } from './keys.js'
import type { ChannelContext } from './context.js'
import type { LogAppend } from './message-log.js'
import type { Outbox } from './outbox.js'
import type { Request } from './requests.js'
import type { RequestId, SendOptions } from './types.js'
import type { StagedMessage } from '../sds/index.js'
import type { SegmentSet } from '../segmentation/index.js'
import type { StoreOp } from '../storage/index.js'

/** Sends that share one write, and their payload bytes. */
const BATCH_SENDS = 128
const BATCH_BYTES = 1024 * 1024

/** Payloads up to this size are cut in one go. */
const CUT_AT_ONCE_BYTES = 256 * 1024

const MAX_REQUEST_ID_LENGTH = 256

interface Job {
  requestId: RequestId
  payload: Uint8Array
  options: SendOptions
  /** whether it still holds a place of those that are being staged */
  counted: boolean
  resolve (): void
  reject (err: unknown): void
}

/** What a job has become: staged, to be committed. */
interface Cut {
  job: Job
  set: SegmentSet
}

/**
 * Turns calls of `send()` into staged requests, in the order of the calls: cut, wrap, commit.
 * Calls that come while a write is under way are staged together with the next one. A request
 * is whole in the store before its first segment leaves.
 */
export class Staging {
  private readonly context: ChannelContext
  private readonly outbox: Outbox
  private readonly queue = new PQueue({ concurrency: 1 })
  private readonly jobs: Job[] = []
  /** staged, or about to be, by request ID */
  private readonly staging = new Map<RequestId, Promise<RequestId>>()
  readonly admission: Admission
  private closed = false

  constructor (context: ChannelContext, outbox: Outbox) {
    this.context = context
    this.outbox = outbox
    this.admission = new Admission(context)
    outbox.onRoom = () => { this.admission.admit() }
  }

  async send (payload: Uint8Array, options: SendOptions = {}): Promise<RequestId> {
    this.check(payload, options)

    const requestId = options.requestId ?? this.newRequestId()

    return await this.once(requestId, async () => await this.enqueue(requestId, payload, options))
  }

  /** Runs `stage` unless a request of that ID is known or being staged. */
  async once (requestId: RequestId, stage: () => Promise<RequestId>): Promise<RequestId> {
    const known = this.staging.get(requestId)

    if (known != null) {
      return await known
    }

    if (this.context.requests.get(requestId) != null) {
      return requestId
    }

    const staged = stage().finally(() => this.staging.delete(requestId))

    this.staging.set(requestId, staged)

    return await staged
  }

  /** Runs `job` between two batches: nothing is staged meanwhile. */
  async exclusive<T> (job: () => Promise<T>): Promise<T> {
    return await this.queue.add(job)
  }

  newRequestId (): RequestId {
    return bytesToHex(this.context.random.bytes(16))
  }

  /** When a request ends unless it was sent, in ms. */
  deadline (options: SendOptions): number | undefined {
    const { durable, clock, options: { sending } } = this.context
    const timeoutMs = options.timeoutMs ?? (durable && options.ephemeral !== true ? undefined : sending.sendTimeoutMs)

    return timeoutMs == null || timeoutMs === Infinity ? undefined : clock.now() + Math.ceil(timeoutMs)
  }

  /** Nothing is staged any more; what is being staged is waited for. */
  async close (): Promise<void> {
    this.closed = true
    this.admission.close(this.closedError())
    this.jobs.splice(0).forEach(job => { this.refuse(job, this.closedError()) })

    await this.queue.onIdle()
  }

  checkOpen (): void {
    if (this.closed) {
      throw this.closedError()
    }
  }

  private check (payload: Uint8Array, options: SendOptions): void {
    this.checkOpen()
    options.signal?.throwIfAborted()

    if (!(payload instanceof Uint8Array)) {
      throw new InvalidParametersError('the payload must be a Uint8Array')
    }

    checkPayload(payload, this.context.options.segmentation)
    checkSendOptions(options)
  }

  private async enqueue (requestId: RequestId, payload: Uint8Array, options: SendOptions): Promise<RequestId> {
    const bytes = payload.byteLength

    if (!this.admission.enter(bytes)) {
      await this.admission.wait(bytes, options)
    }

    await new Promise<void>((resolve, reject) => {
      this.jobs.push({ requestId, payload, options, counted: true, resolve, reject })

      if (this.jobs.length === 1) {
        void this.queue.add(async () => { await this.stageWaiting() })
      }
    })

    return requestId
  }

  private async stageWaiting (): Promise<void> {
    while (this.jobs.length > 0) {
      const batch = this.takeBatch()

      try {
        await this.stage(batch)
      } catch (err) {
        // those that are staged already do not mind
        batch.forEach(job => { this.refuse(job, err) })
      }

      if (this.jobs.length > 0) {
        await this.context.pause()
      }
    }
  }

  private takeBatch (): Job[] {
    let count = 0
    let bytes = 0

    while (count < this.jobs.length && count < BATCH_SENDS && (count === 0 || bytes < BATCH_BYTES)) {
      bytes += this.jobs[count++].payload.byteLength
    }

    return this.jobs.splice(0, count)
  }

  private async stage (batch: Job[]): Promise<void> {
    const cuts: Cut[] = []
    const ephemerals: Cut[] = []

    for (const job of batch) {
      if (job.options.signal?.aborted === true) {
        this.refuse(job, job.options.signal.reason)
        continue
      }

      const set = await this.cut(escapePayload(job.payload))

      if (job.options.ephemeral !== true) {
        cuts.push({ job, set })
      } else if (set.contents.length === 1) {
        ephemerals.push({ job, set })
      } else {
        this.refuse(job, new PayloadTooLargeError(`an ephemeral message must fit one segment of ${this.context.options.segmentation.segmentSizeBytes} bytes`))
      }
    }

    for (const group of together(cuts)) {
      await this.stageKept(group)
    }

    ephemerals.forEach(cut => { this.stageEphemeral(cut) })
  }

  private async cut (payload: Uint8Array): Promise<SegmentSet> {
    const { segmentation } = this.context.options

    if (payload.byteLength <= CUT_AT_ONCE_BYTES) {
      // the parity of a single segment would be a second copy, padded to full size
      return segmentPayload(payload, payload.byteLength <= chunkBytes(segmentation) ? { ...segmentation, parityRate: 0 } : segmentation)
    }

    return await segmentPayloadAsync(payload, segmentation, this.context.pause)
  }

  private async stageKept (cuts: Cut[]): Promise<void> {
    const { sds, requests, messages, committer, clock } = this.context
    const now = clock.now()
    const staged = sds.stage(cuts.flatMap(({ set }) => set.contents), now, { parity: cuts[0].set.parityCount > 0 })
    const ops: StoreOp[] = [...staged.ops]
    const made: Array<{ job: Job, request: Request, append: LogAppend }> = []
    let at = 0

    for (const { job, set } of cuts) {
      const wrapped = staged.messages.slice(at, at += set.contents.length)
      const { request, op } = requests.stage({
        requestId: job.requestId,
        size: job.payload.byteLength,
        ephemeral: false,
        complete: true,
        deadline: this.deadline(job.options),
        sets: [{ messageIds: wrapped.map(message => message.messageId), dataCount: set.dataCount }]
      })
      const append = this.append(wrapped, request, now, new Uint8Array(job.payload))

      ops.push(op, ...append.ops, ...wrapped.map(({ messageId, bytes }) => ({ key: outgoingKey(messageId), value: bytes })))
      made.push({ job, request, append })
    }

    await committer.attempt(ops, () => {
      staged.apply(now)

      for (const { job, request, append } of made) {
        requests.add(request)
        this.staged(job)
        messages.apply(append)
        this.context.appended()
      }
    })

    for (const { job, request } of made) {
      job.resolve()
      void this.announce(request, () => { this.outbox.enqueue(request, request.sets[0]) })
    }
  }

  /** Our own message enters the log when it is staged. */
  append (wrapped: StagedMessage[], request: Request, now: number, payload?: Uint8Array, stream?: { messageId: string, parts: readonly string[] }): LogAppend {
    const [first] = wrapped

    return this.context.messages.stage({
      messageId: first.messageId,
      lamport: first.lamportTimestamp,
      senderId: this.context.options.senderId,
      timestamp: Number(first.idSalt / 1_000_000n),
      receivedAt: now,
      size: request.size,
      own: true,
      late: false,
      history: false,
      request: request.number,
      segments: wrapped.length === 1 || stream != null ? undefined : wrapped.map(message => message.messageId),
      ...stream
    }, payload)
  }

  private stageEphemeral ({ job, set }: Cut): void {
    const { sds, requests, clock, committer } = this.context
    const staged = sds.stage(set.contents, clock.now(), { ephemeral: true })
    const [message] = staged.messages
    const { request } = requests.stage({
      requestId: job.requestId,
      size: job.payload.byteLength,
      ephemeral: true,
      complete: true,
      deadline: this.deadline(job.options),
      sets: [{ messageIds: [message.messageId], dataCount: 1 }]
    })

    requests.add(request)
    this.staged(job)

    if (staged.ops.length > 0) {
      committer.push(staged.ops, () => { staged.apply(clock.now()) })
    }

    job.resolve()
    void this.announce(request, () => { this.outbox.enqueueEphemeral(request, message.bytes) })
  }

  /** No event of a request comes before the continuation of `send()` ran. */
  async announce (request: Request, dispatch: () => void): Promise<void> {
    await afterContinuation()

    const { events, options: { channelId }, changed } = this.context

    if (this.closed) {
      return
    }

    events.emit('reliable:message:queued', {
      channelId,
      requestId: request.requestId,
      messageId: request.ephemeral ? undefined : request.sets[0].messageIds[0],
      size: request.size
    })
    dispatch()
    changed()
  }

  /** Its request counts in its place. */
  private staged (job: Job): void {
    if (job.counted) {
      job.counted = false
      this.admission.release(job.payload.byteLength)
    }
  }

  private refuse (job: Job, err: unknown): void {
    this.staged(job)
    job.reject(err)
    this.admission.admit()
  }

  private closedError (): ChannelClosedError {
    return new ChannelClosedError(`channel ${this.context.options.channelId} is closed`)
  }
}

/** Sets that are staged with one write: any number without parity, or one with it. */
function together (cuts: Cut[]): Cut[][] {
  const groups: Cut[][] = []

  for (const cut of cuts) {
    const group = groups.at(-1)

    if (group == null || cut.set.parityCount > 0 || group[0].set.parityCount > 0) {
      groups.push([cut])
    } else {
      group.push(cut)
    }
  }

  return groups
}

/** @throws {InvalidParametersError} */
export function checkSendOptions (options: SendOptions): void {
  const { requestId, timeoutMs, whenFull } = options

  if (requestId != null && (typeof requestId !== 'string' || requestId.length === 0 || requestId.length > MAX_REQUEST_ID_LENGTH)) {
    throw new InvalidParametersError(`requestId must be a string of 1 to ${MAX_REQUEST_ID_LENGTH} characters`)
  }

  if (timeoutMs != null && !(timeoutMs > 0)) {
    throw new InvalidParametersError(`timeoutMs must be greater than 0, not ${timeoutMs}`)
  }

  if (whenFull != null && whenFull !== 'throw' && whenFull !== 'wait') {
    throw new InvalidParametersError(`whenFull must be 'throw' or 'wait', not ${String(whenFull)}`)
  }
}
