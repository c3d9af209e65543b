import { NOBODY, requestInfo } from './requests.js'
import type { ChannelEngine } from './engine.js'
import type { Channel, ChannelEvents, ChannelStatus, EventSource, Member, ReceivedMessage, RequestId, RequestInfo, SendOptions, StoredMessage } from './types.js'
import type { Bytes } from '../clock.js'
import type { AbortOptions } from '@libp2p/interface'

/** What an application sees of a channel. */
export class ReliableChannel implements Channel {
  private readonly engine: ChannelEngine
  private readonly shut: (options?: AbortOptions) => Promise<void>

  /** @param shut - closes it: only the manager can, since it owns the topic */
  constructor (engine: ChannelEngine, shut: (options?: AbortOptions) => Promise<void>) {
    this.engine = engine
    this.shut = shut
  }

  get channelId (): string { return this.engine.context.options.channelId }
  get contentTopic (): string { return this.engine.context.options.contentTopic }
  get senderId (): string { return this.engine.context.options.senderId }
  get events (): EventSource<ChannelEvents> { return this.engine.source }

  async send (payload: Uint8Array, options?: SendOptions): Promise<RequestId> {
    this.engine.checkStarted()

    return await this.engine.staging.send(payload, options)
  }

  async sendStream (source: AsyncIterable<Uint8Array>, options: SendOptions & { size: number }): Promise<RequestId> {
    this.engine.checkStarted()

    return await this.engine.streamSender.send(source, options)
  }

  async cancel (requestId: RequestId): Promise<boolean> {
    this.engine.checkOpen()

    return this.engine.outbox.cancel(requestId)
  }

  request (requestId: RequestId): RequestInfo | undefined {
    const request = this.engine.context.requests.get(requestId)

    if (request?.state === 'queued') {
      this.estimate()
    }

    return request == null ? undefined : requestInfo(request)
  }

  pending (): RequestInfo[] {
    this.estimate()

    return this.engine.context.requests.pending().map(requestInfo)
  }

  async settled (requestId: RequestId, stage: 'sent' | 'delivered', options?: AbortOptions): Promise<void> {
    await this.engine.outbox.settled(requestId, stage, options)
  }

  async ready (stage: 'joined' | 'synced', options?: AbortOptions): Promise<void> {
    this.engine.checkOpen()
    await this.engine.monitor.ready(stage, options)
  }

  messages (options?: Parameters<Channel['messages']>[0]): AsyncIterable<ReceivedMessage> {
    this.engine.checkOpen()

    return this.engine.reader.messages(options)
  }

  history (options?: Parameters<Channel['history']>[0]): AsyncIterable<StoredMessage> {
    this.engine.checkOpen()

    return this.engine.reader.history(options)
  }

  async message (messageId: string, options?: AbortOptions): Promise<StoredMessage | undefined> {
    this.engine.checkOpen()

    return await this.engine.reader.message(messageId, options)
  }

  content (messageId: string, options?: AbortOptions): AsyncIterable<Bytes> {
    this.engine.checkOpen()

    return this.engine.reader.content(messageId, options)
  }

  async count (options?: Parameters<Channel['count']>[0]): Promise<number> {
    this.engine.checkOpen()

    return this.engine.reader.count(options)
  }

  receipts (requestId: RequestId): readonly string[] {
    const request = this.engine.context.requests.get(requestId)

    return request == null ? NOBODY : requestInfo(request).receipts
  }

  members (): readonly Member[] {
    return this.engine.roster.members(this.engine.context.clock.now())
  }

  status (): ChannelStatus {
    return this.engine.monitor.status()
  }

  async close (options?: AbortOptions): Promise<void> {
    await this.shut(options)
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.close()
  }

  /** When the last segment of each request that is queued is expected to pass the rate limit. */
  private estimate (): void {
    const { budget, context: { requests } } = this.engine
    let before = 0

    for (const request of requests.pending()) {
      if (request.state === 'queued') {
        before += request.sending.total
        request.expectedAt = budget.expectedAt(before - 1)
      }
    }
  }
}
