import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../../src/cli/cli.js'
import { openDatastore } from '../../../src/storage/index.js'
import { fakeIo } from '../fake-io.js'
import type { FakeIo } from '../fake-io.js'

let folder: string
let point: { io: FakeIo, ended: Promise<number> }
let address: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-chat-'))
  point = start(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0', '--verbose', '--metrics', '0'])
  address = (await point.io.until(/^listening (.*)$/m))[1]
})

afterAll(async () => {
  point.io.interrupt()
  expect(await point.ended).toBe(0)
  expect(point.io.out()).toMatch(/\nstopped\n$/)
  await rm(folder, { recursive: true })
})

function start (args: string[], env: Record<string, string> = {}): { io: FakeIo, ended: Promise<number> } {
  const io = fakeIo(env)

  return { io, ended: run(args, io) }
}

function chat (channel: string, name: string, more: string[] = ['--secret', 'sesame']): ReturnType<typeof start> {
  return start(['chat', channel, '--rendezvous', address, '--name', name, '--listen', '/ip4/127.0.0.1/tcp/0', ...more])
}

/** Until all are in the channel: what is said later is live for each of them. */
async function joined (...chats: Array<ReturnType<typeof start>>): Promise<void> {
  await Promise.all(chats.map(async ({ io }) => { await io.until(/^joined\t/m) }))
}

it('two people who know a point, a channel and a passphrase talk, and see what became of it', async () => {
  const alice = chat('tea', 'Alice')
  const bob = chat('tea', 'Bob')

  await joined(alice, bob)
  // typed before they have met: it waits
  alice.io.stdin.write('Have some wine.\n\n//no command\n')
  await bob.io.until(/^received\t\w+\tAlice\tHave some wine\.\n(.*\n)*received\t\w+\tAlice\t\/no command$/m)

  const [, id] = await alice.io.until(/^queued\t(\w+)\tHave some wine\.$/m)

  await alice.io.until(new RegExp(`^sent\t${id}$`, 'm'))
  await alice.io.until(new RegExp(`^delivered\t${id}\t1$`, 'm'))

  bob.io.stdin.write('/members\n/history\n')
  await bob.io.until(/^member\t\w+\tAlice\tconnected$/m)
  await bob.io.until(/^member\t\w+\tBob\tyou$/m)
  await bob.io.until(/^history\t\w+\t\S+Z\tAlice\tHave some wine\.\nhistory\t\w+\t\S+Z\tAlice\t\/no command$/m)

  alice.io.stdin.write('/quit\n')
  bob.io.stdin.write('/quit\n')

  expect(await Promise.all([alice.ended, bob.ended])).toEqual([0, 0])
  expect(alice.io.err() + bob.io.err()).toBe('')
  expect(alice.io.out()).toMatch(/^joined\ttea\tAlice\t\w+\tencrypted\tnot kept\n/)
  expect(alice.io.out()).toMatch(/\nleft\n$/)
})

it('nobody passes for another: a name that somebody has already is told apart', async () => {
  const alice = chat('names', 'Alice')
  const bob = chat('names', 'Bob')
  const mallory = chat('names', 'Alice')

  await joined(alice, bob, mallory)
  alice.io.stdin.write('it is me\n')
  await bob.io.until(/^received\t\w+\tAlice\tit is me$/m)
  mallory.io.stdin.write('no, me\n')
  await Promise.all([alice, bob].map(async ({ io }) => {
    const [, end] = await io.until(/^received\t\w+\tAlice \((\w{8})\)\tno, me$/m)

    expect(/^joined\t\S+\t\S+\t(\S+)/.exec(mallory.io.out())?.[1].slice(-8)).toBe(end)
  }))

  for (const { io } of [alice, bob, mallory]) {
    io.interrupt()
  }

  expect(await Promise.all([alice.ended, bob.ended, mallory.ended])).toEqual([0, 0, 0])
})

