import { join } from 'node:path'
import { checkId } from '../../channel/options.js'
import { systemClock } from '../../clock.js'
import { signed } from '../../encryption/index.js'
import { createNode } from '../../node/index.js'
import { CliError } from '../errors.js'
import { isInteractive } from '../io.js'
import { checkPoints, parseAddresses, parsePoints } from '../points.js'
import { PlainView } from './plain-view.js'
import { chooseEncryption } from './secret.js'
import { ChatSession, shortName } from './session.js'
import { TerminalView } from './terminal-view.js'
import type { ChatView } from './events.js'
import type { Channel } from '../../channel/index.js'
import type { Encryption } from '../../encryption/index.js'
import type { HoldfastNode } from '../../node/index.js'
import type { CliIo } from '../io.js'

export interface ChatOptions {
  rendezvous: string[]
  name?: string
  secret?: string
  plaintext: boolean
  data?: string
  listen: string[]
}

/** Joins a channel until the input ends. What is wrong with the options shows before anything is stored. */
export async function chat (channelId: string, options: ChatOptions, io: CliIo): Promise<number> {
  checkId('the name of a channel', channelId)

  const rendezvousPoints = parsePoints(options.rendezvous)
  const listen = parseAddresses('listen', options.listen).map(String)
  const encryption = await chooseEncryption(options, io)
  const warnings = await checkPoints(rendezvousPoints, listen, io.signal)
  const node = await createNode({
    rendezvousPoints,
    ...(listen.length === 0 ? {} : { listen }),
    ...(options.data == null ? {} : { storage: join(options.data, 'store') })
  })

  try {
    return await talk(node, { channelId, encryption, options, warnings }, io)
  } finally {
    await node.stop()
  }
}

async function talk (node: HoldfastNode, { channelId, encryption, options, warnings }: { channelId: string, encryption: Encryption, options: ChatOptions, warnings: string[] }, io: CliIo): Promise<number> {
  const channel = await openChannel(node, channelId, signed(encryption, { privateKey: node.privateKey }), options.data)
  const view: ChatView = isInteractive(io) ? new TerminalView(io) : new PlainView(io)
  const session = new ChatSession({
    channel,
    view,
    name: options.name ?? shortName(channel.senderId),
    data: options.data,
    encrypted: !options.plaintext,
    clock: systemClock,
    signal: io.signal
  })

  try {
    warnings.forEach(text => { view.show({ type: 'error', text }) })

    const { delivered, open } = await session.run()

    // a person has seen it beside each line
    if (!delivered && !isInteractive(io) && !io.signal.aborted) {
      throw new CliError(open === 0 ? 'some of it was not sent' : `${open} ${open === 1 ? 'message is' : 'messages are'} not delivered${options.data == null ? '' : ' yet: they are sent on when the chat runs again'}`)
    }

    return 0
  } finally {
    view.close()
  }
}

/** Says which folder it is that cannot be read. */
async function openChannel (node: HoldfastNode, channelId: string, encryption: Encryption, data?: string): Promise<Channel> {
  try {
    return await node.channels.createChannel(channelId, { encryption })
  } catch (err) {
    if (data != null && err instanceof Error && (err.name === 'StoreCorruptError' || err.name === 'StoreVersionError')) {
      throw new CliError(`channel ${channelId} cannot be read from the data folder ${data}: ${err.message}`, { cause: err })
    }

    throw err
  }
}
