import { createNode } from '../../src/node/index.js'
import type { Channel } from '../../src/channel/index.js'
import type { HoldfastNode, NodeInit } from '../../src/node/index.js'

export const LISTEN = ['/ip4/127.0.0.1/tcp/0']

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** A node on loopback. */
export async function node (init: NodeInit = {}): Promise<HoldfastNode> {
  return await createNode({ listen: LISTEN, ...init })
}

export async function stopAll (...nodes: Array<{ stop (): Promise<void> }>): Promise<void> {
  await Promise.all(nodes.map(async node => { await node.stop() }))
}

/** The text of the next message of a channel, from the time of the call. */
export async function nextMessage (channel: Channel): Promise<string> {
  return await new Promise(resolve => {
    const off = channel.events.on('reliable:message:received', ({ payload }) => {
      off()
      resolve(new TextDecoder().decode(payload))
    })
  })
}
