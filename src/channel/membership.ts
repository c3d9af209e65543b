import { peerIdFromString } from '@libp2p/peer-id'
import { discoveryKey, publicDiscoveryKey } from '../discovery/namespace.js'
import { RecentMap } from './recent-map.js'
import type { ChannelContext } from './context.js'
import type { Incoming } from './incoming.js'
import type { Roster } from './roster.js'
import type { Retrieval, Transitions } from './transitions.js'
import type { ChannelStatus } from './types.js'
import type { Cancel } from '../clock.js'
import type { ChannelDiscovery, ChannelMembership } from '../discovery/types.js'
import type { DeliveryVerdict, ExchangeChannel, ExchangeMembership, LogEntry, LogPosition, MessageExchange, PayloadKey } from '../exchange/types.js'
import type { MissingEntry } from '../sds/index.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** How often the discovery secrets are asked for again, in ms: a key rotation shows by then. */
const KEYS_PERIOD_MS = 60_000

/** Messages that a newcomer fetches with `history.join: 'recent'`. */
const RECENT_MESSAGES = 1_000

/** Missing messages whose citer's relay is remembered. */
const MAX_CITERS = 10_000

/** Sender IDs that were parsed as peer IDs. */
const MAX_PARSED = 10_000

export interface MembershipInit {
  context: ChannelContext
  discovery?: ChannelDiscovery
  exchange?: MessageExchange
  transitions: Transitions
  incoming: Incoming
  roster: Roster
  /** the channel was joined just now, rather than opened again */
  newcomer: boolean
  /** when that was, ms */
  createdAt: number
}

/**
 * The channel's place among its members: found through discovery, asked for what is missing
 * through the exchange. Either may be absent.
 */
export class Membership implements ExchangeChannel, Retrieval {
  private readonly init: MembershipInit
  private readonly parsed = new RecentMap<string, PeerId | undefined>(MAX_PARSED)
  /** who brought a message that cites one that is missing */
  private readonly citers = new RecentMap<string, PeerId>(MAX_CITERS)
  private currentKeys: Uint8Array[] = []
  private found?: ChannelMembership
  private exchange?: ExchangeMembership
  private stopWatching?: Cancel
  private keysTimer?: Cancel
  private located = new Set<string>()
  private running = false
  private fetching = false
  private newcomer: boolean
  private controller = new AbortController()

  constructor (init: MembershipInit) {
    this.init = init
    this.newcomer = init.newcomer
  }

  get channelId (): string {
    return this.init.context.options.channelId
  }

  /** Whether the past is being fetched. */
  get busy (): boolean {
    return this.fetching
  }

  /** Who can find the members. */
  get discoverable (): ChannelStatus['discoverable'] {
    const { namespace, discoverySecret, encryption } = this.init.context.options

    return namespace != null ? 'by-name' : discoverySecret != null || encryption.discoverySecrets != null ? 'secret' : 'by-id'
  }

  async start (): Promise<void> {
    const { discovery, exchange, context } = this.init

    this.running = true
    this.controller = new AbortController()

    if (discovery == null && exchange == null) {
      return
    }

    this.currentKeys = await this.deriveKeys()

    if (!this.running) {
      return
    }

    this.found?.setKeys(this.currentKeys)
    this.found ??= discovery?.join({ channelId: this.channelId, keys: this.currentKeys, namespace: context.options.namespace })
    this.exchange = exchange?.join(this)
    this.stopWatching = this.found?.onChange(() => { this.membersChanged() })
    this.watchKeys()
    this.membersChanged()

    if (this.newcomer) {
      this.newcomer = false
      void this.fetchHistory()
    }
  }

  /** Asks for nothing and serves nothing. The place among the members is kept: they are found again at once. */
  async stop (options?: AbortOptions): Promise<void> {
    const { exchange } = this

    this.running = false
    this.controller.abort()
    this.keysTimer?.()
    this.stopWatching?.()
    this.exchange = this.keysTimer = this.stopWatching = undefined
    await exchange?.leave(options)
  }

  /** The channel is closed: nobody shall look for us in it. */
  async leave (options?: AbortOptions): Promise<void> {
    const { found } = this

    await this.stop(options)
    this.found = undefined
    await found?.leave(options)
  }

  peers (): PeerId[] {
    return this.found?.peers() ?? []
  }

  /** Peers of the channel that are connected. */
  connected (): ReadonlySet<string> {
    return new Set(this.found?.members().filter(member => member.connected).map(member => member.peer.toString()))
  }

  // --- what the channel tells the exchange

  want (entries: MissingEntry[]): void {
    for (const { messageId, citedBy } of entries) {
      const relay = this.init.transitions.relay(citedBy)

      if (relay != null) {
        this.citers.set(messageId, relay)
      }
    }

    this.exchange?.want(entries.map(entry => ({
      messageId: entry.messageId,
      hint: entry.retrievalHint,
      senderId: entry.senderId,
      lamportTimestamp: entry.lamportTimestamp,
      citer: entry.citer,
      attempt: entry.attempt
    })))
  }

  cancel (messageIds: string[]): void {
    this.exchange?.cancel(messageIds)
  }

  arrived (messageId: string): void {
    this.exchange?.arrived(messageId, this.init.context.payloads.info(messageId)?.hash)
  }

  // --- what the exchange asks of the channel

