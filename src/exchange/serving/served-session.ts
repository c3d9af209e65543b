import { HASH_BYTES, MAX_ID_BYTES } from '../constants.js'
import { PresenceType, WantType } from '../pb/exchange.js'
import type { Session } from '../link/session.js'
import type { Presence, Want as WireWant, WantList } from '../pb/exchange.js'
import type { ExchangeChannel, PayloadKey } from '../types.js'

/** How long the same payload is not sent again on one session. */
const RECENT_MS = 10_000

/** Payloads that this is remembered of; the oldest go. */
const MAX_RECENT = 4096

/** Wants that were not taken, named in one frame. */
const MAX_REFUSED = 1024

/** Something that a peer wants of us. */
export interface ServedWant {
  readonly id: number
  readonly session: ServedSession
  readonly messageId?: string
  readonly hash?: Uint8Array
  type: 'block' | 'have'
  priority: number
  /** order of arrival */
  sequence: number
  /** it waits for a worker, or for the payload */
  state: 'queued' | 'standing' | 'gone'
}

export interface ServedSessionInit {
  channel: ExchangeChannel
  session: Session
  maxWants: number
  now (): number
  sequence (): number
  /** the payload is here: a worker should send it */
  onQueued (want: ServedWant): void
  retryAfterMs (): number
}

/** What one peer wants of one channel. */
export class ServedSession {
  readonly channel: ExchangeChannel
  readonly session: Session
  private readonly init: ServedSessionInit
  private readonly wants = new Map<number, ServedWant>()
  /** by message ID, and by hash in hex */
  private readonly standing = new Map<string, Set<ServedWant>>()
  private readonly recent = new Map<string, number>()

  constructor (init: ServedSessionInit) {
    this.init = init
    this.channel = init.channel
    this.session = init.session
  }

  get size (): number {
    return this.wants.size
  }

  get closed (): boolean {
    return this.session.closed
  }

  /** Whether both ends may talk of message IDs: a holder is served, and serves, by hash. */
  get byId (): boolean {
    return this.session.role === 'member' && this.channel.role !== 'holder'
  }

  onWantList ({ full, entries }: WantList): void {
    if (full) {
      this.clear()
    }

    const presences: Presence[] = []
    const refused: number[] = []

    for (const entry of entries) {
      const known = this.wants.get(entry.id)

      if (entry.cancel) {
        if (known != null) {
          this.drop(known)
        }
      } else if (known != null && entry.messageId == null && entry.hash == null) {
        this.update(known, entry, presences)
      } else if (known == null && this.wants.size >= this.init.maxWants) {
        refused.push(entry.id)
      } else {
        if (known != null) {
          this.drop(known)
        }

        this.add(entry, presences)
      }
    }

    if (presences.length > 0) {
      this.session.send({ presences })
    }

    if (refused.length > 0) {
      this.session.send({ busy: { retryAfterMs: this.init.retryAfterMs(), ids: refused.slice(0, MAX_REFUSED) } })
    }
  }

  /** A payload came that a want may be waiting for. */
  arrived (key: string): void {
    const waiting = this.standing.get(key)

    if (waiting == null) {
      return
    }

    const presences: Presence[] = []
    waiting.forEach(want => { this.answer(want, false, presences) })

    if (presences.length > 0) {
      this.session.send({ presences })
    }
  }

  /** The payload of a want, and how it was found. */
  async load (want: ServedWant): Promise<{ payload: Uint8Array, key: PayloadKey } | undefined> {
    const key = this.find(want)
    const payload = key && await this.channel.payload(key)

    return key && payload && { payload, key }
  }

  /** A worker has sent it. */
  sent (want: ServedWant, key: PayloadKey): void {
    this.remember(key)
    this.drop(want)
  }

  /** A worker did not find it after all: retention was quicker. */
  vanished (want: ServedWant): void {
    const presences: Presence[] = []
    this.absent(want, true, presences)
    this.session.send({ presences })
  }

  clear (): void {
    this.wants.forEach(want => { this.drop(want) })
  }

