import { InvalidParametersError } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import { systemClock, systemRandom } from '../clock.js'
import { loadFastKeccak } from '../keccak.js'
import { sha256 } from '../sha256.js'
import { isDurable, JournaledStore, MemoryStore } from '../storage/index.js'
import { decodeChannelRecord } from './channel-state.js'
import { ReliableChannel } from './channel.js'
import { DuplicateChannelError, NotDurableError, TooManyChannelsError, UnknownChannelError } from './errors.js'
import { ChannelEngine } from './engine.js'
import { Events } from './events.js'
import { CHANNEL_KEY } from './keys.js'
import { registerChannelMetrics } from './metrics.js'
import { checkId, resolveOptions } from './options.js'
import { Outcomes } from './outcomes.js'
import { Topics } from './topics.js'
import type { Channel, ChannelEvents, ChannelManagerComponents, ChannelManagerInit, ChannelOptions, EventSource, RequestId, SendOptions } from './types.js'
import type { Clock, Random } from '../clock.js'
import type { MemoryEntries, Store } from '../storage/index.js'
import type { AbortOptions, Logger, PeerId, Startable } from '@libp2p/interface'

const PREFIX = '/holdfast/channels'
const SENDER_KEY = new Key('/holdfast/sender-id')
const MAX_CHANNELS = 10_000

interface OpenChannel {
  channel: ReliableChannel
  engine: ChannelEngine
}

/**
 * Owns the channels. Applications open one by its ID, push bytes in, and learn from events what
 * became of them.
 */
export class ChannelManager implements Startable {
  /** whether what is stored outlives this process */
  readonly durable: boolean
  private readonly components: ChannelManagerComponents
  private readonly init: ChannelManagerInit
  /** without a datastore: what each channel keeps, found again when it is reopened */
  private readonly memory = new Map<string, MemoryEntries>()
  private readonly clock: Clock
  private readonly random: Random
  private readonly log?: Logger
  private readonly source: Events<ChannelEvents>
  private readonly outcomes: Outcomes
  private readonly topics: Topics
  private readonly channels = new Map<string, OpenChannel>()
  private readonly opening = new Set<string>()
  private readonly closing = new Map<string, Promise<void>>()
  private started = false
  private ownId?: string
  private transition: Promise<void> = Promise.resolve()

  /**
   * @throws {NotDurableError} `requireDurable`, and the datastore is absent or in memory
   * @throws {InvalidParametersError}
   */
  constructor (components: ChannelManagerComponents, init: ChannelManagerInit = {}) {
    if (components?.messaging == null) {
      throw new InvalidParametersError('components.messaging is required')
    }

    this.components = components
    this.init = init
    this.durable = isDurable(components.datastore)

    if (init.requireDurable === true && !this.durable) {
      throw new NotDurableError('requireDurable is set, and the datastore is absent or in memory')
    }

    this.clock = components.clock ?? systemClock
    this.random = components.random ?? systemRandom
    this.log = components.logger?.forComponent('holdfast:channel')
    this.source = new Events<ChannelEvents>(this.log)
    this.outcomes = new Outcomes(components.messaging)
    this.topics = new Topics(components.messaging, this.clock, this.log)

    if (components.metrics != null) {
      registerChannelMetrics(components.metrics, this.source, () => this.listChannels().map(channel => channel.status()))
    }
  }

  /** Every event of every channel. */
  get events (): EventSource<ChannelEvents> {
    return this.source
  }

  isStarted (): boolean {
    return this.started
  }

  /** Begins to send and receive. Repeatable after `stop()`. */
  async start (): Promise<void> {
    await this.inTurn(async () => {
      if (this.started) {
        return
      }

      await loadFastKeccak()
      this.started = true
      this.outcomes.start()
      this.topics.start()
      this.channels.forEach(({ engine }) => { engine.start() })
    })
  }

