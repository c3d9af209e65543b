/** The other side of a session broke the protocol. */
export class DiscoveryProtocolError extends Error {
  static name = 'DiscoveryProtocolError'
  name = 'DiscoveryProtocolError'
}

/** A signed peer record is not what it claims to be. */
export class InvalidRecordError extends Error {
  static name = 'InvalidRecordError'
  name = 'InvalidRecordError'
}

/** A walker failed more often than it may be restarted. It is tried again when the minute is over. */
export class WalkerFailedError extends Error {
  static name = 'WalkerFailedError'
  name = 'WalkerFailedError'
}
