import { createHash } from 'node:crypto'
import { comparePositions } from '../../src/exchange/history/fingerprint.js'
import type { DeliveryVerdict, DisprovedHint, ExchangeChannel, ExchangeMembership, LogEntry, LogPosition, PayloadKey, Role } from '../../src/exchange/types.js'
import type { PeerId } from '@libp2p/interface'

/** What a real channel finds by decrypting: bytes that start like this are authentic. */
const AUTHENTIC = 0x42

export interface FakeMessage extends LogEntry {
  payload: Uint8Array
}

/** A message whose ID can be recomputed from its payload. */
export function fakeMessage (text: string, options: { size?: number, lamportTimestamp?: number, authentic?: boolean } = {}): FakeMessage {
  const body = new TextEncoder().encode(text)
  const payload = new Uint8Array(Math.max(options.size ?? 0, body.length + 1))
  payload[0] = options.authentic === false ? 0 : AUTHENTIC
  payload.set(body, 1)

  return {
    messageId: idOf(payload),
    senderId: 'alice',
    lamportTimestamp: options.lamportTimestamp ?? 1,
    hash: hashOf(payload),
    size: payload.byteLength,
    payload
  }
}

export function idOf (payload: Uint8Array): string {
  return createHash('sha256').update('id').update(payload).digest('hex')
}

export function hashOf (payload: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(payload).digest())
}

/** A channel with a log in memory. */
export class FakeChannel implements ExchangeChannel {
  readonly channelId: string
  readonly role?: Role
  discoveryKeys: Uint8Array[]
  readonly messages = new Map<string, FakeMessage>()
  readonly byHash = new Map<string, FakeMessage>()
  readonly removed = new Set<string>()
  readonly accepted: string[] = []
  readonly verdicts: Array<DeliveryVerdict & { from: string }> = []
  readonly unavailableIds: string[] = []
  readonly disprovedHints: DisprovedHint[] = []
  readonly needed: number[] = []
  others: PeerId[] = []
  holding: PeerId[] = []
  lowest?: LogPosition
  membership?: ExchangeMembership
  /** stands between a delivery and its verdict */
  gate?: (payload: Uint8Array) => Promise<void>
  /** lamport timestamps of messages that are not here yet */
  stamps = new Map<string, number>()
  private readonly sorted: FakeMessage[] = []
  private readonly waiting: Array<{ ids: string[], resolve: () => void }> = []

  constructor (channelId = 'lobby', init: { role?: Role, keys?: Uint8Array[] } = {}) {
    this.channelId = channelId
    this.role = init.role
    this.discoveryKeys = init.keys ?? [new Uint8Array(32).fill(7)]
  }

  add (...messages: FakeMessage[]): this {
    for (const message of messages) {
      if (this.messages.has(message.messageId)) {
        continue
      }

      this.messages.set(message.messageId, message)
      this.byHash.set(hex(message.hash ?? hashOf(message.payload)), message)
      this.insert(message)
    }

    return this
  }

  remove (messageId: string): void {
    const message = this.messages.get(messageId)

    if (message != null) {
      this.messages.delete(messageId)
      this.byHash.delete(hex(message.hash ?? new Uint8Array()))
      this.sorted.splice(this.sorted.indexOf(message), 1)
      this.removed.add(messageId)
    }
  }

  /** Resolves when all of these are here. */
  async holds (ids: string[]): Promise<void> {
    if (!ids.every(id => this.messages.has(id))) {
      await new Promise<void>(resolve => { this.waiting.push({ ids, resolve }) })
    }
  }

  keys (): Uint8Array[] {
    return this.discoveryKeys
  }

  async payload (want: PayloadKey): Promise<Uint8Array | undefined> {
    return this.find(want)?.payload
  }

  has (want: PayloadKey): boolean {
    return this.find(want) != null
  }

  gone (messageId: string): boolean {
    return this.removed.has(messageId)
  }

  entries ({ after, before, limit, reverse }: { after?: LogPosition, before?: LogPosition, limit: number, reverse?: boolean }): LogEntry[] {
    const from = after == null ? 0 : this.firstAbove(after)
    const to = before == null ? this.sorted.length : this.firstAt(before)

    return reverse === true ? this.sorted.slice(Math.max(to - limit, from), to).reverse() : this.sorted.slice(from, Math.min(from + limit, to))
  }

  async accept (payload: Uint8Array, from: PeerId, wanted?: string): Promise<DeliveryVerdict> {
    await this.gate?.(payload)
    const verdict = this.judge(payload, wanted)
    this.verdicts.push({ ...verdict, from: from.toString() })

    return verdict
  }

  holders (): PeerId[] {
    return this.holding
  }

  peers (): PeerId[] {
    return this.others
  }

  floor (): LogPosition | undefined {
    return this.lowest
  }

  need (count: number): void {
    this.needed.push(count)
  }

  unavailable (messageId: string): void {
    this.unavailableIds.push(messageId)
  }

  disproved (hint: DisprovedHint): void {
    this.disprovedHints.push(hint)
  }

  private judge (payload: Uint8Array, wanted?: string): DeliveryVerdict {
    const messageId = idOf(payload)

    if (this.role !== 'holder') {
      if (payload[0] !== AUTHENTIC) {
        return { result: 'invalid' }
      }

      if (wanted != null && wanted !== messageId) {
        return { result: 'mismatch', messageId }
      }
    }

    if (this.messages.has(messageId)) {
      return { result: 'duplicate', messageId }
    }

    const hash = hashOf(payload)
    this.add({ messageId, senderId: 'alice', lamportTimestamp: this.stamps.get(messageId) ?? 1, hash, size: payload.byteLength, payload })
    this.accepted.push(messageId)
    this.membership?.arrived(messageId, hash)

    for (const waiter of this.waiting.filter(({ ids }) => ids.every(id => this.messages.has(id)))) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve()
    }

    return { result: 'accepted', messageId }
  }

  private find (want: PayloadKey): FakeMessage | undefined {
    return 'hash' in want ? this.byHash.get(hex(want.hash)) : this.messages.get(want.messageId)
  }

  private insert (message: FakeMessage): void {
    const last = this.sorted[this.sorted.length - 1]

    if (last == null || comparePositions(last, message) < 0) {
      this.sorted.push(message)
    } else {
      this.sorted.splice(this.firstAbove(message), 0, message)
    }
  }

  private firstAbove (position: LogPosition): number {
    return this.search(entry => comparePositions(entry, position) > 0)
  }

  private firstAt (position: LogPosition): number {
    return this.search(entry => comparePositions(entry, position) >= 0)
  }

  private search (passes: (entry: LogEntry) => boolean): number {
    let low = 0
    let high = this.sorted.length

    while (low < high) {
      const middle = (low + high) >> 1

      if (passes(this.sorted[middle])) {
        high = middle
      } else {
        low = middle + 1
      }
    }

    return low
  }
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
