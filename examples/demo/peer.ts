/**
 * One peer of the demo, a process of its own. It knows a rendezvous point, a channel and a
 * secret, and says its lines of the conversation: each as soon as it has seen the line before it.
 * Killed and started again on the same folder, it goes on where the conversation is.
 */
import { parseArgs } from 'node:util'
import { createNode, symmetric } from 'holdfast'
import { BINARY_BEFORE_LINE, BINARY_SENDER, LINES, makeBinary, sha256, SPEAKERS } from './script.ts'
import type { FromPeer, LogEntry, ToPeer } from './protocol.ts'
import type { Channel, ReceivedMessage } from 'holdfast'

const { point, channel: channelId, secret, data, name } = parseArgs({
  options: {
    point: { type: 'string', default: '' },
    channel: { type: 'string', default: '' },
    secret: { type: 'string', default: '' },
    data: { type: 'string' },
    name: { type: 'string', default: '' }
  }
}).values

function tell (message: FromPeer): void {
  process.send?.(message)
}

/** Reads the conversation as it grows, and takes part in it. */
class Speaker {
  private readonly channel: Channel
  private next = 0
  private binary?: string

  constructor (channel: Channel) {
    this.channel = channel
  }

  get lines (): number {
    return this.next
  }

  get complete (): boolean {
    return this.next === LINES.length && this.binary != null
  }

  read ({ messageId, payload }: ReceivedMessage): void {
    if (payload.byteLength > 10_000) {
      this.binary = messageId

      return
    }

    const text = new TextDecoder().decode(payload)

    if (text !== LINES[this.next]?.text) {
      throw new Error(`line ${this.next + 1} should be ${JSON.stringify(LINES[this.next]?.text)}, and is ${JSON.stringify(text)}`)
    }

    this.next++
    tell({ type: 'lines', lines: this.next })
  }

  /** The request ID is our own: said once, a line is not said again after a crash. */
  async speak (): Promise<void> {
    const line = LINES[this.next]

    if (name === BINARY_SENDER && this.next === BINARY_BEFORE_LINE) {
      await this.channel.send(makeBinary(), { requestId: 'binary' })
    }

    if (line?.speaker === name) {
      await this.channel.send(new TextEncoder().encode(line.text), { requestId: `line ${this.next}` })
    }
  }
}

async function talk (channel: Channel): Promise<void> {
  const speaker = new Speaker(channel)
  let cursor: string | undefined

  for await (const message of channel.history({ order: 'arrival' })) {
    speaker.read(message)
    cursor = message.cursor
  }

  const messages = channel.messages({ after: cursor, own: true })

  tell({ type: 'ready', senderId: channel.senderId, lines: speaker.lines })

  // whoever is late has missed nothing: it is only that a conversation needs an audience
  await othersHere(channel)
  await speaker.speak()

  if (!speaker.complete) {
    for await (const message of messages) {
      speaker.read(message)

      if (speaker.complete) {
        break
      }

      await speaker.speak()
    }
  }
}

async function othersHere (channel: Channel): Promise<void> {
  while (channel.status().peers < SPEAKERS.length - 1) {
    await new Promise<void>(resolve => {
      const off = channel.events.on('reliable:channel:status', () => {
        off()
        resolve()
      })
    })
  }
}

/** Our whole log, once each of our messages is delivered to everybody. */
async function readLog (channel: Channel): Promise<LogEntry[]> {
  const log: LogEntry[] = []

  for await (const { request } of channel.history()) {
    if (request != null) {
      await channel.settled(request.requestId, 'delivered')
    }
  }

  for await (const { messageId, senderId, payload, request } of channel.history()) {
    log.push({ messageId, senderId, size: payload.byteLength, sha256: sha256(payload), state: request?.state, receipts: request?.receipts })
  }

  return log
}

// who has started us is gone: so are we
const orphaned = (): void => { process.exit(1) }

process.on('disconnect', orphaned)

try {
  const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], rendezvousPoints: [point], storage: data })
  const channel = await node.channels.createChannel(channelId, {
    encryption: symmetric({ key: Buffer.from(secret, 'hex') }),
    sds: { deliveredAt: SPEAKERS.length - 1 }
  })
  const stopped = new Promise<void>(resolve => {
    process.on('message', ({ type }: ToPeer) => {
      if (type === 'stop') {
        resolve()
      }
    })
  })

  channel.events.on('reliable:message:received', ({ messageId }) => { tell({ type: 'emitted', messageId }) })
  channel.events.on('reliable:message:progress', ({ direction, bytes, totalBytes }) => {
    if (direction === 'in') {
      tell({ type: 'binary', percent: Math.floor(100 * bytes / totalBytes) })
    }
  })

  await talk(channel)
  tell({ type: 'done', report: { name, senderId: channel.senderId, log: await readLog(channel) } })

  // the others may still need what we have
  await stopped
  await node.stop()
  process.off('disconnect', orphaned)
  process.disconnect()
} catch (err) {
  tell({ type: 'failed', reason: err instanceof Error ? `${err.name}: ${err.message}` : String(err) })
  process.exitCode = 1
}
