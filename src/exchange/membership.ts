import { NotStartedError } from '@libp2p/interface'
import { Asker } from './asking/asker.js'
import { ExchangeProtocolError } from './errors.js'
import { Fetching } from './history/fetching.js'
import { HISTORY_MEMBERS, History } from './history/history.js'
import { reconcile } from './history/reconcile.js'
import { PeerLog } from './history/remote.js'
import type { AskReports } from './asking/inbox.js'
import type { ExchangeConfig } from './config.js'
import type { Ledger } from './ledger/ledger.js'
import type { Links } from './link/links.js'
import type { ExchangeMetrics } from './metrics.js'
import type { Server } from './serving/server.js'
import type { ExchangeChannel, ExchangeMembership, HistoryOptions, HistoryResult, ReconcileResult, WantedMessage } from './types.js'
import type { Cancel } from '../clock.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

/** Peers of a channel that are tried until enough members are found. */
const MAX_TRIED = 32

/** After the first peer has come. */
const SOON_MS = 2_000

export interface MembershipInit {
  channel: ExchangeChannel
  self: PeerId
  config: ExchangeConfig
  provider: Pick<Links, 'connect'>
  ledger: Ledger
  metrics: ExchangeMetrics
  server: Server
  log: Logger
  /** resolves in a later turn of the event loop */
  pause (): Promise<void>
  onLeave (): void
}

/** A channel in the exchange. */
export class Membership implements ExchangeMembership {
  readonly channel: ExchangeChannel
  private readonly init: MembershipInit
  private asker?: Asker
  private stopping = new AbortController()
  private comparing = false
  /** wanted while the exchange was stopped */
  private readonly early = new Map<string, WantedMessage>()
  private left = false
  private timer?: Cancel
  /** nobody has joined since the start */
  private alone = true

  constructor (init: MembershipInit) {
    this.init = init
    this.channel = init.channel
  }

  start (): void {
    if (this.left || this.asker != null) {
      return
    }

    const { channel, self, config, provider, log } = this.init
    this.stopping = new AbortController()
    this.asker = new Asker({
      channel,
      self,
      config,
      clock: config.clock,
      random: config.random,
      log,
      provider: { connect: async (peer, handlers, options) => await provider.connect(peer, channel, handlers, options) },
      reports: this.reports()
    })
    this.asker.want([...this.early.values()])
    this.early.clear()

    if (config.reconcileIntervalMs > 0 && channel.role !== 'holder') {
      this.reconcileIn(this.interval())
    }
  }

  stop (): void {
    this.timer?.()
    this.timer = undefined
    this.stopping.abort(new NotStartedError(`the channel ${this.channel.channelId} has left the exchange`))
    const left = this.asker?.stop() ?? []
    this.asker = undefined
    this.alone = true
    this.want(left)
  }

  want (messages: WantedMessage[]): void {
    if (this.asker != null) {
      this.asker.want(messages)
    } else if (!this.left) {
      messages.slice(0, Math.max(this.init.config.maxWants - this.early.size, 0)).forEach(message => { this.early.set(message.messageId, message) })
    }
  }

  cancel (messageIds: string[]): void {
    messageIds.forEach(id => { this.early.delete(id) })
    this.asker?.cancel(messageIds)
  }

  arrived (messageId: string, hash?: Uint8Array): void {
    this.early.delete(messageId)
    this.asker?.arrived(messageId)
    this.init.server.arrived(this.channel.channelId, messageId, hash)
  }

  joined (peer: PeerId): void {
    this.asker?.joined(peer)

    // the first one after a time alone: there may be much that nobody cites
    if (this.timer != null && this.alone) {
      this.alone = false
      this.reconcileIn(Math.min(this.interval(), SOON_MS * (0.5 + this.init.config.random.float())))
    }
  }

  async history (options: HistoryOptions = {}): Promise<HistoryResult> {
    const asker = this.running()
    const until = this.untilStopped(options)
    const members = await this.members(asker, HISTORY_MEMBERS, until)

    return await new History({
      members: members.map(peer => new PeerLog(peer, asker, this.init.config.clock)),
      has: (messageId) => this.channel.has({ messageId }),
      fetch: (entry, claimants, onSettled) => asker.wantListed(entry, claimants, onSettled) != null,
      wait: this.wait
    }, until).run()
  }