  /** Stops all activity. Channels stay open; what is pending is resumed by `start()`. */
  async stop (): Promise<void> {
    await this.inTurn(async () => {
      if (!this.started) {
        return
      }

      this.started = false

      try {
        await Promise.all([...this.channels.values()].map(async ({ engine }) => { await engine.stop() }))
      } finally {
        await this.topics.stop()
        this.outcomes.stop()
      }
    })
  }

  /**
   * Opens a channel, or begins it: local work only, also offline and before `start()`. Waits for
   * a running close of the same channel.
   *
   * @throws {InvalidParametersError}
   * @throws {DuplicateChannelError} it is open
   * @throws {TooManyChannelsError} `maxChannels` are open
   * @throws {SenderMismatchError} it is stored with another sender ID
   * @throws {StoreCorruptError} what is stored of it cannot be read back
   * @throws {StoreVersionError} it was stored by a newer version
   */
  async createChannel (channelId: string, options: ChannelOptions): Promise<Channel> {
    checkId('channelId', channelId)

    // what can be wrong with the options shows before anything is stored
    resolveOptions(channelId, options, this.init.defaults, 'sender')

    const reopened = this.channels.has(channelId) && this.closing.has(channelId)

    if (this.opening.has(channelId) || (this.channels.has(channelId) && !reopened)) {
      throw new DuplicateChannelError(`channel ${channelId} is open already`)
    }

    const max = this.init.maxChannels ?? MAX_CHANNELS

    if (this.channels.size - (reopened ? 1 : 0) + this.opening.size >= max) {
      throw new TooManyChannelsError(`${max} channels are open; maxChannels allows no more`)
    }

    this.opening.add(channelId)

    try {
      await this.closing.get(channelId)?.catch(() => {})
      await loadFastKeccak()

      return await this.open(channelId, options)
    } finally {
      this.opening.delete(channelId)
    }
  }

  /** @throws {UnknownChannelError} */
  getChannel (channelId: string): Channel {
    return this.find(channelId).channel
  }

  hasChannel (channelId: string): boolean {
    return this.channels.has(channelId)
  }

  listChannels (): Channel[] {
    return [...this.channels.values()].map(({ channel }) => channel)
  }

  /** IDs of the channels that have state in the store, open or not. */
  async storedChannels (options?: AbortOptions): Promise<string[]> {
    const { datastore } = this.components
    const ids = new Set<string>(this.memory.keys())

    if (datastore != null) {
      // the keys alone: the values are all that was ever said
      for await (const key of datastore.queryKeys({ prefix: `${PREFIX}/`, filters: [isChannelKey] }, options)) {
        ids.add(decodeChannelRecord(await datastore.get(key, options)).channelId)
      }
    }

    return [...ids].sort()
  }

  /** @throws {UnknownChannelError} and what `Channel.send()` throws */
  async send (channelId: string, payload: Uint8Array, options?: SendOptions): Promise<RequestId> {
    return await this.find(channelId).channel.send(payload, options)
  }

  /**
   * Closes a channel and keeps its state. Nothing of it is emitted afterwards.
   *
   * @throws {UnknownChannelError}
   */
  async closeChannel (channelId: string, options?: AbortOptions): Promise<void> {
    const running = this.closing.get(channelId)

    if (running != null) {
      await running

      return
    }

    const channel = this.find(channelId)

    await this.whileClosing(channelId, async () => { await this.shutDown(channel, options) })
  }

  /**
   * Closes a channel if it is open, and erases its state.
   *
   * @throws {DuplicateChannelError} it is being opened
   */
  async deleteChannel (channelId: string, options?: AbortOptions): Promise<void> {
    checkId('channelId', channelId)

    if (this.opening.has(channelId)) {
      throw new DuplicateChannelError(`channel ${channelId} is being opened`)
    }

    await this.whileClosing(channelId, async () => {
      const { datastore } = this.components
      const channel = this.channels.get(channelId)

      if (channel != null) {
        await this.shutDown(channel, options)
      }

      if (datastore != null) {
        await (await JournaledStore.open({ datastore, prefix: channelPrefix(channelId) })).erase()
      }

      this.memory.delete(channelId)
    })
  }

