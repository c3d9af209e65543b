import { extended } from '../interned.js'
import { StoreCorruptError } from '../storage/index.js'
import { keyNumber, requestKey, REQUEST_PREFIX } from './keys.js'
import { RequestRecord } from './pb/records.js'
import { SendState } from './send-state.js'
import type { RequestId, RequestInfo, RequestState } from './types.js'
import type { Store, StoreEntry, StoreOp } from '../storage/index.js'
import type { AbortOptions } from '@libp2p/interface'

export const NOBODY: readonly string[] = Object.freeze([])

/** Requests that have ended and are still known. */
const MAX_ENDED = 10_000

/** One set of segments of a request. */
export interface SentSet {
  /** SDS IDs, data before parity */
  messageIds: string[]
  dataCount: number
  /** index in the request of its first segment */
  first: number
}

/** A `send()` and what became of it. */
export interface Request {
  number: number
  requestId: RequestId
  state: RequestState
  /** the state that the application has been told: the other is not durable until then */
  told: RequestState
  size: number
  ephemeral: boolean
  sets: SentSet[]
  /** false: a stream of which not everything is staged */
  complete: boolean
  /** ms */
  deadline?: number
  receipts: readonly string[]
  delivered: boolean
  error?: Error
  expectedAt?: number
  sending: SendState
  /** the snapshot last given out */
  info?: RequestInfo
}

export interface NewRequest {
  requestId: RequestId
  size: number
  ephemeral: boolean
  complete: boolean
  deadline?: number
  sets: Array<{ messageIds: string[], dataCount: number }>
}

/** Whether it is still to be sent. */
export const isPending = (request: Request): boolean => request.state === 'queued' || request.state === 'sending'

/**
 * The requests of a channel: those that are pending, and the last 10 000 that have ended.
 * Each is one record of the store, which the log keeps for as long as it has the message.
 */
export class Requests {
  private readonly store: Store
  private readonly byId = new Map<RequestId, Request>()
  private readonly byNumber = new Map<number, Request>()
  private readonly unsent = new Set<Request>()
  private bytes = 0
  /** ms; never later than the first deadline of what is pending */
  private soonest = Infinity
  /** by the message ID of each segment */
  private readonly bySegment = new Map<string, Request>()
  private nextNumber = 1

  constructor (store: Store) {
    this.store = store
  }

  /** @throws {StoreCorruptError} */
  async load (options?: AbortOptions): Promise<void> {
    const requests: Request[] = []

    for await (const entry of this.store.list(REQUEST_PREFIX, options)) {
      requests.push(decode(entry))
    }

    requests.sort((a, b) => a.number - b.number)
    this.nextNumber = (requests.at(-1)?.number ?? 0) + 1
    requests.forEach((request, i) => {
      if (isPending(request) || i >= requests.length - MAX_ENDED) {
        this.add(request)
      }
    })
  }

  get (requestId: RequestId): Request | undefined {
    return this.byId.get(requestId)
  }

  /** Requests that are not sent yet, oldest first. */
  pending (): Request[] {
    return [...this.unsent]
  }

  get pendingCount (): number {
    return this.unsent.size
  }

  /** Payload bytes of what is pending. */
  get pendingBytes (): number {
    return this.bytes
  }

  /** When something pending may run out of time, in ms: not later than it does. */
  get nextDeadline (): number | undefined {
    return this.unsent.size === 0 || this.soonest === Infinity ? undefined : this.soonest
  }

  /** What is pending and has run out of time. */
  overdue (now: number): Request[] {
    if (now < this.soonest) {
      return []
    }

    const deadlineOf = ({ deadline = Infinity }: Request): number => deadline
    const pending = this.pending()

    this.soonest = pending.reduce((soonest, request) => deadlineOf(request) <= now ? soonest : Math.min(soonest, deadlineOf(request)), Infinity)

    return pending.filter(request => deadlineOf(request) <= now)
  }

  /** It is sent, or will not be. */
  ended (request: Request): void {
    if (this.unsent.delete(request)) {
      this.bytes -= request.size
    }

    if (this.unsent.size === 0) {
      this.soonest = Infinity
    }
  }

  /** The request that a message is a segment of, if it is one of ours that is still known. */
  ofSegment (messageId: string): Request | undefined {
    return this.bySegment.get(messageId)
  }

  /** The request of that number, from the store if need be. */
  async find (number: number, options?: AbortOptions): Promise<Request | undefined> {
    const known = this.byNumber.get(number)

    if (known != null) {
      return known
    }

    const value = await this.store.get(requestKey(number), options)

    return value == null ? undefined : decode({ key: requestKey(number), value })
  }

  /** A request that becomes known with `add()`, once `op` is durable. */
  stage (init: NewRequest): { request: Request, op: StoreOp } {
    const sending = new SendState(init.requestId, 0, init.complete)
    // written out: an object made by spreading takes a third more memory
    const request: Request = {
      number: this.nextNumber++,
      requestId: init.requestId,
      state: 'queued',
      told: 'queued',
      size: init.size,
      ephemeral: init.ephemeral,
      sets: init.sets.map(set => sentSet(sending, set)),
      complete: init.complete,
      deadline: init.deadline,
      receipts: NOBODY,
      delivered: false,
      error: undefined,
      expectedAt: undefined,
      sending
    }

    return { request, op: this.save(request) }
  }

