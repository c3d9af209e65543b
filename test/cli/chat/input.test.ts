import { expect, it } from 'vitest'
import { parseInput } from '../../../src/cli/chat/input.js'

it.each([
  ['hello', { kind: 'text', text: 'hello' }],
  ['  indented ', { kind: 'text', text: '  indented ' }],
  ['//usr/bin', { kind: 'text', text: '/usr/bin' }],
  ['', { kind: 'nothing' }],
  ['   ', { kind: 'nothing' }],
  ['/send a file.txt ', { kind: 'send', path: 'a file.txt' }],
  ['/members', { kind: 'members' }],
  ['/history', { kind: 'history', limit: 20 }],
  ['/history 3', { kind: 'history', limit: 3 }],
  ['/help', { kind: 'help' }],
  ['/quit ', { kind: 'quit' }]
])('%j', (line, input) => {
  expect(parseInput(line)).toEqual(input)
})

it.each(['/send', '/history x', '/history 0', '/history -1', '/quit now', '/nonsense', '/'])('%j says what is wrong', line => {
  expect(parseInput(line)).toEqual({ kind: 'wrong', reason: expect.stringMatching(/\w/) })
})
