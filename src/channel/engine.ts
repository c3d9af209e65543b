import { NotStartedError } from '@libp2p/interface'
import { MARKER } from '../messaging/index.js'
import { nextTask } from '../next-task.js'
import { Assembler } from './assembler.js'
import { openChannelState } from './channel-state.js'
import { Committer } from './committer.js'
import { afterContinuation } from './context.js'
import { Dispatcher } from './dispatcher.js'
import { ErrorReports } from './error-reports.js'
import { ChannelClosedError, ForeignPayloadError, IncompleteMessageError } from './errors.js'
import { Events } from './events.js'
import { farewell } from './farewell.js'
import { Incoming } from './incoming.js'
import { Membership } from './membership.js'
import { Outbox } from './outbox.js'
import { Presence } from './presence.js'
import { ProgressReports } from './progress.js'
import { Publisher } from './publisher.js'
import { readStatus } from './read-status.js'
import { Reader } from './reader.js'
import { Retention } from './retention.js'
import { Roster } from './roster.js'
import { StoredBudget } from './send-budget.js'
import { Staging } from './staging.js'
import { StatusMonitor } from './status.js'
import { StreamSender } from './stream-sender.js'
import { Transitions } from './transitions.js'
import { Upkeep } from './upkeep.js'
import { WakeTimer } from './wake-timer.js'
import type { ChannelState } from './channel-state.js'
import type { ChannelContext, ResolvedOptions } from './context.js'
import type { Arrival } from './opened.js'
import type { Outcomes } from './outcomes.js'
import type { ChannelEvents, ChannelStatus, Member } from './types.js'
import type { Clock, Random } from '../clock.js'
import type { ChannelDiscovery } from '../discovery/types.js'
import type { DeliveryVerdict, MessageExchange } from '../exchange/types.js'
import type { MessagingApi } from '../messaging/index.js'
import type { DroppedSet, DroppedStream } from '../segmentation/index.js'
import type { Store } from '../storage/index.js'
import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'

export interface ChannelEngineInit {
  options: ResolvedOptions
  store: Store
  durable: boolean
  messaging: MessagingApi
  outcomes: Outcomes
  discovery?: ChannelDiscovery
  exchange?: MessageExchange
  peerId?: PeerId
  clock: Clock
  random: Random
  log?: Logger
  /** every event goes here too */
  forward: <K extends keyof ChannelEvents>(type: K, event: ChannelEvents[K]) => void
}

type Drop = DroppedSet | DroppedStream

/** The parts of one channel, put together, and their life. */
export class ChannelEngine {
  readonly source: Events<ChannelEvents>
  readonly context: ChannelContext
  readonly budget: StoredBudget
  readonly dispatcher: Dispatcher
  readonly outbox: Outbox
  readonly staging: Staging
  readonly streamSender: StreamSender
  readonly roster: Roster
  private readonly assembler: Assembler
  private readonly transitions: Transitions
  private readonly incoming: Incoming
  readonly reader: Reader
  private readonly retention: Retention
  readonly membership: Membership
  readonly presence: Presence
  readonly monitor: StatusMonitor
  private readonly timer: WakeTimer
  state: 'stopped' | 'started' | 'closed' = 'stopped'
  private starts = 0
  private told?: readonly Member[]

  /**
   * Opens the channel's state, or begins it. Local work only.
   *
   * @throws {SenderMismatchError} {@link StoreCorruptError} {@link StoreVersionError}
   */
  static async open (init: ChannelEngineInit, options?: AbortOptions): Promise<ChannelEngine> {
    const drops: Drop[] = []
    const early = { onDrop: (drop: Drop): void => { drops.push(drop) } }
    const state = await openChannelState({ ...init, onDrop: drop => { early.onDrop(drop) } }, options)
    const channel = await ChannelEngine.assemble(init, state)

    early.onDrop = drop => { channel.onDrop(drop) }
    drops.forEach(early.onDrop)

    return channel
  }

