import { expect, it } from 'vitest'
import { isSet, listOption, numberOption, textOption } from '../../src/cli/options.js'

it('gives values as they were typed', () => {
  expect(textOption(['--secret', '007'], 'secret')).toBe('007')
  expect(textOption(['--secret=1e3'], 'secret')).toBe('1e3')
  expect(textOption(['--secret', '-abc'], 'secret')).toBe('-abc')
  expect(textOption(['--name', 'x'], 'secret')).toBeUndefined()
  expect(listOption(['--listen', 'a', '--listen=b'], 'listen')).toEqual(['a', 'b'])
  expect(listOption(['--', '--listen', 'a'], 'listen')).toEqual([])
})

it('refuses what is missing or there twice', () => {
  expect(() => textOption(['--secret'], 'secret')).toThrow('--secret needs a value')
  expect(() => textOption(['--secret='], 'secret')).toThrow('--secret needs a value')
  expect(() => textOption(['--secret', 'a', '--secret', 'b'], 'secret')).toThrow('--secret is given more than once')
})

it('takes whole numbers within their range', () => {
  expect(numberOption(['--metrics', '0'], 'metrics', { min: 0, max: 65_535 })).toBe(0)
  expect(numberOption([], 'metrics', { min: 0 })).toBeUndefined()

  for (const text of ['x', '-1', '1.5', '65536', '0x10', ' 1']) {
    expect(() => numberOption(['--metrics', text], 'metrics', { min: 0, max: 65_535 })).toThrow(`--metrics is a whole number from 0 to 65535, not ${text}`)
  }

  expect(() => numberOption(['--max', '0'], 'max', { min: 1 })).toThrow('of at least 1, not 0')
})

it('sees switches by name and letter, but not behind --', () => {
  expect(isSet(['a', '--help'], 'help', 'h')).toBe(true)
  expect(isSet(['-h'], 'help', 'h')).toBe(true)
  expect(isSet(['--', '--help'], 'help')).toBe(false)
})
