import { toError } from '../../to-error.js'
import { MAX_PAGE_RECORDS, MAX_READ_ANSWER_BYTES, STREAM_TIMEOUT_MS } from '../constants.js'
import { withDeadline } from '../deadline.js'
import { NoAnswerError } from '../errors.js'
import { Frames } from '../framing.js'
import { Message } from '../pb/rendezvous.js'
import type { Clock } from '../../clock.js'
import type { AbortOptions, DialTarget, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** What is left of a stream after its answer is reset when the other side does not close it. */
const LINGER_MS = 1_000

/** Records of an answer that are read; more make it unreadable. */
const MAX_READ_RECORDS = 4 * MAX_PAGE_RECORDS

export interface Requester {
  connectionManager: ConnectionManager
  protocol: string
  clock: Clock
}

/**
 * One request on a stream of its own: write, half-close, read.
 *
 * @throws {NoAnswerError} the stream ended without an answer, or with one that is none
 * @throws {TimeoutError} after 10 s
 */
export async function request (requester: Requester, point: DialTarget, message: Message, options?: AbortOptions): Promise<Message> {
  return await onStream(requester, point, options, async (stream, signal) => {
    const frames = new Frames(stream, MAX_READ_ANSWER_BYTES)
    await frames.write(Message.encode(message), { signal })
    await stream.close({ signal })

    try {
      const frame = await frames.read({ signal })

      return Message.decode(frame, { limits: { discoverResponse: { registrations: MAX_READ_RECORDS } } })
    } catch (err) {
      signal.throwIfAborted()

      throw new NoAnswerError(`the point gave no answer: ${toError(err).message}`, { cause: err })
    }
  })
}

/** A request that has no answer; waits a moment for the point to close, by when it has done it. */
export async function tell (requester: Requester, point: DialTarget, message: Message, options?: AbortOptions): Promise<void> {
  await onStream(requester, point, options, async (stream, signal) => {
    const frames = new Frames(stream, MAX_READ_ANSWER_BYTES)
    await frames.write(Message.encode(message), { signal })
    await stream.close({ signal })
    await withDeadline(requester.clock, LINGER_MS, signal, async signal => await frames.read({ signal })).catch(() => {})
  })
}

async function onStream<T> (requester: Requester, point: DialTarget, options: AbortOptions | undefined, fn: (stream: Stream, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { connectionManager, protocol, clock } = requester

  return await withDeadline(clock, STREAM_TIMEOUT_MS, options?.signal, async signal => {
    let stream: Stream | undefined

    try {
      stream = await connectionManager.openStream(point, protocol, { signal, runOnLimitedConnection: true })
      const answer = await fn(stream, signal)
      linger(stream, clock)

      return answer
    } catch (err) {
      const error = toError(err)
      stream?.abort(error)

      throw error
    }
  })
}

function linger (stream: Stream, clock: Clock): void {
  if (stream.status !== 'open') {
    return
  }

  const cancel = clock.setTimer(() => { stream.abort(new Error('the stream was not closed after its answer')) }, LINGER_MS)
  stream.addEventListener('close', cancel, { once: true })
}