  keys (): Uint8Array[] {
    return this.currentKeys
  }

  async payload (want: PayloadKey, options?: AbortOptions): Promise<Uint8Array | undefined> {
    const messageId = this.idOf(want)

    return messageId == null ? undefined : await this.init.context.payloads.read(messageId, options)
  }

  has (want: PayloadKey): boolean {
    const messageId = this.idOf(want)

    return messageId != null && this.init.context.payloads.info(messageId) != null
  }

  gone (messageId: string): boolean {
    const { payloads, sds } = this.init.context

    return payloads.info(messageId) == null && sds.has(messageId)
  }

  entries (range: { after?: LogPosition, before?: LogPosition, limit: number, reverse?: boolean }): LogEntry[] {
    const { sds, payloads } = this.init.context
    const out: LogEntry[] = []
    let { after, before } = range

    while (out.length < range.limit) {
      const page = sds.entries({ ...range, after, before, limit: range.limit - out.length })

      for (const entry of page) {
        const info = payloads.info(entry.messageId)

        if (info != null) {
          out.push({ messageId: entry.messageId, lamportTimestamp: entry.lamportTimestamp, senderId: entry.senderId, hash: info.hash, size: info.size })
        }
      }

      const last = page.at(-1)

      if (last == null) {
        break
      }

      if (range.reverse === true) {
        before = last
      } else {
        after = last
      }
    }

    return out
  }

  async accept (payload: Uint8Array, from: PeerId, wanted?: string): Promise<DeliveryVerdict> {
    return await this.init.incoming.receive(payload, { from, fetched: true, wanted })
  }

  /** Whoever brought what cites the message, its author, and members whose citations or filters show that they have it. */
  holders (messageId: string): PeerId[] {
    const { context, transitions, roster } = this.init
    const peers = new Map<string, PeerId>()
    const relay = this.citers.get(messageId) ?? transitions.relay(messageId)

    if (relay != null) {
      peers.set(relay.toString(), relay)
    }

    for (const senderId of context.sds.holders(messageId)) {
      const peer = roster.peerOf(senderId) ?? this.parse(senderId)

      if (peer != null) {
        peers.set(peer.toString(), peer)
      }
    }

    return [...peers.values()]
  }

  /** What was said before we joined is not wanted unless all of it is; what retention removed, never again. */
  floor (): LogPosition | undefined {
    const { context, createdAt } = this.init
    const { edge } = context.messages
    const joined = context.options.history.join === 'full' ? 0 : createdAt
    const lamportTimestamp = Math.max(joined, edge?.lamport ?? 0)

    return lamportTimestamp === 0 ? undefined : { lamportTimestamp, messageId: '' }
  }

  need (count: number): void {
    this.found?.need(count)
  }

  private idOf (want: PayloadKey): string | undefined {
    return 'messageId' in want ? want.messageId : this.init.context.payloads.find(want.hash)
  }

  /** Most sender IDs are peer IDs. That is only their claim, and good enough to ask whether they have something. */
  private parse (senderId: string): PeerId | undefined {
    if (!this.parsed.has(senderId)) {
      try {
        this.parsed.set(senderId, peerIdFromString(senderId))
      } catch {
        this.parsed.set(senderId, undefined)
      }
    }

    return this.parsed.get(senderId)
  }

  private membersChanged (): void {
    const peers = this.peers()

    for (const peer of peers) {
      if (!this.located.has(peer.toString())) {
        this.exchange?.joined(peer)
      }
    }

    this.located = new Set(peers.map(peer => peer.toString()))
    this.init.context.changed()
  }

  private async fetchHistory (): Promise<void> {
    const { context } = this.init
    const { join } = context.options.history

    if (this.exchange == null || join === 'none') {
      return
    }

    this.fetching = true
    context.changed()

    try {
      await this.exchange.history({ mode: join, limit: join === 'recent' ? RECENT_MESSAGES : undefined, signal: this.controller.signal })
    } catch (err) {
      if (!this.controller.signal.aborted) {
        context.log?.error('the past could not be fetched - %e', err)
      }
    } finally {
      this.fetching = false
      context.changed()
    }
  }

  private watchKeys (): void {
    if (this.init.context.options.encryption.discoverySecrets == null) {
      return
    }

    this.keysTimer = this.init.context.clock.setTimer(() => {
      this.deriveKeys().then(keys => {
        if (this.running && !sameKeys(keys, this.currentKeys)) {
          this.currentKeys = keys
          this.found?.setKeys(keys)
        }
      }, err => {
        this.init.context.log?.error('no discovery secrets - %e', err)
      }).finally(() => {
        if (this.running) {
          this.watchKeys()
        }
      })
    }, KEYS_PERIOD_MS)
  }

  private async deriveKeys (): Promise<Uint8Array[]> {
    const { options, encryptionContext } = this.init.context
    const secrets = options.discoverySecret != null
      ? [options.discoverySecret]
      : await options.encryption.discoverySecrets?.(encryptionContext)

    return secrets?.map(secret => discoveryKey(secret)) ?? [publicDiscoveryKey(options.channelId)]
  }
}

function sameKeys (a: Uint8Array[], b: Uint8Array[]): boolean {
  return a.length === b.length && a.every((key, i) => key.length === b[i].length && key.every((byte, j) => byte === b[i][j]))
}
