import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { readLines } from '../../../src/cli/chat/read-lines.js'
import { collect } from '../../collect.js'

const tick = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }

it('loses nothing that came before the first read', async () => {
  const input = new PassThrough()
  const lines = readLines(createInterface({ input }))

  input.write('one\ntwo\n')
  await tick()
  input.end('three')
  await tick()

  expect(await collect(lines)).toEqual(['one', 'two', 'three'])
})

it('gives all of a long input, however slowly it is read', async () => {
  const input = new PassThrough()
  const wanted = Array.from({ length: 5_000 }, (_, i) => `line ${i}`)
  const lines = readLines(createInterface({ input }))

  input.end(`${wanted.join('\n')}\n`)

  const read: string[] = []

  for await (const line of lines) {
    read.push(line)

    if (read.length % 100 === 0) {
      await tick()
    }
  }

  expect(read).toEqual(wanted)
})

it('ends when it was closed before', async () => {
  const reader = createInterface({ input: new PassThrough() })
  const lines = readLines(reader)

  reader.close()

  expect(await collect(lines)).toEqual([])
})

it('gives what came before the input failed, and then says so', async () => {
  const input = new PassThrough()
  const lines = readLines(createInterface({ input }))
  const read: string[] = []

  input.write('one\n')
  await tick()
  input.destroy(new Error('gone'))

  await expect((async () => {
    for await (const line of lines) {
      read.push(line)
    }
  })()).rejects.toThrow('gone')
  expect(read).toEqual(['one'])
})
