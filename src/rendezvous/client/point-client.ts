import { DEFAULT_TTL_S, MAX_SENT_REQUEST_BYTES, MessageType, ResponseStatus } from '../constants.js'
import { nextTask } from '../../next-task.js'
import { NoAnswerError, RendezvousStatusError } from '../errors.js'
import { decodeNamespace, encodeNamespace } from '../namespace.js'
import { Message } from '../pb/rendezvous.js'
import { CheckedRecords } from './checked-records.js'
import { request, tell } from './request.js'
import type { ClientConfig } from './config.js'
import type { OwnRecord } from './own-record.js'
import type { PointBook } from './point-book.js'
import type { Requester } from './request.js'
import type { RegisteredPeer } from './types.js'
import type { Register } from '../pb/rendezvous.js'
import type { SealedRecord } from '../record-formats.js'
import type { RecordContent } from '../records.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

/** Seconds that a point is believed to grant: a year. */
const MAX_GRANT_S = 365 * 24 * 60 * 60

/** Signatures that are checked in one turn of the event loop. */
const CHECK_SLICE = 16

export interface PointClientInit {
  config: ClientConfig
  requester: Requester
  points: PointBook
  record: OwnRecord
  self: PeerId
  log: Logger
}

/** A page whose records were checked, and not yet stored. */
export interface CheckedPage {
  peers: RegisteredPeer[]
  cookie?: Uint8Array
  /** registrations in the answer, whatever became of them */
  received: number
  /** the page is the first one, although another was asked for */
  isCookieRefused: boolean
  /** seconds; the least TTL that is not known to be the point's own: it had given none, or more than is believed */
  shortenedTo?: number
}

/** The three requests of the protocol, to one point at a time. */
export class PointClient {
  private readonly init: PointClientInit
  private readonly records: CheckedRecords
  private checked = 0

  constructor (init: PointClientInit) {
    this.init = init
    this.records = new CheckedRecords(init.config.codecs)
  }

  /** @returns seconds granted */
  async register (point: PeerId, namespace: string, ttl: number, options?: AbortOptions): Promise<number> {
    const sealed = await this.init.record.get()
    const answer = await this.negotiate(point, { ns: encodeNamespace(namespace) as Uint8Array<ArrayBuffer>, ttl: BigInt(ttl) }, sealed, async register => {
      const { registerResponse } = await this.request(point, { type: MessageType.REGISTER, register }, MessageType.REGISTER_RESPONSE, options)
      requireOk(registerResponse?.status, registerResponse?.statusText)

      return registerResponse
    })

    // a point grants what it likes; one that does not say granted what was asked for
    return Math.max(clamp(answer?.ttl ?? BigInt(ttl), MAX_GRANT_S), 1)
  }

  async unregister (point: PeerId, namespace: string, options?: AbortOptions): Promise<void> {
    const { requester, points } = this.init

    await tell(requester, points.target(point), {
      type: MessageType.UNREGISTER,
      unregister: { ns: encodeNamespace(namespace) as Uint8Array<ArrayBuffer> }
    }, options)
  }

  /** One page. A cookie that is refused is dropped, once. */
  async discover (point: PeerId, namespace: string, limit: number, cookie?: Uint8Array, options?: AbortOptions): Promise<CheckedPage> {
    try {
      return await this.discoverPage(point, namespace, limit, cookie, options)
    } catch (err) {
      if (cookie != null && err instanceof RendezvousStatusError && err.status === ResponseStatus.INVALID_COOKIE) {
        return { ...await this.discoverPage(point, namespace, limit, undefined, options), isCookieRefused: true }
      }

      throw err
    }
  }

  private async discoverPage (point: PeerId, namespace: string, limit: number, cookie?: Uint8Array, options?: AbortOptions): Promise<CheckedPage> {
    const ns = encodeNamespace(namespace, 0) as Uint8Array<ArrayBuffer>
    const { discoverResponse: answer } = await this.request(point, {
      type: MessageType.DISCOVER,
      discover: {
        // absent for all namespaces: nim refuses an empty one
        ns: namespace === '' ? undefined : ns,
        limit: BigInt(limit),
        cookie: cookie as Uint8Array<ArrayBuffer> | undefined,
        readsBoth: this.readsBoth ? true : undefined
      }
    }, MessageType.DISCOVER_RESPONSE, options)

    // unknown there: nim says so with this status, which is no fault of ours
    if (answer?.status === ResponseStatus.INVALID_NAMESPACE) {
      return { peers: [], received: 0, isCookieRefused: false }
    }

    requireOk(answer?.status, answer?.statusText)

    const registrations = answer?.registrations ?? []
    const page: CheckedPage = {
      peers: [],
      cookie: answer?.cookie == null ? undefined : new Uint8Array(answer.cookie),
      received: registrations.length,
      isCookieRefused: false
    }

    for (const registration of registrations.slice(0, limit)) {
      const peer = await this.check(registration, namespace, options)

      if (peer != null) {
        page.peers.push(peer)

        if (registration.ttl !== BigInt(peer.ttl)) {
          page.shortenedTo = Math.min(page.shortenedTo ?? Infinity, peer.ttl)
        }
      }
    }

    return page
  }

