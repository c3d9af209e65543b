import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ChannelManager } from '../../src/channel/index.js'
import { MARKER } from '../../src/messaging/index.js'
import { openDatastore } from '../../src/storage/index.js'
import { createFakeMessaging } from '../../src/testing/fake-messaging.js'
import { OPTIONS } from './fixtures/options.js'
import { collect, device, text, utf8 } from './harness.js'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const LOADER = join(import.meta.dirname, '../integration/fixtures/resolve-ts.js')

/** Lines that each run may write: from the beginning to where checkpoints have been. */
const KILL_AFTER = [3, 40, 41, 150, 400]
const AUTHORED = 120

let folder: string

beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-')) })
afterEach(async () => { await rm(folder, { recursive: true, force: true }) })

/** Runs the victim until it kills itself. */
async function killAfter (lines: number, store: string, file: string, output: string): Promise<void> {
  const child = spawn(process.execPath, [
    '--no-warnings', '--experimental-transform-types', '--import', LOADER, join(FIXTURES, 'victim.ts'), store, file, output, `${lines}`
  ], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') } })

  onTestFinished(() => { child.kill('SIGKILL') })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
}

test('P10, P35: kill -9 at any time: what was promised is there under its ID and not staged again, nothing is told twice, no envelope goes uncounted', async () => {
  const [store, file, output] = ['store', 'payloads.json', 'output'].map(name => join(folder, name))
  const author = await device({ name: 'author' })
  const said = await author.open('tea', { segmentation: OPTIONS.segmentation })

  for (let i = 0; i < AUTHORED; i++) {
    await said.send(i % 10 === 0 ? new Uint8Array(400).fill(i) : utf8(`author ${i}`))
  }

  await author.clock.settle()

  const payloads = author.messaging.sent.map(({ envelope }) => envelope.payload)

  await writeFile(file, JSON.stringify(payloads.map(payload => Buffer.from(payload).toString('base64'))))

  for (const lines of KILL_AFTER) {
    await killAfter(lines, store, file, output)
  }

  const lines = (await readFile(output, 'utf8')).trim().split('\n')
  const of = (kind: string): string[] => lines.filter(line => line.startsWith(kind)).map(line => line.split(' ')[1])
  const [left, promised, heard] = [of('left').length, new Set(of('staged').map(Number)), of('heard')]
  const { datastore, close } = await openDatastore(store)
  const messaging = createFakeMessaging({ confirm: 'auto' })
  const channels = new ChannelManager({ messaging, datastore })
  // as many as are known to have left: one that was not counted would leave room
  const channel = await channels.createChannel('tea', { ...OPTIONS, rateLimit: { ...OPTIONS.rateLimit, messagesPerEpoch: left } })

  expect(new Set(heard).size).toBe(heard.length)
  expect(promised.size).toBeGreaterThan(50)
  expect(channel.status().rateLimit.state).toBe('exhausted')
  await channel.close()

  const again = await channels.createChannel('tea', OPTIONS)

  again.events.on('reliable:message:received', ({ messageId }) => { heard.push(messageId) })
  await channels.start()

  for (const i of promised) {
    expect(again.request(`request ${i}`)).toBeDefined()
  }

  const before = await again.count({ own: true })

  for (const i of promised) {
    await again.send(utf8(`message ${i}`), { requestId: `request ${i}` })
    await again.settled(`request ${i}`, 'sent')
  }

  expect(await again.count({ own: true })).toBe(before)
  payloads.forEach(payload => { messaging.receive({ contentTopic: 'tea', payload, ephemeral: false, meta: MARKER }) })
  await again.settled(await again.send(utf8('last')), 'sent')

  const log = await collect(again.history({ order: 'arrival' }))
  const own = log.filter(message => message.own).map(message => text(message.payload))

  // each once, in the order of the calls
  expect(log.filter(message => !message.own).map(message => message.size)).toEqual((await collect(said.history())).map(message => message.size))
  expect(new Set(own).size).toBe(own.length)
  expect([...promised].filter(i => !own.includes(`message ${i}`))).toEqual([])
  expect(new Set(heard).size).toBe(heard.length)
  await channels.stop()
  await close()
}, 60_000)
