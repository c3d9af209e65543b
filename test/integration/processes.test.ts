import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Ear, folder, node, open, point, texts } from './harness.js'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** The sources as the first process has compiled them. */
let cache: string

beforeAll(async () => { cache = await mkdtemp(join(tmpdir(), 'holdfast-')) })
afterAll(async () => { await rm(cache, { recursive: true, force: true }) })

/** Runs a script over the sources in a process of its own. */
function run (script: string, ...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, [
    '--no-warnings', '--experimental-transform-types', '--import', join(FIXTURES, 'resolve-ts.js'), join(FIXTURES, script), ...args
  ], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: cache } })

  onTestFinished(() => { child.kill('SIGKILL') })

  return child
}

/** What a process says until it ends by itself. */
async function output (child: ReturnType<typeof run>): Promise<string> {
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), child.exitCode ?? once(child, 'exit')])

  expect(err).toBe('')
  expect(child.exitCode).toBe(0)

  return out
}

async function text (stream: Readable): Promise<string> {
  return (await stream.toArray()).join('')
}

/** Lets a sender go on until it has staged so many, then kills it. Resolves to the last number that it was promised. */
async function killAfter (child: ReturnType<typeof run>, count: number): Promise<number> {
  let last = -1
  let staged = 0

  for await (const line of createInterface(child.stdout)) {
    last = Number(line)

    if (++staged === count) {
      child.kill('SIGKILL')
    }
  }

  expect(staged, await text(child.stderr)).toBeGreaterThanOrEqual(count)

  return last
}

test('stopped nodes leave nothing behind that keeps the process alive', async () => {
  const resources = JSON.parse(await output(run('leaks.ts', await folder()))) as string[]

  // its own stdout
  expect(resources.filter(resource => resource !== 'PipeWrap')).toEqual([])
})

test('a sender that is killed in the middle of it loses nothing and says nothing twice', async () => {
  const { addresses } = await point()
  const ear = new Ear(await open(await node({ rendezvousPoints: addresses })))
  const storage = await folder()
  const first = await killAfter(run('sender.ts', storage, addresses[0], '0'), 60)
  // a number that is not promised may be staged all the same: the next one leaves it out
  const second = await killAfter(run('sender.ts', storage, addresses[0], `${first + 2}`), 200)
  const states = JSON.parse(await output(run('sender.ts', storage, addresses[0], '0', 'finish', `${second}`))) as string[]
  const promised = states.map((_, i) => i).filter(i => i !== first + 1)

  await ear.hearsText(`message ${second}`)
  expect(states).toHaveLength(second + 1)
  expect(promised.filter(i => states[i] !== 'delivered')).toEqual([])

  const numbers = texts(ear.received).map(said => Number(said.split(' ')[1]))

  // each once, in the order in which they were said
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  expect(promised.filter(i => !numbers.includes(i))).toEqual([])
  expect(ear.lost).toEqual([])
}, 60_000)
