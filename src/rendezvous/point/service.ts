import { MessageType, ResponseStatus } from '../constants.js'
import { InvalidRequestError } from '../errors.js'
import { decodeNamespace } from '../namespace.js'
import { Message } from '../pb/rendezvous.js'
import { Refusal } from './context.js'
import { discover } from './discover.js'
import { register } from './register.js'
import { unregister } from './unregister.js'
import type { PointContext } from './context.js'
import type { PeerId } from '@libp2p/interface'

/** What a point answers to each request. It knows nothing of streams. */
export class PointService {
  private readonly context: PointContext
  private readonly onError: (err: unknown) => void

  /** @param onError - told what is answered with status 300 */
  constructor (context: PointContext, onError: (err: unknown) => void) {
    this.context = context
    this.onError = onError
  }

  /**
   * @returns the answer, encoded, or undefined where the protocol has none
   * @throws {InvalidRequestError} it is not a request
   */
  async serve (peer: PeerId, request: Message): Promise<Uint8Array | undefined> {
    try {
      switch (typeOf(request)) {
        case MessageType.REGISTER:
          return Message.encode({ type: MessageType.REGISTER_RESPONSE, registerResponse: await register(this.context, peer, bodyOf(request.register)) })
        case MessageType.DISCOVER:
          return await discover(this.context, peer, bodyOf(request.discover))
        case MessageType.UNREGISTER:
          await unregister(this.context, peer, bodyOf(request.unregister))

          return undefined
        default:
          throw new InvalidRequestError(`a message of type ${request.type} is no request`)
      }
    } catch (err) {
      if (err instanceof InvalidRequestError) {
        throw err
      }

      if (err instanceof Refusal) {
        return this.refuse(peer, request, err)
      }

      this.onError(err)

      return this.refuse(peer, request, new Refusal(ResponseStatus.INTERNAL_ERROR, 'internal error'))
    }
  }

  /** The answer to a request that is not served, likewise. */
  refuse (peer: PeerId, request: Message, { status, message: statusText }: Refusal): Uint8Array | undefined {
    const type = typeOf(request)
    const namespace = decodeNamespace((request.register ?? request.discover ?? request.unregister)?.ns)
    this.context.events.emit('refuse', { peer, type, namespace, status, text: statusText })

    switch (type) {
      case MessageType.REGISTER:
        return Message.encode({ type: MessageType.REGISTER_RESPONSE, registerResponse: { status, statusText } })
      case MessageType.DISCOVER:
        return Message.encode({ type: MessageType.DISCOVER_RESPONSE, discoverResponse: { registrations: [], status, statusText } })
      default:
        return undefined
    }
  }
}

/** No type is REGISTER: some implementations leave a zero out. */
export function typeOf (request: Message): number {
  return request.type ?? MessageType.REGISTER
}

function bodyOf<T> (body: T | undefined): T {
  if (body == null) {
    throw new InvalidRequestError('the request has no body')
  }

  return body
}
