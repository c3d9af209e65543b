import { createInterface } from 'node:readline'
import { readLines } from './read-lines.js'
import type { ChatEvent, ChatView } from './events.js'
import type { CliIo } from '../io.js'

/** One line for each event, for programs: fields between tabs, the name of the event first. */
export class PlainView implements ChatView {
  readonly lines: AsyncIterable<string>
  readonly patienceMs = 60_000
  private readonly io: CliIo
  private readonly stop: () => void

  constructor (io: CliIo) {
    const reader = createInterface({ input: io.stdin, crlfDelay: Infinity })

    this.io = io
    this.lines = readLines(reader)
    this.stop = () => { reader.close() }
    io.signal.addEventListener('abort', this.stop, { once: true })
  }

  show (event: ChatEvent): void {
    this.io.stdout.write(`${fields(event).map(escapeField).join('\t')}\n`)
  }

  close (): void {
    this.io.signal.removeEventListener('abort', this.stop)
    this.stop()
  }
}

function fields (event: ChatEvent): Array<string | number> {
  switch (event.type) {
    case 'joined':
      return ['joined', event.channelId, event.name, event.senderId, event.encrypted ? 'encrypted' : 'plaintext', event.kept ? 'kept' : 'not kept']
    case 'own':
      return ['queued', event.requestId, event.text]
    case 'state':
      return [event.state.name, event.requestId, ...detail(event.state)]
    case 'progress':
      return ['progress', event.direction, event.id, event.percent]
    case 'received':
      return ['received', event.messageId, event.author, event.text, ...(event.late ? ['late'] : [])]
    case 'file':
      return ['file', event.messageId, event.author, event.name, event.size, event.path ?? '']
    case 'status':
      return ['status', event.state, event.peers]
    case 'member':
      return ['member', event.senderId, event.name, event.presence]
    case 'history':
      return ['history', event.messageId, new Date(event.timestamp).toISOString(), event.author, event.text]
    case 'notice':
    case 'error':
      return [event.type, event.text]
    case 'left':
      return ['left']
  }
}

function detail (state: Extract<ChatEvent, { type: 'state' }>['state']): Array<string | number> {
  return state.name === 'delivered' ? [state.to] : state.name === 'failed' ? [state.reason] : []
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Keeps a field on its line and between its tabs: backslash escapes, as in C. */
export function escapeField (value: string | number): string {
  return String(value).replaceAll(/[\\\p{Cc}]/gu, char => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
