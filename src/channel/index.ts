/**
 * Reliable channels: an application opens one by its ID, pushes bytes in, and learns what became
 * of them.
 *
 * @example
 *
 * ```ts
 * import { ChannelManager, symmetric } from 'holdfast'
 *
 * const channels = new ChannelManager({ messaging, datastore })
 * await channels.start()
 *
 * const channel = await channels.createChannel('tea', { encryption: symmetric({ passphrase: 'earl grey' }) })
 *
 * channel.events.on('reliable:message:received', message => { show(message.payload) })
 *
 * const requestId = await channel.send(new TextEncoder().encode('hello'))
 * await channel.settled(requestId, 'delivered')
 * ```
 */

export { ChannelManager } from './manager.js'
export { compareMessages } from './cursor.js'
export * from './errors.js'
export type * from './types.js'