  private add (entry: WireWant, presences: Presence[]): void {
    const messageId = this.byId && entry.messageId != null && entry.messageId.length > 0 && entry.messageId.length <= MAX_ID_BYTES ? entry.messageId : undefined
    const hash = entry.hash?.byteLength === HASH_BYTES ? new Uint8Array(entry.hash) : undefined

    if (messageId == null && hash == null) {
      presences.push({ id: entry.id, type: PresenceType.DONT_HAVE })

      return
    }

    const want: ServedWant = {
      id: entry.id,
      session: this,
      messageId,
      hash,
      type: entry.type === WantType.HAVE ? 'have' : 'block',
      priority: entry.priority,
      sequence: this.init.sequence(),
      state: 'standing'
    }

    this.wants.set(want.id, want)
    this.index(want)
    this.answer(want, entry.sendDontHave, presences)
  }

  private update (want: ServedWant, entry: WireWant, presences: Presence[]): void {
    const type = entry.type === WantType.HAVE ? 'have' : 'block'

    if (type === want.type && want.state === 'queued') {
      want.priority = entry.priority

      return
    }

    want.type = type
    want.priority = entry.priority

    // turning a block into a presence takes it out of the queue; the other way round, it is looked up
    if (type === 'have') {
      want.state = 'standing'
    } else {
      this.answer(want, entry.sendDontHave, presences)
    }
  }

  private answer (want: ServedWant, sendDontHave: boolean, presences: Presence[]): void {
    const key = this.find(want)

    if (key == null) {
      this.absent(want, sendDontHave, presences)
    } else if (want.type === 'have') {
      presences.push({ id: want.id, type: PresenceType.PRESENT })
    } else if (want.state !== 'queued') {
      if (this.wasSent(key)) {
        this.drop(want)

        return
      }

      want.state = 'queued'
      this.init.onQueued(want)
    }
  }

  private absent (want: ServedWant, sendDontHave: boolean, presences: Presence[]): void {
    const gone = want.messageId != null && this.channel.gone(want.messageId)
    want.state = 'standing'

    if (gone) {
      this.drop(want)
    }

    if (sendDontHave || gone) {
      presences.push({ id: want.id, type: gone ? PresenceType.GONE : PresenceType.DONT_HAVE })
    }
  }

  /** By ID first: a hint may lie. */
  private find ({ messageId, hash }: ServedWant): PayloadKey | undefined {
    if (messageId != null && this.channel.has({ messageId })) {
      return { messageId }
    }

    return hash != null && this.channel.has({ hash }) ? { hash } : undefined
  }

  private drop (want: ServedWant): void {
    if (this.wants.get(want.id) !== want) {
      return
    }

    want.state = 'gone'
    this.wants.delete(want.id)

    for (const key of keysOf(want)) {
      const waiting = this.standing.get(key)
      waiting?.delete(want)

      if (waiting?.size === 0) {
        this.standing.delete(key)
      }
    }
  }

  private index (want: ServedWant): void {
    for (const key of keysOf(want)) {
      const waiting = this.standing.get(key) ?? new Set()
      this.standing.set(key, waiting.add(want))
    }
  }

  private wasSent (key: PayloadKey): boolean {
    return (this.recent.get(keyOf(key)) ?? -Infinity) > this.init.now() - RECENT_MS
  }

  private remember (key: PayloadKey): void {
    const name = keyOf(key)
    this.recent.delete(name)
    this.recent.set(name, this.init.now())

    if (this.recent.size > MAX_RECENT) {
      const [oldest] = this.recent.keys()
      this.recent.delete(oldest)
    }
  }
}

/** Hex, under a prefix that no message ID of ours begins with. */
export function hashKey (hash: Uint8Array): string {
  let hex = 'sha256:'

  for (const byte of hash) {
    hex += byte.toString(16).padStart(2, '0')
  }

  return hex
}

function keyOf (key: PayloadKey): string {
  return 'hash' in key ? hashKey(key.hash) : key.messageId
}

function keysOf ({ messageId, hash }: ServedWant): string[] {
  const keys: string[] = []

  if (messageId != null) {
    keys.push(messageId)
  }

  if (hash != null) {
    keys.push(hashKey(hash))
  }

  return keys
}
