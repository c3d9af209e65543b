/**
 * A whole node, put together.
 *
 * @example
 *
 * ```ts
 * import { createNode, symmetric } from 'holdfast'
 *
 * await using node = await createNode({ rendezvousPoints: [point], storage: './data' })
 * const channel = await node.channels.createChannel('tea', { encryption: symmetric({ passphrase }) })
 * ```
 */

export { createNode } from './create-node.js'
export { UnsupportedRuntimeError } from './errors.js'
export { reliableChannels } from './reliable-channels.js'
export type { ReliableChannelsComponents, ReliableChannelsInit } from './reliable-channels.js'
export type { HoldfastNode, NodeInit } from './types.js'