  async reconcile (options: { peer?: PeerId } & AbortOptions = {}): Promise<ReconcileResult | undefined> {
    const asker = this.running()
    const lying = new AbortController()
    const until = this.untilStopped(options, lying.signal)
    const [peer] = options.peer != null ? [options.peer] : await this.members(asker, 1, until)

    if (peer == null) {
      return undefined
    }

    const remote = new PeerLog(peer, asker, this.init.config.clock)
    const fetching = new Fetching<PeerLog>({
      fetch: (entry, claimants, onSettled) => asker.wantListed(entry, claimants, onSettled) != null,
      wait: this.wait,
      onInvented: () => { lying.abort(new ExchangeProtocolError('the peer lists what it cannot deliver')) }
    }, until)
    const missing = await reconcile({
      log: this.channel,
      remote,
      range: { after: this.channel.floor?.() },
      has: (messageId) => this.channel.has({ messageId }),
      onMissing: (entry) => fetching.add(entry, [remote]),
      pause: this.init.pause
    }, until)

    return { peer, missing }
  }

  async leave (): Promise<void> {
    if (!this.left) {
      this.left = true
      this.stop()
      this.early.clear()
      this.init.server.leave(this.channel.channelId)
      this.init.onLeave()
    }
  }

  /** @throws {NotStartedError} the exchange is stopped, or the channel has left it */
  private running (): Asker {
    if (this.asker == null) {
      throw new NotStartedError(`the channel ${this.channel.channelId} takes no part in the exchange`)
    }

    return this.asker
  }

  private untilStopped<T extends AbortOptions> (options: T, ...others: AbortSignal[]): T {
    return { ...options, signal: AbortSignal.any([this.stopping.signal, ...others, ...options.signal == null ? [] : [options.signal]]) }
  }

  private readonly wait = async (ms: number): Promise<void> => {
    await new Promise<void>(resolve => { this.init.config.clock.setTimer(resolve, ms) })
  }

  /** Members that can be reached, in random order, tried a few at a time. */
  private async members (asker: Asker, count: number, options: AbortOptions): Promise<PeerId[]> {
    const { random } = this.init.config
    const peers = this.channel.peers().slice(0, MAX_TRIED)
      .map(peer => ({ peer, order: random.float() }))
      .sort((a, b) => a.order - b.order)
    const found: PeerId[] = []

    while (peers.length > 0 && found.length < count) {
      await Promise.all(peers.splice(0, count - found.length).map(async ({ peer }) => {
        try {
          if (await asker.role(peer, options) === 'member') {
            found.push(peer)
          }
        } catch (err) {
          this.init.log.trace('%p cannot be asked for its log - %e', peer, err)
        }
      }))
      options.signal?.throwIfAborted()
    }

    return found
  }

  /** Compares logs every now and then, soon after the first member has come. */
  private reconcileIn (ms: number): void {
    this.timer?.()
    this.timer = this.init.config.clock.setTimer(() => {
      this.reconcileIn(this.interval())

      if (this.comparing) {
        return
      }

      this.comparing = true
      this.reconcile().then(result => {
        // nobody answered: the next one who comes is asked soon
        this.alone = result == null
      }).catch((err: unknown) => {
        this.alone = true
        this.init.log.trace('reconciliation failed - %e', err)
      }).finally(() => { this.comparing = false })
    }, ms)
  }

  /** Half to one and a half of the mean, so that members do not compare all at once. */
  private interval (): number {
    const { reconcileIntervalMs, random } = this.init.config

    return reconcileIntervalMs * (0.5 + random.float())
  }

  private reports (): AskReports {
    const { ledger, metrics, config, server } = this.init
    const { channelId } = this.channel

    return {
      banned: (peer) => ledger.banned(peer, channelId),
      delivered: (peer, bytes) => {
        metrics.received(bytes)
        ledger.update(peer, account => {
          account.bytesIn += bytes
          account.messagesIn++
        })

        return config.policy.receipt?.(ledger.account(peer))
      },
      invalid: (peer) => {
        metrics.invalid()
        ledger.update(peer, account => { account.invalid++ })
        ledger.ban(peer, channelId)
        server.dismiss(channelId, peer)
      },
      wasted: (peer, bytes, unrequested) => {
        metrics.wasted(bytes)

        if (unrequested) {
          ledger.update(peer, account => { account.unrequested++ })
        }
      },
      timeout: (peer) => {
        metrics.timeout()
        ledger.update(peer, account => { account.timeouts++ })
      },
      latency: (peer, ms) => {
        ledger.update(peer, account => { account.latency = account.latency === 0 ? ms : account.latency + (ms - account.latency) / 8 })
      }
    }
  }
}
