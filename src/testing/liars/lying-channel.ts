import { comparePositions } from '../../exchange/history/fingerprint.js'
import { sha256 } from '../../sha256.js'
import type { DeliveryVerdict, ExchangeChannel, LogEntry, PayloadKey } from '../../exchange/types.js'
import type { Heard, Liar } from './liar.js'
import type { PeerId } from '@libp2p/interface'

/** Messages that a liar lists and that never were. */
const INVENTED = 20

/** How often it never answers: what else it was asked for then waits too. */
const HANGING = 0.02

const HOUR_MS = 3_600_000

type Range = Parameters<ExchangeChannel['entries']>[0]

/** What a liar has to offer: what it has heard, as it is. */
export class HonestChannel implements ExchangeChannel {
  readonly channelId: string
  protected readonly liar: Liar
  private readonly secrets: Uint8Array[]

  constructor (liar: Liar, keys: Uint8Array[]) {
    this.channelId = liar.channelId
    this.liar = liar
    this.secrets = keys
  }

  keys (): Uint8Array[] {
    return this.secrets
  }

  async payload (want: PayloadKey): Promise<Uint8Array | undefined> {
    return this.find(want)?.payload
  }

  has (want: PayloadKey): boolean {
    return this.find(want) != null
  }

  gone (_messageId: string): boolean {
    return false
  }

  entries ({ after, before, limit, reverse }: Range): LogEntry[] {
    const found = this.log()
      .filter(entry => (after == null || comparePositions(after, entry) < 0) && (before == null || comparePositions(entry, before) < 0))
      .sort(comparePositions)

    return (reverse === true ? found.reverse() : found).slice(0, limit)
  }

  async accept (): Promise<DeliveryVerdict> {
    return { result: 'accepted' }
  }

  holders (): PeerId[] {
    return []
  }

  peers (): PeerId[] {
    return []
  }

  protected log (): LogEntry[] {
    return this.liar.heard.map(({ message: { messageId, senderId, lamportTimestamp = 0 }, payload }) =>
      ({ messageId, senderId, lamportTimestamp, hash: sha256(payload), size: payload.byteLength }))
  }

  protected find (want: PayloadKey): Heard | undefined {
    return 'hash' in want ? undefined : this.liar.heard.find(({ message }) => message.messageId === want.messageId)
  }
}

/** Hides half of what it has and says wrong things of the rest. Half of such liars list what never was besides, which gives them away. */
export class LyingLog extends HonestChannel {
  private readonly inventions: number
  private readonly invented: LogEntry[] = []
  private readonly told = new Map<string, LogEntry | undefined>()

  constructor (liar: Liar, keys: Uint8Array[]) {
    super(liar, keys)
    this.inventions = liar.random.chance(0.5) ? INVENTED : 0
  }

  override has (want: PayloadKey): boolean {
    return super.has(want) || this.invented.some(entry => 'messageId' in want && entry.messageId === want.messageId)
  }

  protected override log (): LogEntry[] {
    const { random, clock, heard } = this.liar

    while (heard.length > 0 && this.invented.length < this.inventions) {
      this.invented.push({
        messageId: this.liar.randomId(),
        senderId: random.pick(heard).message.senderId,
        lamportTimestamp: clock.now() - random.integer(HOUR_MS),
        hash: random.bytes(32),
        size: random.integer(1_000_000)
      })
    }

    return [...super.log().flatMap(entry => this.twist(entry) ?? []), ...this.invented]
  }

  /** The same lie about the same message each time. */
  private twist (entry: LogEntry): LogEntry | undefined {
    const { random } = this.liar

    if (!this.told.has(entry.messageId)) {
      this.told.set(entry.messageId, random.chance(0.5)
        ? undefined
        : random.pick([entry, { ...entry, hash: random.bytes(32) }, { ...entry, size: random.integer(2 ** 32) }, { ...entry, lamportTimestamp: entry.lamportTimestamp + random.integer(HOUR_MS) }]))
    }

    return this.told.get(entry.messageId)
  }
}

/** Has whatever it is asked for, and sends anything, or nothing. */
export class LyingServer extends HonestChannel {
  override has (want: PayloadKey): boolean {
    return super.has(want) || this.liar.random.chance(0.9)
  }

  override gone (): boolean {
    return this.liar.random.chance(0.1)
  }

  override async payload (want: PayloadKey): Promise<Uint8Array | undefined> {
    const { random, heard } = this.liar
    const truth = (this.find(want) ?? (heard.length > 0 ? random.pick(heard) : undefined))?.payload ?? random.bytes(100)
    const flipped = truth.slice()

    flipped[random.integer(flipped.byteLength)] ^= 1 << random.integer(8)

    if (random.chance(HANGING)) {
      await new Promise<never>(() => {})
    }

    return random.pick([
      () => truth,
      // a message that everybody knows, instead of the one that was asked for
      () => heard.length > 0 ? random.pick(heard).payload : undefined,
      () => flipped,
      () => random.bytes(1 + random.integer(2_000)),
      () => new Uint8Array(0),
      () => undefined
    ])()
  }
}
