const ESCAPE = String.fromCharCode(27)

/** A control sequence, or one character. */
const PARTS = new RegExp(`${ESCAPE}\\[(\\d*)([A-HJKm])|[^]`, 'gu')

/** As much of a terminal as the screen uses: lines, the cursor, clearing, scrolling. */
export class FakeTerminal {
  private readonly columns: number
  private readonly rows: number
  private readonly cells: string[][] = [[]]
  private row = 0
  private column = 0

  constructor (columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write (text: string): void {
    for (const [part, parameter, command] of text.matchAll(PARTS)) {
      if (command != null) {
        this.control(command, Number(parameter === '' ? 1 : parameter), parameter)
      } else if (part === '\r') {
        this.column = 0
      } else if (part === '\n') {
        this.down()
      } else {
        this.put(part)
      }
    }
  }

  /** what is on it, without empty lines at the end */
  get screen (): string[] {
    const lines = this.cells.map(row => Array.from(row, cell => cell ?? ' ').join('').trimEnd())

    while (lines.at(-1) === '') {
      lines.pop()
    }

    return lines
  }

  private put (char: string): void {
    if (this.column === this.columns) {
      this.column = 0
      this.down()
    }

    this.cells[this.row][this.column++] = char
  }

  private down (): void {
    this.row++

    if (this.cells.length <= this.row) {
      this.cells.push([])
    }

    if (this.cells.length > this.rows) {
      this.cells.shift()
      this.row--
    }
  }

  private control (command: string, count: number, parameter: string): void {
    switch (command) {
      case 'A':
        this.row = Math.max(0, this.row - count)
        break
      case 'B':
        this.row = Math.min(this.cells.length - 1, this.row + count)
        break
      case 'C':
        this.column = Math.min(this.columns - 1, this.column + count)
        break
      case 'D':
        this.column = Math.max(0, this.column - count)
        break
      case 'G':
        this.column = count - 1
        break
      case 'J':
        this.cells.splice(this.row + 1)
        this.cells[this.row].splice(this.column)
        break
      case 'K':
        this.cells[this.row].splice(parameter === '2' ? 0 : this.column)
        break
    }
  }
}
