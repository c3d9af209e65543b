import { ChannelManager } from '../../dist/src/channel/index.js'
import { symmetric } from '../../dist/src/encryption/index.js'
import { createBus } from './bus.ts'
import { payloads } from './measure.ts'
import type { Bus } from './bus.ts'
import type { Contestant } from './measure.ts'
import type { Channel, ChannelOptions } from '../../dist/src/channel/index.js'
import type { Encryption } from '../../dist/src/encryption/index.js'
import type { Datastore } from 'interface-datastore'

export const KEY = new Uint8Array(32).fill(7)

export interface Members extends Contestant {
  bus: Bus
  channels: Channel[]
  /** From now on messages have `size` bytes. */
  resize (size: number): void
  close (): Promise<void>
}

export interface MembersInit {
  count?: number
  size: number
  encryption?: (member: number) => Encryption
  senderIds?: string[]
  /** default: in memory */
  datastores?: Datastore[]
  options?: Partial<ChannelOptions>
}

/** Members of one channel over a bus; they send by turns, a run each. */
export async function createMembers ({ count = 2, size, encryption = () => symmetric({ key: KEY }), senderIds, datastores, options }: MembersInit): Promise<Members> {
  const bus = createBus(count)
  const managers = bus.members.map((messaging, i) => new ChannelManager({ messaging, datastore: datastores?.[i] }))
  const channels = await Promise.all(managers.map(async (manager, i) => await manager.createChannel('bench', {
    encryption: encryption(i),
    senderId: senderIds?.[i] ?? `member-${i}`,
    ...options
  })))
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
    channel.events.on('reliable:message:received', arrived)
    channel.events.on('reliable:message:sent', arrived)
  }

  await Promise.all(managers.map(async manager => { await manager.start() }))

  return {
    bus,
    channels,
    resize: bytes => { next = payloads(bytes) },
    run: async messages => {
      const sender = channels[turn++ % count]

      // sent, and received by every other
      waiting = messages * count
      await new Promise<void>((resolve, reject) => {
        resume = resolve

        for (let i = 0; i < messages; i++) {
          sender.send(next(), { whenFull: 'wait' }).catch(reject)
        }
      })
    },
    close: async () => { await Promise.all(managers.map(async manager => { await manager.stop() })) }
  }
}
