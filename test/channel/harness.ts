import { ChannelManager } from '../../src/channel/index.js'
import { plaintext } from '../../src/encryption/index.js'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import type { Channel, ChannelEvents, ChannelManagerInit, ChannelOptions, ReceivedMessage } from '../../src/channel/index.js'
import type { MessageEnvelope } from '../../src/messaging/index.js'
import type { FakeMessaging } from '../../src/testing/fake-messaging.js'
import type { Datastore } from 'interface-datastore'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** One device of a test: a manager on a fake messaging layer. */
export interface Device {
  name: string
  clock: SimulatedClock
  messaging: FakeMessaging
  channels: ChannelManager
  /** every event of every channel: type and content, oldest first */
  events: Array<{ type: keyof ChannelEvents, event: ChannelEvents[keyof ChannelEvents] }>
  open (channelId?: string, options?: Partial<ChannelOptions>): Promise<Channel>
  /** events of one type */
  of<K extends keyof ChannelEvents> (type: K): Array<ChannelEvents[K]>
  /** payloads of received messages, as text */
  heard (): string[]
}

export interface DeviceInit {
  name?: string
  clock?: SimulatedClock
  confirm?: 'auto' | 'manual'
  datastore?: Datastore
  init?: ChannelManagerInit
  start?: boolean
}

const TYPES: Array<keyof ChannelEvents> = [
  'reliable:message:received', 'reliable:message:queued', 'reliable:message:sent', 'reliable:message:receipt',
  'reliable:message:delivered', 'reliable:message:send-error', 'reliable:message:delivery-error',
  'reliable:message:lost', 'reliable:message:progress', 'reliable:channel:members', 'reliable:channel:status',
  'reliable:channel:error'
]

export async function device (given: DeviceInit = {}): Promise<Device> {
  const { name = 'alice', clock = new SimulatedClock(), confirm = 'auto', datastore, init } = given
  const messaging = createFakeMessaging({ confirm })
  const channels = new ChannelManager({ messaging, datastore, clock, random: seededRandom(name) }, init)
  const made: Device = {
    name,
    clock,
    messaging,
    channels,
    events: [],
    open: async (channelId = 'tea', options = {}) => await channels.createChannel(channelId, { encryption: plaintext(), senderId: name, ...options }),
    of: <K extends keyof ChannelEvents>(type: K) => made.events.filter(entry => entry.type === type).map(entry => entry.event as ChannelEvents[K]),
    heard: () => made.of('reliable:message:received').map(message => text(message.payload))
  }

  for (const type of TYPES) {
    channels.events.on(type, event => { made.events.push({ type, event }) })
  }

  if (given.start !== false) {
    await channels.start()
  }

  return made
}

/** Every envelope that one sends reaches the others, unless `lose` says otherwise. */
export function connect (devices: Device[], lose: (from: Device, to: Device, envelope: MessageEnvelope) => boolean = () => false): void {
  for (const from of devices) {
    const send = from.messaging.send

    from.messaging.send = async (envelope, options) => {
      const requestId = await send(envelope, options)

      queueMicrotask(() => {
        for (const to of devices) {
          if (to !== from && !lose(from, to, envelope)) {
            to.messaging.receive(envelope)
          }
        }
      })

      return requestId
    }
  }
}

/** `count` devices on one clock, connected. */
export async function connected (names: string[], init: Omit<DeviceInit, 'name' | 'clock'> = {}): Promise<Device[]> {
  const clock = new SimulatedClock()
  const devices = await Promise.all(names.map(async name => await device({ ...init, name, clock })))

  connect(devices)

  return devices
}

export async function collect<T> (source: AsyncIterable<T>, limit = Infinity): Promise<T[]> {
  const out: T[] = []

  if (limit === 0) {
    return out
  }

  for await (const item of source) {
    out.push(item)

    if (out.length === limit) {
      break
    }
  }

  return out
}

export const texts = (messages: ReceivedMessage[]): string[] => messages.map(message => text(message.payload))