  /** Members that discovery has located. @throws {UnknownChannelError} */
  peers (channelId: string): PeerId[] {
    return this.find(channelId).engine.membership.peers()
  }

  private async open (channelId: string, options: ChannelOptions): Promise<Channel> {
    const { messaging, discovery, exchange, peerId, logger } = this.components
    const engine = await ChannelEngine.open({
      options: resolveOptions(channelId, options, this.init.defaults, await this.senderId()),
      store: await this.storeOf(channelId),
      durable: this.durable,
      messaging,
      outcomes: this.outcomes,
      discovery,
      exchange,
      peerId,
      clock: this.clock,
      random: this.random,
      log: logger?.forComponent(`holdfast:channel:${channelId}`),
      forward: (type, event) => { this.source.emit(type, event) }
    })
    const channel = new ReliableChannel(engine, async closeOptions => {
      if (this.channels.get(channelId)?.engine === engine) {
        await this.closeChannel(channelId, closeOptions)
      }
    })

    this.channels.set(channelId, { channel, engine })
    this.topics.add(engine)

    if (this.started) {
      engine.start()
    }

    return channel
  }

  private async shutDown ({ engine, channel }: OpenChannel, options?: AbortOptions): Promise<void> {
    try {
      await Promise.all([
        engine.shutDown(options),
        this.topics.remove(engine, options)
      ])
    } finally {
      this.channels.delete(channel.channelId)
    }
  }

  /** Closings and deletions of a channel happen one after the other, and before it is opened again. */
  private async whileClosing (channelId: string, job: () => Promise<void>): Promise<void> {
    const before = this.closing.get(channelId)
    const closing = (before == null ? job() : before.catch(() => {}).then(job)).finally(() => {
      if (this.closing.get(channelId) === closing) {
        this.closing.delete(channelId)
      }
    })

    this.closing.set(channelId, closing)
    await closing
  }

  private find (channelId: string): OpenChannel {
    const channel = this.channels.get(channelId)

    if (channel == null) {
      throw new UnknownChannelError(`no channel ${channelId} is open`)
    }

    return channel
  }

  private async storeOf (channelId: string): Promise<Store> {
    const { datastore } = this.components

    if (datastore != null) {
      return await JournaledStore.open({ datastore, prefix: channelPrefix(channelId) })
    }

    const entries: MemoryEntries = this.memory.get(channelId) ?? new Map()

    this.memory.set(channelId, entries)

    return new MemoryStore(entries)
  }

  /** This node's peer ID; without one, an ID that is made once and kept. */
  private async senderId (): Promise<string> {
    if (this.components.peerId != null) {
      return this.components.peerId.toString()
    }

    const { datastore } = this.components

    if (this.ownId == null && datastore != null && await datastore.has(SENDER_KEY)) {
      this.ownId = new TextDecoder().decode(await datastore.get(SENDER_KEY))
    }

    if (this.ownId == null) {
      this.ownId = Array.from(this.random.bytes(16), byte => byte.toString(16).padStart(2, '0')).join('')
      await datastore?.put(SENDER_KEY, new TextEncoder().encode(this.ownId))
    }

    return this.ownId
  }

  /** Starts and stops happen one after the other. */
  private async inTurn (job: () => Promise<void>): Promise<void> {
    this.transition = this.transition.catch(() => {}).then(job)
    await this.transition
  }
}

function channelPrefix (channelId: string): string {
  const name = Array.from(sha256(new TextEncoder().encode(channelId)).subarray(0, 16), byte => byte.toString(16).padStart(2, '0')).join('')

  return `${PREFIX}/${name}`
}

/** Whether `key` is where a channel's record stands. */
function isChannelKey (key: Key): boolean {
  return key.toString().endsWith(`/data/${CHANNEL_KEY}`)
}
