import { toString } from 'uint8arrays/to-string'
import { sha256 } from '../sha256.js'
import type { LogLine, Observation, ObservationOf } from './history.js'
import type { Channel, ChannelManager, ChannelOptions, SendOptions } from '../channel/index.js'
import type { Clock } from '../clock.js'

type Details = Observation extends infer O ? O extends Observation ? Omit<O, 'at' | 'member' | 'life'> : never : never

/** Whose observations these are. */
export interface Observer {
  member: number
  life: number
  /** what its own clock shows */
  wall (): number
  /** whether a channel with these options fetches all of the past */
  fetchesAll (options: ChannelOptions): boolean
  /** false once the process is gone: what its remains still do, nobody sees */
  alive (): boolean
}

/** Writes down what applications do with their channels and what they are told. */
export class Recorder {
  readonly history: Observation[] = []
  private readonly clock: Clock
  private readonly joined = new Set<string>()
  private readonly requests = new Map<string, Set<string>>()
  private calls = 0

  constructor (clock: Clock) {
    this.clock = clock
  }

  record<D extends Details> ({ member, life }: Pick<Observer, 'member' | 'life'>, details: D): D & Observation {
    const seen = { at: this.clock.now(), member, life, ...details } as unknown as D & Observation

    this.history.push(seen)

    return seen
  }

  /** From now on everything about the manager's channels is recorded. */
  watch (channels: ChannelManager, observer: Observer): void {
    this.watchEvents(channels, observer)
    const { createChannel, closeChannel, deleteChannel } = channels

    channels.createChannel = async (channelId, options) => {
      const since = this.clock.now()
      const channel = await createChannel.call(channels, channelId, options)
      const joining = `${observer.member}\n${channelId}`

      this.tell(observer, { type: 'opened', channelId, senderId: channel.senderId, first: !this.joined.has(joining), since, wall: observer.wall(), whole: observer.fetchesAll(options) })
      this.joined.add(joining)
      this.watchChannel(channel, observer)
      void this.readLog(channel, observer, false)

      return channel
    }
    channels.closeChannel = async (channelId, options) => {
      await closeChannel.call(channels, channelId, options)
      this.tell(observer, { type: 'closed', channelId })
    }
    channels.deleteChannel = async (channelId, options) => {
      await deleteChannel.call(channels, channelId, options)
      this.tell(observer, { type: 'deleted', channelId })
    }
  }

  /** The channel's log and the state of its requests, for the end of a simulation. */
  async readAll (channel: Channel, observer: Observer): Promise<void> {
    for (const requestId of this.requests.get(`${observer.member}\n${channel.channelId}`) ?? []) {
      this.tell(observer, { type: 'request', channelId: channel.channelId, requestId, state: channel.request(requestId)?.state })
    }

    await this.readLog(channel, observer, true)
  }

  private async readLog (channel: Channel, observer: Observer, final: boolean): Promise<void> {
    // recorded where the reading starts: what comes in meanwhile need not be in it
    const seen: ObservationOf<'log'> | undefined = this.tell(observer, { type: 'log', channelId: channel.channelId, final })
    const lines: LogLine[] = []

    for await (const { messageId, senderId, payload, streamed, size } of channel.history({ order: 'causal' })) {
      lines.push({ messageId, senderId, hash: hashOf(payload, streamed ? size : undefined) })
    }

    if (seen != null && observer.alive()) {
      seen.lines = lines
    }
  }

  private watchChannel (channel: Channel, observer: Observer): void {
    const { channelId } = channel
    const { send, sendStream, close } = channel
    const watched = async (start: () => Promise<string>, hash: string, size: number, options?: SendOptions): Promise<string> => {
      const call = this.calls++

      this.tell(observer, { type: 'send', channelId, call, hash, size, ephemeral: options?.ephemeral ?? false, wall: observer.wall() })

      try {
        const requestId = await start()
        const line = `${observer.member}\n${channelId}`
        const requests = this.requests.get(line) ?? new Set()

        this.requests.set(line, requests.add(requestId))
        this.tell(observer, { type: 'staged', channelId, call, requestId })

        return requestId
      } catch (err) {
        this.tell(observer, { type: 'refused', channelId, call, error: err as Error })

        throw err
      }
    }

    channel.send = async (payload, options) => await watched(async () => await send.call(channel, payload, options), hashOf(payload), payload.byteLength, options)
    channel.sendStream = async (source, options) => await watched(async () => await sendStream.call(channel, source, options), hashOf(undefined, options.size), options.size, options)
    channel.close = async (options) => {
      await close.call(channel, options)
      this.tell(observer, { type: 'closed', channelId })
    }
  }

  private watchEvents ({ events }: ChannelManager, observer: Observer): void {
    events.on('reliable:message:received', ({ channelId, messageId, senderId, payload, streamed, size, ephemeral, own, late }) => {
      this.tell(observer, { type: 'received', channelId, messageId, senderId, hash: hashOf(payload, streamed ? size : undefined), size, ephemeral, own, late })
    })
    events.on('reliable:message:queued', ({ channelId, requestId, messageId }) => {
      this.tell(observer, { type: 'queued', channelId, requestId, messageId })
    })
    events.on('reliable:message:sent', ({ channelId, requestId, messageId }) => {
      this.tell(observer, { type: 'sent', channelId, requestId, messageId })
    })
    events.on('reliable:message:delivered', ({ channelId, requestId, messageId }) => {
      this.tell(observer, { type: 'delivered', channelId, requestId, messageId })
    })
    events.on('reliable:message:send-error', ({ channelId, requestId, messageId, error }) => {
      this.tell(observer, { type: 'send-error', channelId, requestId, messageId, error })
    })
    events.on('reliable:message:delivery-error', ({ channelId, requestId, messageId, error }) => {
      this.tell(observer, { type: 'delivery-error', channelId, requestId, messageId, error })
    })
    events.on('reliable:message:receipt', ({ channelId, requestId, messageId, senderId }) => {
      this.tell(observer, { type: 'receipt', channelId, requestId, messageId, senderId })
    })
    events.on('reliable:message:lost', ({ channelId, messageId, citedBy }) => {
      this.tell(observer, { type: 'lost', channelId, messageId, citedBy })
    })
    events.on('reliable:channel:status', ({ channelId, status }) => {
      this.tell(observer, { type: 'status', channelId, status })
    })
    events.on('reliable:channel:error', ({ channelId, error, count }) => {
      this.tell(observer, { type: 'error', channelId, error, count })
    })
  }

  private tell<D extends Details> (observer: Observer, details: D): (D & Observation) | undefined {
    return observer.alive() ? this.record(observer, details) : undefined
  }
}

/** A streamed payload is told by its size: its bytes are not in the event. */
function hashOf (payload: Uint8Array | undefined, streamedSize?: number): string {
  return streamedSize == null && payload != null ? toString(sha256(payload).subarray(0, 16), 'hex') : `${streamedSize} bytes`
}