  add (request: Request): void {
    this.byId.set(request.requestId, request)
    this.byNumber.set(request.number, request)

    if (isPending(request)) {
      this.unsent.add(request)
      this.soonest = Math.min(this.soonest, request.deadline ?? Infinity)
      this.bytes += request.size
    }

    request.sets.forEach(set => { this.index(request, set) })
  }

  /** Adds a set to a stream. */
  extend (request: Request, set: { messageIds: string[], dataCount: number }): SentSet {
    const sent = sentSet(request.sending, set)

    request.sets.push(sent)
    this.index(request, sent)

    return sent
  }

  save (request: Request): StoreOp {
    return { key: requestKey(request.number), value: encode(request) }
  }

  /** Forgets the oldest that have ended, beyond the bound. Their records stay for as long as `inLog` says. */
  prune (inLog: (messageId: string) => boolean): StoreOp[] {
    const ops: StoreOp[] = []

    if (this.byNumber.size <= MAX_ENDED) {
      return ops
    }

    for (const request of this.byNumber.values()) {
      if (this.byNumber.size <= MAX_ENDED) {
        break
      }

      if (isPending(request)) {
        continue
      }

      this.byId.delete(request.requestId)
      this.byNumber.delete(request.number)
      request.sets.forEach(set => { set.messageIds.forEach(id => this.bySegment.delete(id)) })

      if (request.ephemeral || !inLog(request.sets[0]?.messageIds[0])) {
        ops.push({ key: requestKey(request.number) })
      }
    }

    return ops
  }

  /** The log has lost the message of this request. */
  forget (number: number): StoreOp[] {
    return this.byNumber.has(number) ? [] : [{ key: requestKey(number) }]
  }

  private index (request: Request, set: SentSet): void {
    set.messageIds.forEach(id => this.bySegment.set(id, request))
  }
}

/** A frozen snapshot, the same object until the request changes. */
export function requestInfo (request: Request): RequestInfo {
  const { info } = request

  if (info == null || info.state !== request.state || info.receipts.length !== request.receipts.length || info.expectedAt !== request.expectedAt || info.error !== request.error) {
    request.info = Object.freeze({
      requestId: request.requestId,
      messageId: request.ephemeral ? undefined : request.sets[0]?.messageIds[0],
      state: request.state,
      size: request.size,
      receipts: Object.freeze([...request.receipts]),
      error: request.error,
      expectedAt: request.expectedAt
    })
  }

  return request.info as RequestInfo
}

function sentSet (sending: SendState, { messageIds, dataCount }: { messageIds: string[], dataCount: number }): SentSet {
  return { messageIds, dataCount, first: sending.add(messageIds.length) }
}

function encode (request: Request): Uint8Array {
  return RequestRecord.encode({
    requestId: request.requestId,
    state: request.state,
    size: request.size,
    ephemeral: request.ephemeral,
    sets: request.sets.map(set => ({
      messageIds: set.messageIds,
      dataCount: set.dataCount,
      confirmed: bits(set.messageIds.length, i => request.sending.state(set.first + i) === 'confirmed')
    })),
    complete: request.complete,
    deadline: request.deadline,
    receipts: [...request.receipts],
    delivered: request.delivered,
    errorName: request.error?.name,
    errorMessage: request.error?.message
  })
}

function decode (entry: StoreEntry): Request {
  try {
    const record = RequestRecord.decode(entry.value)
    const request: Request = {
      number: keyNumber(entry.key),
      requestId: record.requestId,
      state: record.state as RequestState,
      told: record.state as RequestState,
      size: record.size,
      ephemeral: record.ephemeral,
      sets: [],
      complete: record.complete,
      deadline: record.deadline,
      receipts: record.receipts.reduce(extended, NOBODY),
      delivered: record.delivered,
      error: record.errorName == null ? undefined : restoreError(record.errorName, record.errorMessage ?? ''),
      // closed once every set is there
      sending: new SendState(record.requestId, 0, false)
    }

    for (const { messageIds, dataCount, confirmed } of record.sets) {
      const set = sentSet(request.sending, { messageIds, dataCount })

      request.sets.push(set)

      messageIds.forEach((_, i) => {
        if ((confirmed[i >> 3] & (1 << (i & 7))) !== 0) {
          request.sending.confirm(set.first + i)
        }
      })
    }

    if (record.complete) {
      request.sending.close()
    }

    return request
  } catch (err) {
    throw new StoreCorruptError(`the request record ${entry.key} cannot be decoded`, { cause: err })
  }
}

/** Applications match errors by name, so the name and the message are all that is kept. */
function restoreError (name: string, message: string): Error {
  const error = new Error(message)

  error.name = name

  return error
}

function bits (length: number, test: (index: number) => boolean): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(length / 8))

  for (let i = 0; i < length; i++) {
    if (test(i)) {
      out[i >> 3] |= 1 << (i & 7)
    }
  }

  return out
}
