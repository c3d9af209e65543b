import { open, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { compareMessages } from '../../channel/index.js'
import { maxSetBytes, verifySegmentationConfig } from '../../segmentation/index.js'
import { CliError, describeError } from '../errors.js'
import { decodeContent, encodeContent } from './frame.js'
import { INPUT_HELP, parseInput } from './input.js'
import { OwnMessages } from './own-messages.js'
import { saveReceived } from './received-files.js'
import { Seen } from './seen.js'
import type { ChatEvent, ChatView } from './events.js'
import type { ChatContent } from './frame.js'
import type { Channel, ReceivedMessage, StoredMessage } from '../../channel/index.js'
import type { Clock } from '../../clock.js'

/** How long `/quit` waits for deliveries. */
const QUIT_WAIT_MS = 5_000

/** A line waits for others to be there as long as this runs. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER / 2

/** Bytes that author, name and framing take at most. */
const FRAME_BYTES = 2_048

/** Larger files are refused before they are read. */
const MAX_FILE_BYTES = maxSetBytes(verifySegmentationConfig()) - FRAME_BYTES

/** Messages from before the first visit that are shown. */
const PAST_MESSAGES = 20

const MAX_SHOWN = 1_000

/** Authors whose name is remembered; beyond that the oldest goes. */
const MAX_NAMES = 1_000

export interface ChatSessionInit {
  channel: Channel
  view: ChatView
  name: string
  /** data folder */
  data?: string
  encrypted: boolean
  clock: Clock
  signal: AbortSignal
}

/** One person, or program, in one channel. */
export class ChatSession {
  private readonly init: ChatSessionInit
  private readonly own: OwnMessages
  private readonly seen: Seen
  private readonly names = new Map<string, string>()
  private readonly ended = new AbortController()
  /** IDs of the first messages that were shown: what came live is not shown again as the past, nor the other way round */
  private readonly shown = new Set<string>()
  private status = ''

  constructor (init: ChatSessionInit) {
    this.init = init
    this.own = new OwnMessages(init.channel, event => { init.view.show(event) }, this.ended.signal)
    this.seen = new Seen(init.data, init.channel.channelId)
  }

  /**
   * Until the input ends.
   *
   * @returns whether everything that was typed is delivered, and how much of it may still be
   */
  async run (): Promise<{ delivered: boolean, open: number }> {
    const { channel, view, name, encrypted, data } = this.init

    view.show({ type: 'joined', channelId: channel.channelId, name, senderId: channel.senderId, encrypted, kept: data != null })
    this.watch()

    const after = await this.seen.read()
    const messages = channel.messages({ after, signal: this.ended.signal })
    const receiving = this.receive(messages).catch(err => {
      if (!this.ended.signal.aborted) {
        this.show({ type: 'error', text: `messages cannot be read: ${describeError(err)}` })
      }
    })

    if (after == null) {
      this.showPast().catch(err => {
        // else it has left before it met anybody
        if (!this.ended.signal.aborted) {
          this.show({ type: 'error', text: `what was said before cannot be shown: ${describeError(err)}` })
        }
      })
    }

    this.own.resume(request => { void this.describeResumed(request) })

    const quit = await this.readInput().catch(err => {
      // nobody is there to be shown anything
      this.ended.abort()

      throw new CliError(`the input cannot be read: ${describeError(err)}`, { cause: err })
    })
    const delivered = await this.own.settle(this.init.clock, quit ? Math.min(QUIT_WAIT_MS, view.patienceMs) : view.patienceMs, this.init.signal)

    this.ended.abort()
    await receiving
    this.show({ type: 'left' })

    return { delivered, open: this.own.undelivered }
  }

  /** @returns whether it ended with /quit */
  private async readInput (): Promise<boolean> {
    for await (const line of this.init.view.lines) {
      const input = parseInput(line)

      if (input.kind === 'quit') {
        return true
      }

      try {
        await this.act(input)
      } catch (err) {
        this.show({ type: 'error', text: describeError(err) })
      }
    }

    return this.init.signal.aborted
  }

  private async act (input: ReturnType<typeof parseInput>): Promise<void> {
    switch (input.kind) {
      case 'text':
        await this.send({ kind: 'text', author: this.init.name, text: input.text }, input.text)
        break
      case 'send':
        await this.sendFile(input.path)
        break
      case 'members':
        this.showMembers()
        break
      case 'history':
        await this.showHistory(input.limit)
        break
      case 'help':
        this.show({ type: 'notice', text: INPUT_HELP })
        break
      case 'wrong':
        this.own.refused()
        this.show({ type: 'error', text: input.reason })
        break
      case 'quit':
      case 'nothing':
        break
    }
  }

  private async send (content: ChatContent, text: string): Promise<void> {
    try {
      const requestId = await this.init.channel.send(encodeContent(content), { whenFull: 'wait', timeoutMs: this.init.data == null ? FOR_EVER_MS : undefined, signal: this.init.signal })

      this.own.add(requestId, text, content.kind === 'file')
    } catch (err) {
      this.own.refused()

      throw err
    }
  }

  private async sendFile (path: string): Promise<void> {
    let content: Uint8Array

    try {
      const stats = await stat(path)

      if (!stats.isFile()) {
        throw new Error('it is no file')
      }

      if (stats.size > MAX_FILE_BYTES) {
        throw new Error(`it has ${stats.size} bytes, and one message at most ${MAX_FILE_BYTES}`)
      }

      await using file = await open(path)
      content = await file.readFile()
    } catch (err) {
      this.own.refused()

      throw new Error(`${path} cannot be sent: ${describeError(err)}`, { cause: err })
    }

    const name = basename(path)

    await this.send({ kind: 'file', author: this.init.name, name, content }, `${name} (${content.byteLength} bytes)`)
  }

  private async receive (messages: AsyncIterable<ReceivedMessage>): Promise<void> {
    for await (const message of messages) {
      try {
        if (!this.shown.has(message.messageId)) {
          await this.showReceived(message)
        }
      } catch (err) {
        this.show({ type: 'error', text: `a file of ${this.nameOf(message.senderId)} cannot be saved: ${describeError(err)}` })
      }

      if (message.cursor != null) {
        await this.seen.write(message.cursor)
      }
    }
  }

  private async showReceived ({ messageId, senderId, payload, late, size }: ReceivedMessage): Promise<void> {
    const content = decodeContent(payload)

    if (this.shown.size < MAX_SHOWN) {
      this.shown.add(messageId)
    }

    if (content == null) {
      this.show({ type: 'notice', text: `${this.nameOf(senderId)} sent ${size} bytes that are no chat` })

      return
    }

    const author = this.remember(senderId, content.author)

    if (content.kind === 'text') {
      this.show({ type: 'received', messageId, author, text: content.text, late })

      return
    }

    const { data } = this.init
    const path = data == null ? undefined : await saveReceived(join(data, 'files'), content.name, content.content)

    this.show({ type: 'file', messageId, author, name: content.name, size: content.content.byteLength, path })
  }

  /**
   * What was said before the first visit, once it is here: lines are shown, files saved, as if
   * they came now.
   */
  private async showPast (): Promise<void> {
    const { channel } = this.init
    const past: StoredMessage[] = []

    await channel.ready('synced', { signal: this.ended.signal })

    for await (const message of channel.history({ order: 'arrival', reverse: true, limit: PAST_MESSAGES, signal: this.ended.signal })) {
      if (!message.own && !this.shown.has(message.messageId)) {
        past.push(message)
      }
    }

    const newest = past.at(0)

    for (const message of past.sort(compareMessages)) {
      this.shown.add(message.messageId)
      await this.showReceived(message)
    }

    if (newest != null && await this.seen.read() == null) {
      await this.seen.write(newest.cursor)
    }
  }

  private async showHistory (limit: number): Promise<void> {
    const last: StoredMessage[] = []

    for await (const message of this.init.channel.history({ reverse: true, limit, signal: this.init.signal })) {
      last.unshift(message)
    }

    for (const { messageId, senderId, payload, own, timestamp } of last) {
      const content = decodeContent(payload)
      const author = own ? this.init.name : content == null ? this.nameOf(senderId) : this.remember(senderId, content.author)

      this.show({ type: 'history', messageId, author, text: describeContent(content), timestamp })
    }
  }

  private showMembers (): void {
    for (const { senderId, own, connected } of this.init.channel.members()) {
      this.show({ type: 'member', senderId, name: own ? this.init.name : this.nameOf(senderId), presence: own ? 'you' : connected ? 'connected' : 'away' })
    }
  }

  /** What an earlier run has left unsent. */
  private async describeResumed ({ requestId, messageId }: { requestId: string, messageId?: string }): Promise<void> {
    const stored = messageId == null ? undefined : await this.init.channel.message(messageId)
    const content = stored == null ? undefined : decodeContent(stored.payload)

    this.own.add(requestId, describeContent(content), content?.kind === 'file')
  }

  private watch (): void {
    const { channel } = this.init
    const { signal } = this.ended

    channel.events.on('reliable:message:progress', ({ direction, id, bytes, totalBytes }) => {
      this.show({ type: 'progress', direction, id, percent: Math.floor(100 * bytes / Math.max(totalBytes, 1)) })
    }, { signal })
    channel.events.on('reliable:channel:status', ({ status }) => {
      const text = `${status.state} ${status.peers}`

      if (text !== this.status) {
        this.status = text
        this.show({ type: 'status', state: status.state, peers: status.peers })
      }
    }, { signal })
    channel.events.on('reliable:message:lost', ({ senderId }) => {
      this.show({ type: 'error', text: `a message of ${senderId == null ? 'somebody' : this.nameOf(senderId)} was lost` })
    }, { signal })
    channel.events.on('reliable:channel:error', ({ error, count }) => {
      const hint = error.name === 'ForeignPayloadError' ? '; somebody may have another passphrase' : ''

      this.show({ type: 'error', text: `${describeError(error)}${count > 1 ? ` (${count} times)` : ''}${hint}` })
    }, { signal })
  }

  private remember (senderId: string, author: string): string {
    if (author !== '') {
      this.names.delete(senderId)
      this.names.set(senderId, author)

      for (const oldest of this.names.keys()) {
        if (this.names.size <= MAX_NAMES) {
          break
        }

        this.names.delete(oldest)
      }
    }

    return this.nameOf(senderId)
  }

  /** What an author says it is called; names that others have too, or we, are told apart. */
  private nameOf (senderId: string): string {
    const name = this.names.get(senderId)

    if (name == null) {
      return shortName(senderId)
    }

    const ours = name === this.init.name && senderId !== this.init.channel.senderId
    const shared = ours || [...this.names].some(([id, other]) => other === name && id !== senderId)

    return shared ? `${name} (${shortName(senderId)})` : name
  }

  private show (event: ChatEvent): void {
    this.init.view.show(event)
  }
}

/** The end of an ID: the beginnings of peer IDs are alike. */
export function shortName (senderId: string): string {
  return senderId.slice(-8)
}

function describeContent (content: ChatContent | undefined): string {
  if (content == null) {
    return 'bytes that are no chat'
  }

  return content.kind === 'text' ? content.text : `${content.name} (${content.content.byteLength} bytes)`
}
