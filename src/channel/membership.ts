import { peerIdFromString } from '@libp2p/peer-id'
import { DiscoveryKeys } from './discovery-keys.js'
import { Missed } from './missed.js'
import { Past } from './past.js'
import { RecentMap } from './recent-map.js'
import type { ChannelContext } from './context.js'
import type { Incoming } from './incoming.js'
import type { Publisher } from './publisher.js'
import type { Roster } from './roster.js'
import type { Retrieval, Transitions } from './transitions.js'
import type { ChannelStatus } from './types.js'
import type { Cancel } from '../clock.js'
import type { ChannelDiscovery, ChannelMembership } from '../discovery/types.js'
import type { DeliveryVerdict, DisprovedHint, ExchangeChannel, ExchangeMembership, LogEntry, LogPosition, MessageExchange, PayloadKey } from '../exchange/types.js'
import type { MissingEntry } from '../sds/index.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Sender IDs that were parsed as peer IDs. */
const MAX_PARSED = 10_000

/** Authors that are asked where nobody locates members. */
const MAX_AUTHORS = 32

/** Connections that come and go do not compare logs each time, ms. */
const COMPARE_EVERY_MS = 10_000

/** How long a close waits for the points to take our name off, ms. */
const LEAVE_MS = 3_000

export interface MembershipInit {
  context: ChannelContext
  discovery?: ChannelDiscovery
  exchange?: MessageExchange
  transitions: Transitions
  incoming: Incoming
  roster: Roster
  /** of our own messages too that have not left yet */
  publisher: Pick<Publisher, 'payload'>
  /** when the channel was joined, ms */
  createdAt: number
}

/**
 * The channel's place among its members: found through discovery, asked for what is missing
 * through the exchange. Either may be absent.
 */
export class Membership implements ExchangeChannel, Retrieval {
  private readonly init: MembershipInit
  private readonly secrets: DiscoveryKeys
  private readonly past: Past
  private readonly parsed = new RecentMap<string, PeerId | undefined>(MAX_PARSED)
  private readonly missed: Missed
  private found?: ChannelMembership
  private exchange?: ExchangeMembership
  private stopWatching?: Cancel
  /** located members, connected ones first */
  private ranked: PeerId[] = []
  private located = new Set<string>()
  private reached: ReadonlySet<string> = new Set()
  private comparedAt?: number
  private session = new AbortController()

  constructor (init: MembershipInit) {
    this.init = init
    this.secrets = new DiscoveryKeys(init.context)
    this.secrets.onChange = keys => { this.found?.setKeys(keys) }
    this.past = new Past(init.context, init.createdAt)
    this.missed = new Missed(init.context, init.transitions)
  }

  get channelId (): string {
    return this.init.context.options.channelId
  }

  /** Whether the past is being fetched. */
  get busy (): boolean {
    return this.past.busy
  }

  /** Who can find the members. */
  get discoverable (): ChannelStatus['discoverable'] {
    return this.secrets.discoverable
  }

  async start (): Promise<void> {
    const { discovery, exchange, context } = this.init
    const session = this.session = new AbortController()

    if (discovery == null && exchange == null) {
      return
    }

    await this.secrets.start()

    if (session.signal.aborted) {
      return
    }

    const keys = this.keys()

    this.found?.setKeys(keys)
    this.found ??= discovery?.join({ channelId: this.channelId, keys, namespace: context.options.namespace })
    this.exchange = exchange?.join(this)
    this.stopWatching = this.found?.onChange(() => { this.membersChanged() })
    this.membersChanged()

    if (this.exchange != null) {
      await this.past.start(this.exchange)
    }
  }

  /** Asks for nothing and serves nothing. The place among the members is kept: they are found again at once. */
  async stop (options?: AbortOptions): Promise<void> {
    const { exchange } = this

    this.session.abort()
    this.past.stop()
    this.secrets.stop()
    this.stopWatching?.()
    this.exchange = this.stopWatching = undefined
    this.located = new Set()
    this.reached = new Set()
    this.comparedAt = undefined
    await exchange?.leave(options)
  }

  /** The channel is closed: nobody shall look for us in it. */
  async leave (options?: AbortOptions): Promise<void> {
    const { found, init: { context: { clock, log } } } = this

    await this.stop(options)
    this.found = undefined

    if (found == null) {
      return
    }

    // a point that does not answer must not hold up a close: registrations lapse by themselves
    const patience = new AbortController()
    const cancel = clock.setTimer(() => { patience.abort() }, LEAVE_MS)

    try {
      await found.leave({ signal: options?.signal == null ? patience.signal : AbortSignal.any([options.signal, patience.signal]) })
    } catch (err) {
      options?.signal?.throwIfAborted()
      log?.trace('the channel may be registered for a while yet - %e', err)
    } finally {
      cancel()
    }
  }

  /** Those who are connected come first. Where nobody locates members, authors are tried. */
  peers (): PeerId[] {
    return this.found == null ? this.authors() : [...this.ranked]
  }

