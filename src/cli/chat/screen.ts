import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { readLines } from './read-lines.js'
import { textWidth } from './text-width.js'
import type { CliIo, Output } from '../io.js'
import type { Interface } from 'node:readline'

const PROMPT = '> '
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24

const up = (rows: number): string => rows > 0 ? `\x1b[${rows}A` : ''
const down = (rows: number): string => rows > 0 ? `\x1b[${rows}B` : ''
const CLEAR_DOWN = '\x1b[J'

/** A line above the prompt. */
interface Printed {
  id?: string
  rows: number
}

/**
 * Lines above a prompt. The beginning of a line can be overwritten while the line is still on
 * the screen, as long as it keeps its width: that moves nothing else.
 */
export class Screen {
  private readonly output: Output
  private readonly reader: Interface
  private readonly printed: Printed[] = []
  private readonly onResize = (): void => {
    // what the terminal did with the lines is anybody's guess
    this.printed.length = 0
  }

  /** lines as they are typed; ends with Ctrl-C, Ctrl-D and the signal */
  readonly lines: AsyncIterable<string>
  /** whether they ended with Ctrl-C */
  interrupted = false

  constructor (io: CliIo) {
    this.output = io.stdout
    this.reader = createInterface({ input: io.stdin, output: io.stdout, prompt: PROMPT, terminal: true, historySize: 100, tabSize: 2 })
    // instead of the line that was typed its own line is printed
    this.reader.on('line', line => { this.output.write(`${up(this.rowsOf(PROMPT + line))}\r${CLEAR_DOWN}`) })
    this.reader.on('SIGINT', () => {
      this.interrupted = true
      this.reader.close()
    })
    io.signal.addEventListener('abort', () => { this.reader.close() }, { once: true })
    this.lines = readLines(this.reader)
    this.output.on('resize', this.onResize)
    this.reader.prompt()
  }

  /** Prints a line; one with an `id` can be changed. */
  print (text: string, id?: string): void {
    this.abovePrompt(() => { this.output.write(`${text}\r\n`) })
    this.printed.push({ id, rows: this.rowsOf(text) })

    if (this.printed.length > this.height) {
      this.printed.shift()
    }
  }

  /** Overwrites the beginning of a line. @returns whether it is still there */
  overwrite (id: string, text: string): boolean {
    const at = this.printed.findLastIndex(line => line.id === id)
    const rows = at === -1 ? Infinity : this.printed.slice(at).reduce((sum, line) => sum + line.rows, 0)

    // the prompt needs rows as well
    if (rows + this.reader.getCursorPos().rows >= this.height) {
      return false
    }

    this.abovePrompt(() => { this.output.write(`${up(rows)}\r${text}${down(rows)}\r`) })

    return true
  }

  close (): void {
    this.output.off('resize', this.onResize)
    this.reader.close()
    this.output.write(`\r${CLEAR_DOWN}`)
  }

  /** Takes the prompt away, writes, and puts it back with what was typed. */
  private abovePrompt (write: () => void): void {
    const { rows } = this.reader.getCursorPos()

    this.output.write(`${up(rows)}\r${CLEAR_DOWN}`)
    write()
    // the cursor is where the prompt begins: readline must not move up from there
    Object.assign(this.reader, { prevRows: 0 })
    this.reader.prompt(true)
  }

  private rowsOf (text: string): number {
    return Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(text)) / (this.output.columns ?? DEFAULT_COLUMNS)))
  }

  private get height (): number {
    return this.output.rows ?? DEFAULT_ROWS
  }
}
