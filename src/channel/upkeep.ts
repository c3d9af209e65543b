import { ENVELOPE_OVERHEAD_BYTES } from './publisher.js'
import type { ChannelContext } from './context.js'
import type { Dispatcher } from './dispatcher.js'
import type { Publisher } from './publisher.js'

/** What a channel sends of itself: resends, repairs and sync messages. Nobody waits for their outcome. */
export class Upkeep {
  private readonly context: ChannelContext
  private readonly dispatcher: Dispatcher
  private readonly publisher: Publisher

  constructor (context: ChannelContext, dispatcher: Dispatcher, publisher: Publisher) {
    this.context = context
    this.dispatcher = dispatcher
    this.publisher = publisher
  }

  /** Publishes a message of ours, or of another member, once more. One that was cancelled is only repaired. */
  retransmit (messageId: string, reason: 'resend' | 'repair'): void {
    const { requests, payloads } = this.context

    if (reason === 'repair' || requests.ofSegment(messageId)?.state !== 'send-error') {
      this.send(async () => await this.publisher.payload(messageId), payloads.info(messageId)?.size ?? 0)
    }
  }

  /** Publishes a sync message. */
  sync (bytes: Uint8Array): void {
    this.send(async () => await this.publisher.seal(bytes), bytes.byteLength, true)
  }

  private send (payload: () => Promise<Uint8Array | undefined>, size: number, ephemeral = false): void {
    this.dispatcher.add({ kind: 'upkeep', ephemeral, lane: 0, size: size + ENVELOPE_OVERHEAD_BYTES, payload, onEnd: () => {} })
  }
}
