import type { RequestId } from './types.js'

/** No channel of that ID is open. */
export class UnknownChannelError extends Error {
  static name = 'UnknownChannelError'
  name = 'UnknownChannelError'
}

/** A channel of that ID is open already. */
export class DuplicateChannelError extends Error {
  static name = 'DuplicateChannelError'
  name = 'DuplicateChannelError'
}

/** As many channels are open as may be. */
export class TooManyChannelsError extends Error {
  static name = 'TooManyChannelsError'
  name = 'TooManyChannelsError'
}

/** The channel was closed. */
export class ChannelClosedError extends Error {
  static name = 'ChannelClosedError'
  name = 'ChannelClosedError'
}

/** As much is queued as the channel takes. */
export class QueueFullError extends Error {
  static name = 'QueueFullError'
  name = 'QueueFullError'
}

/** What went wrong with one segment of a request. */
export interface SegmentFailure {
  segmentIndex: number
  error: Error
}

/** One or more segments of a request could not be sent; `failures` names them, `errors` says why. */
export class SendError extends AggregateError {
  static name = 'SendError'
  name = 'SendError'
  readonly requestId: RequestId
  readonly failures: readonly SegmentFailure[]

  constructor (requestId: RequestId, failures: readonly SegmentFailure[], segments: number) {
    const places = failures.slice(0, 8).map(failure => failure.segmentIndex).join(', ')

    super(
      failures.map(failure => failure.error),
      `${failures.length} of ${segments} segments of ${requestId} were not sent (segment ${places}${failures.length > 8 ? ', …' : ''}): ${failures[0]?.error.message ?? ''}`
    )
    this.requestId = requestId
    this.failures = failures
  }
}

/** It was not sent in time. */
export class SendTimeoutError extends Error {
  static name = 'SendTimeoutError'
  name = 'SendTimeoutError'
}

/** `cancel()` was called before it was sent. */
export class SendCancelledError extends Error {
  static name = 'SendCancelledError'
  name = 'SendCancelledError'
}

/** Resends are used up and too few members acknowledged the message. */
export class DeliveryTimeoutError extends Error {
  static name = 'DeliveryTimeoutError'
  name = 'DeliveryTimeoutError'
}

/** Ephemeral messages are never acknowledged. */
export class NotAcknowledgedError extends Error {
  static name = 'NotAcknowledgedError'
  name = 'NotAcknowledgedError'
}

/** The channel knows no such request, or no longer. */
export class UnknownRequestError extends Error {
  static name = 'UnknownRequestError'
  name = 'UnknownRequestError'
}

/** The stored channel belongs to another sender ID. */
export class SenderMismatchError extends Error {
  static name = 'SenderMismatchError'
  name = 'SenderMismatchError'
}

/** More from the network than could be taken in; what was dropped is fetched again later. */
export class OverloadError extends Error {
  static name = 'OverloadError'
  name = 'OverloadError'
}

/** The datastore must outlive the process, and this one does not. */
export class NotDurableError extends Error {
  static name = 'NotDurableError'
  name = 'NotDurableError'
}

/** Payloads on the channel's topic that nobody here can read: another secret, or garbage. */
export class ForeignPayloadError extends Error {
  static name = 'ForeignPayloadError'
  name = 'ForeignPayloadError'
}

/** A message that came in part and was given up. */
export class IncompleteMessageError extends Error {
  static name = 'IncompleteMessageError'
  name = 'IncompleteMessageError'
}

/** A stream of which not everything was staged before the process ended, or its source failed. */
export class StreamInterruptedError extends Error {
  static name = 'StreamInterruptedError'
  name = 'StreamInterruptedError'
}
