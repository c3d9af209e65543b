import { peerIdFromString } from '@libp2p/peer-id'
import { StoreCorruptError } from '../storage/index.js'
import { compareCausally } from './cursor.js'
import { ARRIVAL_KEY, bodyKey, keyNumber, logKey, LOG_PREFIX } from './keys.js'
import { LogRecord } from './pb/records.js'
import type { Position } from './cursor.js'
import type { HistoryConfig } from './types.js'
import type { Store, StoreEntry, StoreOp } from '../storage/index.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Sender IDs whose string is shared. */
const MAX_NAMES = 10_000

/** A message of the log without its payload. */
export interface LoggedMessage extends Position {
  senderId: string
  sender?: PeerId
  /** ms, the sender's claim */
  timestamp: number
  /** ms */
  receivedAt: number
  size: number
  own: boolean
  late: boolean
  /** from before our joining, or below the floor of the dedup memory: never emitted live */
  history: boolean
  /** number of the request that sent it */
  request?: number
  /** IDs of its segments, when there are several */
  segments?: readonly string[]
  /** keys of its payload's parts, of a stream; absent: it is in one */
  parts?: readonly string[]
}

/** A message that enters the log once `ops` are durable. */
export interface LogAppend {
  message: LoggedMessage
  ops: StoreOp[]
}

/**
 * The log of a channel: metadata in memory, in the order of arrival and in causal order;
 * payloads in the store. Bounded by number, bytes and age; the oldest arrivals go first.
 */
export class MessageLog {
  private readonly store: Store
  private readonly config: HistoryConfig
  private readonly byId = new Map<string, LoggedMessage>()
  private readonly arrivals: LoggedMessage[] = []
  private causal: LoggedMessage[] = []
  private readonly names = new Map<string, string>()
  private nextArrival = 1
  private bytes = 0
  private pruned = false

  constructor (store: Store, config: HistoryConfig) {
    this.store = store
    this.config = config
  }

  /** @throws {StoreCorruptError} */
  async load (options?: AbortOptions): Promise<void> {
    for await (const entry of this.store.list(LOG_PREFIX, options)) {
      this.arrivals.push(decode(entry))
    }

    this.arrivals.sort((a, b) => a.arrival - b.arrival)

    for (const message of this.arrivals) {
      this.intern(message)
      this.byId.set(message.messageId, message)
      this.bytes += message.size
      this.nextArrival = message.arrival + 1
    }

    this.causal = [...this.arrivals].sort(compareCausally)

    const pruned = await this.store.get(ARRIVAL_KEY, options)

    if (pruned != null) {
      this.pruned = true
      this.nextArrival = Math.max(this.nextArrival, keyNumber(new TextDecoder().decode(pruned)) + 1)
    }
  }

  get length (): number {
    return this.arrivals.length
  }

  /** The last place in the order of arrival that can be seen. */
  get visible (): number {
    return this.arrivals.at(-1)?.arrival ?? this.nextArrival - 1
  }

  /** The oldest message in causal order, when retention has removed some before it. */
  get edge (): LoggedMessage | undefined {
    return this.pruned ? this.causal[0] : undefined
  }

  get (messageId: string): LoggedMessage | undefined {
    return this.byId.get(messageId)
  }

  /** Gives the next place in the order of arrival; the message is visible after `apply()`. */
  stage (message: Omit<LoggedMessage, 'arrival'>, payload?: Uint8Array): LogAppend {
    // written out: an object made by spreading takes a third more memory
    const logged: LoggedMessage = {
      messageId: message.messageId,
      arrival: this.nextArrival++,
      lamport: message.lamport,
      senderId: message.senderId,
      sender: message.sender,
      timestamp: message.timestamp,
      receivedAt: message.receivedAt,
      size: message.size,
      own: message.own,
      late: message.late,
      history: message.history,
      request: message.request,
      segments: message.segments,
      parts: message.parts
    }
    const ops: StoreOp[] = [{ key: logKey(logged.arrival), value: encode(logged) }]

    if (payload != null) {
      ops.push({ key: bodyKey(logged.arrival), value: payload })
    }

    return { message: logged, ops }
  }

  apply (append: LogAppend): void {
    const { message } = append

    this.intern(message)
    this.byId.set(message.messageId, message)
    this.arrivals.splice(lowerBound(this.arrivals, other => other.arrival - message.arrival), 0, message)
    this.causal.splice(lowerBound(this.causal, other => compareCausally(other, message)), 0, message)
    this.bytes += message.size
  }

  /** The first message after `arrival` in the order of arrival, or the last one before it. */
  byArrival (arrival: number, reverse = false): LoggedMessage | undefined {
    const index = lowerBound(this.arrivals, other => other.arrival - arrival)

    if (reverse) {
      return this.arrivals[index - 1]
    }

    return this.arrivals[this.arrivals[index]?.arrival === arrival ? index + 1 : index]
  }