  private static async assemble (init: ChannelEngineInit, state: ChannelState): Promise<ChannelEngine> {
    const { clock, options } = init
    const later: { channel?: ChannelEngine } = {}
    const source = new Events<ChannelEvents>(init.log)
    const errors = new ErrorReports({ channelId: options.channelId, events: source, clock, log: init.log })
    const committer = new Committer({ store: state.store, clock, onError: err => { errors.report(err) } })
    const budget = await StoredBudget.open({
      config: options.rateLimit,
      clock,
      store: state.store,
      committer,
      onState: () => { later.channel?.context.changed() }
    })
    const channel = new ChannelEngine(init, state, { source, errors, committer, budget })

    later.channel = channel

    return channel
  }

  private constructor (init: ChannelEngineInit, state: ChannelState, parts: { source: Events<ChannelEvents>, errors: ErrorReports, committer: Committer, budget: StoredBudget }) {
    const { options, clock, random, log, messaging, outcomes, durable } = init
    const { source, errors, committer, budget } = parts

    this.source = source
    this.budget = budget
    this.context = {
      ...state,
      options,
      encryptionContext: { channelId: options.channelId, contentTopic: options.contentTopic, senderId: options.senderId },
      durable,
      clock,
      random,
      log,
      events: source,
      errors,
      committer,
      changed: () => {
        this.timer.touch()
        this.monitor.touch()
      },
      pause: async () => {
        // a simulated clock sees by these that we are still at work
        clock.now()
        await nextTask()
        clock.now()
      },
      appended: () => {
        this.reader.appended()
        this.retention.added()
      }
    }
    const progress = new ProgressReports(options.channelId, clock, source)

    this.presence = new Presence({ messaging, contentTopic: options.contentTopic, clock, onChange: online => { this.onPresence(online) } })
    this.dispatcher = new Dispatcher({
      config: options.sending,
      clock,
      outcomes,
      budget,
      envelope: { contentTopic: options.contentTopic, meta: MARKER },
      sendHandler: options.sendHandler ?? (async (envelope, sendOptions) => await messaging.send(envelope, sendOptions)),
      online: () => this.presence.look(),
      log
    })
    const publisher = new Publisher(this.context)

    this.outbox = new Outbox(this.context, this.dispatcher, publisher, progress)
    this.staging = new Staging(this.context, this.outbox)
    this.streamSender = new StreamSender(this.context, this.staging, this.outbox)
    this.roster = new Roster({ senderId: options.senderId, peerId: init.peerId, connected: () => this.membership.connected(), heard: () => state.sds.knownSenders() })
    this.assembler = new Assembler({
      context: this.context,
      roster: this.roster,
      progress,
      perform: transition => { this.transitions.perform(transition) }
    })
    this.transitions = new Transitions({
      context: this.context,
      outbox: this.outbox,
      upkeep: new Upkeep(this.context, this.dispatcher, publisher),
      roster: this.roster,
      assembler: this.assembler,
      onEphemeral: message => { this.reader.ephemeral(message) }
    })
    this.incoming = new Incoming(this.context, this.transitions)
    this.reader = new Reader(this.context)
    this.retention = new Retention(this.context)
    this.membership = new Membership({
      context: this.context,
      discovery: init.discovery,
      exchange: init.exchange,
      transitions: this.transitions,
      incoming: this.incoming,
      roster: this.roster,
      publisher,
      createdAt: state.createdAt
    })
    this.monitor = new StatusMonitor({ clock, read: () => readStatus(this), onChange: status => { this.onStatus(status) } })
    this.timer = new WakeTimer(clock, () => this.nextDeadline(), now => { this.tick(now) })
    this.transitions.retrieval = this.membership
    source.forward = init.forward
  }

  /** Takes up what is pending. Nothing is emitted before the caller's continuation ran. */
  start (): void {
    if (this.state !== 'stopped') {
      return
    }

    // what is staged from now on goes its own way
    const pending = this.context.requests.pending()
    const start = ++this.starts

    this.state = 'started'
    void afterContinuation().then(() => {
      // a stop and another start may have come between
      if (this.state === 'started' && start === this.starts) {
        this.presence.start()
        this.dispatcher.start()
        this.outbox.resume(pending)
        void this.assembler.resume()
        this.timer.start()
        this.membership.start().catch(err => { this.context.errors.report(err) })
        this.monitor.touch()
      }
    })
  }

  /** Stops all activity; what is pending stays so. */
  async stop (options?: AbortOptions): Promise<void> {
    if (this.state !== 'started') {
      return
    }

    this.state = 'stopped'
    await this.sayFarewell()
    this.halt()
    await this.membership.stop(options)
    this.monitor.touch()
  }

