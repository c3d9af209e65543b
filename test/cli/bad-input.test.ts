import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../src/cli/cli.js'
import { openDatastore } from '../../src/storage/index.js'
import { fakeIo } from './fake-io.js'
import type { AddressInfo, Server } from 'node:net'

const NOBODY = '12D3KooWSanvAMMCKa9xPwtx4mdYVi1Nyc1aR5SgoE62J4SoixoC'

let folder: string
let server: Server
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'))
  // takes connections and is no libp2p
  server = createServer(socket => { socket.destroy() })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

async function fails (args: string[], env = {}): Promise<{ code: number, err: string }> {
  const io = fakeIo(env)

  io.stdin.end('a line that must not be sent\n')

  const code = await run(args, io)

  expect(io.out()).toBe('')

  return { code, err: io.err() }
}

const address = (p: number): string => `/ip4/127.0.0.1/tcp/${p}/p2p/${NOBODY}`

it.each([
  [['nonsense'], 'holdfast: there is no command nonsense; see holdfast --help\n'],
  [['rendezvous', '--bogus'], 'holdfast: Unknown option `--bogus`; see holdfast --help\n'],
  [['rendezvous', 'extra'], 'holdfast: Unused args: `extra`; see holdfast --help\n'],
  [['rendezvous', '--metrics', 'x'], 'holdfast: --metrics is a whole number from 0 to 65535, not x\n'],
  [['rendezvous', '--listen', 'x'], 'holdfast: --listen x is no multiaddr: String multiaddr must start with "/"\n'],
  [['rendezvous', '--announce', '/ip4/300.1.1.1'], /^holdfast: --announce \/ip4\/300.1.1.1 is no multiaddr: .*\n$/],
  [['chat'], 'holdfast: missing required args for command `chat <channel>`; see holdfast --help\n'],
  [['chat', 'tea', '--plaintext'], 'holdfast: --rendezvous <multiaddr> is needed: an address that `holdfast rendezvous` printed\n'],
  [['chat', 'tea', '--plaintext', '--rendezvous', 'x'], 'holdfast: --rendezvous x is no multiaddr: String multiaddr must start with "/"\n'],
  [['chat', 'tea', '--plaintext', '--rendezvous', '/ip4/127.0.0.1/tcp/1'], 'holdfast: --rendezvous /ip4/127.0.0.1/tcp/1 does not end in /p2p/<peer ID>\n'],
  [['chat', 'tea', '--plaintext', '--secret', 'x', '--rendezvous', address(1)], 'holdfast: --secret and --plaintext exclude each other\n'],
  [['chat', 'tea', '--name', '--rendezvous', address(1)], /^holdfast: .*--name <name>.* value is missing.*\n$/]
])('%j is refused in one line', async (args, message) => {
  const { code, err } = await fails(args)

  expect(code).toBe(2)

  if (typeof message === 'string') {
    expect(err).toBe(message)
  } else {
    expect(err).toMatch(message)
  }
})

it('P12: a channel without a secret is refused, never silently in the clear', async () => {
  for (const env of [{}, { HOLDFAST_SECRET: '' }]) {
    expect(await fails(['chat', 'tea', '--rendezvous', address(1)], env)).toEqual({
      code: 2,
      err: 'holdfast: no passphrase: give --secret or HOLDFAST_SECRET, or --plaintext for a channel that everybody can read\n'
    })
  }
})

it('a point that cannot be reached ends it before anything is stored', async () => {
  const data = join(folder, 'unreachable')
  const { code, err } = await fails(['chat', 'tea', '--plaintext', '--data', data, '--rendezvous', address(1)])

  expect(code).toBe(1)
  expect(err).toMatch(/^holdfast: the rendezvous point \/ip4\/127\.0\.0\.1\/tcp\/1\/p2p\/\S+ cannot be reached: .*ECONNREFUSED.*\n$/)
  expect(await readdir(folder)).not.toContain('unreachable')
})

it('so does one that is something else', async () => {
  const { code, err } = await fails(['chat', 'tea', '--plaintext', '--rendezvous', address(port)])

  expect(code).toBe(1)
  expect(err).toMatch(/^holdfast: the rendezvous point .* cannot be reached: what answers there is no libp2p peer \([^\n]*\)\n$/)
})

it('ports that are in use are named', async () => {
  const metrics = await fails(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0', '--metrics', String(port)])
  const listen = await fails(['rendezvous', '--listen', `/ip4/127.0.0.1/tcp/${port}`])

  expect(metrics.code).toBe(1)
  expect(metrics.err).toMatch(new RegExp(`^holdfast: metrics cannot be served on 127.0.0.1:${port}: .*EADDRINUSE.*\n$`))
  expect(listen.code).toBe(1)
  expect(listen.err).toBe(`holdfast: cannot listen on /ip4/127.0.0.1/tcp/${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`)
})

it('what is wrong shows before anything is stored', async () => {
  const data = join(folder, 'untouched')

  // a point to meet at, so that only the rest is wrong
  const point = fakeIo()
  const ended = run(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0'], point)
  const [, at] = await point.until(/^listening (.*)$/m)
  const args = ['--plaintext', '--data', data, '--rendezvous', at]
  const nameless = await fails(['chat', '', ...args])
  const busy = await fails(['chat', 'tea', ...args, '--listen', `/ip4/127.0.0.1/tcp/${port}`])
  const busyPoint = await fails(['rendezvous', '--data', data, '--listen', `/ip4/127.0.0.1/tcp/${port}`])

  point.interrupt()
  expect(await ended).toBe(0)
  expect(nameless).toEqual({ code: 1, err: 'holdfast: the name of a channel must be a string of 1 to 256 characters\n' })
  expect(busy.code).toBe(1)
  expect(busy.err).toMatch(new RegExp(`^holdfast: cannot listen on .*${port}.*EADDRINUSE.*\n$`))
  expect(busyPoint.code).toBe(1)
  expect(busyPoint.err).toMatch(/EADDRINUSE/)
  expect(await readdir(folder)).not.toContain('untouched')
})

it('a data folder that is in use, or that is no store, is named and left alone', async () => {
  const locked = join(folder, 'locked')
  const other = await openDatastore(locked)
  const corrupt = join(folder, 'corrupt')

  await writeFile(corrupt, 'not a folder')

  expect(await fails(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0', '--data', locked])).toEqual({
    code: 1,
    err: `holdfast: the data folder ${locked} is in use by another process\n`
  })
  await other.close()

  const { code, err } = await fails(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0', '--data', corrupt])

  expect(code).toBe(1)
  expect(err).toMatch(/^holdfast: the data folder .*corrupt cannot be opened: [^\n]*\n$/)
})

it('--debug shows the stack', async () => {
  const { err } = await fails(['chat', 'tea', '--debug', '--plaintext'])

  expect(err).toMatch(/^holdfast: --rendezvous.*\nUsageError: .*\n +at /)
})
