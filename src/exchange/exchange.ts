import { InvalidParametersError } from '@libp2p/interface'
import { exchangeConfig } from './config.js'
import { EXCHANGE_PROTOCOL, KEY_BYTES, MAX_KEYS } from './constants.js'
import { AlreadyJoinedError } from './errors.js'
import { Ledger } from './ledger/ledger.js'
import { Links } from './link/links.js'
import { Membership } from './membership.js'
import { exchangeMetrics } from './metrics.js'
import { Server } from './serving/server.js'
import type { ExchangeConfig, ExchangeInit } from './config.js'
import type { ExchangeComponents } from './components.js'
import type { ExchangeMetrics } from './metrics.js'
import type { ExchangeChannel, ExchangeMembership, MessageExchange } from './types.js'
import type { Logger, Startable } from '@libp2p/interface'

/** The service: holds the channels, and ties streams, engines and ledger together. */
export class Exchange implements MessageExchange, Startable {
  readonly [Symbol.toStringTag] = '@holdfast/exchange'
  private readonly components: ExchangeComponents
  private readonly config: ExchangeConfig
  private readonly log: Logger
  private readonly metrics: ExchangeMetrics
  private readonly members = new Map<string, Membership>()
  private readonly ledger: Ledger
  private readonly server: Server
  private readonly links: Links
  private started = false

  constructor (components: ExchangeComponents, init: ExchangeInit) {
    this.components = components
    this.config = exchangeConfig(init)
    this.log = components.logger.forComponent('holdfast:exchange')
    this.metrics = exchangeMetrics(components.metrics)
    const { config, log } = this
    const { clock, random } = config
    const { pause } = this

    this.ledger = new Ledger({ datastore: components.datastore, maxPeers: config.maxLedgerPeers, banMs: config.banMs, clock, log })
    this.server = new Server({
      config,
      policy: config.policy,
      account: (peer) => this.ledger.account(peer),
      sent: (peer, bytes, messages) => {
        this.metrics.sent(bytes, messages)
        this.ledger.update(peer, account => {
          account.bytesOut += bytes
          account.messagesOut += messages
        })
      },
      clock,
      pause,
      log
    })
    this.links = new Links({
      components,
      protocol: init.protocol ?? EXCHANGE_PROTOCOL,
      maxStreams: config.maxStreams,
      clock,
      random,
      log,
      pause,
      channels: () => this.channels(),
      welcome: (peer, { channelId }) => !this.ledger.banned(peer, channelId),
      onSession: (channel, session) => this.server.open(channel, session),
      onDenied: () => { this.metrics.denied() }
    })
  }

  join (channel: ExchangeChannel): ExchangeMembership {
    const { channelId } = channel
    const keys = channel.keys()

    if (keys.length === 0 || keys.length > MAX_KEYS || keys.some(key => key.byteLength !== KEY_BYTES)) {
      throw new InvalidParametersError(`a channel needs 1 to ${MAX_KEYS} discovery keys of ${KEY_BYTES} bytes`)
    }

    if (this.members.has(channelId)) {
      throw new AlreadyJoinedError(`the channel ${channelId} is in the exchange already`)
    }

    const membership = new Membership({
      channel,
      self: this.components.peerId,
      config: this.config,
      provider: this.links,
      ledger: this.ledger,
      metrics: this.metrics,
      server: this.server,
      log: this.log,
      pause: this.pause,
      onLeave: () => { this.members.delete(channelId) }
    })
    this.members.set(channelId, membership)

    if (this.started) {
      membership.start()
    }

    return membership
  }

  isStarted (): boolean {
    return this.started
  }

  async start (): Promise<void> {
    if (this.started) {
      return
    }

    this.started = true
    await this.ledger.load()
    await this.links.start()
    this.members.forEach(membership => { membership.start() })
  }

  async stop (): Promise<void> {
    if (!this.started) {
      return
    }

    this.started = false
    this.members.forEach(membership => { membership.stop() })
    await this.links.stop()
    this.server.stop()
    await this.ledger.close()
  }

  private readonly pause = async (): Promise<void> => {
    await new Promise<void>(resolve => { this.config.clock.setTimer(resolve, 0) })
  }

  private * channels (): Iterable<ExchangeChannel> {
    for (const { channel } of this.members.values()) {
      yield channel
    }
  }
}
