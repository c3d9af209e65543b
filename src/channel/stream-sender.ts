import { InvalidParametersError } from '@libp2p/interface'
import { cutStream, parseStreamFrame } from '../segmentation/index.js'
import { StreamInterruptedError } from './errors.js'
import { outgoingKey } from './keys.js'
import { isPending } from './requests.js'
import { checkSendOptions } from './staging.js'
import type { ChannelContext } from './context.js'
import type { LogAppend } from './message-log.js'
import type { Outbox } from './outbox.js'
import type { Request, SentSet } from './requests.js'
import type { Staging } from './staging.js'
import type { RequestId, SendOptions } from './types.js'
import type { CompleteStream, StreamSet } from '../segmentation/index.js'
import type { StoreOp } from '../storage/index.js'

const STREAM_ID_BYTES = 16

/** Sets of a stream that are staged and not sent yet, at most: the source waits beyond. */
const MAX_UNSENT_SETS = 2

/** What a set has become: to be committed. */
interface StagedSet {
  ops: StoreOp[]
  apply (): void
}

/**
 * Sends payloads of any size as one message, set by set: each is staged as a `send()` is, between
 * the others, and the source is read only as fast as sets are sent.
 */
export class StreamSender {
  private readonly context: ChannelContext
  private readonly staging: Staging
  private readonly outbox: Outbox

  constructor (context: ChannelContext, staging: Staging, outbox: Outbox) {
    this.context = context
    this.staging = staging
    this.outbox = outbox
  }

  /** Resolves once the first set is staged. */
  async send (source: AsyncIterable<Uint8Array>, options: SendOptions & { size: number }): Promise<RequestId> {
    const { options: { segmentation }, random, pause } = this.context

    this.staging.checkOpen()
    options.signal?.throwIfAborted()
    checkSendOptions(options)

    if (options.ephemeral === true) {
      throw new InvalidParametersError('a stream cannot be ephemeral')
    }

    if (typeof source?.[Symbol.asyncIterator] !== 'function') {
      throw new InvalidParametersError('the source of a stream must be an AsyncIterable of Uint8Arrays')
    }

    const sets = cutStream(source, { config: segmentation, streamId: random.bytes(STREAM_ID_BYTES), size: options.size, pause })

    const { admission } = this.staging
    const requestId = options.requestId ?? this.staging.newRequestId()
    let begun = false

    try {
      return await this.staging.once(requestId, async () => {
        if (!admission.enter(options.size)) {
          await admission.wait(options.size, options)
        }

        try {
          const first = await sets.next()

          if (first.done === true) {
            throw new StreamInterruptedError('the source yielded nothing')
          }

          options.signal?.throwIfAborted()
          this.staging.checkOpen()

          const request = await this.stageFirst(first.value, requestId, options)

          begun = true
          void this.stageRest(request, sets)

          return requestId
        } finally {
          admission.release(options.size)
          admission.admit()
        }
      })
    } finally {
      if (!begun) {
        await sets.return(undefined)
      }
    }
  }

  private async stageFirst (set: StreamSet, requestId: RequestId, options: SendOptions & { size: number }): Promise<Request> {
    const { requests } = this.context

    return await this.staging.exclusive(async () => {
      const { request } = requests.stage({
        requestId,
        size: options.size,
        ephemeral: false,
        complete: set.count === 1,
        deadline: this.staging.deadline(options),
        sets: []
      })

      await this.commit(request, set, () => { requests.add(request) })
      void this.staging.announce(request, () => { this.outbox.enqueue(request, request.sets[0]) })

      return request
    })
  }

  /** Reads on while the request is pending. A source that fails ends the request. */
  private async stageRest (request: Request, sets: AsyncGenerator<StreamSet>): Promise<void> {
    try {
      while (isPending(request)) {
        await this.outbox.unsentSets(request, MAX_UNSENT_SETS)

        const next = await sets.next()

        if (next.done === true) {
          return
        }

        await this.staging.exclusive(async () => {
          this.staging.checkOpen()
          this.outbox.enqueue(request, await this.commit(request, next.value, () => {}))
        })
      }
    } catch (err) {
      this.outbox.abort(request, err instanceof Error ? err : new StreamInterruptedError(String(err)))
    } finally {
      await sets.return(undefined)
    }
  }

  private async commit (request: Request, set: StreamSet, after: () => void): Promise<SentSet> {
    const { committer, requests } = this.context
    const { ops, apply, sent } = this.stageSet(request, set)

    request.complete = set.index === set.count - 1

    await committer.attempt([...ops, requests.save(request)], () => {
      after()
      apply()
    })

    if (request.complete) {
      this.outbox.completed(request)
    }

    return sent
  }

  private stageSet (request: Request, set: StreamSet): StagedSet & { sent: SentSet } {
    const { sds, requests, streams, messages, options, clock, appended } = this.context
    const now = clock.now()
    const staged = sds.stage(set.contents, now, { parity: set.parityCount > 0 })
    const [first] = staged.messages
    const sent = requests.extend(request, { messageIds: staged.messages.map(message => message.messageId), dataCount: set.dataCount })
    const parsed = parseStreamFrame(set.payload)

    if (parsed.type !== 'frame') {
      throw new InvalidParametersError('the set is no part of a stream')
    }

    const result = streams.add({ frame: parsed.frame, senderId: options.senderId, messageId: first.messageId, hash: set.hash }, now)
    let append: LogAppend | undefined

    if (result.state === 'complete') {
      append = this.staging.append(staged.messages, request, now, undefined, { messageId: result.messageId, parts: parts(result) })
      streams.remove(result.streamKey)
    }

    return {
      sent,
      ops: [
        ...staged.ops,
        ...streams.takeOps(),
        ...append?.ops ?? [],
        ...staged.messages.map(({ messageId, bytes }) => ({ key: outgoingKey(messageId), value: bytes }))
      ],
      apply: () => {
        staged.apply(now)

        if (append != null) {
          messages.apply(append)
          appended()
        }
      }
    }
  }
}

function parts (stream: CompleteStream): string[] {
  return stream.frames.map(frame => frame.contentKey)
}