  /** Undefined for our own and for what is not in order: a point can hand out anything. */
  private async check (registration: Register, namespace: string, options?: AbortOptions): Promise<RegisteredPeer | undefined> {
    const { config, self, log } = this.init
    const name = decodeNamespace(registration.ns)
    const ttl = clamp(registration.ttl ?? BigInt(DEFAULT_TTL_S), config.maxTtl)

    if (name == null || name === '' || (namespace !== '' && name !== namespace) || ttl === 0) {
      log('a discovered registration is dropped: wrong namespace or no time left')

      return undefined
    }

    const bytes = new Uint8Array(registration.signedPeerRecord ?? [])

    try {
      const content = this.records.known(bytes) ?? await this.open(bytes, options)

      return content.peer.equals(self)
        ? undefined
        : { id: content.peer, multiaddrs: content.multiaddrs, namespace: name, sequence: content.sequence, ttl, record: bytes }
    } catch (err) {
      options?.signal?.throwIfAborted()
      log('a discovered registration is dropped - %e', err)

      return undefined
    }
  }

  /** Many records new to us are checked in slices: a point can send a thousand at once. */
  private async open (record: Uint8Array, options?: AbortOptions): Promise<RecordContent> {
    if (++this.checked % CHECK_SLICE === 0) {
      await nextTask()
    }

    return await this.records.open(record, options)
  }

  /**
   * Points in rust close without an answer when they cannot read the envelope: then the
   * legacy one follows, and is used at once from then on.
   */
  private async negotiate<T> (id: PeerId, register: Register, sealed: SealedRecord, send: (register: Register) => Promise<T>): Promise<T> {
    const point = this.init.points.get(id)
    const standard = sealed.standard as Uint8Array<ArrayBuffer> | undefined
    const legacy = sealed.legacy as Uint8Array<ArrayBuffer> | undefined

    if (standard == null) {
      return await send({ ...register, signedPeerRecord: legacy })
    }

    if (legacy != null && point?.legacy === true) {
      // it may have been brought up to date since: then the other one comes next time
      point.legacy = false
      const answer = await send({ ...register, signedPeerRecord: legacy })
      point.legacy = true

      return answer
    }

    try {
      return await send(withLegacy({ ...register, signedPeerRecord: standard }, legacy))
    } catch (err) {
      if (legacy == null || !(err instanceof NoAnswerError)) {
        throw err
      }

      const answer = await send({ ...register, signedPeerRecord: legacy })

      if (point != null) {
        point.legacy = true
      }

      return answer
    }
  }

  private get readsBoth (): boolean {
    const { standard, legacy } = this.init.config.codecs

    return standard != null && legacy != null
  }

  private async request (point: PeerId, message: Message, expected: number, options?: AbortOptions): Promise<Message> {
    const { requester, points } = this.init
    const answer = await request(requester, points.target(point), message, options)

    // no type: some implementations leave it out, and the body tells
    if (answer.type != null && answer.type !== expected) {
      throw new NoAnswerError(`the point answered with a message of type ${answer.type} instead of ${expected}`)
    }

    if (answer.registerResponse == null && answer.discoverResponse == null) {
      throw new NoAnswerError('the point answered with a message without a body')
    }

    return answer
  }
}

/** Adds the legacy envelope for the point to hand out to rust, where there is room. */
function withLegacy (register: Register, legacySignedPeerRecord?: Uint8Array<ArrayBuffer>): Register {
  const both = { ...register, legacySignedPeerRecord }

  return Message.encode({ type: MessageType.REGISTER, register: both }).byteLength <= MAX_SENT_REQUEST_BYTES ? both : register
}

function requireOk (status: number = ResponseStatus.OK, text?: string): void {
  if (status !== ResponseStatus.OK) {
    throw new RendezvousStatusError(status, text)
  }
}

function clamp (ttl: bigint, most: number): number {
  return ttl > BigInt(most) ? most : Number(ttl)
}
