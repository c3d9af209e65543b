import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createNode, symmetric } from '../../src/index.js'
import type { Channel, ChannelEvents, ChannelOptions, HoldfastNode, NodeInit, ReceivedMessage } from '../../src/index.js'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const texts = (messages: ReceivedMessage[]): string[] => messages.map(({ payload }) => text(payload))

export const KEY = new Uint8Array(32).fill(7)

/** Timers that fit a test; `lostAfterMs` stays long enough for nothing to be given up on a loaded machine. */
export const SDS = { repairMinMs: 500, repairMaxMs: 3_000, lostAfterMs: 30_000, acknowledgementTimeoutMs: 1_000 }

/** A folder that goes when the test has ended. */
export async function folder (): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-'))

  onTestFinished(async () => { await rm(path, { recursive: true, force: true }) })

  return path
}

/** A node on the loopback device, stopped when the test has ended. */
export async function node (init: NodeInit = {}): Promise<HoldfastNode> {
  const made = await createNode({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    ...init,
    exchange: { graceMs: 200, ...init.exchange }
  })

  onTestFinished(async () => { await made.stop() })

  return made
}

/** A rendezvous point and nothing else. */
export async function point (): Promise<{ node: HoldfastNode, addresses: string[] }> {
  const made = await node({ actAsRendezvousPoint: true })

  return { node: made, addresses: made.libp2p.getMultiaddrs().map(address => address.toString()) }
}

export async function open (on: HoldfastNode, options: Partial<ChannelOptions> & { id?: string } = {}): Promise<Channel> {
  const { id = 'tea', ...rest } = options

  return await on.channels.createChannel(id, { encryption: symmetric({ key: KEY }), sds: SDS, ...rest })
}

/** What a channel says from now on, and how to wait for more of it without looking again and again. */
export class Ear {
  readonly received: ReceivedMessage[] = []
  readonly lost: string[] = []
  readonly errors: Error[] = []
  readonly channel: Channel

  constructor (channel: Channel) {
    this.channel = channel
    channel.events.on('reliable:message:received', message => { this.received.push(message) })
    channel.events.on('reliable:message:lost', ({ messageId }) => { this.lost.push(messageId) })
    channel.events.on('reliable:channel:error', ({ error }) => { this.errors.push(error) })
  }

  /** Resolves when so many messages were received. */
  async hears (count: number): Promise<void> {
    await until(this.channel, ['reliable:message:received'], () => this.received.length >= count)
  }

  async hearsText (payload: string): Promise<void> {
    await until(this.channel, ['reliable:message:received'], () => texts(this.received).includes(payload))
  }
}

/** Resolves as soon as `reached` holds, looked at now and after each of these events. */
export async function until (channel: Channel, types: Array<keyof ChannelEvents>, reached: () => boolean | Promise<boolean>): Promise<void> {
  const done = Promise.withResolvers<void>()
  const look = (): void => {
    Promise.resolve(reached()).then(yes => {
      if (yes) {
        done.resolve()
      }
    }, done.reject)
  }
  const offs = types.map(type => channel.events.on(type, look))

  look()

  try {
    await done.promise
  } finally {
    offs.forEach(off => { off() })
  }
}

/** The whole log in causal order. */
export async function history (channel: Channel): Promise<string[]> {
  const out: string[] = []

  for await (const { payload } of channel.history()) {
    out.push(text(payload))
  }

  return out
}

/** Resolves when each of these channels has located so many members. */
export async function located (nodes: HoldfastNode[], count: number, id = 'tea'): Promise<void> {
  await Promise.all(nodes.map(async ({ discovery, channels }) => {
    if (channels.peers(id).length >= count) {
      return
    }

    for await (const { value } of discovery.watchMembers(id)) {
      if (value.length >= count) {
        return
      }
    }
  }))
}

export async function send (channel: Channel, payload: string): Promise<string> {
  return await channel.send(utf8(payload))
}
