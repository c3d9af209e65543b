import { expect, it } from 'vitest'
import { escapeField, PlainView } from '../../../src/cli/chat/plain-view.js'
import { fakeIo } from '../fake-io.js'
import type { ChatEvent } from '../../../src/cli/chat/events.js'

it.each<[ChatEvent, string]>([
  [{ type: 'joined', channelId: 'tea', name: 'Alice', senderId: 'id', encrypted: true, kept: false }, 'joined\ttea\tAlice\tid\tencrypted\tnot kept'],
  [{ type: 'own', requestId: 'r', text: 'hi', file: false }, 'queued\tr\thi'],
  [{ type: 'state', requestId: 'r', state: { name: 'sent' } }, 'sent\tr'],
  [{ type: 'state', requestId: 'r', state: { name: 'delivered', to: 2 } }, 'delivered\tr\t2'],
  [{ type: 'state', requestId: 'r', state: { name: 'failed', reason: 'why' } }, 'failed\tr\twhy'],
  [{ type: 'progress', direction: 'out', id: 'r', percent: 40 }, 'progress\tout\tr\t40'],
  [{ type: 'received', messageId: 'm', author: 'Bob', text: 'a\tb\nc\\d\u001b[2J', late: false }, 'received\tm\tBob\ta\\tb\\nc\\\\d\\x1b[2J'],
  [{ type: 'received', messageId: 'm', author: 'Bob', text: 'x', late: true }, 'received\tm\tBob\tx\tlate'],
  [{ type: 'file', messageId: 'm', author: 'Bob', name: 'a.txt', size: 3 }, 'file\tm\tBob\ta.txt\t3\t'],
  [{ type: 'status', state: 'synced', peers: 2 }, 'status\tsynced\t2'],
  [{ type: 'member', senderId: 'id', name: 'Bob', presence: 'away' }, 'member\tid\tBob\taway'],
  [{ type: 'history', messageId: 'm', author: 'Bob', text: 'x', timestamp: 0 }, 'history\tm\t1970-01-01T00:00:00.000Z\tBob\tx'],
  [{ type: 'error', text: 'no' }, 'error\tno'],
  [{ type: 'left' }, 'left']
])('%j is one line', (event, line) => {
  const io = fakeIo()
  const view = new PlainView(io)

  view.show(event)
  view.close()

  expect(io.out()).toBe(`${line}\n`)
})

it('reads lines until the input ends', async () => {
  const io = fakeIo()
  const view = new PlainView(io)
  const lines: string[] = []

  io.stdin.end('one\ntwo\r\nthree')

  for await (const line of view.lines) {
    lines.push(line)
  }

  expect(lines).toEqual(['one', 'two', 'three'])
})

it('reads no further once it is asked to end', async () => {
  const io = fakeIo()
  const view = new PlainView(io)

  io.interrupt()

  for await (const line of view.lines) {
    expect.unreachable(line)
  }

  expect(escapeField('\u0085')).toBe('\\x85')
})
