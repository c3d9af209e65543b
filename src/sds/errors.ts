import type { RejectReason } from './types.js'

/** Bytes that are no SDS message, or one over the limits of the codec. */
export class MalformedMessageError extends Error {
  static name = 'MalformedMessageError'
  name = 'MalformedMessageError'
}

/** Something from the network was dropped; `reason` says which rule it broke. */
export class RejectedMessageError extends Error {
  static name = 'RejectedMessageError'
  name = 'RejectedMessageError'

  constructor (readonly reason: RejectReason, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
