/** The peer could not prove that it knows the channel, or does not want us in it. */
export class AccessDeniedError extends Error {
  static name = 'AccessDeniedError'
  name = 'AccessDeniedError'
}

/** The peer sent something that the protocol forbids. Its stream was closed, the connection was not. */
export class ExchangeProtocolError extends Error {
  static name = 'ExchangeProtocolError'
  name = 'ExchangeProtocolError'
}

/** The session with the peer ended before the answer came. */
export class SessionClosedError extends Error {
  static name = 'SessionClosedError'
  name = 'SessionClosedError'
}

/** The peer has no capacity for the request. */
export class PeerBusyError extends Error {
  static name = 'PeerBusyError'
  name = 'PeerBusyError'
  /** when to try again */
  readonly retryAfterMs: number

  constructor (message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The channel is in the exchange already. */
export class AlreadyJoinedError extends Error {
  static name = 'AlreadyJoinedError'
  name = 'AlreadyJoinedError'
}