  /** Ends what is pending, unless it survives, and is silent from then on. */
  async shutDown (options?: AbortOptions): Promise<void> {
    if (this.state === 'closed') {
      return
    }

    const wasStarted = this.state === 'started'

    this.state = 'closed'
    await this.staging.close()

    const closing = this.incoming.close(options)

    if (wasStarted) {
      await this.sayFarewell()
    }

    this.halt()

    const error = new ChannelClosedError(`channel ${this.context.options.channelId} was closed`)

    if (!this.context.durable) {
      this.context.requests.pending().forEach(request => { this.outbox.abort(request, error) })
    }

    // an abort ends the waiting; the rest is local, and done in any case
    const [left] = await Promise.allSettled([this.membership.leave(options), closing])

    await this.context.committer.close()
    this.transitions.close()
    this.outbox.close()
    this.reader.close()
    this.context.errors.close()
    this.monitor.close(error)
    this.budget.close()
    this.source.close()
    await this.context.store.close()

    if (left.status === 'rejected') {
      throw left.reason
    }
  }

  get contentTopic (): string {
    return this.context.options.contentTopic
  }

  /** An envelope with our marker came on the channel's topic. */
  async receive (payload: Uint8Array, arrival: Arrival): Promise<DeliveryVerdict> {
    if (this.state !== 'started') {
      return { result: 'unreadable' }
    }

    this.presence.look()

    return await this.incoming.receive(payload, arrival)
  }

  /** Nobody here could read a payload of the channel's topic. */
  unreadable (): void {
    this.context.errors.report(new ForeignPayloadError(`a payload on ${this.context.options.contentTopic} is for another key, or garbage`))
  }

  private async sayFarewell (): Promise<void> {
    if (this.presence.look()) {
      await farewell(this.context, this.transitions, this.dispatcher)
    }
  }

  private halt (): void {
    this.timer.stop()
    this.dispatcher.stop()
    this.outbox.stop()
    this.presence.stop()
  }

  checkOpen (): void {
    if (this.state === 'closed') {
      throw new ChannelClosedError(`channel ${this.context.options.channelId} is closed`)
    }
  }

  checkStarted (): void {
    this.checkOpen()

    if (this.state === 'stopped') {
      throw new NotStartedError(`channel ${this.context.options.channelId} is stopped: start its manager first`)
    }
  }

  private onPresence (online: boolean): void {
    const { sds, clock } = this.context

    sds.setOnline(online, clock.now())
    this.context.changed()

    if (online) {
      // not from within a look of the dispatcher itself
      void Promise.resolve().then(() => { this.dispatcher.pump() })
    }
  }

  /** A message that came in part is given up. */
  private onDrop (drop: Drop): void {
    const { errors, events, options: { channelId, senderId } } = this.context

    if (drop.senderId === senderId) {
      return
    }

    if ('setKey' in drop) {
      this.assembler.forget(drop.setKey)
    }

    errors.report(new IncompleteMessageError(`a message of ${drop.senderId} that came in part was given up: ${drop.reason}`))

    const [messageId] = drop.messageIds

    if (messageId != null) {
      events.emit('reliable:message:lost', { channelId, messageId, senderId: drop.senderId, citedBy: messageId })
    }
  }

  private nextDeadline (): number | undefined {
    const { sds, reassembly, streams } = this.context
    let next: number | undefined

    for (const deadline of [sds.nextDeadline(), reassembly.nextDeadline(), streams.nextDeadline(), this.outbox.nextDeadline(), this.retention.nextDeadline()]) {
      next = deadline == null ? next : Math.min(deadline, next ?? deadline)
    }

    return next
  }

  private tick (now: number): void {
    this.transitions.tick(now)
    this.outbox.tick(now)
    this.retention.tick(now)
  }

  private onStatus (status: ChannelStatus): void {
    this.source.emit('reliable:channel:status', { channelId: this.context.options.channelId, status })

    const members = this.roster.members(this.context.clock.now())

    if (members !== this.told) {
      this.told = members
      this.source.emit('reliable:channel:members', { channelId: this.context.options.channelId, members })
    }
  }
}
