import { createDecoder, createEncoder, ReliableChannel } from '@waku/sdk'
import { payloads } from './measure.ts'
import type { Contestant } from './measure.ts'
import type { IDecodedMessage, IEncoder, IMessage } from '@waku/interfaces'

const CONTENT_TOPIC = '/bench/1/channel/proto'
const PUBSUB_TOPIC = '/waku/2/rs/1/0'

/** The part of its SDS that `ReliableChannel` keeps private. */
interface Sds { processTasks (): Promise<void> }

export interface WakuMembers extends Contestant {
  /** bytes of the last envelope */
  readonly envelopeBytes: number
  resize (size: number): void
  close (): void
}

/**
 * Members of a `ReliableChannel` of @waku/sdk on mocked nodes, which carry its envelopes through
 * its own encoder and decoder. Its timers are off: it resends nothing here, and what it would do
 * once a second with what came in is done at the end of every run.
 */
export async function createWakuMembers ({ count = 2, size }: { count?: number, size: number }): Promise<WakuMembers> {
  const routingInfo = { pubsubTopic: PUBSUB_TOPIC } as Parameters<typeof createDecoder>[1]
  const encoder = createEncoder({ contentTopic: CONTENT_TOPIC, routingInfo })
  const decoder = createDecoder(CONTENT_TOPIC, routingInfo)
  const callbacks: Array<(message: IDecodedMessage) => Promise<void>> = []
  let envelopeBytes = 0

  const channels = await Promise.all(Array.from({ length: count }, async (_, member) => {
    const node = {
      lightPush: {
        send: async (to: IEncoder, message: IMessage) => {
          const wire = await to.toWire(message) as Uint8Array

          envelopeBytes = wire.byteLength

          for (const [i, callback] of callbacks.entries()) {
            const received = i === member ? undefined : await decoder.fromProtoObj(PUBSUB_TOPIC, await decoder.fromWireToProtoObj(wire) as never)

            if (received != null) {
              await callback(received)
            }
          }

          return { successes: [{}], failures: [] }
        }
      },
      filter: {
        subscribe: async (_: unknown, callback: (message: IDecodedMessage) => Promise<void>) => {
          callbacks[member] = callback

          return true
        }
      }
    }

    return await ReliableChannel.create(node as never, 'bench', `member-${member}`, encoder, decoder, {
      syncMinIntervalMs: 0,
      retryIntervalMs: 0,
      sweepInBufIntervalMs: 2 ** 30,
      processTaskMinElapseMs: 2 ** 30
    })
  }))
  let next = payloads(size)
  let turn = 0
  let waiting = 0
  let resume = (): void => {}
  const arrived = (): void => {
    if (--waiting === 0) {
      resume()
    }
  }

  for (const channel of channels) {
    channel.addEventListener('message-received', arrived)
    channel.addEventListener('message-sent', arrived)
  }

  return {
    get envelopeBytes () { return envelopeBytes },
    resize: bytes => { next = payloads(bytes) },
    run: async messages => {
      const sender = channels[turn++ % count]

      waiting = messages * count
      await new Promise<void>(resolve => {
        resume = resolve

        for (let i = 0; i < messages; i++) {
          sender.send(next())
        }
      })

      for (const channel of channels) {
        await (Reflect.get(channel, 'messageChannel') as Sds).processTasks()
      }
    },
    close: () => {
      for (const channel of channels) {
        channel.stop()
        clearTimeout(Reflect.get(channel, 'processTaskTimeout') as NodeJS.Timeout | undefined)
      }
    }
  }
}