  /** The first message after `position` in causal order, or the last one before it. */
  byCause (position: Omit<Position, 'arrival'>, reverse = false): LoggedMessage | undefined {
    const index = lowerBound(this.causal, other => compareCausally(other, position))

    if (reverse) {
      return this.causal[index - 1]
    }

    const found = this.causal[index]

    return found != null && compareCausally(found, position) === 0 ? this.causal[index + 1] : found
  }

  /** Messages after `arrival` in the order of arrival. */
  count (arrival: number, own?: boolean): number {
    let index = lowerBound(this.arrivals, other => other.arrival - arrival)

    if (this.arrivals[index]?.arrival === arrival) {
      index++
    }

    if (own == null) {
      return this.arrivals.length - index
    }

    let count = 0

    for (; index < this.arrivals.length; index++) {
      count += this.arrivals[index].own === own ? 1 : 0
    }

    return count
  }

  /** The payload of a message, or one part of it. */
  async body (message: LoggedMessage, part: number, options?: AbortOptions): Promise<Uint8Array | undefined> {
    const key = message.parts == null ? bodyKey(message.arrival) : message.parts[part]

    return await this.store.get(key, options)
  }

  /** Removes what exceeds the bounds, `max` messages at most. `ops` delete it from the store. */
  prune (now: number, max: number): { removed: LoggedMessage[], ops: StoreOp[] } {
    const oldest = now - this.config.maxAgeMs
    let count = 0
    let bytes = this.bytes

    while (count < Math.min(this.arrivals.length, max)) {
      const message = this.arrivals[count]

      if (this.arrivals.length - count <= this.config.maxMessages && bytes <= this.config.maxBytes && message.receivedAt >= oldest) {
        break
      }

      bytes -= message.size
      count++
    }

    if (count === 0) {
      return { removed: [], ops: [] }
    }

    const removed = this.arrivals.splice(0, count)
    const gone = new Set(removed)
    // numbers are never used again, even when nothing is left that has one
    const ops: StoreOp[] = [{ key: ARRIVAL_KEY, value: new TextEncoder().encode((this.nextArrival - 1).toString()) }]

    this.pruned = true
    this.bytes = bytes
    this.causal = this.causal.filter(message => !gone.has(message))

    for (const message of removed) {
      if (this.byId.get(message.messageId) === message) {
        this.byId.delete(message.messageId)
      }

      ops.push({ key: logKey(message.arrival) }, ...(message.parts ?? [bodyKey(message.arrival)]).map(key => ({ key })))
    }

    return { removed, ops }
  }

  /** When the next message grows too old, in ms. */
  nextDeadline (): number | undefined {
    const oldest = this.arrivals[0]

    return oldest == null ? undefined : oldest.receivedAt + this.config.maxAgeMs + 1
  }

  /** Equal sender IDs share one string. */
  private intern (message: LoggedMessage): void {
    const name = this.names.get(message.senderId)

    if (name == null) {
      if (this.names.size === MAX_NAMES) {
        this.names.clear()
      }

      this.names.set(message.senderId, message.senderId)
    } else {
      message.senderId = name
    }
  }
}

/** Index of the first element that does not compare below. */
function lowerBound<T> (list: readonly T[], compare: (element: T) => number): number {
  let low = 0
  let high = list.length

  // most look-ups are at the tail
  if (high > 0 && compare(list[high - 1]) < 0) {
    return high
  }

  while (low < high) {
    const middle = (low + high) >>> 1

    if (compare(list[middle]) < 0) {
      low = middle + 1
    } else {
      high = middle
    }
  }

  return low
}

function encode (message: LoggedMessage): Uint8Array {
  return LogRecord.encode({
    messageId: message.messageId,
    senderId: message.senderId,
    sender: message.sender?.toString(),
    lamportTimestamp: message.lamport,
    timestamp: message.timestamp,
    receivedAt: message.receivedAt,
    size: message.size,
    own: message.own,
    late: message.late,
    history: message.history,
    request: message.request,
    segments: [...message.segments ?? []],
    parts: [...message.parts ?? []]
  })
}

function decode (entry: StoreEntry): LoggedMessage {
  try {
    const record = LogRecord.decode(entry.value)

    return {
      arrival: keyNumber(entry.key),
      messageId: record.messageId,
      senderId: record.senderId,
      sender: record.sender == null ? undefined : peerIdFromString(record.sender),
      lamport: record.lamportTimestamp,
      timestamp: record.timestamp,
      receivedAt: record.receivedAt,
      size: record.size,
      own: record.own,
      late: record.late,
      history: record.history,
      request: record.request,
      segments: record.segments.length === 0 ? undefined : record.segments,
      parts: record.parts.length === 0 ? undefined : record.parts
    }
  } catch (err) {
    throw new StoreCorruptError(`the log record ${entry.key} cannot be decoded`, { cause: err })
  }
}
