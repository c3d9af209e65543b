import { styleText } from 'node:util'
import { Screen } from './screen.js'
import { printable } from './text-width.js'
import type { ChatEvent, ChatView, OwnState } from './events.js'
import type { CliIo } from '../io.js'

/** Columns of the state in front of a line. */
const STATE_WIDTH = 14
const BAR_WIDTH = 8

/** How long a person who leaves waits for deliveries, unless it was Ctrl-C. */
const PATIENCE_MS = 5_000

type Style = Parameters<typeof styleText>[0]

/** A chat for a person: states change in place, in front of the line that they are about. */
export class TerminalView implements ChatView {
  readonly lines: AsyncIterable<string>
  private readonly screen: Screen
  private readonly io: CliIo
  private readonly incoming = new Set<string>()

  constructor (io: CliIo) {
    this.io = io
    this.screen = new Screen(io)
    this.lines = this.screen.lines
  }

  get patienceMs (): number {
    return this.screen.interrupted ? 0 : PATIENCE_MS
  }

  show (event: ChatEvent): void {
    switch (event.type) {
      case 'joined':
        this.notice(`${event.channelId}: you are ${event.name}, ${event.encrypted ? 'encrypted' : 'NOT ENCRYPTED'}, ${event.kept ? 'messages are kept' : 'nothing is kept'}; /help says what can be typed`)
        break
      case 'own':
        this.screen.print(`${this.state({ name: 'queued' })} ${printable(event.text)}`, event.requestId)
        break
      case 'state':
        this.screen.overwrite(event.requestId, this.state(event.state))

        if (event.state.name === 'failed') {
          this.print('red', `not sent: ${event.state.reason}`)
        }
        break
      case 'progress':
        this.progress(event)
        break
      case 'received':
        this.line(event.author, event.text, event.late ? 'late' : '')
        break
      case 'file':
        this.finish(event.messageId)
        this.line(event.author, `${event.name} (${event.size} bytes) ${event.path == null ? 'was not saved: there is no --data' : `is in ${event.path}`}`, 'file')
        break
      case 'status':
        this.notice(`${event.state.replaceAll('-', ' ')}, ${event.peers} ${event.peers === 1 ? 'peer' : 'peers'}`)
        break
      case 'member':
        this.line(event.name, event.senderId, event.presence)
        break
      case 'history':
        this.line(event.author, event.text, new Date(event.timestamp).toISOString().slice(5, 16).replace('T', ' '))
        break
      case 'notice':
        this.notice(event.text)
        break
      case 'error':
        this.print('red', event.text)
        break
      case 'left':
        break
    }
  }

  close (): void {
    this.screen.close()
  }

  private progress ({ direction, id, percent }: Extract<ChatEvent, { type: 'progress' }>): void {
    const filled = Math.round(percent / 100 * BAR_WIDTH)
    const bar = this.styled('cyan', `${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)} ${String(percent).padStart(3)}%`)

    if (direction === 'in' && !this.incoming.has(id)) {
      this.incoming.add(id)
      this.screen.print(`${bar} on its way`, id)
    } else {
      this.screen.overwrite(id, bar)
    }
  }

  private finish (id: string): void {
    if (this.incoming.delete(id)) {
      this.screen.overwrite(id, this.styled('green', 'complete'))
    }
  }

  private state (state: OwnState): string {
    switch (state.name) {
      case 'delivered':
        return this.styled('green', `delivered ${state.to}`)
      case 'failed':
        return this.styled('red', 'failed')
      default:
        return this.styled(state.name === 'sent' ? 'cyan' : 'gray', state.name)
    }
  }

  private line (author: string, text: string, mark: string): void {
    this.screen.print(`${this.styled('gray', mark)} ${this.style('bold', printable(author))}: ${printable(text)}`)
  }

  private notice (text: string): void {
    this.print('gray', text)
  }

  private print (style: Style, text: string): void {
    this.screen.print(this.style(style, `-- ${printable(text)}`))
  }

  private styled (style: Style, text: string): string {
    return this.style(style, text.slice(0, STATE_WIDTH).padEnd(STATE_WIDTH))
  }

  /** Colours as the terminal and NO_COLOR have it. */
  private style (style: Style, text: string): string {
    return styleText(style, text, { stream: this.io.stdout })
  }
}
