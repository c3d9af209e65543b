/** A rendezvous point answered with a status other than OK. */
export class RendezvousStatusError extends Error {
  static name = 'RendezvousStatusError'
  name = 'RendezvousStatusError'

  /** see `ResponseStatus` */
  readonly status: number

  constructor (status: number, text?: string) {
    super(`the rendezvous point answered with status ${status}${text == null || text === '' ? '' : `: ${text.slice(0, 200)}`}`)
    this.status = status
  }
}

/** A peer closed the stream without an answer, or sent one that cannot be read. */
export class NoAnswerError extends Error {
  static name = 'NoAnswerError'
  name = 'NoAnswerError'
}

/** This node has no address under which others could reach it, so that there is nothing to register. */
export class NoAddressesError extends Error {
  static name = 'NoAddressesError'
  name = 'NoAddressesError'
}

/** A sealed peer record does not hold what it should; the message says what. */
export class InvalidRecordError extends Error {
  static name = 'InvalidRecordError'
  name = 'InvalidRecordError'
}

/** A request that is not one: a wrong type, no body, or no end of its length. */
export class InvalidRequestError extends Error {
  static name = 'InvalidRequestError'
  name = 'InvalidRequestError'
}

/** Every rendezvous point that was asked failed; `errors` says how. */
export class DiscoverError extends AggregateError {
  static name = 'DiscoverError'
  name = 'DiscoverError'
}