it('files arrive whole, under a safe name, beside what is there already', async () => {
  const content = Buffer.alloc(300_000, 'holdfast')
  const data = join(folder, 'bob')
  const alice = chat('files', 'Alice')
  const bob = chat('files', 'Bob', ['--secret', 'sesame', '--data', data])

  await writeFile(join(folder, '-tea list.txt'), content)
  await joined(alice, bob)
  alice.io.stdin.write(`/send ${join(folder, '-tea list.txt')}\n`)
  await bob.io.until(/^file\t\w+\tAlice\t-tea list.txt\t300000\t.*tea list.txt$/m)
  alice.io.stdin.write(`/send ${join(folder, '-tea list.txt')}\n`)
  await bob.io.until(/^file\t.*tea list-1.txt$/m)
  await alice.io.until(/^progress\tout\t\w+\t100$/m)
  await bob.io.until(/^progress\tin\t/m)

  alice.io.stdin.end()
  expect(await alice.ended).toBe(0)
  bob.io.interrupt()
  expect(await bob.ended).toBe(0)

  expect((await readdir(join(data, 'files'))).sort()).toEqual(['tea list-1.txt', 'tea list.txt'])
  expect(Buffer.compare(await readFile(join(data, 'files/tea list.txt')), content)).toBe(0)
  expect(Buffer.compare(await readFile(join(data, 'files/tea list-1.txt')), content)).toBe(0)
})

it('what is said while one is away is there when it is back, once', async () => {
  const args = ['--secret', 'sesame', '--data', join(folder, 'carol')]
  const alice = chat('away', 'Alice')
  const carol = chat('away', 'Carol', args)

  await joined(alice, carol)
  alice.io.stdin.write('one\n')
  await carol.io.until(/^received\t\w+\tAlice\tone$/m)
  carol.io.stdin.write('/quit\n')
  expect(await carol.ended).toBe(0)

  alice.io.stdin.write('two\n')

  const back = chat('away', 'Carol', args)

  await back.io.until(/^received\t\w+\tAlice\ttwo$/m)
  back.io.stdin.end()
  expect(await back.ended).toBe(0)
  alice.io.interrupt()
  expect(await alice.ended).toBe(0)

  expect(back.io.out()).not.toContain('\tone')
  // the identity is kept as well
  expect(/^joined\t\S+\t\S+\t(\S+)/.exec(back.io.out())?.[1]).toBe(/^joined\t\S+\t\S+\t(\S+)/.exec(carol.io.out())?.[1])
})

it('says what cannot be sent, goes on, and fails in the end', async () => {
  const alice = chat('wrong', 'Alice')

  await writeFile(join(folder, 'huge'), '')
  await truncate(join(folder, 'huge'), 27_000_000)
  alice.io.stdin.end(`/send ${join(folder, 'missing')}\n/send ${join(folder, 'huge')}\n/send ${folder}\n/nonsense\n`)

  expect(await alice.ended).toBe(1)
  expect(alice.io.out()).toMatch(/^error\t.*huge cannot be sent: it has 27000000 bytes, and one message at most 26179584$/m)
  expect(alice.io.out()).toMatch(/^error\t.* cannot be sent: it is no file$/m)
  expect(alice.io.out()).toMatch(/^error\t.*missing cannot be sent: ENOENT.*$/m)
  expect(alice.io.out()).toMatch(/^error\tthere is no \/nonsense: /m)
  expect(alice.io.err()).toBe('holdfast: some of it was not sent\n')
})

it('the variable gives the passphrase as well as the option, and another one hears nothing', async () => {
  const args = ['chat', 'secret', '--rendezvous', address, '--listen', '/ip4/127.0.0.1/tcp/0']
  const alice = start([...args, '--name', 'Alice'], { HOLDFAST_SECRET: '007' })
  const bob = start([...args, '--name', 'Bob', '--secret', '007'])
  const eve = start([...args, '--name', 'Eve', '--secret', '7'])

  await joined(alice, bob, eve)
  alice.io.stdin.write('for Bob\n')
  await bob.io.until(/^received\t\w+\tAlice\tfor Bob$/m)
  await alice.io.until(/^delivered\t\w+\t1$/m)

  for (const { io } of [alice, bob, eve]) {
    io.interrupt()
  }

  expect(await Promise.all([alice.ended, bob.ended, eve.ended])).toEqual([0, 0, 0])
  expect(eve.io.out()).not.toContain('received')
})