  /** Peers of the channel that are connected. */
  connected (): ReadonlySet<string> {
    return this.reached
  }

  // --- what the channel tells the exchange

  want (entries: MissingEntry[]): void {
    this.exchange?.want(this.missed.toWants(entries))
  }

  cancel (messageIds: string[]): void {
    const { payloads } = this.init.context
    const elsewhere: string[] = []

    for (const messageId of messageIds) {
      if (payloads.info(messageId) != null) {
        this.arrived(messageId)
      } else {
        elsewhere.push(messageId)
      }
    }

    this.exchange?.cancel(elsewhere)
  }

  arrived (messageId: string): void {
    this.exchange?.arrived(messageId, this.init.context.payloads.info(messageId)?.hash)
  }

  // --- what the exchange asks of the channel

  keys (): Uint8Array[] {
    return this.secrets.current
  }

  async payload (want: PayloadKey, options?: AbortOptions): Promise<Uint8Array | undefined> {
    const messageId = this.idOf(want)

    if (messageId == null) {
      return undefined
    }

    return this.isOwn(messageId)
      ? await this.init.publisher.payload(messageId)
      : await this.init.context.payloads.read(messageId, options)
  }

  has (want: PayloadKey): boolean {
    const messageId = this.idOf(want)

    return messageId != null && (this.init.context.payloads.info(messageId) != null || this.isOwn(messageId))
  }

  gone (messageId: string): boolean {
    return this.init.context.sds.has(messageId) && !this.has({ messageId })
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
    if (wanted != null) {
      this.missed.asked(wanted)
    }

    const verdict = await this.init.incoming.receive(payload, { from, fetched: true, wanted })

    // a sync message has no ID, and a message that is known has another: neither answers the want
    const taken = verdict.result === 'accepted' || verdict.result === 'duplicate'

    return wanted != null && taken && verdict.messageId !== wanted ? { ...verdict, result: 'mismatch' } : verdict
  }

  /** Whoever brought what cites the message, its author, and members whose citations or filters show that they have it. */
  holders (messageId: string): PeerId[] {
    const { context, roster } = this.init
    const peers = new Map<string, PeerId>()
    const { relay, author } = this.missed.source(messageId)

    if (relay != null) {
      peers.set(relay.toString(), relay)
    }

    for (const senderId of [...author == null ? [] : [author], ...context.sds.holders(messageId)]) {
      const peer = senderId === context.options.senderId ? undefined : roster.peerOf(senderId) ?? this.parse(senderId)

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

  unavailable (messageId: string): void {
    const { sds, clock, changed } = this.init.context

    sds.unavailable(messageId, clock.now())
    changed()
  }

  disproved ({ messageId, citer }: DisprovedHint): void {
    this.missed.lied(citer)
    this.init.context.log?.('what %s cites as %s is something else: its hints are not used any more', citer, messageId)
  }

  private idOf (want: PayloadKey): string | undefined {
    return 'messageId' in want ? want.messageId : this.init.context.payloads.find(want.hash)
  }

  /** Our own messages are served even when they never left: others may wait for them. */
  private isOwn (messageId: string): boolean {
    const { sds, options } = this.init.context

    return sds.entry(messageId)?.senderId === options.senderId
  }

  private authors (): PeerId[] {
    const { context: { sds, options }, roster } = this.init
    const peers: PeerId[] = []

    for (const { senderId } of sds.knownSenders()) {
      const peer = roster.peerOf(senderId) ?? this.parse(senderId)

      if (peer != null && senderId !== options.senderId && peers.push(peer) >= MAX_AUTHORS) {
        break
      }
    }

    return peers
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
    const members = this.found?.members() ?? []
    const near = members.filter(({ connected }) => connected)
    const { located, reached } = this

    this.ranked = [...near, ...members.filter(({ connected }) => !connected)].map(({ peer }) => peer)
    this.located = new Set(this.ranked.map(peer => peer.toString()))
    this.reached = new Set(near.map(({ peer }) => peer.toString()))

    const back = members.filter(({ peer }) => !located.has(peer.toString()) || (this.reached.has(peer.toString()) && !reached.has(peer.toString())))

    for (const { peer } of back) {
      this.exchange?.joined(peer)
    }

    if (back.length > 0) {
      this.past.memberFound()
    }

    if (reached.size === 0 && this.reached.size > 0) {
      this.compare()
    }

    this.init.context.changed()
  }

  /** After a time alone there may be much that nobody cites. */
  private compare (): void {
    const { clock, log } = this.init.context
    const now = clock.now()

    // the exchange does it by itself soon after a start, and every few minutes
    if (this.comparedAt == null || now - this.comparedAt < COMPARE_EVERY_MS) {
      this.comparedAt ??= now

      return
    }

    this.comparedAt = now
    this.exchange?.reconcile().catch(err => { log?.trace('the logs could not be compared - %e', err) })
  }
}
