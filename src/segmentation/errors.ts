/** There is nothing to send. */
export class EmptyPayloadError extends Error {
  static name = 'EmptyPayloadError'
  name = 'EmptyPayloadError'
}

/** The payload is larger than what the configuration allows, or than one set can carry. */
export class PayloadTooLargeError extends Error {
  static name = 'PayloadTooLargeError'
  name = 'PayloadTooLargeError'
}

/** The source of a stream yielded fewer or more bytes than its declared size. */
export class StreamSizeError extends Error {
  static name = 'StreamSizeError'
  name = 'StreamSizeError'
}

/** A received segment breaks the rules of LIP 243, or a bound of ours. */
export class InvalidSegmentError extends Error {
  static name = 'InvalidSegmentError'
  name = 'InvalidSegmentError'
}

/** A received frame of a stream contradicts its stream, or a bound of ours. */
export class InvalidStreamFrameError extends Error {
  static name = 'InvalidStreamFrameError'
  name = 'InvalidStreamFrameError'
}
