/** The node's gossipsub signs, or names messages in another way than the profile does. */
export class GossipsubConfigError extends Error {
  static name = 'GossipsubConfigError'
  name = 'GossipsubConfigError'
}

/** An envelope is larger than gossipsub may carry. Trying again does not help. */
export class EnvelopeTooLargeError extends Error {
  static name = 'EnvelopeTooLargeError'
  name = 'EnvelopeTooLargeError'
}

/** No peer took an envelope in time. */
export class NoPeersError extends Error {
  static name = 'NoPeersError'
  name = 'NoPeersError'
}

/** Too many bytes wait to be published. Try again when some have left. */
export class PublishQueueFullError extends Error {
  static name = 'PublishQueueFullError'
  name = 'PublishQueueFullError'
}

/** Bytes on a topic are not an envelope. */
export class EnvelopeFormatError extends Error {
  static name = 'EnvelopeFormatError'
  name = 'EnvelopeFormatError'
}
