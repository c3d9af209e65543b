import { afterEach, beforeEach, expect, it } from 'vitest'
import { TerminalView } from '../../../src/cli/chat/terminal-view.js'
import { printable, textWidth } from '../../../src/cli/chat/text-width.js'
import { fakeIo } from '../fake-io.js'
import { FakeTerminal } from './terminal.js'
import { collect } from '../../collect.js'
import type { FakeIo } from '../fake-io.js'

const COLUMNS = 50
const ROWS = 12

let io: FakeIo
let terminal: FakeTerminal
let view: TerminalView

beforeEach(() => {
  io = fakeIo()
  io.stdin.isTTY = true
  Object.assign(io.stdout, { isTTY: true, columns: COLUMNS, rows: ROWS })
  terminal = new FakeTerminal(COLUMNS, ROWS)
  io.stdout.on('data', chunk => { terminal.write(String(chunk)) })
  view = new TerminalView(io)
})

afterEach(() => { view.close() })

async function type (keys: string): Promise<void> {
  io.stdin.write(keys)
  await new Promise(resolve => setImmediate(resolve))
}

it('changes the state in front of a line in place', () => {
  view.show({ type: 'own', requestId: 'a', text: 'hello', file: false })
  view.show({ type: 'received', messageId: 'm', author: 'Bob', text: 'hi', late: false })
  view.show({ type: 'state', requestId: 'a', state: { name: 'delivered', to: 2 } })

  expect(terminal.screen).toEqual([
    'delivered 2    hello',
    '               Bob: hi',
    '>'
  ])
})

it('keeps what is being typed, also over several rows', async () => {
  const long = 'a line that is a good deal longer than the terminal is wide'

  view.show({ type: 'own', requestId: 'a', text: 'hello', file: false })
  await type(long)
  view.show({ type: 'received', messageId: 'm', author: 'Bob', text: 'hi', late: false })
  view.show({ type: 'state', requestId: 'a', state: { name: 'sent' } })

  expect(terminal.screen).toEqual([
    'sent           hello',
    '               Bob: hi',
    `> ${long}`.slice(0, COLUMNS),
    `> ${long}`.slice(COLUMNS)
  ])
})

it('takes a line that was sent away: it is shown with its state', async () => {
  const lines = view.lines[Symbol.asyncIterator]()

  await type('hello\r')

  const { value } = await lines.next()

  view.show({ type: 'own', requestId: 'a', text: String(value), file: false })

  expect(terminal.screen).toEqual(['queued         hello', '>'])
})

it('counts the rows of lines that wrap, with wide characters', () => {
  view.show({ type: 'own', requestId: 'a', text: 'hello', file: false })
  view.show({ type: 'received', messageId: 'm', author: 'Bob', text: '茶'.repeat(20), late: false })
  view.show({ type: 'state', requestId: 'a', state: { name: 'sent' } })

  // the fake terminal knows no wide characters: the row above is what is looked at
  expect(textWidth('茶'.repeat(20))).toBe(40)
  expect(textWidth('e\u0301🫖')).toBe(3)
})

it('leaves lines alone that have left the screen', () => {
  view.show({ type: 'own', requestId: 'a', text: 'hello', file: false })

  for (let i = 0; i < ROWS; i++) {
    view.show({ type: 'received', messageId: `m${i}`, author: 'Bob', text: `line ${i}`, late: false })
  }

  const before = terminal.screen

  view.show({ type: 'state', requestId: 'a', state: { name: 'sent' } })
  expect(terminal.screen).toEqual(before)

  // a failure is said once more
  view.show({ type: 'state', requestId: 'a', state: { name: 'failed', reason: 'nobody was there' } })
  expect(terminal.screen.at(-2)).toBe('-- not sent: nobody was there')
})

it('draws a bar for what is on its way', () => {
  view.show({ type: 'progress', direction: 'in', id: 'm', percent: 10 })
  view.show({ type: 'progress', direction: 'in', id: 'm', percent: 60 })
  expect(terminal.screen).toEqual(['#####---  60%  on its way', '>'])

  view.show({ type: 'file', messageId: 'm', author: 'Bob', name: 'a.txt', size: 7, path: '/data/a.txt' })
  expect(terminal.screen).toEqual(['complete       on its way', 'file           Bob: a.txt (7 bytes) is in /data/a.', 'txt', '>'])
})

it('lets nobody write on the terminal', () => {
  view.show({ type: 'received', messageId: 'm', author: '\u001b[2J', text: 'a\u001b]0;title\u0007\r\nb\u202ec', late: false })

  expect(terminal.screen).toEqual(['               \ufffd[2J: a\ufffd]0;title\ufffd b\ufffdc', '>'])
  expect(printable('a\tb')).toBe('a b')
})

it('ends with Ctrl-C at once, and with Ctrl-D patiently', async () => {
  await type('\u0004')
  expect(await collect(view.lines)).toEqual([])
  expect(view.patienceMs).toBe(5_000)

  const other = new TerminalView(io)

  await type('\u0003')
  expect(await collect(other.lines)).toEqual([])
  expect(other.patienceMs).toBe(0)
  other.close()
})