it('an input that fails, as a terminal that is gone, ends it with one line', async () => {
  const alice = chat('gone', 'Alice')

  await joined(alice)
  // it waits for somebody, and nobody waits for it
  alice.io.stdin.write('unsent\n')
  await alice.io.until(/^queued/m)
  alice.io.stdin.destroy(new Error('read EIO'))
  expect(await alice.ended).toBe(1)
  expect(alice.io.err()).toBe('holdfast: the input cannot be read: read EIO\n')
})

it('without encryption it says so', async () => {
  const alice = chat('open', 'Alice', ['--plaintext'])

  alice.io.stdin.end()
  expect(await alice.ended).toBe(0)
  expect(alice.io.out()).toMatch(/^joined\topen\tAlice\t\w+\tplaintext\tnot kept\n/)
})

it('a second one on the same folder is refused', async () => {
  const args = ['--secret', 'sesame', '--data', join(folder, 'twice')]
  const first = chat('twice', 'Alice', args)

  await first.io.until(/^joined/m)

  const second = chat('twice', 'Alice', args)

  expect(await second.ended).toBe(1)
  expect(second.io.err()).toMatch(/^holdfast: the data folder .* is in use by another process\n$/)
  first.io.interrupt()
  expect(await first.ended).toBe(0)
})

it('a channel whose stored state is corrupt is refused, and the folder is named', async () => {
  const data = join(folder, 'corrupt')
  const args = ['--secret', 'sesame', '--data', data]
  const first = chat('corrupt', 'Alice', args)

  first.io.stdin.write('one\n')
  await first.io.until(/^queued/m)
  first.io.interrupt()
  expect(await first.ended).toBe(0)

  const { datastore, close } = await openDatastore(join(data, 'store'))

  for await (const key of datastore.queryKeys({ prefix: '/holdfast/channels' })) {
    await datastore.put(key, Uint8Array.of(255, 255, 255))
  }

  await close()

  const second = chat('corrupt', 'Alice', args)

  expect(await second.ended).toBe(1)
  expect(second.io.out()).toBe('')
  expect(second.io.err()).toMatch(/^holdfast: channel corrupt cannot be read from the data folder \S+: [^\n]+\n$/)
})

it('the point counts what it does, and logs it line by line', async () => {
  const [, url] = await point.io.until(/^metrics (http:\/\/127\.0\.0\.1:\d+\/metrics)$/m)
  const metrics = await (await fetch(url)).text()

  expect(Number(/^libp2p_rendezvous_register (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(5)
  expect(metrics).toMatch(/^libp2p_rendezvous_discover \d+$/m)
  expect(metrics).toMatch(/^libp2p_rendezvous_registered \d+$/m)
  expect(metrics).toMatch(/^libp2p_rendezvous_namespaces \d+$/m)
  expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404)
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  expect(point.io.out()).toMatch(/^\d{4}-\S+Z register 12D3\w+ "[0-9a-f]{64}" ttl=7200$/m)
  expect(point.io.out()).toMatch(/^\d{4}-\S+Z discover 12D3\w+ "[0-9a-f]{64}" returned=\d+$/m)
  expect(point.io.out()).toMatch(/^\d{4}-\S+Z unregister 12D3\w+ "[0-9a-f]{64}"$/m)
})

it('who comes later sees what was said before, and has the files, once', async () => {
  const data = join(folder, 'later')
  const later = (): ReturnType<typeof start> => chat('later', 'Carol', ['--secret', 'sesame', '--data', data])
  const alice = chat('later', 'Alice')

  await writeFile(join(folder, 'menu.txt'), 'tea')
  alice.io.stdin.write(`early\n/send ${join(folder, 'menu.txt')}\n`)
  await alice.io.until(/^queued\t\w+\tmenu/m)

  const carol = later()

  await carol.io.until(/^received\t\w+\tAlice\tearly\n(.*\n)*file\t\w+\tAlice\tmenu.txt\t3\t.*menu.txt$/m)
  carol.io.stdin.end()
  expect(await carol.ended).toBe(0)

  const back = later()

  await joined(back)
  alice.io.stdin.write('late\n')
  await back.io.until(/^received\t\w+\tAlice\tlate$/m)
  back.io.interrupt()
  alice.io.interrupt()

  expect(await Promise.all([back.ended, alice.ended])).toEqual([0, 0])
  expect(back.io.out()).not.toContain('early')
  expect(await readdir(join(data, 'files'))).toEqual(['menu.txt'])
}, 40_000)
