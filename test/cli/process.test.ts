import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { ensureBuilt } from '../built.js'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'

const ROOT = join(import.meta.dirname, '../..')

beforeAll(ensureBuilt, 120_000)

function start (args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(ROOT, manifest.bin.holdfast), ...args])
}

async function finish (child: ChildProcessWithoutNullStreams): Promise<{ code: number | null, stdout: string, stderr: string }> {
  let stdout = ''
  let stderr = ''

  child.stdout.on('data', chunk => { stdout += String(chunk) })
  child.stderr.on('data', chunk => { stderr += String(chunk) })

  const [code] = await once(child, 'close') as [number | null]

  return { code, stdout, stderr }
}

it('--help names every command, and each command every option', async () => {
  const { code, stdout, stderr } = await finish(start(['--help']))

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })

  for (const word of ['rendezvous', 'chat <channel>', '--debug', '--help', '--version']) {
    expect(stdout).toContain(word)
  }

  const rendezvous = await finish(start(['rendezvous', '--help']))

  for (const word of ['--data', '--listen', '--announce', '--max-registrations', '--metrics', '--verbose', '--debug']) {
    expect(rendezvous.stdout).toContain(word)
  }

  const chat = await finish(start(['chat', '-h']))

  for (const word of ['--rendezvous', '--name', '--secret', '--plaintext', '--data', '--listen', '/send', '/members', '/history', '/quit', 'HOLDFAST_SECRET']) {
    expect(chat.stdout).toContain(word)
  }
}, 60_000)

it('--version', async () => {
  const { code, stdout } = await finish(start(['--version']))

  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`^holdfast/${manifest.version} `))
})

it('without a command it shows the help and fails', async () => {
  const { code, stdout } = await finish(start([]))

  expect(code).toBe(2)
  expect(stdout).toContain('Commands:')
})

it('an error is one line on stderr, and an exit code', async () => {
  expect(await finish(start(['chat', 'tea']))).toEqual({
    code: 2,
    stdout: '',
    stderr: 'holdfast: --rendezvous <multiaddr> is needed: an address that `holdfast rendezvous` printed\n'
  })
})

it.each(['SIGINT', 'SIGTERM'] as const)('%s stops a point gracefully', async signal => {
  const child = start(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0'])
  const finished = finish(child)

  await once(child.stdout, 'data')
  child.kill(signal)

  const { code, stdout, stderr } = await finished

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^listening \S+\nstopped\n$/)
}, 30_000)

it('a data folder that cannot be made ends the process: nothing goes on trying', async () => {
  const point = start(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0'])
  const [line] = await once(point.stdout, 'data') as [Buffer]
  const [, address] = /^listening (\S+)$/m.exec(line.toString())!

  for (const args of [['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0'], ['chat', 'tea', '--plaintext', '--rendezvous', address]]) {
    const child = start([...args, '--data', '/proc/holdfast'])
    const finished = finish(child)

    child.stdin.end()

    const { code, stderr } = await finished

    expect(code).toBe(1)
    expect(stderr).toMatch(/^holdfast: the data folder \/proc\/holdfast\S* cannot be opened: [^\n]+\n$/)
  }

  const stopped = once(point, 'close')

  point.kill()
  await stopped
}, 30_000)
